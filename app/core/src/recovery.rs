//! What the program does by itself to mend what is wrong, counted where it is done.
//!
//! A way to recover is *tried* when it is begun, and has *succeeded* once what it was for works again: the
//! difference is how often it did not help.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// How often one way to recover was tried since the start, and how often it helped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovery {
    /// So often it was begun.
    pub tried: u64,
    /// So often it helped.
    pub succeeded: u64,
    /// When it was begun last, by the time of day.
    pub last: Option<SystemTime>,
}

/// Counts one way to recover; clones count together.
#[derive(Debug, Clone, Default)]
pub struct Tally(Arc<Mutex<Recovery>>);

impl Tally {
    /// It is begun.
    pub fn tried(&self, now: SystemTime) {
        let mut count = self.lock();
        count.tried += 1;
        count.last = Some(now);
    }

    /// It has helped.
    pub fn succeeded(&self) {
        self.lock().succeeded += 1;
    }

    /// The count so far.
    pub fn read(&self) -> Recovery {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Recovery> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
