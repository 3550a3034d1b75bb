//! Test patterns: light by number, not by place, to find out which LED is where and whether its wiring is right.

use std::ops::Range;
use std::time::Duration;

use crate::colour::srgb_to_linear;
use crate::frame::Rgb8;
use crate::unit::LedRange;

/// Light by number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pattern {
    /// Some LEDs in one colour; dark but for them.
    Leds {
        /// Which.
        range: LedRange,
        /// In sRGB.
        colour: Rgb8,
    },
    /// All of them red, green, blue and white, a second each: for the colour order.
    Colours,
    /// One after the other from number 0 on, through all of them in ten seconds, with a tail.
    Run,
    /// From red for number 0 over green to blue for the last.
    Order,
    /// Those of each output in a colour of its own, the first of them white.
    Outputs,
}

const FULL: u16 = u16::MAX;
const RED: [u16; 3] = [FULL, 0, 0];
const GREEN: [u16; 3] = [0, FULL, 0];
const BLUE: [u16; 3] = [0, 0, FULL];
const WHITE: [u16; 3] = [FULL; 3];
/// Told apart by most people, also side by side.
const APART: [[u16; 3]; 6] =
    [RED, GREEN, BLUE, [FULL, FULL / 2, 0], [0, FULL, FULL], [FULL, 0, FULL]];
/// How long one runs through all of them.
const RUN: Duration = Duration::from_secs(10);

impl Pattern {
    /// Draws what is to be seen at a time from its start, linear light. `outputs` are the LEDs of each.
    pub fn draw(self, at: Duration, outputs: &[Range<usize>], leds: &mut [[u16; 3]]) {
        let count = leds.len();
        match self {
            Self::Leds { range, colour } => {
                leds.fill([0; 3]);
                leds[range.within(count)].fill(colour.map(srgb_to_linear));
            }
            Self::Colours => {
                let colours = [RED, GREEN, BLUE, WHITE];
                leds.fill(colours[at.as_secs() as usize % colours.len()]);
            }
            Self::Run => {
                leds.fill([0; 3]);
                let share = (at.as_secs_f64() / RUN.as_secs_f64()).fract();
                let head = (share * count as f64) as usize;
                // A twentieth of the wall, at most 40 LEDs, half as bright each.
                let tail = (count / 20).min(40);
                for behind in 0..=tail.min(head) {
                    let light = FULL >> (8 * behind / (tail + 1)).min(15);
                    if let Some(led) = leds.get_mut(head - behind) {
                        *led = [light; 3];
                    }
                }
            }
            Self::Order => {
                for (number, led) in leds.iter_mut().enumerate() {
                    let share = number as f32 / count.saturating_sub(1).max(1) as f32;
                    let part = |from: f32| (1.0 - 2.0 * (share - from).abs()).max(0.0);
                    *led = [part(0.0), part(0.5), part(1.0)].map(|part| (part * 65_535.0) as u16);
                }
            }
            Self::Outputs => {
                leds.fill([0; 3]);
                for (output, colour) in outputs.iter().zip(APART.iter().cycle()) {
                    let range = output.start.min(count)..output.end.min(count);
                    leds[range].fill(*colour);
                    if let Some(first) = leds.get_mut(output.start) {
                        *first = WHITE;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(pattern: Pattern, millis: u64, count: usize) -> Vec<[u16; 3]> {
        let mut leds = vec![[7; 3]; count];
        pattern.draw(Duration::from_millis(millis), &[0..2, 2..9], &mut leds);
        leds
    }

    #[test]
    fn a_range_is_lit_as_far_as_it_is_there() {
        let range = LedRange { first: 1, count: 9 };
        let pattern = Pattern::Leds { range, colour: [255, 0, 0] };
        assert_eq!(drawn(pattern, 0, 3), [[0; 3], RED, RED]);
    }

    #[test]
    fn colours_come_one_after_the_other() {
        let at = |millis| drawn(Pattern::Colours, millis, 1)[0];
        assert_eq!([at(0), at(1000), at(2999), at(3000), at(4000)], [RED, GREEN, BLUE, WHITE, RED]);
    }

    #[test]
    fn one_runs_through_all_by_number() {
        let head = |millis| {
            let leds = drawn(Pattern::Run, millis, 100);
            leds.iter().position(|led| *led == WHITE).unwrap()
        };
        assert_eq!([head(0), head(5000), head(9950), head(10_000)], [0, 50, 99, 0]);
        let leds = drawn(Pattern::Run, 5000, 100);
        assert!(leds[49] < leds[50] && leds[49] > leds[45] && leds[44] == [0; 3], "{leds:?}");
    }

    #[test]
    fn numbers_and_outputs_are_told_apart() {
        let order = drawn(Pattern::Order, 0, 5);
        assert_eq!([order[0], order[2], order[4]], [RED, GREEN, BLUE]);
        let outputs = drawn(Pattern::Outputs, 0, 4);
        assert_eq!(outputs, [WHITE, RED, WHITE, GREEN]);
    }

    proptest! {
        #[test]
        fn any_wall_is_drawn(count in 0_usize..200, millis in 0_u64..100_000, first: u32, size: u32) {
            let range = LedRange { first, count: size };
            let leds = Pattern::Leds { range, colour: [1, 2, 3] };
            for pattern in [leds, Pattern::Colours, Pattern::Run, Pattern::Order, Pattern::Outputs] {
                prop_assert_eq!(drawn(pattern, millis, count).len(), count);
            }
        }
    }
}
