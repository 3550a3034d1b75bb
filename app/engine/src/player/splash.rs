//! Light before the first item is open: a dim glow that goes along the LEDs, so that whoever switches a wall on sees that
//! it lives while a large file is opened. It is seen once, after a start, and never when the first item comes at once.

use std::time::Duration;

use prismatron_core::frame::LedFrame;

use super::Player;
use crate::state::Mode;

/// An item that is open by then needs none.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long it takes along all LEDs.
const ROUND: Duration = Duration::from_secs(2);
/// How much of the LEDs it covers to either side of its middle.
const REACH: f32 = 0.125;
/// The colour of its middle, linear.
const GLOW: [f32; 3] = [5_000.0, 6_000.0, 8_000.0];

/// One that is on, or will be if nothing else is.
pub(super) struct Splash {
    since: Duration,
    leds: LedFrame,
}

impl Splash {
    pub(super) fn new(now: Duration) -> Self {
        Self { since: now, leds: LedFrame::new() }
    }

    /// So many LEDs with it, or `None` before its time.
    pub(super) fn draw(&mut self, now: Duration, leds: usize) -> Option<&LedFrame> {
        let age = now.saturating_sub(self.since).checked_sub(PATIENCE)?;
        let middle = (age.as_secs_f32() / ROUND.as_secs_f32()).fract();
        self.leds.clear();
        self.leds.extend((0..leds).map(|led| {
            let away = (led as f32 / leds as f32 - middle).abs();
            // The last LED is beside the first.
            let near = (1.0 - away.min(1.0 - away) / REACH).max(0.0);
            GLOW.map(|part| (part * near * near) as u16)
        }));
        Some(&self.leds)
    }
}

impl Player {
    /// As if it had been seen.
    #[cfg(test)]
    pub(crate) fn skip_splash(&mut self) {
        self.splash = None;
    }

    /// Ends the splash where there is something to be seen, or never will be.
    pub(super) fn end_splash(&mut self) {
        let is_needed =
            self.current.is_none() && self.mode != Mode::Stopped && self.stalled.is_none();
        if !is_needed && self.splash.take().is_some() {
            self.dirty = true;
        }
    }
}
