//! Runs of colours. They are mixed in Oklab (Björn Ottosson, 2020), where the way between two colours is
//! even to the eye and does not pass through grey or mud.

use prismatron_core::colour::srgb_to_linear;
use prismatron_core::frame::Rgb8;

use super::wave::low_bits;
use crate::light::Encoder;

/// Colours of a palette.
pub(super) const COLOURS: usize = 1024;

/// Colours by place, from 0 to [`COLOURS`].
pub(super) struct Palette(Box<[Rgb8; COLOURS]>);

impl Palette {
    /// From the first colour to the last, evenly spaced.
    pub(super) fn run(colours: &[Rgb8]) -> Self {
        let stops: Vec<_> = colours.iter().map(|colour| oklab(*colour)).collect();
        let last = stops.len().saturating_sub(1);
        Self::from_places(|place| between(&stops, place * last as f32, last, smooth))
    }

    /// Round through all colours and back to the first, resting a little at each.
    pub(super) fn circle(colours: &[Rgb8]) -> Self {
        Self::closed(colours, smooth)
    }

    /// As `circle`, at an even pace: for many colours that are close to each other.
    pub(super) fn wheel(colours: &[Rgb8]) -> Self {
        Self::closed(colours, |share| share)
    }

    fn closed(colours: &[Rgb8], pace: fn(f32) -> f32) -> Self {
        let mut stops: Vec<_> = colours.iter().map(|colour| oklab(*colour)).collect();
        let count = stops.len();
        stops.extend(stops.first().copied());
        Self::from_places(|place| between(&stops, place * count as f32, count, pace))
    }

    fn from_places(colour: impl Fn(f32) -> [f32; 3]) -> Self {
        let mut table = Box::new([[0; 3]; COLOURS]);
        for (i, entry) in table.iter_mut().enumerate() {
            *entry = srgb(colour(i as f32 / COLOURS as f32));
        }
        Self(table)
    }

    /// The colour at a place; places beyond the ends are the ends.
    #[inline]
    pub(super) fn at(&self, place: f32) -> Rgb8 {
        const LAST: f32 = (COLOURS - 1) as f32;
        self.0[low_bits((place * COLOURS as f32).clamp(0.0, LAST)) & (COLOURS - 1)]
    }

    /// The colour at a place; places go round.
    #[inline]
    pub(super) fn round(&self, place: f32) -> Rgb8 {
        self.0[low_bits(place * COLOURS as f32) & (COLOURS - 1)]
    }

    /// The colour at a place in parts of 2³² of the whole round.
    #[inline]
    pub(super) fn turned(&self, place: u32) -> Rgb8 {
        self.0[(place >> 22) as usize & (COLOURS - 1)]
    }

    /// The named palettes that several effects offer.
    pub(super) fn named(name: &str) -> &'static [Rgb8] {
        match name {
            "lava" => &[[20, 0, 10], [150, 0, 10], [255, 70, 0], [255, 200, 40], [180, 10, 0]],
            "ocean" => &[[0, 8, 40], [0, 60, 140], [0, 170, 190], [160, 255, 230], [0, 90, 190]],
            "forest" => &[[0, 25, 10], [10, 95, 30], [120, 190, 20], [240, 230, 90], [0, 110, 80]],
            "candy" => &[[255, 30, 120], [255, 150, 60], [120, 60, 255], [30, 190, 255]],
            "rainbow" => &[
                [255, 0, 0],
                [255, 150, 0],
                [230, 255, 0],
                [0, 255, 60],
                [0, 200, 255],
                [40, 40, 255],
                [220, 0, 255],
            ],
            _ => &[
                [20, 0, 70],
                [70, 0, 150],
                [0, 130, 180],
                [30, 255, 150],
                [0, 90, 160],
                [150, 0, 140],
            ],
        }
    }
}

/// A kink in a run of colours is seen as a line.
fn smooth(share: f32) -> f32 {
    share * share * (3.0 - 2.0 * share)
}

fn between(stops: &[[f32; 3]], place: f32, last: usize, pace: fn(f32) -> f32) -> [f32; 3] {
    let index = (place as usize).min(last.saturating_sub(1));
    let (Some(from), Some(to)) = (stops.get(index), stops.get(index + 1).or(stops.get(index)))
    else {
        return [0.0; 3];
    };
    let share = pace((place - index as f32).clamp(0.0, 1.0));
    std::array::from_fn(|i| from[i] + (to[i] - from[i]) * share)
}

fn oklab(colour: Rgb8) -> [f32; 3] {
    let [r, g, b] = colour.map(|channel| f32::from(srgb_to_linear(channel)) / 65535.0);
    let l = (0.412_221_46 * r + 0.536_332_55 * g + 0.051_445_995 * b).cbrt();
    let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_396_96 * b).cbrt();
    let s = (0.088_302_46 * r + 0.281_718_85 * g + 0.629_978_7 * b).cbrt();
    [
        0.210_454_26 * l + 0.793_617_8 * m - 0.004_072_047 * s,
        1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
        0.025_904_037 * l + 0.782_771_77 * m - 0.808_675_77 * s,
    ]
}

fn srgb([lightness, a, b]: [f32; 3]) -> Rgb8 {
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    let linear = [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
        -0.004_196_086_3 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ];
    // A float that is out of range becomes the nearest value.
    Encoder::new().colour(linear.map(|channel| (channel * 65535.0 + 0.5) as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_survive_the_way_through_oklab() {
        for colour in [[0, 0, 0], [255, 255, 255], [255, 0, 0], [12, 200, 99], [0, 0, 255]] {
            let back = srgb(oklab(colour));
            assert!(
                back.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 1),
                "{colour:?} {back:?}"
            );
        }
    }

    #[test]
    fn a_circle_closes() {
        let circle = Palette::circle(&[[255, 0, 0], [0, 0, 255]]);
        assert_eq!(circle.at(0.0), [255, 0, 0]);
        assert_eq!(circle.round(1.0), [255, 0, 0]);
        assert_eq!(circle.round(-0.5), circle.at(0.5));
        assert!(circle.at(0.999)[0] >= 254);
        let run = Palette::run(&[[0, 0, 0], [255, 255, 255]]);
        assert!(run.at(5.0)[0] >= 254);
        assert_eq!(run.at(-1.0), [0, 0, 0]);
    }
}
