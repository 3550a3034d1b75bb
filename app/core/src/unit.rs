//! Numbers that have a unit and a range, checked when they are made.

use std::fmt;
use std::ops::Mul;

use serde::{Deserialize, Serialize};

/// A number outside the range its unit allows.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{what} must be {allowed}, not {value}")]
pub struct UnitError {
    /// What the number was meant to be.
    pub what: &'static str,
    /// The allowed range in words.
    pub allowed: &'static str,
    /// What was given.
    pub value: f64,
}

/// Overall brightness: 0 is black, 1 is all the LED can do. Linear in light, not in perception.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Brightness(f32);

impl Brightness {
    /// Everything the LEDs can do.
    pub const FULL: Self = Self(1.0);

    /// No light at all.
    pub const BLACK: Self = Self(0.0);

    /// The brightness as a fraction of full light, 0 to 1.
    pub fn get(self) -> f32 {
        self.0
    }
}

/// One of the other: both are fractions.
impl Mul for Brightness {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl TryFrom<f32> for Brightness {
    type Error = UnitError;

    fn try_from(value: f32) -> Result<Self, UnitError> {
        if (0.0..=1.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(UnitError { what: "brightness", allowed: "from 0 to 1", value: f64::from(value) })
        }
    }
}

impl From<Brightness> for f32 {
    fn from(value: Brightness) -> Self {
        value.0
    }
}

/// Frames per second, 1 to 240.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Fps(f32);

impl Fps {
    /// Sixty frames a second: what the engine runs at unless told otherwise.
    pub const SIXTY: Self = Self(60.0);

    /// Frames per second.
    pub fn get(self) -> f32 {
        self.0
    }

    /// The time from one frame to the next.
    pub fn period(self) -> std::time::Duration {
        std::time::Duration::from_secs_f32(1.0 / self.0)
    }
}

impl TryFrom<f32> for Fps {
    type Error = UnitError;

    fn try_from(value: f32) -> Result<Self, UnitError> {
        if (1.0..=240.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(UnitError {
                what: "frame rate",
                allowed: "from 1 to 240 fps",
                value: f64::from(value),
            })
        }
    }
}

impl From<Fps> for f32 {
    fn from(value: Fps) -> Self {
        value.0
    }
}

/// An electric current in thousandths of an ampere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Milliamps(pub u32);

impl fmt::Display for Milliamps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} mA", self.0)
    }
}

/// Consecutive LEDs in wall order: `count` of them starting at number `first` (from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedRange {
    /// Number of the first LED.
    pub first: u32,
    /// How many LEDs.
    pub count: u32,
}

impl LedRange {
    /// The part of a wall of `total` LEDs that this range covers, as slice bounds; empty if it lies beyond.
    pub fn within(self, total: usize) -> std::ops::Range<usize> {
        let first = (self.first as usize).min(total);
        let end = first.saturating_add(self.count as usize).min(total);
        first..end
    }
}

/// Width and height in pixels, each 1 to 8192.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(u32, u32)", into = "(u32, u32)")]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// The canvas unless configured otherwise: 800×480.
    pub const CANVAS: Self = Self { width: 800, height: 480 };
    /// Longest side that is accepted.
    pub const MAX_SIDE: u32 = 8192;

    /// Checks both sides.
    ///
    /// # Errors
    /// A side of 0 or over [`Size::MAX_SIDE`].
    pub fn new(width: u32, height: u32) -> Result<Self, UnitError> {
        for side in [width, height] {
            if !(1..=Self::MAX_SIDE).contains(&side) {
                return Err(UnitError {
                    what: "a side",
                    allowed: "from 1 to 8192 pixels",
                    value: f64::from(side),
                });
            }
        }
        Ok(Self { width, height })
    }

    /// Pixels in a row.
    pub fn width(self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(self) -> u32 {
        self.height
    }

    /// Pixels in all.
    pub fn area(self) -> usize {
        self.width as usize * self.height as usize
    }
}

impl TryFrom<(u32, u32)> for Size {
    type Error = UnitError;

    fn try_from((width, height): (u32, u32)) -> Result<Self, UnitError> {
        Self::new(width, height)
    }
}

impl From<Size> for (u32, u32) {
    fn from(size: Size) -> Self {
        (size.width, size.height)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.width, self.height)
    }
}
