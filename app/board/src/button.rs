//! The front button: how long it was held. Pure.

use std::time::Duration;

use prismatron_core::board::ButtonSpec;

use crate::lamp::Pattern;
use crate::steady::Debounced;

/// Contacts bounce for a few milliseconds; nobody presses for less than this.
const BOUNCING: Duration = Duration::from_millis(30);

/// What was done with the button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Pressed and let go.
    Short,
    /// Held, and let go.
    Long,
    /// Held for so long that it counts while it is still held.
    VeryLong,
}

/// The button.
#[derive(Debug, Clone)]
pub(crate) struct Button {
    level: Debounced,
    long: Duration,
    very_long: Duration,
    held: Held,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// It was pressed when nobody looked yet: a button that hangs must do nothing.
    Unknown,
    No,
    Since(Duration),
    /// And it has been told.
    Told,
}

impl Button {
    pub(crate) fn new(spec: &ButtonSpec) -> Self {
        Self {
            level: Debounced::new(BOUNCING),
            long: Duration::from_millis(spec.long_ms.into()),
            very_long: Duration::from_millis(spec.very_long_ms.into()),
            held: Held::Unknown,
        }
    }

    /// Takes in whether it is pressed, and tells what that comes to.
    pub(crate) fn step(&mut self, is_pressed: bool, now: Duration) -> Option<Press> {
        let is_down = self.level.step(is_pressed, now);
        let (held, press) = match (self.held, is_down) {
            (Held::Unknown, false) if !is_pressed => (Held::No, None),
            (Held::No, true) => (Held::Since(now), None),
            (Held::Since(since), true) if now.saturating_sub(since) >= self.very_long => {
                (Held::Told, Some(Press::VeryLong))
            }
            (Held::Since(since), false) => {
                let is_long = now.saturating_sub(since) >= self.long;
                (Held::No, Some(if is_long { Press::Long } else { Press::Short }))
            }
            (Held::Told, false) => (Held::No, None),
            (held, _) => (held, None),
        };
        self.held = held;
        press
    }

    /// What the lamp tells whoever holds it.
    pub(crate) fn feedback(&self, now: Duration) -> Option<Pattern> {
        match self.held {
            Held::Since(since) if now.saturating_sub(since) >= self.long => {
                Some(Pattern::LongPress)
            }
            Held::Told => Some(Pattern::VeryLongPress),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use prismatron_core::board::{Level, LineId, LineSpec};
    use proptest::prelude::*;

    use super::*;

    fn button() -> Button {
        let line = LineSpec { chip: "c".into(), line: LineId::Offset(0), active: Level::Low };
        Button::new(&ButtonSpec { line, long_ms: 3000, very_long_ms: 10_000 })
    }

    /// What comes of a button that is held so long, looked at every ten milliseconds, and the lamp at each press.
    fn held(button: &mut Button, from: u64, millis: u64) -> Vec<(u64, Press)> {
        (0..millis + 100)
            .step_by(10)
            .filter_map(|ms| {
                let now = Duration::from_millis(from + ms);
                button.step(ms < millis, now).map(|press| (ms, press))
            })
            .collect()
    }

    #[test]
    fn how_long_it_is_held_says_what_it_does() {
        let mut button = button();
        assert_eq!(held(&mut button, 0, 0), []);
        assert_eq!(held(&mut button, 1000, 20), [], "that was a bounce");
        assert_eq!(held(&mut button, 2000, 200), [(230, Press::Short)]);
        assert_eq!(held(&mut button, 10_000, 3100), [(3130, Press::Long)]);
        assert_eq!(held(&mut button, 20_000, 15_000), [(10_030, Press::VeryLong)], "once");
        assert_eq!(held(&mut button, 60_000, 200), [(230, Press::Short)]);
    }

    #[test]
    fn the_lamp_tells_whoever_holds_it_what_letting_go_does() {
        let mut button = button();
        let mut told = Vec::new();
        for ms in (0..12_000).step_by(10) {
            let now = Duration::from_millis(ms);
            button.step(ms >= 100, now);
            let feedback = button.feedback(now);
            if told.last().is_none_or(|(_, last)| *last != feedback) {
                told.push((ms, feedback));
            }
        }
        let expected =
            [(0, None), (3130, Some(Pattern::LongPress)), (10_130, Some(Pattern::VeryLongPress))];
        assert_eq!(told, expected);
    }

    #[test]
    fn one_that_hangs_from_the_start_does_nothing() {
        let mut button = button();
        for ms in (0..30_000).step_by(10) {
            assert_eq!(button.step(true, Duration::from_millis(ms)), None);
        }
        assert_eq!(held(&mut button, 30_000, 0), []);
        assert_eq!(held(&mut button, 40_000, 200), [(230, Press::Short)]);
    }

    proptest! {
        #[test]
        fn bounces_never_press(bounces in prop::collection::vec((1u64..29, 31u64..500), 0..50)) {
            let mut button = button();
            let mut now = Duration::ZERO;
            button.step(false, now);
            for (down, up) in bounces {
                now += Duration::from_millis(up);
                prop_assert_eq!(button.step(true, now), None);
                now += Duration::from_millis(down);
                prop_assert_eq!(button.step(false, now), None);
            }
        }
    }
}
