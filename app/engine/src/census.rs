//! Counting threads, so that an end can wait for them but not for ever.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many threads are about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Census(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    present: Mutex<usize>,
    gone: Condvar,
}

/// Held by a thread as long as it runs.
#[derive(Debug)]
pub(crate) struct Presence(Arc<Inner>);

impl Census {
    pub(crate) fn enter(&self) -> Presence {
        *self.0.present.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Presence(Arc::clone(&self.0))
    }

    /// Waits until all are gone or the time is up; returns how many are left.
    pub(crate) fn wait(&self, longest: Duration) -> usize {
        let present = self.0.present.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.gone.wait_timeout_while(present, longest, |present| *present > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        *self.0.present.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.gone.notify_all();
    }
}
