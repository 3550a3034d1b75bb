//! Time that passes only while playing.

use std::time::Duration;

/// Play time, told by the engine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PlayClock {
    /// Play time at `since`, or altogether while it stands.
    run: Duration,
    since: Option<Duration>,
}

impl PlayClock {
    /// The play time.
    pub(crate) fn at(&self, now: Duration) -> Duration {
        self.run + self.since.map_or(Duration::ZERO, |since| now.saturating_sub(since))
    }

    /// The engine's time at which a play time is reached, if nothing changes.
    pub(crate) fn reaches(&self, play: Duration) -> Option<Duration> {
        self.since.map(|since| since.saturating_add(play.saturating_sub(self.run)))
    }

    pub(crate) fn run(&mut self, now: Duration) {
        self.since.get_or_insert(now);
    }

    pub(crate) fn hold(&mut self, now: Duration) {
        self.run = self.at(now);
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_while_held() {
        let second = Duration::from_secs;
        let mut clock = PlayClock::default();
        assert_eq!(clock.at(second(9)), second(0));
        clock.run(second(10));
        clock.run(second(11));
        assert_eq!(clock.at(second(15)), second(5));
        assert_eq!(clock.reaches(second(7)), Some(second(17)));
        clock.hold(second(16));
        clock.hold(second(20));
        assert_eq!(clock.at(second(30)), second(6));
        assert_eq!(clock.reaches(second(7)), None);
        clock.run(second(100));
        assert_eq!(clock.reaches(second(7)), Some(second(101)));
    }
}
