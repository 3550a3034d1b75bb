//! What is done about heat.

use serde::{Deserialize, Serialize};

use super::lines::LineSpec;
use super::numbers::Curve;

/// What happens as the machine gets hot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename = "heat")]
pub struct HeatSpec {
    /// Type of a thermal zone, or name or label of a hwmon sensor; the hottest of all when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensor: Option<String>,
    /// Brightness, 0 to 1, for °C; it multiplies the brightness that is set.
    pub curve: Curve,
    /// °C at which the wall goes black.
    pub black: f32,
    /// °C at which the LEDs' supply goes off.
    pub power_off: f32,
    /// It has to be so many degrees cooler before a step is taken back.
    pub hysteresis: f32,
}

impl Default for HeatSpec {
    fn default() -> Self {
        let curve = Curve(vec![(70.0, 1.0), (85.0, 0.4)]);
        Self { sensor: None, curve, black: 90.0, power_off: 95.0, hysteresis: 3.0 }
    }
}

/// A fan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FanSpec {
    /// What drives it.
    pub drive: FanDrive,
    /// As in [`HeatSpec`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensor: Option<String>,
    /// Part of its full speed for °C. A line switches it on from half on.
    #[serde(default = "airflow")]
    pub curve: Curve,
    /// It has to be so many degrees cooler before it goes slower.
    #[serde(default = "degrees")]
    pub hysteresis: f32,
}

fn airflow() -> Curve {
    Curve(vec![(45.0, 0.0), (70.0, 1.0)])
}

fn degrees() -> f32 {
    3.0
}

/// What drives a fan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FanDrive {
    /// On and off.
    Line(LineSpec),
    /// The first PWM of the hwmon device of this name, such as `pwmfan`.
    Pwm(String),
}
