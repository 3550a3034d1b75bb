//! The power limit: always the last word before the wire.
//!
//! Current is estimated as proportional to the sum of all channel values, which is what LEDs driven by
//! pulse-width modulation draw. What their controllers draw in the dark is not counted: leave room for it. Where an LED has a
//! channel for white, it is the values on the wire that count: what red, green and blue share is drawn once.

use serde::{Deserialize, Serialize};

use crate::frame::Rgb8;
use crate::order::split;
use crate::output::ColourOrder;
use crate::unit::Milliamps;

/// How much current the LEDs of an output may draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerLimit {
    /// What one LED draws with all channels full on.
    pub per_led: Milliamps,
    /// What all LEDs of the output may draw together.
    pub budget: Milliamps,
}

/// What a frame would draw and what was done about it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerUse {
    /// Estimate for the frame as it came.
    pub asked: Milliamps,
    /// Factor the frame was scaled by; 1 where it was left alone.
    pub scale: f32,
}

/// Binary digits after the point of a scaling factor.
const DIGITS: u32 = 16;

impl PowerLimit {
    /// What these LEDs draw, whose channels are sent so, rounded up.
    pub fn estimate(&self, order: ColourOrder, leds: &[Rgb8]) -> Milliamps {
        self.current(order, sum(order, leds))
    }

    /// Scales the frame down, all channels alike, so that [`PowerLimit::estimate`] is within the budget; one
    /// that is within it already is left alone. Values are rounded down: rounding up could exceed it.
    pub fn apply(&self, order: ColourOrder, leds: &mut [Rgb8]) -> PowerUse {
        let sum = sum(order, leds);
        let asked = self.current(order, sum);
        if asked <= self.budget {
            return PowerUse { asked, scale: 1.0 };
        }
        let per_led = u64::from(self.per_led.0);
        // What three share may be rounded down where two of them are not, which then draw a step more.
        let spare = if has_white(order) { leds.len() as u64 * per_led } else { 0 };
        // More was asked than is allowed, so the divisor is not 0 and the factor is under 1.
        let allowed = (u64::from(self.budget.0) * full(order)).saturating_sub(spare);
        let factor = ((allowed << DIGITS) / (sum * per_led)) as u32;
        for value in leds.as_flattened_mut() {
            *value = ((u32::from(*value) * factor) >> DIGITS) as u8;
        }
        PowerUse { asked, scale: factor as f32 / (1 << DIGITS) as f32 }
    }

    fn current(&self, order: ColourOrder, sum: u64) -> Milliamps {
        let current = (sum * u64::from(self.per_led.0)).div_ceil(full(order));
        Milliamps(u32::try_from(current).unwrap_or(u32::MAX))
    }
}

fn has_white(order: ColourOrder) -> bool {
    order.channels() == 4
}

/// The sum of all channel values of an LED that is full on.
fn full(order: ColourOrder) -> u64 {
    order.channels() as u64 * 255
}

/// The sum of all channel values on the wire.
fn sum(order: ColourOrder, leds: &[Rgb8]) -> u64 {
    if has_white(order) {
        let drawn = |&led: &Rgb8| {
            let ([r, g, b], white) = split(led);
            [r, g, b, white].map(u64::from).iter().sum::<u64>()
        };
        return leds.iter().map(drawn).sum();
    }
    // Blocks whose sum fits 16 bits: twice as many additions at once as with 32.
    let (blocks, rest) = leds.as_flattened().as_chunks::<240>();
    let narrow = |values: &[u8]| values.iter().map(|&value| u16::from(value)).sum::<u16>();
    blocks.iter().map(|block| u64::from(narrow(block))).sum::<u64>() + u64::from(narrow(rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn limit(per_led: u32, budget: u32) -> PowerLimit {
        PowerLimit { per_led: Milliamps(per_led), budget: Milliamps(budget) }
    }

    #[test]
    fn leaves_alone_what_is_within_the_budget() {
        let mut leds = [[255; 3]; 10];
        let used = limit(60, 600).apply(ColourOrder::Grb, &mut leds);
        assert_eq!(used, PowerUse { asked: Milliamps(600), scale: 1.0 });
        assert_eq!(leds, [[255; 3]; 10]);
    }

    #[test]
    fn halves_what_is_twice_too_much() {
        let mut leds = [[255, 100, 0], [200, 0, 210]];
        let used = limit(765, 255 + 100 + 410).apply(ColourOrder::Grb, &mut leds);
        assert_eq!(used, PowerUse { asked: Milliamps(765), scale: 1.0 });
        let used = limit(1530, 765).apply(ColourOrder::Grb, &mut leds);
        assert_eq!(used, PowerUse { asked: Milliamps(1530), scale: 0.5 });
        assert_eq!(leds, [[127, 50, 0], [100, 0, 105]]);
    }

    #[test]
    fn no_budget_is_black_and_nothing_drawn_needs_none() {
        let mut leds = [[255; 3], [1, 0, 0]];
        let order = ColourOrder::Rgb;
        assert_eq!(limit(60, 0).apply(order, &mut leds).scale, 0.0);
        assert_eq!(leds, [[0; 3]; 2]);
        assert_eq!(limit(60, 0).apply(order, &mut leds).scale, 1.0);
        assert_eq!(limit(0, 0).apply(order, &mut [[255; 3]]).scale, 1.0);
        assert_eq!(limit(60, 60).apply(order, &mut []).asked, Milliamps(0));
    }

    #[test]
    fn white_is_drawn_by_its_own_channel() {
        // 20 mA a channel.
        let drawn = |led| limit(80, 0).estimate(ColourOrder::Grbw, &[led; 10]);
        assert_eq!(drawn([255; 3]), Milliamps(200));
        assert_eq!(drawn([255, 255, 0]), Milliamps(400));
        assert_eq!(drawn([255, 0, 0]), Milliamps(200));
        let mut leds = [[255, 255, 255]; 10];
        assert_eq!(limit(80, 200).apply(ColourOrder::Rgbw, &mut leds).scale, 1.0);
    }

    proptest! {
        #[test]
        fn never_exceeds_the_budget(
            mut leds in prop::collection::vec(any::<[u8; 3]>(), 0..400),
            per_led in prop_oneof![0u32..100, any::<u32>()],
            share in 0.0f64..1.5,
            wild: Option<u32>,
            order in prop_oneof![Just(ColourOrder::Bgr), Just(ColourOrder::Grbw)],
        ) {
            let before = leds.clone();
            let asked = limit(per_led, 0).estimate(order, &leds);
            let budget = wild.unwrap_or((f64::from(asked.0) * share) as u32);
            let limit = limit(per_led, budget);
            let used = limit.apply(order, &mut leds);
            prop_assert_eq!(used.asked, asked);
            prop_assert!(limit.estimate(order, &leds) <= limit.budget);
            // The scale says what was done, and no more was taken than needed.
            for (before, after) in before.as_flattened().iter().zip(leds.as_flattened()) {
                let scaled = f64::from(*before) * f64::from(used.scale);
                prop_assert!((scaled - f64::from(*after)) < 1.0 + 1e-6);
                prop_assert!(f64::from(*after) <= scaled + 1e-6);
            }
            if asked <= limit.budget {
                prop_assert_eq!(leds, before);
            }
        }
    }
}
