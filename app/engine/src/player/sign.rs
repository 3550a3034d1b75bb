//! A test pattern in place of whatever is on, for so long.
//!
//! It is seen in every mode and changes nothing about playback. Colours of the wall do not count: what is looked for is
//! the wiring. Power limits do, and so does who may dim the wall.

use std::time::Duration;

use prismatron_core::colour::{ColourSettings, ColourTables};
use prismatron_core::frame::LedFrame;
use prismatron_core::pattern::Pattern;
use prismatron_core::unit::Brightness;

use super::{Player, tables};
use crate::error::EngineError;
use crate::rig::Rig;

/// What is to be shown, and for how long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sign {
    /// What.
    pub pattern: Pattern,
    /// How bright.
    pub brightness: Brightness,
    /// For so long.
    pub lasting: Duration,
}

/// One that is on.
pub(super) struct Shown {
    pattern: Pattern,
    brightness: Brightness,
    tables: ColourTables,
    since: Duration,
    /// When it is over, by the engine's clock.
    pub(super) until: Duration,
    leds: LedFrame,
}

impl Shown {
    /// Lets so much of its light be shown.
    pub(super) fn dim(&mut self, dim: Brightness) -> Result<(), EngineError> {
        self.tables = light(self.brightness, dim)?;
        Ok(())
    }

    /// The LEDs with it.
    pub(super) fn draw(&mut self, now: Duration, rig: &Rig) -> (&LedFrame, &ColourTables) {
        self.leds.resize(rig.leds(), [0; 3]);
        self.pattern.draw(now.saturating_sub(self.since), rig.parts(), &mut self.leds);
        (&self.leds, &self.tables)
    }
}

impl Player {
    /// Shows a pattern, or none any more.
    pub(super) fn set_sign(
        &mut self,
        sign: Option<Sign>,
        now: Duration,
    ) -> Result<(), EngineError> {
        self.sign = match sign {
            Some(Sign { pattern, brightness, lasting }) => {
                let (tables, until) = (light(brightness, self.dim())?, now.saturating_add(lasting));
                let leds = LedFrame::new();
                Some(Shown { pattern, brightness, tables, since: now, until, leds })
            }
            None => None,
        };
        self.dirty = true;
        Ok(())
    }

    /// Ends a pattern whose time is over.
    pub(super) fn end_sign(&mut self, now: Duration) {
        if self.sign.take_if(|sign| sign.until <= now).is_some() {
            self.dirty = true;
            self.news = true;
        }
    }
}

fn light(brightness: Brightness, dim: Brightness) -> Result<ColourTables, EngineError> {
    tables(&ColourSettings { brightness, ..ColourSettings::default() }, dim)
}
