//! The way to the task that owns where an update stands.

use std::sync::Arc;
use std::time::SystemTime;

use prismatron_core::id::UploadId;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};

use super::UpdateState;
use super::stage::After;
use crate::error::SystemError;

/// What is asked for.
#[derive(Debug)]
pub(super) enum Request {
    Receive { upload: UploadId, name: String },
    Received(UploadId),
    Inspect { url: String },
    Install { then: After, who: Arc<str> },
    Reboot { at: Option<SystemTime>, who: Arc<str> },
    RollBack { who: Arc<str> },
    Confirm { who: Arc<str> },
    Cancel { who: Arc<str> },
    Dim(bool),
}

/// What reaches the task.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) request: Request,
    pub(super) reply: oneshot::Sender<Result<(), SystemError>>,
}

/// The way to the task.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(super) inbox: mpsc::Sender<Message>,
    pub(super) state: watch::Receiver<UpdateState>,
}

impl Handle {
    /// The state, now and whenever it changes.
    pub fn state(&self) -> watch::Receiver<UpdateState> {
        self.state.clone()
    }

    /// A bundle begins to arrive as this upload, in place of one that was not installed.
    ///
    /// # Errors
    /// There is no RAUC, or something else is going on.
    pub async fn receive(&self, upload: UploadId, name: String) -> Result<(), SystemError> {
        self.ask(Request::Receive { upload, name }).await
    }

    /// All of it has arrived, so that it can be inspected; what comes of that, the state tells.
    ///
    /// # Errors
    /// It is another that was expected.
    pub async fn received(&self, upload: UploadId) -> Result<(), SystemError> {
        self.ask(Request::Received(upload)).await
    }

    /// Inspects a bundle that a server has: an address of `http` or `https`.
    ///
    /// # Errors
    /// There is no RAUC, or something else is going on.
    pub async fn inspect(&self, url: String) -> Result<(), SystemError> {
        self.ask(Request::Inspect { url }).await
    }

    /// Takes a restore point and has RAUC begin with what was inspected.
    ///
    /// # Errors
    /// Nothing was, a reboot is pending, the restore point cannot be taken, or RAUC does not begin.
    pub async fn install(&self, then: After, who: impl Into<Arc<str>>) -> Result<(), SystemError> {
        self.ask(Request::Install { then, who: who.into() }).await
    }

    /// Reboots into what was installed: soon, or then.
    ///
    /// # Errors
    /// Nothing waits for that, or the machine cannot be rebooted.
    pub async fn reboot(
        &self,
        at: Option<SystemTime>,
        who: impl Into<Arc<str>>,
    ) -> Result<(), SystemError> {
        self.ask(Request::Reboot { at, who: who.into() }).await
    }

    /// Makes the other slot the next, as it is, and reboots soon.
    ///
    /// # Errors
    /// There is nothing good in it, or something else is going on.
    pub async fn roll_back(&self, who: impl Into<Arc<str>>) -> Result<(), SystemError> {
        self.ask(Request::RollBack { who: who.into() }).await
    }

    /// Confirms what runs, without waiting for the health gate, which waits no more.
    ///
    /// # Errors
    /// RAUC does not, or the gate cannot be told.
    pub async fn confirm(&self, who: impl Into<Arc<str>>) -> Result<(), SystemError> {
        self.ask(Request::Confirm { who: who.into() }).await
    }

    /// Takes back what can be taken back, or forgets a failure that was read.
    ///
    /// # Errors
    /// There is nothing, or it cannot be.
    pub async fn cancel(&self, who: impl Into<Arc<str>>) -> Result<(), SystemError> {
        self.ask(Request::Cancel { who: who.into() }).await
    }

    /// Sets whether the LEDs are dimmed while something is installed.
    ///
    /// # Errors
    /// It cannot be kept.
    pub async fn set_dim(&self, dim: bool) -> Result<(), SystemError> {
        self.ask(Request::Dim(dim)).await
    }

    async fn ask(&self, request: Request) -> Result<(), SystemError> {
        let (reply, answer) = oneshot::channel();
        self.inbox.try_send(Message { request, reply }).map_err(|error| match error {
            TrySendError::Full(_) => SystemError::Busy,
            TrySendError::Closed(_) => SystemError::Ended,
        })?;
        answer.await.unwrap_or(Err(SystemError::Ended))
    }
}
