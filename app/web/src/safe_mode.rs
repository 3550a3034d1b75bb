//! Safe mode: the program runs, serves the page and plays nothing until somebody says so.

use std::fmt;
use std::sync::Arc;

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

    /// Turns it on, whatever the cause until now.
    pub fn enter(&self, reason: String) {
        self.cause.send_replace(Some(Arc::new(Cause { reason, log: Vec::new() })));
    }

    /// Leaves it; whether it was on.
    pub fn leave(&self) -> bool {
        let was_on = self.cause.send_replace(None).is_some();
        if was_on {
            (self.left)();
        }
        was_on
    }
}

impl fmt::Debug for SafeMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SafeMode").field("cause", &self.cause).finish_non_exhaustive()
    }
}
