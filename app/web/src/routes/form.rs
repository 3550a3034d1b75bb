//! A form with files, read with a bound on what is in memory of it.
//!
//! The parser keeps what it cannot make a part of yet, however much comes, and takes all there is each time it is asked. So
//! its body rests after so many bytes until the parser has come to something, and fails where it comes to nothing by them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use axum::RequestExt;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, Request};
use axum::http::StatusCode;
use http_body::Frame;

use crate::problem::Problem;

/// Bytes of a form in memory, and one read of the connection.
const MOST: usize = 256 << 10;

/// A form that comes in.
pub(super) struct Form {
    parts: Multipart,
    collected: Arc<AtomicUsize>,
}

/// A part of one.
pub(super) struct Part<'a> {
    field: Field<'a>,
    collected: &'a AtomicUsize,
}

impl Form {
    /// # Errors
    /// The request has none.
    pub(super) async fn of(request: Request) -> Result<Self, Problem> {
        let collected = Arc::new(AtomicUsize::new(0));
        let sparing = |body| {
            Body::new(Sparing { body, collected: Arc::clone(&collected), has_rested: false })
        };
        let parts = request.map(sparing).extract::<Multipart, _>().await;
        let parts = parts.map_err(|error| Problem::new(error.status(), error.body_text()))?;
        Ok(Self { parts, collected })
    }

    /// The next part. The one before has to be read to its end: what is passed over of it counts as nothing.
    ///
    /// # Errors
    /// The form breaks off, or is none.
    pub(super) async fn next(&mut self) -> Result<Option<Part<'_>>, Problem> {
        let Self { parts, collected } = self;
        let next = parts
            .next_field()
            .await
            .map_err(|error| broken(&error, |why| format!("the form broke off: {why}")))?;
        collected.store(0, Ordering::Relaxed);
        Ok(next.map(|field| Part { field, collected }))
    }
}

impl Part<'_> {
    /// The name of its field.
    pub(super) fn name(&self) -> Option<&str> {
        self.field.name()
    }

    /// The name of its file.
    pub(super) fn file_name(&self) -> Option<&str> {
        self.field.file_name()
    }

    /// More of it, or nothing at its end.
    ///
    /// # Errors
    /// It breaks off.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        let chunk = self
            .field
            .chunk()
            .await
            .map_err(|error| broken(&error, |why| format!("the file broke off: {why}")))?;
        self.collected.store(0, Ordering::Relaxed);
        Ok(chunk)
    }
}

/// Whatever breaks a form off is its sender's doing.
fn broken(error: &MultipartError, told: impl FnOnce(String) -> String) -> Problem {
    let status = error.status();
    let status = if status.is_server_error() { StatusCode::BAD_REQUEST } else { status };
    Problem::new(status, told(error.body_text()))
}

/// A body that gives no more than [`MOST`] before somebody has said that it was of use.
struct Sparing {
    body: Body,
    /// Bytes since then.
    collected: Arc<AtomicUsize>,
    has_rested: bool,
}

impl http_body::Body for Sparing {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        if self.collected.load(Ordering::Relaxed) >= MOST {
            if self.has_rested {
                let why = format!("{MOST} bytes have come, and no part of a form");
                return Poll::Ready(Some(Err(io::Error::other(why).into())));
            }
            // The parser looks at what it has, and is asked again at once.
            self.has_rested = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.has_rested = false;
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            self.collected.fetch_add(bytes, Ordering::Relaxed);
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }
}
