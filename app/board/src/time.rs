//! The board's time: since the machine was booted, the same for every program on it.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Time since the machine was booted, its sleep among it.
pub(crate) fn since_boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    let (seconds, nanos) = (u64::try_from(now.tv_sec), u32::try_from(now.tv_nsec));
    Duration::new(seconds.unwrap_or(0), nanos.unwrap_or(0))
}
