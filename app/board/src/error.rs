//! Why a device of the board does not serve.

use std::fmt;

/// Why a device does not serve, with what to look at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BoardError {
    /// It cannot be opened.
    #[error("{device} cannot be used: {reason}. {advice}")]
    Open {
        /// Which.
        device: String,
        /// What the system said.
        reason: String,
        /// What to look at.
        advice: &'static str,
    },
    /// It is there, and does not answer.
    #[error("{device} does not answer: {reason}. {advice}")]
    Silent {
        /// Which.
        device: String,
        /// What the system said.
        reason: String,
        /// What to look at.
        advice: &'static str,
    },
    /// The machine has no such thing.
    #[error("{0}")]
    Missing(String),
    /// A thread of its own cannot be had.
    #[error("no thread for the board: {0}")]
    Thread(String),
}

/// What to look at where a line cannot be had.
pub(crate) const LINE: &str = "Look at chip and line (prismatron board probe), the group gpio, and who else has the line (gpioinfo)";
/// Where a bus cannot be had.
pub(crate) const BUS: &str =
    "The bus has to be on in the device tree, with i2c-dev loaded and the device the group i2c’s";
/// Where nobody answers at an address.
pub(crate) const WIRES: &str =
    "Look at power, the two wires, bus and address (prismatron board probe)";

impl BoardError {
    pub(crate) fn line(device: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self::Open { device: device.into(), reason: reason.to_string(), advice: LINE }
    }

    pub(crate) fn bus(bus: u16, reason: impl fmt::Display) -> Self {
        Self::Open { device: format!("/dev/i2c-{bus}"), reason: reason.to_string(), advice: BUS }
    }

    pub(crate) fn silent(device: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self::Silent { device: device.into(), reason: reason.to_string(), advice: WIRES }
    }
}
