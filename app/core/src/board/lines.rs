//! What hangs on lines: the supply's relay, the lamp, the button, contacts.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A line of a GPIO chip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineSpec {
    /// Name of the chip, such as `gpiochip0`, or its label, such as `tegra234-gpio`.
    pub chip: String,
    /// Which of its lines.
    pub line: LineId,
    /// The level at which what hangs on the line is on.
    #[serde(default)]
    pub active: Level,
}

/// A line of a chip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LineId {
    /// By the name that the device tree gives it.
    Name(String),
    /// By its number on the chip, from 0.
    Offset(u32),
}

/// A level of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Level {
    /// At the supply's voltage.
    #[default]
    High,
    /// At ground.
    Low,
}

/// A relay that switches the LEDs' power supply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplySpec {
    /// What switches it.
    pub line: LineSpec,
    /// It stays off at least so long, which spares the supply's inrush limiter.
    #[serde(default = "two_seconds")]
    pub off_at_least_ms: u32,
    /// Between switching it on and the first frame.
    #[serde(default = "settle_ms")]
    pub settle_ms: u32,
}

fn two_seconds() -> u32 {
    2000
}

fn settle_ms() -> u32 {
    100
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonSpec {
    /// What it pulls.
    pub line: LineSpec,
    /// Held so long and let go, it restarts the service; shorter, it goes on to the next item.
    #[serde(default = "long_ms")]
    pub long_ms: u32,
    /// Held so long, it turns safe mode on, or off again.
    #[serde(default = "very_long_ms")]
    pub very_long_ms: u32,
}

fn long_ms() -> u32 {
    3000
}

fn very_long_ms() -> u32 {
    10_000
}

/// A contact that makes the wall dark for as long as it is active.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactSpec {
    /// What people call it.
    pub name: String,
    /// What it pulls.
    pub line: LineSpec,
    /// What it does.
    #[serde(default)]
    pub then: Darkening,
}

/// How dark it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Darkening {
    /// LEDs are sent black.
    #[default]
    Black,
    /// And their supply is switched off.
    PowerOff,
}

impl SupplySpec {
    /// Shortest time that it stays off.
    pub fn off_at_least(&self) -> Duration {
        Duration::from_millis(self.off_at_least_ms.into())
    }

    /// From switching it on until LEDs can be told something.
    pub fn settle(&self) -> Duration {
        Duration::from_millis(self.settle_ms.into())
    }
}
