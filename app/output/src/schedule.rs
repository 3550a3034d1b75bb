//! When a frame may go out: the frame rate cap, keep-alives and pacing, as arithmetic on given times.

use std::time::Duration;

/// Decides when frames go out. Times count from any fixed moment.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    /// Shortest time from frame to frame, zero without a cap.
    period: Duration,
    keep_alive: Duration,
    /// Earliest time for the next frame.
    due: Duration,
    /// When the last frame went out.
    last: Option<Duration>,
    /// The last frame must go out again as soon as it can.
    owed: bool,
}

/// What to do at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Send the frame that waits.
    Fresh,
    /// Send the last frame again.
    Again,
    /// A frame waits, but its time has not come.
    Rest(Duration),
    /// There is nothing to send until then, or at all.
    Idle(Option<Duration>),
}

impl Schedule {
    /// A schedule that has sent nothing.
    pub(crate) fn new(period: Option<Duration>, keep_alive: Duration) -> Self {
        let period = period.unwrap_or_default();
        Self { period, keep_alive, due: Duration::ZERO, last: None, owed: false }
    }

    /// What to do now. `fresh` tells whether a frame waits.
    pub(crate) fn step(&self, now: Duration, fresh: bool) -> Step {
        let Some(last) = self.last else {
            return if fresh { Step::Fresh } else { Step::Idle(None) };
        };
        if fresh {
            return if now >= self.due { Step::Fresh } else { Step::Rest(self.due) };
        }
        let again = if self.owed { self.due } else { last + self.keep_alive };
        if now >= again { Step::Again } else { Step::Idle(Some(again)) }
    }

    /// A frame goes out now.
    ///
    /// A frame that comes a little late may be followed by one on time, or a source at just the capped
    /// rate would lose frames to its own jitter. A quarter of a period is all that may be caught up, and
    /// over time the cap holds exactly.
    pub(crate) fn sent(&mut self, now: Duration) {
        self.due = (self.due + self.period).max(now + self.period * 3 / 4);
        self.last = Some(now);
        self.owed = false;
    }

    /// The last frame did not arrive, or there is a new host that has not seen it.
    pub(crate) fn owe(&mut self) {
        self.owed = true;
    }

    /// Earliest time for the next frame.
    pub(crate) fn due(&self) -> Duration {
        self.due
    }
}

/// How many steps of a millisecond or more a frame of `datagrams` is sent in, to spread it over `pace`.
pub(crate) fn paced_steps(datagrams: usize, pace: Duration) -> usize {
    datagrams.min(pace.as_millis() as usize).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn without_a_cap_every_frame_goes_out_at_once() {
        let mut schedule = Schedule::new(None, ms(1000));
        assert_eq!(schedule.step(ms(0), false), Step::Idle(None));
        assert_eq!(schedule.step(ms(0), true), Step::Fresh);
        schedule.sent(ms(0));
        assert_eq!(schedule.step(ms(0), true), Step::Fresh);
    }

    #[test]
    fn a_still_frame_goes_out_again_each_keep_alive() {
        let mut schedule = Schedule::new(None, ms(1000));
        schedule.sent(ms(500));
        assert_eq!(schedule.step(ms(1499), false), Step::Idle(Some(ms(1500))));
        assert_eq!(schedule.step(ms(1500), false), Step::Again);
        schedule.sent(ms(1500));
        assert_eq!(schedule.step(ms(1501), false), Step::Idle(Some(ms(2500))));
    }

    #[test]
    fn a_frame_that_is_owed_goes_out_as_soon_as_the_cap_allows() {
        let mut schedule = Schedule::new(Some(ms(40)), ms(1000));
        schedule.sent(ms(100));
        schedule.owe();
        assert_eq!(schedule.step(ms(110), false), Step::Idle(Some(ms(130))));
        assert_eq!(schedule.step(ms(130), false), Step::Again);
    }

    #[test]
    fn the_cap_holds_over_time_whatever_comes() {
        // Frames at 60 a second with jitter against a cap of 25.
        let mut schedule = Schedule::new(Some(ms(40)), ms(1000));
        let mut sent = Vec::new();
        for n in 0..600_u64 {
            let now = Duration::from_micros(n * 16_667 + (n * 7919) % 3000);
            if schedule.step(now, true) == Step::Fresh {
                schedule.sent(now);
                sent.push(now);
            }
        }
        assert!((240..=251).contains(&sent.len()), "{} frames in ten seconds", sent.len());
        assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= ms(30)));
    }

    #[test]
    fn a_source_at_the_capped_rate_loses_nothing_to_jitter() {
        let mut schedule = Schedule::new(Some(Duration::from_micros(16_667)), ms(1000));
        for n in 0..600_u64 {
            let now = Duration::from_micros(5000 + n * 16_667 + (n % 2) * 3000);
            assert_eq!(schedule.step(now, true), Step::Fresh, "frame {n}");
            schedule.sent(now);
        }
    }

    #[test]
    fn pacing_takes_steps_of_a_millisecond_at_least() {
        assert_eq!(paced_steps(7, ms(0)), 1);
        assert_eq!(paced_steps(7, ms(20)), 7);
        assert_eq!(paced_steps(2000, ms(10)), 10);
        assert_eq!(paced_steps(1, ms(10)), 1);
    }
}
