//! The server: takes connections, bounds what each may hold on to, and ends in time.
//!
//! There are two doors: the network's, and a local socket for the machine's administrators, with places of its
//! own, so that no crowd keeps them out.
//!
//! Bounds: so many connections at once; so long until one is secure, see [`entrance`]; so long for the head of a
//! request and between requests; so long without a byte of a body; so long with an answer nobody takes. On
//! shutdown uploads break off where they are (what arrived is kept), answers under way have [`GRACE`] to end,
//! and then all connections are cut.

mod entrance;
mod idle;

use std::convert::Infallible;
use std::future::pending;
use std::io;
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
use prismatron_core::role::Role;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::access::Identity;
use crate::app::App;
use crate::setup::WebSetup;
use crate::{health, routes};
use entrance::{Entered, Entrance};
use idle::IdleBody;

/// How long the head of a request may take, counted from the end of the one before; and how long a connection
/// may take to come in.
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
/// Most connections at once by the local socket.
const LOCAL: usize = 16;

/// Where on the network a request comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
enum End {
    /// Somebody on the network.
    Network(Peer),
    /// Somebody who may open the local socket.
    Local(Identity),
}

/// Why the server could not serve.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The listener it was given cannot be used.
    #[error("cannot take connections")]
    Listen(#[source] io::Error),
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
    let network = Door { listener, places: setup.places.0.clone() };
    let local = setup.admin.take().map(local_door).transpose().map_err(WebError::Listen)?;
    let app = App::new(setup);
    let router = routes::router(app.clone());
    let entrance = Entrance::to(&router, &app);
    let _ending = app.shutdown.clone().drop_guard();
    tokio::spawn(app.shutdown.clone().run_until_cancelled_owned(health::keep_watch(app.clone())));
    let mut connections = JoinSet::new();
    let mut stopped = pin!(shutdown.cancelled());
    loop {
        let at_local = async {
            match &local {
                Some(door) => door.next().await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = &mut stopped => break,
            (place, stream, end) = network.next() => {
                connections.spawn(visit(place, stream, end, entrance.clone(), app.shutdown.clone()));
            }
            (place, stream, end) = at_local => {
                connections.spawn(connection(place, stream, end, router.clone(), &app.shutdown));
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop((network, local));
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

fn local_door(listener: std::os::unix::net::UnixListener) -> io::Result<Door<UnixListener>> {
    listener.set_nonblocking(true)?;
    let listener = UnixListener::from_std(listener)?;
    Ok(Door { listener, places: Arc::new(Semaphore::new(LOCAL)) })
}

/// Where connections come in, and the places there are for them.
struct Door<L> {
    listener: L,
    places: Arc<Semaphore>,
}

impl<L: Listen> Door<L> {
    /// The next connection, once there is a place for it.
    async fn next(&self) -> (Option<OwnedSemaphorePermit>, L::Stream, End) {
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        loop {
            match self.listener.take().await {
                Ok((stream, end)) => return (place, stream, end),
                // Out of file descriptors, or it was gone again: others may still be served.
                Err(error) => {
                    tracing::debug!("could not take a connection: {error}");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }
}

/// What connections are taken from.
trait Listen {
    type Stream;

    /// The next connection, and who is at its other end.
    fn take(&self) -> impl Future<Output = io::Result<(Self::Stream, End)>> + Send;
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn take(&self) -> io::Result<(TcpStream, End)> {
        let (stream, address) = self.accept().await?;
        tune(&stream);
        Ok((stream, End::Network(Peer(address.ip()))))
    }
}

impl Listen for UnixListener {
    type Stream = UnixStream;

    async fn take(&self) -> io::Result<(UnixStream, End)> {
        let (stream, _) = self.accept().await?;
        // The kernel says who it is; that they may, the socket's own mode has decided.
        let user = stream.peer_cred()?.uid();
        Ok((stream, End::Local(Identity::local(user, Role::Admin))))
    }
}

/// Serves a connection from the network, once it has come in.
async fn visit(
    place: Option<OwnedSemaphorePermit>,
    stream: TcpStream,
    end: End,
    entrance: Entrance,
    shutdown: CancellationToken,
) {
    let entered = tokio::select! {
        entered = entrance.enter(stream) => entered,
        () = shutdown.cancelled() => return,
    };
    match entered {
        Ok(Entered::Plain(stream, router)) => {
            connection(place, stream, end, router, &shutdown).await;
        }
        Ok(Entered::Tls(stream, router)) => {
            connection(place, stream, end, router, &shutdown).await;
        }
        Err(error) => tracing::debug!(peer = ?end, "a connection did not come in: {error}"),
    }
}

/// Serves a connection until it ends or the token says so, and gives its place back then.
fn connection<S: AsyncRead + AsyncWrite + Send + 'static>(
    place: Option<OwnedSemaphorePermit>,
    stream: S,
    end: End,
    router: Router,
    shutdown: &CancellationToken,
) -> impl Future<Output = ()> + Send + use<S> {
    let shutdown = shutdown.clone();
    let (service_shutdown, told) = (shutdown.clone(), end.clone());
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request =
            request.map(|body| Body::new(IdleBody::new(body, service_shutdown.clone())));
        match end.clone() {
            End::Network(peer) => drop(request.extensions_mut().insert(peer)),
            End::Local(identity) => drop(request.extensions_mut().insert(identity)),
        }
        let router = router.clone();
        async move { Ok::<Response, Infallible>(answer(router, request).await) }
    });
    async move {
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
            tracing::debug!(peer = ?told, "a connection ended: {error}");
        }
        drop(place);
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
