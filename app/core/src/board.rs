//! The appliance's own hardware as configured: what is on which line and bus, and what is to come of it.
//!
//! Every device may be left out. Nothing here says whether one is really there.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::unit::{Brightness, Milliamps, UnitError};

/// All devices.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename = "board")]
pub struct BoardSpec {
    /// The relay of the LEDs' power supply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply: Option<SupplySpec>,
    /// A lamp that tells how it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lamp: Option<LineSpec>,
    /// The front button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub button: Option<ButtonSpec>,
    /// Contacts of doors, thermostats and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactSpec>,
    /// Brightness by the light around.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub light: Option<LightSpec>,
    /// What the LEDs draw, measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<CurrentSpec>,
    /// A small display at the cabinet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<DisplaySpec>,
    /// What happens as the machine gets hot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heat: Option<HeatSpec>,
    /// The cabinet's fan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fan: Option<FanSpec>,
}

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

/// Numbers for numbers: straight between the points, level beyond them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(f32, f32)>", into = "Vec<(f32, f32)>")]
pub struct Curve(Vec<(f32, f32)>);

impl Curve {
    /// What belongs to a number.
    pub fn at(&self, x: f32) -> f32 {
        let after = self.0.partition_point(|point| point.0 <= x);
        match (after.checked_sub(1).map(|before| self.0[before]), self.0.get(after)) {
            (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
            (Some((_, y)), None) | (None, Some(&(_, y))) => y,
            (None, None) => 1.0,
        }
    }

    /// What belongs to a number, as a brightness.
    pub fn brightness(&self, x: f32) -> Brightness {
        Brightness::try_from(self.at(x)).unwrap_or(Brightness::FULL)
    }

    /// The number of the last point.
    pub fn end(&self) -> f32 {
        self.0.last().map_or(f32::NEG_INFINITY, |point| point.0)
    }
}

impl TryFrom<Vec<(f32, f32)>> for Curve {
    type Error = &'static str;

    fn try_from(points: Vec<(f32, f32)>) -> Result<Self, Self::Error> {
        if points.is_empty() || points.len() > 100 {
            return Err("a curve must have 1 to 100 points, as in [(10, 0.1), (100, 1)]");
        }
        if !points.iter().all(|(x, y)| x.is_finite() && (0.0..=1.0).contains(y)) {
            return Err("the second number of each point of a curve must be from 0 to 1");
        }
        if !points.is_sorted_by(|a, b| a.0 < b.0) {
            return Err("the first numbers of a curve's points must rise");
        }
        Ok(Self(points))
    }
}

impl From<Curve> for Vec<(f32, f32)> {
    fn from(curve: Curve) -> Self {
        curve.0
    }
}

/// A part of a whole, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Fraction(f32);

/// A number over 0.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Positive(f32);

/// An address of a device on an I2C bus, 0x08 to 0x77.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct I2cAddress(u8);

macro_rules! checked {
    ($name:ident: $of:ty, $what:literal, $allowed:literal, $holds:expr) => {
        impl $name {
            /// The number.
            pub fn get(self) -> $of {
                self.0
            }
        }

        impl TryFrom<$of> for $name {
            type Error = UnitError;

            fn try_from(value: $of) -> Result<Self, UnitError> {
                let holds: fn($of) -> bool = $holds;
                let error =
                    || UnitError { what: $what, allowed: $allowed, value: f64::from(value) };
                if holds(value) { Ok(Self(value)) } else { Err(error()) }
            }
        }

        impl From<$name> for $of {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

checked!(Fraction: f32, "a fraction", "from 0 to 1", |value| (0.0..=1.0).contains(&value));
checked!(Positive: f32, "it", "over 0", |value| value > 0.0 && value.is_finite());
checked!(I2cAddress: u8, "an I2C address", "from 8 (0x08) to 119 (0x77)", |value| {
    (0x08..=0x77).contains(&value)
});

impl BoardSpec {
    /// Holds the devices against each other.
    ///
    /// # Errors
    /// What cannot be, in words for people.
    pub fn check(&self) -> Result<(), String> {
        let mut seen: Vec<(&str, &LineSpec)> = Vec::new();
        for (whose, line) in self.lines() {
            if line.chip.is_empty() || line.chip.contains('/') {
                return Err(format!("{whose}: a chip is named as in \"gpiochip0\""));
            }
            let same = |(_, other): &&(&str, &LineSpec)| {
                (&other.chip, &other.line) == (&line.chip, &line.line)
            };
            if let Some((other, _)) = seen.iter().find(same) {
                return Err(format!("{whose}: this line is that of {other} already"));
            }
            seen.push((whose, line));
        }
        if let Some(button) = &self.button
            && !(200..button.very_long_ms).contains(&button.long_ms)
        {
            return Err("button: long_ms must be at least 200 and under very_long_ms".into());
        }
        if let Some(supply) = &self.supply
            && (supply.off_at_least_ms > 60_000 || supply.settle_ms > 10_000)
        {
            return Err("supply: off_at_least_ms may be 60000 and settle_ms 10000 at most".into());
        }
        if let Some(heat) = &self.heat {
            let rises = heat.curve.end() <= heat.black && heat.black <= heat.power_off;
            if !rises || heat.power_off > 150.0 {
                let steps = "the curve's last, black, power_off";
                return Err(format!("heat: temperatures must rise, to 150 at most: {steps}"));
            }
        }
        let hysteresis = [
            ("heat", self.heat.as_ref().map(|heat| heat.hysteresis)),
            ("fan", self.fan.as_ref().map(|fan| fan.hysteresis)),
        ];
        for (whose, degrees) in hysteresis {
            if degrees.is_some_and(|degrees| !(0.0..=30.0).contains(&degrees)) {
                return Err(format!("{whose}: a hysteresis must be from 0 to 30 degrees"));
            }
        }
        Ok(())
    }

    /// All lines, with what they are for.
    pub fn lines(&self) -> Vec<(&str, &LineSpec)> {
        let fan = self.fan.as_ref().and_then(|fan| match &fan.drive {
            FanDrive::Line(line) => Some(line),
            FanDrive::Pwm(_) => None,
        });
        let single = [
            ("supply", self.supply.as_ref().map(|supply| &supply.line)),
            ("lamp", self.lamp.as_ref()),
            ("button", self.button.as_ref().map(|button| &button.line)),
            ("fan", fan),
        ];
        let single = single.into_iter().filter_map(|(whose, line)| Some((whose, line?)));
        let contacts = self.contacts.iter().map(|contact| (contact.name.as_str(), &contact.line));
        single.chain(contacts).collect()
    }
}

impl LightSpec {
    /// A sensor on a bus, and the rest as it is unless configured.
    pub fn new(sensor: LightSensor, bus: u16) -> Self {
        let (curve, hysteresis, fade_seconds) = (daylight(), tenth(), half_a_minute());
        Self { sensor, bus, curve, hysteresis, fade_seconds }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(offset: u32) -> LineSpec {
        LineSpec { chip: "gpiochip0".into(), line: LineId::Offset(offset), active: Level::High }
    }

    #[test]
    fn a_curve_is_straight_between_its_points_and_level_beyond() {
        let curve = Curve::try_from(vec![(10.0, 0.2), (20.0, 1.0)]).unwrap();
        for (x, y) in [(-5.0, 0.2), (10.0, 0.2), (15.0, 0.6), (20.0, 1.0), (1e9, 1.0)] {
            assert!((curve.at(x) - y).abs() < 1e-6, "{x}");
        }
        for bad in [vec![], vec![(1.0, 1.1)], vec![(1.0, 0.5), (1.0, 0.6)], vec![(f32::NAN, 0.0)]] {
            assert!(Curve::try_from(bad).is_err());
        }
    }

    #[test]
    fn devices_that_cannot_be_together_are_named() {
        let supply = SupplySpec { line: line(3), off_at_least_ms: 2000, settle_ms: 100 };
        let good = BoardSpec { supply: Some(supply), lamp: Some(line(4)), ..BoardSpec::default() };
        assert_eq!(good.check(), Ok(()));
        let twice = BoardSpec { lamp: Some(line(3)), ..good.clone() };
        assert_eq!(twice.check().unwrap_err(), "lamp: this line is that of supply already");
        let button = ButtonSpec { line: line(5), long_ms: 3000, very_long_ms: 3000 };
        let button = BoardSpec { button: Some(button), ..good.clone() };
        assert!(button.check().unwrap_err().starts_with("button: long_ms"));
        let heat = HeatSpec { black: 99.0, power_off: 95.0, ..HeatSpec::default() };
        let heat = BoardSpec { heat: Some(heat), ..good };
        assert!(heat.check().unwrap_err().contains("must rise"));
    }

    #[test]
    fn addresses_are_those_that_devices_may_have() {
        assert!(I2cAddress::try_from(0x07).is_err() && I2cAddress::try_from(0x78).is_err());
        assert_eq!(I2cAddress::try_from(0x40).map(I2cAddress::get), Ok(0x40));
        assert!(Positive::try_from(0.0).is_err() && Fraction::try_from(1.01).is_err());
    }
}
