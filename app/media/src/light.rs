//! Between sRGB and linear light, by table.

use std::sync::LazyLock;

use prismatron_core::colour::srgb_to_linear;
use prismatron_core::frame::Rgb8;

/// Bits of light that the table drops. Steps of 8/65536 are under half an sRGB step even in the dark.
const DROPPED: u32 = 3;

static ENCODED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let middle = f64::from((1u32 << DROPPED) - 1) / 2.0;
    (0..=u16::MAX >> DROPPED)
        .map(|step| {
            let linear = (f64::from(u32::from(step) << DROPPED) + middle) / 65535.0;
            let encoded = if linear <= 0.003_130_8 {
                linear * 12.92
            } else {
                1.055 * linear.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0).round().clamp(0.0, 255.0) as u8
        })
        .collect()
});

/// The table from linear light to sRGB, fetched once for many pixels.
#[derive(Clone, Copy)]
pub(crate) struct Encoder(&'static [u8]);

impl Encoder {
    pub(crate) fn new() -> Self {
        Self(&ENCODED)
    }

    /// The sRGB value of a channel.
    #[inline]
    pub(crate) fn channel(self, linear: u16) -> u8 {
        self.0[usize::from(linear >> DROPPED)]
    }

    /// The sRGB colour of a light.
    #[inline]
    pub(crate) fn colour(self, [r, g, b]: [u16; 3]) -> Rgb8 {
        [self.channel(r), self.channel(g), self.channel(b)]
    }
}

/// The light of an sRGB colour.
pub(crate) fn linear(colour: Rgb8) -> [u16; 3] {
    colour.map(srgb_to_linear)
}

/// The light between two lights: `share` is 0 for the first to 1 for the second.
pub(crate) fn mix(first: [u16; 3], second: [u16; 3], share: f32) -> [u16; 3] {
    let share = share.clamp(0.0, 1.0);
    std::array::from_fn(|channel| {
        let (a, b) = (f32::from(first[channel]), f32::from(second[channel]));
        (a + (b - a) * share + 0.5) as u16
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_srgb_value_comes_back() {
        let encoder = Encoder::new();
        for value in 0..=255 {
            assert_eq!(encoder.channel(srgb_to_linear(value)), value);
        }
        assert_eq!(encoder.colour([0, 65535, 0]), [0, 255, 0]);
    }

    #[test]
    fn mixing_meets_both_ends() {
        let (a, b) = ([0, 10, 65535], [65535, 10, 0]);
        assert_eq!(mix(a, b, 0.0), a);
        assert_eq!(mix(a, b, 1.0), b);
        assert_eq!(mix(a, b, 0.5)[1], 10);
    }
}
