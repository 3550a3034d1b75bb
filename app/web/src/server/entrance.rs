//! The network's entrance where there is TLS: one port for it and for plain HTTP, told apart by the first byte.
//!
//! Nothing is done for those who come in plain: they are led to the same address over TLS. Only to this
//! machine itself its health is told, for then nothing is between the two that could listen: so the program's
//! watchdog and `prismatron health` need neither a key nor to trust a certificate.

use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use super::{HEAD, Peer, answer};
use crate::access::Access;
use crate::app::App;
use crate::headers;
use crate::problem::Problem;
use crate::tls::Tls;

/// What a TLS connection begins with: a record of the handshake (RFC 8446, section 5.1). No method of HTTP does.
const HANDSHAKE: u8 = 0x16;

/// What is served to those who come by the network.
#[derive(Clone)]
pub(super) enum Entrance {
    /// Everything, in plain.
    Open(Router),
    /// Everything over TLS.
    Secure(Box<Secure>),
}

/// What is served where there is TLS.
#[derive(Clone)]
pub(super) struct Secure {
    tls: Tls,
    /// Over TLS.
    whole: Router,
    /// In plain.
    elsewhere: Router,
    /// In plain, to this machine.
    health: Router,
}

/// A connection that has come in, and what it is served.
pub(super) enum Entered {
    Plain(TcpStream, Router),
    Tls(Box<TlsStream<TcpStream>>, Router),
}

impl Entrance {
    /// The way to these routes.
    pub(super) fn to(routes: &Router, app: &App) -> Self {
        let Some(tls) = app.tls.clone() else { return Self::Open(routes.clone()) };
        let no_more_plain = tls.no_more_plain();
        let whole = routes.clone().layer(map_response(move |mut response: Response| {
            let told = no_more_plain.clone();
            response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, told);
            async move { response }
        }));
        let routes = routes.clone();
        let health =
            get(move |request: Request| answer(routes, only_asking(&request))).fallback(lead);
        let in_plain = |router: Router<Access>| {
            let router = router.fallback(lead).layer(map_response(headers::secure));
            router.with_state(app.access.clone())
        };
        let elsewhere = in_plain(Router::new());
        let health = in_plain(Router::new().route("/api/health", health));
        Self::Secure(Box::new(Secure { tls, whole, elsewhere, health }))
    }

    /// Finds out what a connection speaks, and agrees on keys where that is TLS.
    ///
    /// # Errors
    /// It ends or is silent before that is done, or there is nothing to agree on.
    pub(super) async fn enter(&self, stream: TcpStream) -> io::Result<Entered> {
        let secure = match self {
            Self::Open(routes) => return Ok(Entered::Plain(stream, routes.clone())),
            Self::Secure(secure) => secure,
        };
        let entering = async {
            let mut first = [0];
            if stream.peek(&mut first).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if first == [HANDSHAKE] {
                let stream = secure.tls.accept(stream).await?;
                return Ok(Entered::Tls(Box::new(stream), secure.whole.clone()));
            }
            let routes = match is_own(stream.peer_addr()?, stream.local_addr()?) {
                true => &secure.health,
                false => &secure.elsewhere,
            };
            Ok(Entered::Plain(stream, routes.clone()))
        };
        timeout(HEAD, entering).await.map_err(|_| io::ErrorKind::TimedOut)?
    }
}

/// Whether a connection comes from this machine: by loopback, or from the very address it goes to, where the
/// page listens at no other.
fn is_own(from: SocketAddr, to: SocketAddr) -> bool {
    let from = from.ip().to_canonical();
    from.is_loopback() || from == to.ip().to_canonical()
}

/// The request without what it says of who makes it.
fn only_asking(request: &Request) -> Request {
    let mut asking = Request::new(Body::empty());
    *asking.method_mut() = request.method().clone();
    *asking.uri_mut() = request.uri().clone();
    if let Some(peer) = request.extensions().get::<Peer>() {
        asking.extensions_mut().insert(*peer);
    }
    if let Some(host) = request.headers().get(header::HOST) {
        asking.headers_mut().insert(header::HOST, host.clone());
    }
    asking
}

/// Says where the same is to be had over TLS, whatever was asked for.
async fn lead(State(access): State<Access>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let there = access.again(&headers).map(|host| format!("https://{host}{path}"));
    match there.map(HeaderValue::try_from) {
        Some(Ok(there)) => {
            let close = HeaderValue::from_static("close");
            let headers = [(header::LOCATION, there), (header::CONNECTION, close)];
            (StatusCode::PERMANENT_REDIRECT, headers).into_response()
        }
        _ => Problem::other_host().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_itself_is_its_own() {
        let is_own = |from: &str, to: &str| is_own(from.parse().unwrap(), to.parse().unwrap());
        assert!(is_own("127.0.0.1:40000", "127.0.0.1:8080"));
        assert!(is_own("[::1]:40000", "[::1]:8080"));
        assert!(is_own("[::ffff:127.0.0.1]:40000", "[::ffff:127.0.0.1]:8080"));
        assert!(is_own("10.0.0.7:40000", "10.0.0.7:8080"), "the page listens there only");
        assert!(!is_own("10.0.0.8:40000", "10.0.0.7:8080"));
        assert!(!is_own("[::ffff:10.0.0.8]:40000", "[::ffff:10.0.0.7]:8080"));
    }
}
