//! What makes trembling inputs steady: pure, by the times and values they are given.

use std::time::Duration;

/// A level that has to last before it counts.
#[derive(Debug, Clone)]
pub(crate) struct Debounced {
    lasting: Duration,
    level: bool,
    /// Since when the input is otherwise.
    otherwise: Option<Duration>,
}

impl Debounced {
    /// Inactive, until something else has lasted so long.
    pub(crate) fn new(lasting: Duration) -> Self {
        Self { lasting, level: false, otherwise: None }
    }

    /// Takes in a level, and tells the one that counts.
    pub(crate) fn step(&mut self, level: bool, now: Duration) -> bool {
        if level == self.level {
            self.otherwise = None;
        } else {
            let since = *self.otherwise.get_or_insert(now);
            if now.saturating_sub(since) >= self.lasting {
                (self.level, self.otherwise) = (level, None);
            }
        }
        self.level
    }
}

/// A number that rises at once and falls only when it has fallen by some way.
#[derive(Debug, Clone)]
pub(crate) struct Backlash {
    way: f32,
    held: Option<f32>,
}

impl Backlash {
    pub(crate) fn new(way: f32) -> Self {
        Self { way, held: None }
    }

    /// Takes in a number, and tells the one that counts.
    pub(crate) fn step(&mut self, value: f32) -> f32 {
        let held = match self.held {
            Some(held) if value > held => value,
            Some(held) if value < held - self.way => value + self.way,
            Some(held) => held,
            None => value,
        };
        self.held = Some(held);
        held
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LASTING: Duration = Duration::from_millis(30);

    proptest! {
        #[test]
        fn a_level_counts_when_it_has_lasted_and_not_before(
            steps in prop::collection::vec((1u64..20, any::<bool>()), 1..200),
        ) {
            let mut debounced = Debounced::new(LASTING);
            let (mut now, mut since, mut input, mut told) = (Duration::ZERO, Duration::ZERO, false, false);
            for (millis, level) in steps {
                now += Duration::from_millis(millis);
                if level != input {
                    (input, since) = (level, now);
                }
                let before = std::mem::replace(&mut told, debounced.step(level, now));
                let has_lasted = now - since >= LASTING;
                if told != before {
                    prop_assert!(told == input && has_lasted, "it has followed a bounce");
                }
                if has_lasted {
                    prop_assert_eq!(told, input);
                }
            }
        }

        #[test]
        fn a_number_within_the_way_changes_nothing(
            start in -20.0f32..120.0,
            trembling in prop::collection::vec(0.0f32..3.0, 0..50),
        ) {
            let mut backlash = Backlash::new(3.0);
            let held = backlash.step(start);
            for below in trembling {
                prop_assert_eq!(backlash.step(start - below), held);
            }
        }

        #[test]
        fn what_counts_is_never_under_the_number_nor_more_than_the_way_over_it(
            values in prop::collection::vec(-20.0f32..120.0, 1..100),
        ) {
            let mut backlash = Backlash::new(3.0);
            for value in values {
                let held = backlash.step(value);
                prop_assert!(held >= value && held <= value + 3.001, "{held} for {value}");
            }
        }
    }
}
