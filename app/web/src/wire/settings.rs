//! How the whole wall's colours are set.

use prismatron_core::colour::ColourSettings;
use prismatron_core::unit::Brightness;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Invalid, number};

/// How the whole wall's colours are set.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Settings {
    /// Of everything, 0 to 1.
    pub(crate) brightness: f32,
    /// Factors for red, green and blue, each 0 to 1.
    pub(crate) gain: [f32; 3],
    /// Exponent on linear light, 0.2 to 5.
    pub(crate) gamma: f32,
}

impl From<ColourSettings> for Settings {
    fn from(value: ColourSettings) -> Self {
        Self { brightness: value.brightness.get(), gain: value.gain, gamma: value.gamma }
    }
}

/// What is to change of the settings; what is left out stays.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsChange {
    /// Of everything, 0 to 1.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1)]
    pub(crate) brightness: Option<f32>,
    /// Factors for red, green and blue, each 0 to 1.
    #[serde(default)]
    pub(crate) gain: Option<[f32; 3]>,
    /// Exponent on linear light, 0.2 to 5.
    #[serde(default)]
    #[schema(minimum = 0.2, maximum = 5)]
    pub(crate) gamma: Option<f32>,
}

impl SettingsChange {
    /// The settings after the change.
    pub(crate) fn apply(self, to: ColourSettings) -> Result<ColourSettings, Invalid> {
        let mut settings = to;
        if let Some(brightness) = self.brightness {
            settings.brightness = Brightness::try_from(brightness)
                .map_err(|error| Invalid::new("brightness", error))?;
        }
        if let Some(gain) = self.gain {
            for factor in gain {
                number("gain", factor, 0.0, 1.0)?;
            }
            settings.gain = gain;
        }
        if let Some(gamma) = self.gamma {
            settings.gamma = number("gamma", gamma, 0.2, 5.0)?;
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_the_rest_and_is_held_to_its_ranges() {
        let change = |json: &str| serde_json::from_str::<SettingsChange>(json).unwrap();
        let before = ColourSettings { gamma: 2.2, ..ColourSettings::default() };
        let after = change(r#"{"brightness":0.25}"#).apply(before).unwrap();
        assert_eq!(Settings::from(after).brightness, 0.25);
        assert_eq!(after.gamma, 2.2);
        for wrong in [r#"{"brightness":1.5}"#, r#"{"gain":[0,0,-1]}"#, r#"{"gamma":0}"#] {
            assert!(change(wrong).apply(before).is_err(), "{wrong}");
        }
    }
}
