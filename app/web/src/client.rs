//! Asks a running program by its local socket, as commands of the same program do; and a page on this machine how it
//! fares, which takes no rights.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use axum::http::Method;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

/// Longest wait for an answer, or for the next part of one.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer that is read as a whole.
const LONGEST: usize = 16 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens, or not for this user.
    #[error("cannot open {}", socket.display())]
    Open {
        /// The socket.
        socket: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It broke off.
    #[error("the program does not answer")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It takes too long.
    #[error("the program does not answer within {} seconds", .0.as_secs_f64())]
    Slow(Duration),
    /// It says no.
    #[error("{0}")]
    Refused(String),
    /// What is answered cannot be kept.
    #[error("what is answered cannot be written")]
    Write(#[source] io::Error),
}

/// Asks, and returns the JSON that is answered; `Null` where there is none.
///
/// # Errors
/// There is no answer, or it is a refusal.
pub async fn ask(socket: &Path, method: Method, path: &str) -> Result<Value, ClientError> {
    exchange(socket, method, path, None).await
}

/// As [`ask`], with a document to say what is asked for.
///
/// # Errors
/// As for [`ask`].
pub async fn tell(
    socket: &Path,
    method: Method,
    path: &str,
    document: &Value,
) -> Result<Value, ClientError> {
    exchange(socket, method, path, Some(document)).await
}

/// Writes what is answered, whatever it is, as it comes.
///
/// # Errors
/// As for [`ask`]; the answer breaks off, or cannot be written. Some of it may be written then.
pub async fn fetch(socket: &Path, path: &str, to: &mut impl Write) -> Result<(), ClientError> {
    let asked = timeout(PATIENCE, by_socket(socket, Method::GET, path, None)).await;
    let (_connection, answer) = asked.map_err(|_| ClientError::Slow(PATIENCE))??;
    if !answer.status().is_success() {
        return read(answer).await.map(drop);
    }
    let mut body = answer.into_body();
    loop {
        let part = timeout(PATIENCE, body.frame()).await;
        let Some(part) = part.map_err(|_| ClientError::Slow(PATIENCE))? else { break };
        let part = part.map_err(|error| ClientError::Broken(error.into()))?;
        if let Some(bytes) = part.data_ref() {
            to.write_all(bytes).map_err(ClientError::Write)?;
        }
    }
    to.flush().map_err(ClientError::Write)
}

/// Asks the page that listens there how it fares, as `GET /api/health` tells anyone.
///
/// # Errors
/// There is no answer in time, or it is none of ours.
pub async fn health(listening: SocketAddr, patience: Duration) -> Result<Value, ClientError> {
    let address = loopback(listening);
    let asked = async {
        let stream = TcpStream::connect(address).await;
        let stream = stream.map_err(|error| ClientError::Broken(error.into()))?;
        let host = address.to_string();
        let (_connection, answer) = send(stream, &host, Method::GET, "/api/health", None).await?;
        // A page that does not work tells that by its status, and how in the same words.
        let (status, answer) = document(answer).await?;
        let is_ours = status.is_success() || status == StatusCode::SERVICE_UNAVAILABLE;
        if is_ours && answer["status"].is_string() {
            return Ok(answer);
        }
        Err(ClientError::Refused(format!("it answers with status {status}")))
    };
    timeout(patience, asked).await.map_err(|_| ClientError::Slow(patience))?
}

/// Where a listener is reached from this machine.
fn loopback(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

async fn exchange(
    socket: &Path,
    method: Method,
    path: &str,
    document: Option<&Value>,
) -> Result<Value, ClientError> {
    let asked = async {
        let (_connection, answer) = by_socket(socket, method, path, document).await?;
        read(answer).await
    };
    timeout(PATIENCE, asked).await.map_err(|_| ClientError::Slow(PATIENCE))?
}

/// An answer that comes as long as the connection is held.
type Answer = (AbortOnDropHandle<()>, Response<Incoming>);

async fn by_socket(
    socket: &Path,
    method: Method,
    path: &str,
    document: Option<&Value>,
) -> Result<Answer, ClientError> {
    let stream = UnixStream::connect(socket)
        .await
        .map_err(|source| ClientError::Open { socket: socket.into(), source })?;
    send(stream, "localhost", method, path, document).await
}

/// Sends a request.
async fn send(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    host: &str,
    method: Method,
    path: &str,
    document: Option<&Value>,
) -> Result<Answer, ClientError> {
    let broken = |error: hyper::Error| ClientError::Broken(error.into());
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // What goes wrong with it, the answer tells.
    let connection = AbortOnDropHandle::new(tokio::spawn(async {
        let _ = connection.await;
    }));
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
    if document.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = document.map(Value::to_string).unwrap_or_default();
    let request = request.body(Full::new(Bytes::from(body)));
    let request = request.map_err(|error| ClientError::Broken(error.into()))?;
    let answer = sender.send_request(request).await.map_err(broken)?;
    Ok((connection, answer))
}

/// Reads an answer as a whole; `Null` where it is no JSON.
async fn document(answer: Response<Incoming>) -> Result<(StatusCode, Value), ClientError> {
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, LONGEST).collect().await.map_err(ClientError::Broken)?;
    Ok((head.status, serde_json::from_slice(&body.to_bytes()).unwrap_or_default()))
}

/// Reads an answer that is no refusal.
async fn read(answer: Response<Incoming>) -> Result<Value, ClientError> {
    let (status, answer) = document(answer).await?;
    if status.is_success() {
        return Ok(answer);
    }
    let detail = answer["detail"].as_str().unwrap_or("it was refused, without a reason");
    Err(ClientError::Refused(detail.to_owned()))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// What is made of a page that says this, and then nothing more.
    async fn asked(says: &'static str) -> Result<Value, ClientError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let page = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 15];
            stream.read_exact(&mut request).await.unwrap();
            assert_eq!(&request, b"GET /api/health");
            stream.write_all(says.as_bytes()).await.unwrap();
            std::future::pending::<()>().await;
        });
        let answer = health(address, Duration::from_millis(300)).await;
        page.abort();
        answer
    }

    #[tokio::test]
    async fn only_an_answer_of_ours_is_one() {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}";
        assert_eq!(asked(ok).await.unwrap()["status"], "ok");
        let failing = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 20\r\n\r\n{\"status\":\"failing\"}";
        assert_eq!(asked(failing).await.unwrap()["status"], "failing");
        let other = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        assert!(matches!(asked(other).await, Err(ClientError::Refused(_))));
        let elsewhere = "HTTP/1.1 308 Permanent Redirect\r\nContent-Length: 0\r\n\r\n";
        assert!(asked(elsewhere).await.unwrap_err().to_string().contains("308"));
        assert!(matches!(asked("HTTP").await, Err(ClientError::Slow(_))));
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert!(health(gone, Duration::from_secs(5)).await.is_err());
    }

    #[test]
    fn a_listener_on_all_interfaces_is_asked_on_loopback() {
        let asked = |text: &str| loopback(text.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(asked("[::]:80"), "[::1]:80");
        assert_eq!(asked("192.0.2.1:80"), "192.0.2.1:80");
    }
}
