//! The server: takes connections, bounds what each may hold on to, and ends in time.
//!
//! Bounds: so many connections at once; so long for the head of a request and between requests; so long
//! without a byte of a body; so long with an answer nobody takes. On shutdown uploads break off where they
//! are (what arrived is kept), answers under way have [`GRACE`] to end, and then all connections are cut.

mod idle;

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::app::App;
use crate::routes;
use crate::setup::{Places, WebSetup};
use idle::IdleBody;

/// How long the head of a request may take, counted from the end of the one before.
const HEAD: Duration = Duration::from_secs(10);
/// How long a client may take none of an answer.
const STALLED: Duration = Duration::from_secs(60);
/// What is read of a request before some of it is taken; also the longest head.
const READ_AHEAD: usize = 128 << 10;
/// Bytes of an answer that wait in the kernel: no more, or a slow client would see old preview frames.
#[cfg(target_os = "linux")]
const UNSENT: u32 = 64 << 10;
/// How long answers under way have when the server ends.
const GRACE: Duration = Duration::from_millis(1500);
/// How long to wait when a connection cannot be taken.
const BREATH: Duration = Duration::from_millis(100);

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Why the server could not serve.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The listener it was given cannot be used.
    #[error("cannot take connections")]
    Listen(#[source] std::io::Error),
}

/// Serves until the shutdown token is cancelled, and ends within two seconds then, whatever any client does.
///
/// # Errors
/// The listener cannot be used.
pub async fn serve(mut setup: WebSetup) -> Result<(), WebError> {
    let listener = setup.listener.try_clone().map_err(WebError::Listen)?;
    let shutdown = setup.shutdown.clone();
    // Everything inside ends with the server, even if the server is just dropped.
    setup.shutdown = shutdown.child_token();
    listener.set_nonblocking(true).map_err(WebError::Listen)?;
    let listener = TcpListener::from_std(listener).map_err(WebError::Listen)?;
    let Places(places) = setup.places.clone();
    let app = App::new(setup);
    let router = routes::router(app.clone());
    let _ending = app.shutdown.clone().drop_guard();
    let mut connections = JoinSet::new();
    let mut stopped = pin!(shutdown.cancelled());
    loop {
        let taken = async {
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stopped => break,
            taken = taken => taken,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, address)) => {
                let serving = connection(stream, Peer(address.ip()), router.clone(), &app.shutdown);
                connections.spawn(async move {
                    serving.await;
                    drop(place);
                });
            }
            // Out of file descriptors, or it was gone again: others may still be served.
            Err(error) => {
                tracing::debug!("could not take a connection: {error}");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    app.tasks.close();
    let ended = async {
        while connections.join_next().await.is_some() {}
        app.tasks.wait().await;
    };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        tracing::info!(open = connections.len(), "cut the connections that were still open");
    }
    Ok(())
}

/// Serves a connection until it ends or the token says so.
fn connection(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    shutdown: &CancellationToken,
) -> impl Future<Output = ()> + Send + use<> {
    let shutdown = shutdown.clone();
    let service_shutdown = shutdown.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request =
            request.map(|body| Body::new(IdleBody::new(body, service_shutdown.clone())));
        request.extensions_mut().insert(peer);
        let router = router.clone();
        async move { Ok::<Response, Infallible>(answer(router, request).await) }
    });
    async move {
        tune(&stream);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(STALLED));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(READ_AHEAD)
            .serve_connection(TokioIo::new(Box::pin(stream)), service)
            .with_upgrades();
        let mut connection = pin!(connection);
        let result = tokio::select! {
            result = &mut connection => result,
            () = shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(peer = %peer.0, "a connection ended: {error}");
        }
    }
}

async fn answer(router: Router, request: hyper::Request<Body>) -> Response {
    match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// What is better but not needed.
fn tune(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT);
}
