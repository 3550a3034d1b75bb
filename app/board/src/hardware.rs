//! Lines and buses as `embedded-hal` has them: those of this machine, or in tests imitations.

use std::fmt;
use std::path::Path;

use embedded_hal::digital::{InputPin, OutputPin, PinState};
use embedded_hal::i2c::I2c;
use prismatron_core::board::{Level, LineId, LineSpec};

use crate::error::BoardError;

/// Opens lines and buses.
pub trait Hardware: Send + Sync + 'static {
    /// A line that is driven.
    type Output: OutputPin<Error: fmt::Display> + Send;
    /// A line that is read.
    type Input: InputPin<Error: fmt::Display> + Send;
    /// A bus.
    type Bus: I2c<Error: fmt::Display> + Send;

    /// Takes a line and drives it, at this level from the first moment.
    ///
    /// # Errors
    /// It cannot be had.
    fn output(&self, line: &LineSpec, level: PinState) -> Result<Self::Output, BoardError>;

    /// Takes a line to read it.
    ///
    /// # Errors
    /// It cannot be had.
    fn input(&self, line: &LineSpec) -> Result<Self::Input, BoardError>;

    /// Opens an I2C bus.
    ///
    /// # Errors
    /// It cannot be had.
    fn bus(&self, number: u16) -> Result<Self::Bus, BoardError>;

    /// Where the kernel's `/sys` is.
    fn sys(&self) -> &Path;
}

/// Whether what hangs on a line is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    Off,
}

/// What hangs on a line that is driven.
pub(crate) struct Driven<P> {
    pin: P,
    name: String,
    active: Level,
    told: Switch,
}

impl<P: OutputPin<Error: fmt::Display>> Driven<P> {
    /// Takes the line.
    pub(crate) fn open<H: Hardware<Output = P>>(
        hardware: &H,
        line: &LineSpec,
        first: Switch,
    ) -> Result<Self, BoardError> {
        let pin = hardware.output(line, level(line.active, first))?;
        Ok(Self { pin, name: name(line), active: line.active, told: first })
    }

    /// Switches it, if it is otherwise.
    pub(crate) fn set(&mut self, to: Switch) -> Result<(), BoardError> {
        if self.told == to {
            return Ok(());
        }
        self.pin
            .set_state(level(self.active, to))
            .map_err(|error| BoardError::line(&self.name, error))?;
        self.told = to;
        Ok(())
    }
}

/// What hangs on a line that is read.
pub(crate) struct Sensed<P> {
    pin: P,
    name: String,
    active: Level,
}

impl<P: InputPin<Error: fmt::Display>> Sensed<P> {
    /// Takes the line.
    pub(crate) fn open<H: Hardware<Input = P>>(
        hardware: &H,
        line: &LineSpec,
    ) -> Result<Self, BoardError> {
        Ok(Self { pin: hardware.input(line)?, name: name(line), active: line.active })
    }

    /// Whether it is active.
    pub(crate) fn is_active(&mut self) -> Result<bool, BoardError> {
        let is_high = self.pin.is_high().map_err(|error| BoardError::line(&self.name, error))?;
        Ok(is_high == (self.active == Level::High))
    }
}

fn level(active: Level, switch: Switch) -> PinState {
    PinState::from((active == Level::High) == (switch == Switch::On))
}

/// What a line is called.
pub(crate) fn name(line: &LineSpec) -> String {
    match &line.line {
        LineId::Name(name) => format!("line “{name}” of {}", line.chip),
        LineId::Offset(offset) => format!("line {offset} of {}", line.chip),
    }
}
