//! Request bodies that end when their sender stops sending, or the server stops.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// How long a sender may be silent.
const SILENCE: Duration = Duration::from_secs(30);

/// Why a body has ended early.
#[derive(Debug, thiserror::Error)]
pub(super) enum IdleError {
    /// The sender was silent for too long.
    #[error("nothing came for {} seconds", SILENCE.as_secs())]
    Silent,
    /// The server stops.
    #[error("Prismatron is stopping")]
    Stopping,
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[source] hyper::Error),
}

/// A body with a limit on silence.
pub(super) struct IdleBody<B> {
    body: B,
    shutdown: CancellationToken,
    /// Made when first waited for: most requests have no body.
    wait: Option<Wait>,
}

struct Wait {
    silence: Pin<Box<Sleep>>,
    stopped: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Whether the time of silence runs.
    runs: bool,
}

impl<B> IdleBody<B> {
    pub(super) fn new(body: B, shutdown: CancellationToken) -> Self {
        Self { body, shutdown, wait: None }
    }
}

impl<B: Body<Data = Bytes, Error = hyper::Error> + Unpin> Body for IdleBody<B> {
    type Data = Bytes;
    type Error = IdleError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, IdleError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            if let Some(wait) = &mut self.wait {
                wait.runs = false;
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(IdleError::Broken)));
        }
        let this = &mut *self;
        let wait = this.wait.get_or_insert_with(|| Wait {
            silence: Box::pin(sleep(SILENCE)),
            stopped: Box::pin(this.shutdown.clone().cancelled_owned()),
            runs: true,
        });
        if !wait.runs {
            wait.runs = true;
            wait.silence.as_mut().reset(Instant::now() + SILENCE);
        }
        if wait.stopped.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(IdleError::Stopping)));
        }
        ready!(wait.silence.as_mut().poll(context));
        Poll::Ready(Some(Err(IdleError::Silent)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    /// A sender that sends what it is told to, and nothing else.
    struct Script(Vec<Option<&'static str>>);

    impl Body for Script {
        type Data = Bytes;
        type Error = hyper::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
            match self.0.pop() {
                Some(Some(text)) => Poll::Ready(Some(Ok(Frame::data(text.into())))),
                Some(None) | None => Poll::Pending,
            }
        }
    }

    fn poll(body: &mut IdleBody<Script>) -> Poll<Option<Result<Frame<Bytes>, IdleError>>> {
        Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test(start_paused = true)]
    async fn only_silence_counts() {
        let script = Script(vec![None, Some("a"), None]);
        let mut body = IdleBody::new(script, CancellationToken::new());
        assert!(poll(&mut body).is_pending());
        tokio::time::advance(SILENCE - Duration::from_millis(1)).await;
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Ok(_)))));
        // A reader that is slow itself is not the sender's silence.
        tokio::time::advance(SILENCE * 2).await;
        assert!(poll(&mut body).is_pending());
        tokio::time::advance(SILENCE - Duration::from_millis(1)).await;
        assert!(poll(&mut body).is_pending());
        tokio::time::advance(Duration::from_millis(2)).await;
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Err(IdleError::Silent)))));
    }

    #[tokio::test]
    async fn stopping_ends_it() {
        let shutdown = CancellationToken::new();
        let mut body = IdleBody::new(Script(Vec::new()), shutdown.clone());
        assert!(poll(&mut body).is_pending());
        shutdown.cancel();
        assert!(matches!(poll(&mut body), Poll::Ready(Some(Err(IdleError::Stopping)))));
    }
}
