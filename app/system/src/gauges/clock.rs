//! The time of day, as far as it can be trusted.
//!
//! The kernel knows whether its clock is kept by the network, but a unit with `ProtectClock=` may not ask it.
//! What systemd-timesyncd leaves in `/run` once it has set the clock can be read by anyone.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 1 January 2024: no clock that has been set says an earlier time.
const BELIEVABLE: Duration = Duration::from_secs(1_704_067_200);

/// How far the time of day can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockState {
    /// Network time has set it since the machine was started.
    Synchronised,
    /// It may be right: a battery has kept it, or somebody else than systemd-timesyncd has set it.
    Unconfirmed,
    /// It is wrong: nothing has set it since the machine was started.
    Unset,
}

/// Whether a clock that has been set can say so.
pub(crate) fn is_believable(now: SystemTime) -> bool {
    now.duration_since(UNIX_EPOCH).unwrap_or_default() >= BELIEVABLE
}

/// By the file that systemd-timesyncd leaves, and by what the clock says.
pub(super) fn read(synchronised: &Path, now: SystemTime) -> ClockState {
    if !is_believable(now) {
        ClockState::Unset
    } else if synchronised.exists() {
        ClockState::Synchronised
    } else {
        ClockState::Unconfirmed
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_trusted_by_what_set_it_and_never_in_1970() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("synchronized");
        let (in_1970, in_2026) = (Duration::from_secs(60), Duration::from_secs(1_770_000_000));
        let state = |since: Duration| read(&file, UNIX_EPOCH + since);
        assert_eq!(state(in_2026), ClockState::Unconfirmed);
        std::fs::write(&file, "").unwrap();
        assert_eq!(state(in_2026), ClockState::Synchronised);
        assert_eq!(state(in_1970), ClockState::Unset);
    }
}
