//! Asks a running program by its local socket, as commands of the same program do.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use axum::http::Method;
use axum::http::{Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest answer.
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
}

/// Asks, and returns the JSON that is answered; `Null` where there is none.
///
/// # Errors
/// There is no answer, or it is a refusal.
pub async fn ask(socket: &Path, method: Method, path: &str) -> Result<Value, ClientError> {
    let asked = tokio::time::timeout(PATIENCE, exchange(socket, method, path)).await;
    let (is_good, answer) = asked.map_err(|_| ClientError::Slow)??;
    if is_good {
        return Ok(answer);
    }
    let detail = answer["detail"].as_str().unwrap_or("it was refused, without a reason");
    Err(ClientError::Refused(detail.to_owned()))
}

async fn exchange(socket: &Path, method: Method, path: &str) -> Result<(bool, Value), ClientError> {
    let broken = |error: hyper::Error| ClientError::Broken(error.into());
    let stream = UnixStream::connect(socket)
        .await
        .map_err(|source| ClientError::Open { socket: socket.into(), source })?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = tokio::spawn(connection);
    let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost");
    let request =
        request.body(Full::new(Bytes::new())).map_err(|error| ClientError::Broken(error.into()))?;
    let (head, body) = sender.send_request(request).await.map_err(broken)?.into_parts();
    let body = Limited::new(body, LONGEST).collect().await.map_err(ClientError::Broken)?;
    connection.abort();
    let answer = serde_json::from_slice(&body.to_bytes()).unwrap_or_default();
    Ok((head.status.is_success(), answer))
}
