//! The time of day, as far as it can be believed.
//!
//! A board without a battery starts in 1970 until the network tells it better. A time before
//! [`BELIEVED`] therefore says nothing about how long ago something was.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time of day; tests hold their own.
pub type WallClock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// 1 January 2024: no clock that has been set says an earlier time.
const BELIEVED: Millis = Millis(1_704_067_200_000);

/// Whether a clock that has been set can have said so.
pub fn is_believed(time: SystemTime) -> bool {
    Millis::from(time).is_believed()
}

/// Milliseconds since 1970, the stored form of a time.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub(crate) struct Millis(pub(crate) u64);

impl Millis {
    /// How long ago this was; `None` where one of the two times cannot be believed.
    pub(crate) fn age(self, now: Self) -> Option<Duration> {
        (self >= BELIEVED && now >= BELIEVED)
            .then(|| Duration::from_millis(now.0.saturating_sub(self.0)))
    }

    /// Whether a clock that has been set can have said so.
    pub(crate) fn is_believed(self) -> bool {
        self >= BELIEVED
    }
}

impl From<SystemTime> for Millis {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

impl From<Millis> for SystemTime {
    fn from(millis: Millis) -> Self {
        UNIX_EPOCH.checked_add(Duration::from_millis(millis.0)).unwrap_or(UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_not_set_ages_nothing() {
        let year_2026 = Millis(1_770_000_000_000);
        assert_eq!(Millis(1000).age(year_2026), None);
        assert_eq!(year_2026.age(Millis(1000)), None);
        assert_eq!(year_2026.age(Millis(1_770_000_005_000)), Some(Duration::from_secs(5)));
        assert_eq!(year_2026.age(Millis(1_769_999_999_999)), Some(Duration::ZERO));
    }
}
