//! Trying a device by hand, for somebody who stands beside it.

use std::thread;
use std::time::{Duration, Instant};

use prismatron_core::board::LineSpec;

use crate::error::BoardError;
use crate::hardware::{Driven, Hardware, Sensed, Switch};

/// From one look at a line to the next.
const LOOK: Duration = Duration::from_millis(10);

/// Switches what hangs on a line on for a time, then off.
///
/// # Errors
/// The line cannot be had.
pub fn pulse<H: Hardware>(hardware: &H, line: &LineSpec, on: Duration) -> Result<(), BoardError> {
    let mut driven = Driven::open(hardware, line, Switch::Off)?;
    driven.set(Switch::On)?;
    thread::sleep(on);
    driven.set(Switch::Off)
}

/// Watches a line for a time, and tells each change: whether it is active now.
///
/// # Errors
/// The line cannot be had.
pub fn watch<H: Hardware>(
    hardware: &H,
    line: &LineSpec,
    time: Duration,
    mut tell: impl FnMut(bool),
) -> Result<(), BoardError> {
    let mut sensed = Sensed::open(hardware, line)?;
    let until = Instant::now() + time;
    let mut told = None;
    while Instant::now() < until {
        let is_active = sensed.is_active()?;
        if told.replace(is_active) != Some(is_active) {
            tell(is_active);
        }
        thread::sleep(LOOK);
    }
    Ok(())
}
