//! Asks a running program by its local socket, as commands of the same program do.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use axum::http::Method;
use axum::http::{Request, Response, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;
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
    #[error("the program does not answer within {} seconds", PATIENCE.as_secs())]
    Slow,
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
    let asked = timeout(PATIENCE, send(socket, Method::GET, path, None)).await;
    let (_connection, answer) = asked.map_err(|_| ClientError::Slow)??;
    if !answer.status().is_success() {
        return read(answer).await.map(drop);
    }
    let mut body = answer.into_body();
    while let Some(part) = timeout(PATIENCE, body.frame()).await.map_err(|_| ClientError::Slow)? {
        let part = part.map_err(|error| ClientError::Broken(error.into()))?;
        if let Some(bytes) = part.data_ref() {
            to.write_all(bytes).map_err(ClientError::Write)?;
        }
    }
    to.flush().map_err(ClientError::Write)
}

async fn exchange(
    socket: &Path,
    method: Method,
    path: &str,
    document: Option<&Value>,
) -> Result<Value, ClientError> {
    let asked = async {
        let (_connection, answer) = send(socket, method, path, document).await?;
        read(answer).await
    };
    timeout(PATIENCE, asked).await.map_err(|_| ClientError::Slow)?
}

/// Sends a request. The answer comes as long as the connection is held.
async fn send(
    socket: &Path,
    method: Method,
    path: &str,
    document: Option<&Value>,
) -> Result<(AbortOnDropHandle<()>, Response<Incoming>), ClientError> {
    let broken = |error: hyper::Error| ClientError::Broken(error.into());
    let stream = UnixStream::connect(socket)
        .await
        .map_err(|source| ClientError::Open { socket: socket.into(), source })?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // What goes wrong with it, the answer tells.
    let connection = AbortOnDropHandle::new(tokio::spawn(async {
        let _ = connection.await;
    }));
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
    if document.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = document.map(Value::to_string).unwrap_or_default();
    let request = request.body(Full::new(Bytes::from(body)));
    let request = request.map_err(|error| ClientError::Broken(error.into()))?;
    let answer = sender.send_request(request).await.map_err(broken)?;
    Ok((connection, answer))
}

/// Reads an answer as a whole.
async fn read(answer: Response<Incoming>) -> Result<Value, ClientError> {
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, LONGEST).collect().await.map_err(ClientError::Broken)?;
    let answer: Value = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
    if head.status.is_success() {
        return Ok(answer);
    }
    let detail = answer["detail"].as_str().unwrap_or("it was refused, without a reason");
    Err(ClientError::Refused(detail.to_owned()))
}
