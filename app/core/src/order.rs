//! Channels of an LED in the order its controller wants them.

use crate::frame::Rgb8;
use crate::output::ColourOrder;

/// Writes the channels of all `leds`, for which `out` has just the room. White is what red, green and blue
/// share, and is taken from them.
pub fn write(order: ColourOrder, leds: &[Rgb8], out: &mut [u8]) {
    match order {
        ColourOrder::Rgb => out.copy_from_slice(leds.as_flattened()),
        ColourOrder::Rbg => each(leds, out, |[r, g, b]| [r, b, g]),
        ColourOrder::Grb => each(leds, out, |[r, g, b]| [g, r, b]),
        ColourOrder::Gbr => each(leds, out, |[r, g, b]| [g, b, r]),
        ColourOrder::Brg => each(leds, out, |[r, g, b]| [b, r, g]),
        ColourOrder::Bgr => each(leds, out, |[r, g, b]| [b, g, r]),
        ColourOrder::Rgbw => each(leds, out, |led| {
            let ([r, g, b], white) = split(led);
            [r, g, b, white]
        }),
        ColourOrder::Grbw => each(leds, out, |led| {
            let ([r, g, b], white) = split(led);
            [g, r, b, white]
        }),
    }
}

/// What is left of an LED's colours once white has taken what they share, and that white.
pub(crate) fn split([r, g, b]: Rgb8) -> (Rgb8, u8) {
    let white = r.min(g).min(b);
    ([r - white, g - white, b - white], white)
}

fn each<const N: usize>(leds: &[Rgb8], out: &mut [u8], channels: impl Fn(Rgb8) -> [u8; N]) {
    for (to, led) in out.as_chunks_mut::<N>().0.iter_mut().zip(leds) {
        *to = channels(*led);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(order: ColourOrder) -> Vec<u8> {
        let mut out = vec![99; 2 * order.channels()];
        write(order, &[[10, 20, 30], [7, 5, 6]], &mut out);
        out
    }

    #[test]
    fn every_order_is_what_its_name_says() {
        assert_eq!(ordered(ColourOrder::Rgb), [10, 20, 30, 7, 5, 6]);
        assert_eq!(ordered(ColourOrder::Rbg), [10, 30, 20, 7, 6, 5]);
        assert_eq!(ordered(ColourOrder::Grb), [20, 10, 30, 5, 7, 6]);
        assert_eq!(ordered(ColourOrder::Gbr), [20, 30, 10, 5, 6, 7]);
        assert_eq!(ordered(ColourOrder::Brg), [30, 10, 20, 6, 7, 5]);
        assert_eq!(ordered(ColourOrder::Bgr), [30, 20, 10, 6, 5, 7]);
    }

    #[test]
    fn white_takes_what_the_colours_share() {
        assert_eq!(ordered(ColourOrder::Rgbw), [0, 10, 20, 10, 2, 0, 1, 5]);
        assert_eq!(ordered(ColourOrder::Grbw), [10, 0, 20, 10, 0, 2, 1, 5]);
    }
}
