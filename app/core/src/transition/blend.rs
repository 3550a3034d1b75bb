//! Two LED frames into one: transitions are made of light, after mapping, so frames of different sizes
//! blend, and a thousand LEDs cost a thousand steps, not one for each pixel.
//!
//! Amounts are whole numbers of 1/65536, [`ALL`] standing for the whole. All arithmetic is on integers, one
//! channel at a time and without branches, which compilers turn into vector instructions on any processor.

use super::{TransitionKind, WipeDirection};
use crate::layout::Wall;

/// The amount that is everything.
const ALL: u32 = 1 << 16;

/// How many soft edges fit between the places where the edge of a wipe begins and ends.
const EDGES: u32 = 8;

/// Width of the soft edge.
const EDGE: u16 = (ALL / EDGES) as u16;

/// How far it is across the canvas. The edge begins before the first LED and ends behind the last, so it
/// runs its own width longer.
const ACROSS: u16 = u16::MAX - EDGE;

/// Blends the LED frames of one wall. Made once for the wall; blending allocates nothing.
#[derive(Debug, Clone)]
pub struct Blender {
    /// How far right on the canvas each LED is, once for each of its channels: a flat copy of the frame's
    /// shape, so that frame and table are walked in step.
    right: Vec<u16>,
    /// How far down, likewise.
    down: Vec<u16>,
}

impl Blender {
    /// Tables for a wall.
    pub fn new(wall: &Wall) -> Self {
        let table = |side: u32, place: fn((f32, f32)) -> f32| {
            let unit = f32::from(ACROSS) / side as f32;
            let places = wall.leds.iter().map(|led| {
                // The cast keeps what is left of the canvas at its edge, the minimum what is right of it.
                ((place(led.centre) * unit).round() as u16).min(ACROSS)
            });
            places.flat_map(|place| [place; 3]).collect()
        };
        Self {
            right: table(wall.canvas.width(), |centre| centre.0),
            down: table(wall.canvas.height(), |centre| centre.1),
        }
    }

    /// Writes what is seen on the way `from` one LED frame `to` another. A progress of 0 (or less) is
    /// exactly `from`, 1 (or more) exactly `to`; easing has been applied to it. All frames have one entry
    /// for each LED of the wall; entries that one of them lacks are left alone.
    pub fn blend(
        &self,
        kind: TransitionKind,
        progress: f32,
        from: &[[u16; 3]],
        to: &[[u16; 3]],
        out: &mut [[u16; 3]],
    ) {
        let (from, to) = (from.as_flattened(), to.as_flattened());
        let out = out.as_flattened_mut();
        if progress >= 1.0 {
            each(to, out, |to| to);
        } else if progress <= 0.0 || progress.is_nan() {
            each(from, out, |from| from);
        } else {
            match kind {
                TransitionKind::Cut => each(to, out, |to| to),
                TransitionKind::Crossfade => {
                    let amount = fraction(progress);
                    for ((&from, &to), out) in from.iter().zip(to).zip(out) {
                        *out = mix(from, to, amount);
                    }
                }
                TransitionKind::FadeThroughBlack => {
                    let (seen, amount) = if progress < 0.5 {
                        (from, fraction(1.0 - 2.0 * progress))
                    } else {
                        (to, fraction(2.0 * progress - 1.0))
                    };
                    each(seen, out, |light| part(light, amount));
                }
                TransitionKind::Wipe(direction) => {
                    let edge = (progress * f32::from(u16::MAX)) as u16;
                    match direction {
                        WipeDirection::Right => wipe(edge, &self.right, from, to, out, same),
                        WipeDirection::Left => wipe(edge, &self.right, from, to, out, opposite),
                        WipeDirection::Down => wipe(edge, &self.down, from, to, out, same),
                        WipeDirection::Up => wipe(edge, &self.down, from, to, out, opposite),
                    }
                }
            }
        }
    }
}

/// Runs a soft edge over the LEDs; `side` turns the table's places into those on the edge's way.
fn wipe(
    edge: u16,
    places: &[u16],
    from: &[u16],
    to: &[u16],
    out: &mut [u16],
    side: impl Fn(u16) -> u16,
) {
    for (((&place, &from), &to), out) in places.iter().zip(from).zip(to).zip(out) {
        let behind = edge.saturating_sub(side(place));
        *out = mix(from, to, u32::from(behind.min(EDGE)) * EDGES);
    }
}

fn same(place: u16) -> u16 {
    place
}

fn opposite(place: u16) -> u16 {
    ACROSS - place
}

/// A fraction as an amount.
fn fraction(part: f32) -> u32 {
    (part * ALL as f32) as u32
}

/// An amount of some light, rounded down.
fn part(light: u16, amount: u32) -> u16 {
    ((u32::from(light) * amount) >> 16) as u16
}

/// What is between two lights: never under the lesser nor over the greater, however the parts are rounded.
fn mix(from: u16, to: u16, amount: u32) -> u16 {
    from - part(from, amount) + part(to, amount)
}

fn each(seen: &[u16], out: &mut [u16], light: impl Fn(u16) -> u16) {
    for (&seen, out) in seen.iter().zip(out) {
        *out = light(seen);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::layout::{Layout, Led};
    use crate::unit::Size;

    const KINDS: [TransitionKind; 7] = [
        TransitionKind::Cut,
        TransitionKind::Crossfade,
        TransitionKind::FadeThroughBlack,
        TransitionKind::Wipe(WipeDirection::Right),
        TransitionKind::Wipe(WipeDirection::Left),
        TransitionKind::Wipe(WipeDirection::Down),
        TransitionKind::Wipe(WipeDirection::Up),
    ];

    fn wall(centres: &[(f32, f32)]) -> Wall {
        let led = |&centre| Led { centre, footprint: (8.0, 8.0) };
        Wall { canvas: Size::CANVAS, leds: centres.iter().map(led).collect() }
    }

    /// Corners of the canvas, from the top left by rows.
    fn corners() -> Wall {
        wall(&[(0.0, 0.0), (800.0, 0.0), (0.0, 480.0), (800.0, 480.0)])
    }

    fn blended(wall: &Wall, kind: TransitionKind, progress: f32, ends: [u16; 2]) -> Vec<u16> {
        let [from, to] = ends.map(|light| vec![[light; 3]; wall.leds.len()]);
        let mut out = vec![[7; 3]; wall.leds.len()];
        Blender::new(wall).blend(kind, progress, &from, &to, &mut out);
        out.iter().map(|led| led[1]).collect()
    }

    #[test]
    fn crossfade_is_even_in_light() {
        let seen = blended(&corners(), TransitionKind::Crossfade, 0.5, [10_000, 60_000]);
        assert!(seen.iter().all(|light| light.abs_diff(35_000) <= 1), "{seen:?}");
    }

    #[test]
    fn fade_is_black_half_way() {
        let kind = TransitionKind::FadeThroughBlack;
        assert_eq!(blended(&corners(), kind, 0.5, [65535; 2]), [0; 4]);
        let seen = blended(&corners(), kind, 0.25, [40_000, 0]);
        assert!(seen.iter().all(|light| light.abs_diff(20_000) <= 1), "{seen:?}");
        let seen = blended(&corners(), kind, 0.75, [0, 40_000]);
        assert!(seen.iter().all(|light| light.abs_diff(20_000) <= 1), "{seen:?}");
    }

    #[test]
    fn wipe_runs_its_way() {
        let seen = |direction| blended(&corners(), TransitionKind::Wipe(direction), 0.5, [0, 9]);
        assert_eq!(seen(WipeDirection::Right), [9, 0, 9, 0]);
        assert_eq!(seen(WipeDirection::Left), [0, 9, 0, 9]);
        assert_eq!(seen(WipeDirection::Down), [9, 9, 0, 0]);
        assert_eq!(seen(WipeDirection::Up), [0, 0, 9, 9]);
    }

    #[test]
    fn edge_of_a_wipe_is_soft_and_a_seventh_wide() {
        let row: Vec<_> = (0..800).map(|x| (x as f32, 0.0)).collect();
        let kind = TransitionKind::Wipe(WipeDirection::Right);
        let seen = blended(&wall(&row), kind, 0.5, [0, 60_000]);
        assert!(seen.is_sorted_by(|a, b| a >= b));
        let between = seen.iter().filter(|&&light| light > 0 && light < 60_000).count();
        assert!((112..=116).contains(&between), "{between}");
    }

    #[test]
    fn cut_has_no_between() {
        assert_eq!(blended(&corners(), TransitionKind::Cut, 0.01, [1, 2]), [2; 4]);
    }

    #[test]
    fn a_frame_of_another_length_does_no_harm() {
        let blender = Blender::new(&Layout::default().resolve().unwrap());
        for kind in KINDS {
            let mut out = [[7; 3]; 3];
            blender.blend(kind, 0.9, &[[5; 3]; 2], &[[5; 3]; 2], &mut out);
            assert_eq!(out[2], [7; 3], "{kind:?}");
        }
    }

    proptest! {
        #[test]
        fn begins_and_ends_exactly_and_stays_between(
            leds in prop::collection::vec(
                ((-50.0f32..900.0, -50.0f32..600.0), any::<[u16; 3]>(), any::<[u16; 3]>()),
                1..50,
            ),
            kind in prop::sample::select(KINDS.to_vec()),
            progress in 0.0f32..=1.0,
        ) {
            let centres: Vec<_> = leds.iter().map(|led| led.0).collect();
            let from: Vec<_> = leds.iter().map(|led| led.1).collect();
            let to: Vec<_> = leds.iter().map(|led| led.2).collect();
            let blender = Blender::new(&wall(&centres));
            let mut out = vec![[7; 3]; leds.len()];
            blender.blend(kind, 0.0, &from, &to, &mut out);
            prop_assert_eq!(&out, &from);
            blender.blend(kind, 1.0, &from, &to, &mut out);
            prop_assert_eq!(&out, &to);

            blender.blend(kind, progress, &from, &to, &mut out);
            let lights = from.as_flattened().iter().zip(to.as_flattened());
            for ((&from, &to), &seen) in lights.zip(out.as_flattened()) {
                let least = match kind {
                    TransitionKind::FadeThroughBlack => 0,
                    _ => from.min(to),
                };
                prop_assert!((least..=from.max(to)).contains(&seen), "{from} {to} {seen}");
            }
        }

        #[test]
        fn mixing_is_right_to_one_step(from: u16, to: u16, amount in 0..=ALL) {
            let share = f64::from(amount) / f64::from(ALL);
            let exact = f64::from(from) * (1.0 - share) + f64::from(to) * share;
            prop_assert!((f64::from(mix(from, to, amount)) - exact).abs() <= 1.0);
        }
    }
}
