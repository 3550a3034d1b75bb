//! The machine's monotonic clock.

use std::time::{Duration, Instant};

use prismatron_core::port::Clock;

/// Counts from when it was made.
pub(crate) struct MonotonicClock(Instant);

impl MonotonicClock {
    /// Starts at zero now.
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
