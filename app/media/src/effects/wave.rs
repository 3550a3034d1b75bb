//! Sines by table. Angles are in turns: 1 is the whole circle.

use std::f64::consts::TAU;
use std::sync::LazyLock;

const STEPS: usize = 4096;

static TABLE: LazyLock<Vec<f32>> =
    LazyLock::new(|| (0..STEPS).map(|i| (i as f64 / STEPS as f64 * TAU).sin() as f32).collect());

/// The table, fetched once for many angles.
#[derive(Clone, Copy)]
pub(super) struct Sine(&'static [f32; STEPS]);

impl Sine {
    pub(super) fn new() -> Self {
        const FLAT: &[f32; STEPS] = &[0.0; STEPS];
        Self(TABLE.as_array().unwrap_or(FLAT))
    }

    /// The sine, to a thousandth, of an angle of at most a thousand turns.
    #[inline]
    pub(super) fn at(self, turns: f32) -> f32 {
        self.0[low_bits(turns * STEPS as f32) & (STEPS - 1)]
    }
}

/// The nearest whole number, of which only the lowest 22 bits are right. A plain conversion has to check
/// for numbers that are out of range, which takes longer than all else that is done to a pixel; this is one
/// addition: where floats are counted in ones, their last bits are the number.
#[inline]
pub(super) fn low_bits(number: f32) -> usize {
    const ONES: f32 = (3 << 22) as f32;
    (number + ONES).to_bits() as usize
}

/// The part of a turn that `rate` turns a second have come to, 0 to 1, at any time.
pub(super) fn turn(seconds: f64, rate: f64) -> f32 {
    (seconds * rate).rem_euclid(1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers() {
        for (number, bits) in [(0.0, 0), (5.4, 5), (1023.0, 1023), (-1.0, 1023), (4096.6, 1)] {
            assert_eq!(low_bits(number) & 1023, bits, "{number}");
        }
        let _ = (low_bits(f32::NAN), low_bits(f32::INFINITY), low_bits(-1e30));
    }

    #[test]
    fn follows_the_sine() {
        let sine = Sine::new();
        for i in -3000..3000 {
            let turns = i as f32 / 700.0;
            let error = sine.at(turns) - (f64::from(turns) * TAU).sin() as f32;
            assert!(error.abs() < 0.002, "{turns} {error}");
        }
    }
}
