//! Safe mode: the program runs, serves the page and plays nothing until somebody says so.

use std::fmt;
use std::sync::Arc;

use prismatron_engine::{Command, EngineError};
use prismatron_store::StoreError;
use tokio::sync::watch;

/// Whether the program is in safe mode; cheap to clone.
#[derive(Clone)]
pub struct SafeMode {
    cause: watch::Sender<Option<Arc<Cause>>>,
    left: Arc<dyn Fn() + Send + Sync>,
}

/// Why it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// In words for people.
    pub reason: String,
    /// The last lines that were logged before, oldest first.
    pub log: Vec<String>,
}

impl Cause {
    /// The name under which the store keeps whether somebody has asked for it.
    pub const STATE: &str = "safe-mode";
}

impl SafeMode {
    /// On where there is a cause. `left` is called when somebody leaves it.
    pub fn new(cause: Option<Cause>, left: impl Fn() + Send + Sync + 'static) -> Self {
        let (cause, _) = watch::channel(cause.map(Arc::new));
        Self { cause, left: Arc::new(left) }
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.cause.borrow().is_some()
    }

    /// Tells when it is turned on or left.
    pub fn changes(&self) -> watch::Receiver<Option<Arc<Cause>>> {
        self.cause.subscribe()
    }

    /// Why it is on, if it is.
    pub(crate) fn cause(&self) -> Option<Arc<Cause>> {
        self.cause.borrow().clone()
    }

    /// Turns it on for somebody, whatever the cause until now, over restarts too, and has nothing play.
    ///
    /// # Errors
    /// It cannot be kept, which leaves it as it was, or the engine does not follow.
    pub async fn enter<E>(
        &self,
        store: &prismatron_store::Handle,
        engine: &prismatron_engine::Handle,
        who: &str,
    ) -> Result<(), E>
    where
        E: From<StoreError> + From<EngineError>,
    {
        store.save_state(Cause::STATE, &true).await?;
        let reason = format!("It was asked for by {who}.");
        self.cause.send_replace(Some(Arc::new(Cause { reason, log: Vec::new() })));
        engine.send(Command::Stop).await?;
        Ok(())
    }

    /// Leaves it, over restarts too; whether it was on. Nothing plays by that alone.
    ///
    /// # Errors
    /// It cannot be kept, and is left until the next start.
    pub async fn leave(&self, store: &prismatron_store::Handle) -> Result<bool, StoreError> {
        let was_on = self.cause.send_replace(None).is_some();
        if was_on {
            (self.left)();
            store.save_state(Cause::STATE, &false).await?;
        }
        Ok(was_on)
    }
}

impl fmt::Debug for SafeMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SafeMode").field("cause", &self.cause).finish_non_exhaustive()
    }
}
