//! The appliance's own hardware as configured: what is on which line and bus, and what is to come of it.
//!
//! Every device may be left out. Nothing here says whether one is really there.

mod climate;
mod lines;
mod numbers;
mod sensors;

use serde::{Deserialize, Serialize};

pub use climate::{FanDrive, FanSpec, HeatSpec};
pub use lines::{ButtonSpec, ContactSpec, Darkening, Level, LineId, LineSpec, SupplySpec};
pub use numbers::{Curve, Fraction, I2cAddress, Positive};
pub use sensors::{
    CurrentSensor, CurrentSpec, DisplaySize, DisplaySpec, LightSensor, LightSpec, Mounted,
};

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

#[cfg(test)]
mod tests {
    use super::*;

    fn line(offset: u32) -> LineSpec {
        LineSpec { chip: "gpiochip0".into(), line: LineId::Offset(offset), active: Level::High }
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
}
