//! What hangs on I2C buses: sensors of light and current, and a display.

use serde::{Deserialize, Serialize};

use super::numbers::{Curve, Fraction, I2cAddress, Positive};
use crate::unit::Milliamps;

/// Brightness by the light around.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LightSpec {
    /// What measures it.
    pub sensor: LightSensor,
    /// Number of the I2C bus: 1 is `/dev/i2c-1`.
    pub bus: u16,
    /// Brightness, 0 to 1, for lux; it multiplies the brightness that is set.
    #[serde(default = "daylight")]
    pub curve: Curve,
    /// Light has to change by this part of itself before anything follows, so that a cloud does not.
    #[serde(default = "tenth")]
    pub hysteresis: Fraction,
    /// Time for the whole way from dark to bright.
    #[serde(default = "half_a_minute")]
    pub fade_seconds: u16,
}

fn daylight() -> Curve {
    Curve(vec![(1.0, 0.05), (50.0, 0.2), (500.0, 0.6), (5000.0, 1.0)])
}

fn tenth() -> Fraction {
    Fraction(0.1)
}

fn half_a_minute() -> u16 {
    30
}

/// A sensor of ambient light.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LightSensor {
    /// Vishay VEML7700, at 0x10.
    Veml7700,
    /// ROHM BH1750, at 0x23.
    Bh1750,
    /// ROHM BH1750 with its ADDR pin high, at 0x5c.
    Bh1750High,
}

/// What the LEDs draw, measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurrentSpec {
    /// What measures it.
    pub sensor: CurrentSensor,
    /// Number of the I2C bus.
    pub bus: u16,
    /// Its address there.
    #[serde(default = "ina_address")]
    pub address: I2cAddress,
    /// Resistance of the shunt in thousandths of an ohm.
    pub shunt_milliohms: Positive,
    /// At this current LEDs go black and their supply off, until the service is restarted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trip: Option<Milliamps>,
}

fn ina_address() -> I2cAddress {
    I2cAddress(0x40)
}

/// A current sensor of Texas Instruments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum CurrentSensor {
    Ina219,
    Ina226,
}

/// An SSD1306 display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisplaySpec {
    /// Number of the I2C bus.
    pub bus: u16,
    /// Its address there.
    #[serde(default = "display_address")]
    pub address: I2cAddress,
    /// How large it is.
    #[serde(default)]
    pub size: DisplaySize,
    /// Which way up it is built in.
    #[serde(default)]
    pub mounted: Mounted,
}

fn display_address() -> I2cAddress {
    I2cAddress(0x3c)
}

/// Pixels of a display.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum DisplaySize {
    #[default]
    W128H64,
    W128H32,
}

/// Which way up something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Mounted {
    #[default]
    Upright,
    UpsideDown,
}

impl LightSpec {
    /// A sensor on a bus, and the rest as it is unless configured.
    pub fn new(sensor: LightSensor, bus: u16) -> Self {
        let (curve, hysteresis, fade_seconds) = (daylight(), tenth(), half_a_minute());
        Self { sensor, bus, curve, hysteresis, fade_seconds }
    }
}
