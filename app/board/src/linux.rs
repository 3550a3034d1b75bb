//! The lines and buses of this machine.

use std::fmt;
use std::path::Path;

use embedded_hal::digital::{self, InputPin, OutputPin, PinState};
use linux_embedded_hal::CdevPin;
use linux_embedded_hal::gpio_cdev::{self, Chip, LineRequestFlags};
use prismatron_core::board::{LineId, LineSpec};

use crate::bus::Bus;
use crate::error::BoardError;
use crate::hardware::{Hardware, name};
use crate::sysfs;

/// What others see of who has taken a line.
const CONSUMER: &str = "prismatron";

/// How the kernel hands out lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gpio {
    /// By character devices, `/dev/gpiochip…`.
    CharacterDevice,
    /// By `/sys/class/gpio`.
    Sysfs,
    /// Not at all.
    Nowhere,
}

/// This machine.
#[derive(Debug, Default)]
pub struct Linux;

impl Linux {
    /// How lines are to be had, for people.
    pub fn lines_by(&self) -> &'static str {
        match gpio() {
            Gpio::CharacterDevice => "lines by character devices (/dev/gpiochip*)",
            Gpio::Sysfs => "lines by /sys/class/gpio: this kernel offers no character devices",
            Gpio::Nowhere => "no lines: this kernel offers none, or none that this user may see",
        }
    }
}

/// Looked at whenever a line is opened: a chip may come late.
fn gpio() -> Gpio {
    let has_chips = gpio_cdev::chips().is_ok_and(|mut chips| chips.next().is_some());
    match has_chips {
        true => Gpio::CharacterDevice,
        false if sysfs::has_chips() => Gpio::Sysfs,
        false => Gpio::Nowhere,
    }
}

impl Hardware for Linux {
    type Output = Line;
    type Input = Line;
    type Bus = Bus;

    fn output(&self, line: &LineSpec, level: PinState) -> Result<Line, BoardError> {
        match gpio() {
            Gpio::CharacterDevice => {
                request(line, LineRequestFlags::OUTPUT, u8::from(level == PinState::High))
                    .map(Line::Character)
            }
            Gpio::Sysfs => sysfs::output(line, level).map(Line::Sysfs),
            Gpio::Nowhere => Err(self.nowhere(line)),
        }
    }

    fn input(&self, line: &LineSpec) -> Result<Line, BoardError> {
        match gpio() {
            Gpio::CharacterDevice => request(line, LineRequestFlags::INPUT, 0).map(Line::Character),
            Gpio::Sysfs => sysfs::input(line).map(Line::Sysfs),
            Gpio::Nowhere => Err(self.nowhere(line)),
        }
    }

    fn bus(&self, number: u16) -> Result<Bus, BoardError> {
        Bus::open(number)
    }

    fn sys(&self) -> &Path {
        Path::new("/sys")
    }
}

impl Linux {
    fn nowhere(&self, line: &LineSpec) -> BoardError {
        BoardError::line(name(line), self.lines_by())
    }
}

/// Takes a line of a character device. Levels are those of the wire: what is active is not the kernel's to know.
fn request(line: &LineSpec, flags: LineRequestFlags, level: u8) -> Result<CdevPin, BoardError> {
    let refused = |reason: &dyn fmt::Display| BoardError::line(name(line), reason);
    let mut chip = gpio_cdev::chips()
        .map_err(|error| refused(&error))?
        .filter_map(Result::ok)
        .find(|chip| chip.name() == line.chip || chip.label() == line.chip)
        .ok_or_else(|| refused(&"there is no such chip"))?;
    let offset = match &line.line {
        LineId::Offset(offset) => *offset,
        LineId::Name(wanted) => {
            find(&chip, wanted).ok_or_else(|| refused(&"the chip has no line of this name"))?
        }
    };
    let handle = chip
        .get_line(offset)
        .and_then(|taken| taken.request(flags, level, CONSUMER))
        .map_err(|error| refused(&error))?;
    CdevPin::new(handle).map_err(|error| refused(&error))
}

fn find(chip: &Chip, wanted: &str) -> Option<u32> {
    chip.lines().find_map(|line| {
        let is_it = line.info().is_ok_and(|info| info.name() == Some(wanted));
        is_it.then(|| line.offset())
    })
}

/// A line of this machine.
pub enum Line {
    /// Of a character device.
    Character(CdevPin),
    /// Of `/sys/class/gpio`.
    Sysfs(sysfs::Line),
}

/// What the system said of a line.
#[derive(Debug)]
pub struct LineError(String);

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl digital::Error for LineError {
    fn kind(&self) -> digital::ErrorKind {
        digital::ErrorKind::Other
    }
}

fn told(error: impl fmt::Display) -> LineError {
    LineError(error.to_string())
}

impl digital::ErrorType for Line {
    type Error = LineError;
}

impl OutputPin for Line {
    fn set_low(&mut self) -> Result<(), LineError> {
        match self {
            Self::Character(pin) => pin.set_low().map_err(told),
            Self::Sysfs(pin) => pin.set_low().map_err(told),
        }
    }

    fn set_high(&mut self) -> Result<(), LineError> {
        match self {
            Self::Character(pin) => pin.set_high().map_err(told),
            Self::Sysfs(pin) => pin.set_high().map_err(told),
        }
    }
}

impl InputPin for Line {
    fn is_high(&mut self) -> Result<bool, LineError> {
        match self {
            Self::Character(pin) => pin.is_high().map_err(told),
            Self::Sysfs(pin) => pin.is_high().map_err(told),
        }
    }

    fn is_low(&mut self) -> Result<bool, LineError> {
        self.is_high().map(|is_high| !is_high)
    }
}
