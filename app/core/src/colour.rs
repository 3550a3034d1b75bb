//! Colour on its way through: from sRGB to linear light, and from linear light to what an LED is told.
//!
//! An LED's pulse-width modulation is linear in light: the value 128 gives half the light of 255. So the
//! eight bits towards the LED are coarse in the dark, where sRGB is fine: everything under sRGB 13 or so
//! has only the values 0 and 1 left, and the lower the brightness, the more. Values are rounded to the
//! nearest, once, at the very end; until then light has sixteen bits.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::frame::Rgb8;
use crate::unit::{Brightness, UnitError};

/// How the whole wall's colours are set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColourSettings {
    /// Factor for red, green and blue, each 0 to 1, to balance LEDs to white.
    pub gain: [f32; 3],
    /// Exponent on linear light, 0.2 to 5: 1 is true to the picture, more is deeper.
    pub gamma: f32,
    /// Of everything.
    pub brightness: Brightness,
}

impl Default for ColourSettings {
    fn default() -> Self {
        Self { gain: [1.0; 3], gamma: 1.0, brightness: Brightness::FULL }
    }
}

impl ColourSettings {
    /// Holds gain and gamma against their ranges.
    ///
    /// # Errors
    /// The first number that is out of range.
    pub fn check(&self) -> Result<(), UnitError> {
        for (what, gain) in ["red gain", "green gain", "blue gain"].into_iter().zip(self.gain) {
            if !(0.0..=1.0).contains(&gain) {
                return Err(UnitError { what, allowed: "from 0 to 1", value: f64::from(gain) });
            }
        }
        if !(0.2..=5.0).contains(&self.gamma) {
            let value = f64::from(self.gamma);
            return Err(UnitError { what: "gamma", allowed: "from 0.2 to 5", value });
        }
        Ok(())
    }
}

/// Linear light, 0 to 65535, of each sRGB value: the transfer function of IEC 61966-2-1, rounded to nearest.
pub fn srgb_table() -> &'static [u16; 256] {
    static TABLE: LazyLock<[u16; 256]> = LazyLock::new(|| {
        std::array::from_fn(|value| {
            let encoded = value as f64 / 255.0;
            let linear = if encoded <= 0.04045 {
                encoded / 12.92
            } else {
                ((encoded + 0.055) / 1.055).powf(2.4)
            };
            (linear * 65535.0).round() as u16
        })
    });
    &TABLE
}

/// Linear light, 0 to 65535, of one sRGB value; see [`srgb_table`].
pub fn srgb_to_linear(value: u8) -> u16 {
    srgb_table()[usize::from(value)]
}

/// What a channel is told, for each of the 65536 amounts of light. All of them, because a coarser table has
/// no answer in the dark once gamma is under 1: there the least light already asks for a visible value.
type Levels = [u8; 65536];

/// Gain, gamma and brightness as tables: `gain × light^gamma × brightness`, in steps of 1/255.
#[derive(Debug, Clone)]
pub struct ColourTables {
    /// One table for each different gain, so that equal ones share the cache.
    levels: Vec<Levels>,
    /// Which table red, green and blue take.
    channels: [usize; 3],
}

impl ColourTables {
    /// Tables for these settings.
    ///
    /// # Errors
    /// Gain or gamma out of range.
    pub fn new(settings: &ColourSettings) -> Result<Self, UnitError> {
        settings.check()?;
        let mut gains: Vec<f32> = Vec::with_capacity(3);
        let channels = settings.gain.map(|gain| {
            gains.iter().position(|&known| known == gain).unwrap_or_else(|| {
                gains.push(gain);
                gains.len() - 1
            })
        });
        let brightness = f64::from(settings.brightness.get());
        let gamma = f64::from(settings.gamma);
        let levels =
            gains.iter().map(|&gain| levels(f64::from(gain) * brightness, gamma)).collect();
        Ok(Self { levels, channels })
    }

    /// Computes what each LED is told. Entries that only one of the slices has are left alone.
    pub fn apply(&self, light: &[[u16; 3]], leds: &mut [Rgb8]) {
        let [red, green, blue] = self.channels.map(|channel| &self.levels[channel]);
        for (&[r, g, b], led) in light.iter().zip(leds) {
            *led = [red[usize::from(r)], green[usize::from(g)], blue[usize::from(b)]];
        }
    }
}

/// The table is found backwards, 255 powers instead of 65536: brightness is dragged about while it plays.
fn levels(full: f64, gamma: f64) -> Levels {
    let mut levels = [0; 65536];
    let mut start = 0;
    for level in 0..=u8::MAX {
        // The light at which the next level becomes the nearest.
        let next = ((f64::from(level) + 0.5) / (255.0 * full)).powf(gamma.recip()) * 65535.0;
        // Without light, and past the last level, the bound is infinite.
        let end = (next.ceil() as usize).min(levels.len());
        levels[start..end].fill(level);
        start = end;
    }
    levels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn srgb_decodes_as_the_standard_says() {
        assert_eq!(srgb_to_linear(0), 0);
        assert_eq!(srgb_to_linear(255), 65535);
        // 1/255/12.92 and ((188/255 + 0.055)/1.055)^2.4, times 65535.
        assert_eq!(srgb_to_linear(1), 20);
        assert_eq!(srgb_to_linear(188), 32957);
        assert!(srgb_table().is_sorted());
    }

    #[test]
    fn refuses_what_is_out_of_range() {
        let good = ColourSettings::default();
        assert_eq!(good.check(), Ok(()));
        for bad in [
            ColourSettings { gain: [1.0, 1.1, 1.0], ..good },
            ColourSettings { gain: [1.0, 1.0, f32::NAN], ..good },
            ColourSettings { gamma: 0.1, ..good },
            ColourSettings { gamma: f32::INFINITY, ..good },
        ] {
            assert!(ColourTables::new(&bad).is_err(), "{bad:?}");
        }
        let error = ColourSettings { gain: [1.0, 2.0, 1.0], ..good }.check().unwrap_err();
        assert_eq!(error.to_string(), "green gain must be from 0 to 1, not 2");
    }

    #[test]
    fn true_to_the_picture_unless_told_otherwise() {
        let tables = ColourTables::new(&ColourSettings::default()).unwrap();
        for value in 0..=u16::MAX {
            let mut led = [[0; 3]];
            tables.apply(&[[value; 3]], &mut led);
            assert_eq!(led, [[((u32::from(value) + 128) / 257) as u8; 3]], "{value}");
        }
    }

    #[test]
    fn gains_go_to_their_channels() {
        let settings = ColourSettings { gain: [0.5, 1.0, 0.0], ..ColourSettings::default() };
        let mut leds = [[9; 3]; 2];
        ColourTables::new(&settings).unwrap().apply(&[[65535; 3], [0; 3]], &mut leds);
        assert_eq!(leds, [[128, 255, 0], [0, 0, 0]]);
    }

    proptest! {
        #[test]
        fn agrees_with_the_formula(
            gain in 0.0f32..=1.0,
            gamma in 0.2f32..=5.0,
            brightness in 0.0f32..=1.0,
            light: u16,
        ) {
            let settings = ColourSettings {
                gain: [gain; 3],
                gamma,
                brightness: Brightness::try_from(brightness).unwrap(),
            };
            let mut led = [[0; 3]];
            ColourTables::new(&settings).unwrap().apply(&[[light; 3]], &mut led);
            let exact = 255.0
                * f64::from(gain)
                * f64::from(brightness)
                * (f64::from(light) / 65535.0).powf(f64::from(gamma));
            prop_assert!((f64::from(led[0][1]) - exact).abs() <= 0.5 + 1e-9, "{led:?} {exact}");
        }
    }
}
