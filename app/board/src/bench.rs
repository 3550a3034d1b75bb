//! A workbench for tests: lines that are looked at and pulled by hand, and buses with what `embedded-hal-mock` expects
//! of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it goes wrong")]

use std::collections::HashMap;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use embedded_hal::digital::{ErrorType, InputPin, OutputPin, PinState};
use embedded_hal_mock::eh1::i2c::Mock;
use prismatron_core::board::{LineId, LineSpec};

use crate::error::BoardError;
use crate::hardware::Hardware;

/// The bench; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Bench(Arc<Mutex<On>>, PathBuf);

#[derive(Default)]
struct On {
    lines: HashMap<u32, Vec<bool>>,
    /// Lines that cannot be had.
    broken: Vec<u32>,
    /// What is on bus 1 when it is opened next.
    bus: Option<Mock>,
}

impl Bench {
    /// Whether a line is high.
    pub(crate) fn is_high(&self, line: u32) -> bool {
        self.changes(line).last().copied().unwrap_or(false)
    }

    /// All levels that a line has had, one after the other.
    pub(crate) fn changes(&self, line: u32) -> Vec<bool> {
        self.0.lock().unwrap().lines.get(&line).cloned().unwrap_or_default()
    }

    /// Pulls a line.
    pub(crate) fn set(&self, line: u32, high: bool) {
        let mut on = self.0.lock().unwrap();
        let levels = on.lines.entry(line).or_default();
        if levels.last() != Some(&high) {
            levels.push(high);
        }
    }

    /// Has a line be had by nobody, or by anybody again.
    pub(crate) fn break_line(&self, line: u32, is_broken: bool) {
        let mut on = self.0.lock().unwrap();
        on.broken.retain(|other| *other != line);
        on.broken.extend(is_broken.then_some(line));
    }

    /// What is on bus 1 from when it is opened next.
    pub(crate) fn plug(&self, bus: &Mock) {
        self.0.lock().unwrap().bus = Some(bus.clone());
    }

    /// Where `/sys` is.
    pub(crate) fn with_sys(sys: &Path) -> Self {
        Self(Arc::default(), sys.into())
    }

    fn wire(&self, line: &LineSpec) -> Result<Wire, BoardError> {
        let LineId::Offset(offset) = line.line else { panic!("lines of the bench are numbered") };
        if self.0.lock().unwrap().broken.contains(&offset) {
            return Err(BoardError::line(crate::hardware::name(line), "it is broken"));
        }
        Ok(Wire(self.clone(), offset))
    }
}

/// A line of the bench.
pub(crate) struct Wire(Bench, u32);

impl ErrorType for Wire {
    type Error = Infallible;
}

impl OutputPin for Wire {
    fn set_low(&mut self) -> Result<(), Infallible> {
        self.0.set(self.1, false);
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        self.0.set(self.1, true);
        Ok(())
    }
}

impl InputPin for Wire {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.is_high(self.1))
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.is_high(self.1))
    }
}

impl Hardware for Bench {
    type Output = Wire;
    type Input = Wire;
    type Bus = Mock;

    fn output(&self, line: &LineSpec, level: PinState) -> Result<Wire, BoardError> {
        let wire = self.wire(line)?;
        self.set(wire.1, level == PinState::High);
        Ok(wire)
    }

    fn input(&self, line: &LineSpec) -> Result<Wire, BoardError> {
        self.wire(line)
    }

    fn bus(&self, number: u16) -> Result<Mock, BoardError> {
        let bus = self.0.lock().unwrap().bus.clone();
        bus.ok_or_else(|| BoardError::bus(number, "nothing is plugged in"))
    }

    fn sys(&self) -> &Path {
        &self.1
    }
}
