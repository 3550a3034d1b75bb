//! When frames are due.
//!
//! Deadlines are counted from one origin, so rounding never adds up to drift. Frames that were missed are
//! counted and left out: the next deadline is always one to come.

use std::time::Duration;

use prismatron_core::unit::Fps;

/// A grid of deadlines: `origin + n / fps`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schedule {
    fps: f64,
    origin: Duration,
    /// Number of the frame that is due next.
    next: u64,
}

impl Schedule {
    /// The first frame is due at once.
    pub(crate) fn new(fps: Fps, now: Duration) -> Self {
        Self { fps: f64::from(fps.get()), origin: now, next: 0 }
    }

    /// When the next frame is due.
    pub(crate) fn deadline(&self) -> Duration {
        self.origin + Duration::from_secs_f64(self.next as f64 / self.fps)
    }

    /// Whether the next frame is due.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        now >= self.deadline()
    }

    /// Takes the frame that is due, moves on to the first deadline after `now`, and returns how many were
    /// missed in between.
    pub(crate) fn take(&mut self, now: Duration) -> u64 {
        let due = self.next;
        let since = now.saturating_sub(self.origin).as_secs_f64();
        // A deadline that is rounded to `now` itself has passed as well.
        self.next = ((since * self.fps).floor() as u64).max(due) + 1;
        while self.deadline() <= now {
            self.next += 1;
        }
        self.next - due - 1
    }

    /// Begins anew after a time in which no frames were wanted: the next is due at once.
    pub(crate) fn restart(&mut self, now: Duration) {
        self.origin = now;
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn schedule(fps: f32, now: Duration) -> Schedule {
        Schedule::new(Fps::try_from(fps).unwrap(), now)
    }

    #[test]
    fn does_not_drift_in_a_day() {
        let mut schedule = schedule(60.0, Duration::from_secs(5));
        for _ in 0..60 * 60 * 24 {
            let now = schedule.deadline();
            assert_eq!(schedule.take(now), 0);
        }
        // A day of minutes: sixty frames are one second, sixty seconds a minute.
        assert_eq!(schedule.deadline(), Duration::from_secs(5 + 60 * 24));
    }

    #[test]
    fn missed_frames_are_counted_and_left_out() {
        let mut schedule = schedule(10.0, Duration::ZERO);
        assert_eq!(schedule.take(Duration::ZERO), 0);
        assert_eq!(schedule.take(Duration::from_millis(199)), 0, "late by less than a frame");
        assert_eq!(schedule.deadline(), Duration::from_millis(200));
        assert_eq!(schedule.take(Duration::from_millis(1_050)), 8);
        assert_eq!(schedule.deadline(), Duration::from_millis(1_100));
    }

    #[test]
    fn idleness_is_not_lateness() {
        let mut schedule = schedule(60.0, Duration::ZERO);
        schedule.take(Duration::ZERO);
        schedule.restart(Duration::from_secs(3600));
        assert_eq!(schedule.take(Duration::from_secs(3600)), 0);
    }

    proptest! {
        #[test]
        fn the_next_deadline_is_to_come_and_within_a_frame(
            fps in 1.0_f32..240.0,
            origin in 0_u64..1 << 50,
            steps in prop::collection::vec(0_u64..10_000_000_000, 1..50),
        ) {
            let mut now = Duration::from_nanos(origin);
            let mut schedule = schedule(fps, now);
            let mut taken = 0;
            for step in steps {
                now += Duration::from_nanos(step);
                if schedule.is_due(now) {
                    taken += 1 + schedule.take(now);
                }
                prop_assert!(schedule.deadline() > now);
                let period = Duration::from_secs_f64(1.0 / f64::from(fps));
                prop_assert!(schedule.deadline() <= now + period + Duration::from_micros(1));
                prop_assert_eq!(taken, schedule.next);
            }
        }
    }
}
