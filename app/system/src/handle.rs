//! The way to the task that owns what is pending.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};

use crate::action::{Action, Pending, SystemState};
use crate::bus::{Bus, Reason};
use crate::displays::{self, Display};
use crate::error::SystemError;
use crate::supervisor::Supervisor;

/// Somebody has not yet had their answer; dropped when they have.
pub type Answering = oneshot::Sender<()>;

/// A request that was accepted.
#[derive(Debug)]
pub struct Accepted {
    /// What is pending now.
    pub pending: Pending,
    /// Nothing begins while this is held, for a second at most.
    pub answering: Answering,
}

/// What reaches the task.
#[derive(Debug)]
pub(crate) enum Message {
    Request {
        action: Action,
        delay: Duration,
        who: Arc<str>,
        answered: oneshot::Receiver<()>,
        reply: oneshot::Sender<Result<Pending, SystemError>>,
    },
    Cancel(oneshot::Sender<Result<Pending, SystemError>>),
}

/// The way to the task.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(crate) inbox: mpsc::Sender<Message>,
    pub(crate) state: watch::Receiver<SystemState>,
    pub(crate) bus: Bus,
    /// Why the machine must go on for now.
    pub(crate) holds: Arc<watch::Sender<Option<Reason>>>,
}

/// For as long as this lives, the machine is neither rebooted nor switched off.
#[derive(Debug)]
pub(crate) struct Hold(Arc<watch::Sender<Option<Reason>>>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.send_replace(None);
    }
}

impl Handle {
    /// Asks for something, on behalf of `who`. It begins when the delay has passed and
    /// [`Accepted::answering`] is dropped. Asked for again it stays as it was.
    ///
    /// # Errors
    /// It cannot be done, or something else is pending.
    pub async fn request(
        &self,
        action: Action,
        delay: Duration,
        who: impl Into<Arc<str>>,
    ) -> Result<Accepted, SystemError> {
        let (answering, answered) = oneshot::channel();
        let who = who.into();
        let pending =
            self.ask(|reply| Message::Request { action, delay, who, answered, reply }).await?;
        Ok(Accepted { pending, answering })
    }

    /// Takes back what is pending.
    ///
    /// # Errors
    /// Nothing is, or it has begun.
    pub async fn cancel(&self) -> Result<Pending, SystemError> {
        self.ask(Message::Cancel).await
    }

    /// Has reboot and power off refused, with this reason, until what is returned is dropped. One at a time.
    pub(crate) fn hold(&self, reason: &str) -> Hold {
        self.holds.send_replace(Some(reason.into()));
        Hold(Arc::clone(&self.holds))
    }

    /// The state, now and whenever it changes.
    pub fn state(&self) -> watch::Receiver<SystemState> {
        self.state.clone()
    }

    /// The displays of this machine, as [`displays`](crate::displays()) tells them; none where nobody looks after this
    /// one.
    pub async fn displays(&self) -> Vec<Display> {
        if self.state.borrow().supervisor == Supervisor::Nobody {
            return Vec::new();
        }
        displays::all(&self.bus).await.unwrap_or_else(|reason| {
            tracing::debug!("the displays of this machine are not known: {reason}");
            Vec::new()
        })
    }

    async fn ask(
        &self,
        message: impl FnOnce(oneshot::Sender<Result<Pending, SystemError>>) -> Message,
    ) -> Result<Pending, SystemError> {
        let (reply, answer) = oneshot::channel();
        self.inbox.try_send(message(reply)).map_err(|error| match error {
            TrySendError::Full(_) => SystemError::Busy,
            TrySendError::Closed(_) => SystemError::Ended,
        })?;
        answer.await.unwrap_or(Err(SystemError::Ended))
    }
}
