//! Numbers that are checked when they are made, and curves of them.

use serde::{Deserialize, Serialize};

use crate::unit::{Brightness, UnitError};

/// Numbers for numbers: straight between the points, level beyond them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(f32, f32)>", into = "Vec<(f32, f32)>")]
pub struct Curve(pub(super) Vec<(f32, f32)>);

impl Curve {
    /// What belongs to a number.
    pub fn at(&self, x: f32) -> f32 {
        let after = self.0.partition_point(|point| point.0 <= x);
        match (after.checked_sub(1).map(|before| self.0[before]), self.0.get(after)) {
            (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
            (Some((_, y)), None) | (None, Some(&(_, y))) => y,
            (None, None) => 1.0,
        }
    }

    /// What belongs to a number, as a brightness.
    pub fn brightness(&self, x: f32) -> Brightness {
        Brightness::try_from(self.at(x)).unwrap_or(Brightness::FULL)
    }

    /// The number of the last point.
    pub fn end(&self) -> f32 {
        self.0.last().map_or(f32::NEG_INFINITY, |point| point.0)
    }
}

impl TryFrom<Vec<(f32, f32)>> for Curve {
    type Error = &'static str;

    fn try_from(points: Vec<(f32, f32)>) -> Result<Self, Self::Error> {
        if points.is_empty() || points.len() > 100 {
            return Err("a curve must have 1 to 100 points, as in [(10, 0.1), (100, 1)]");
        }
        if !points.iter().all(|(x, y)| x.is_finite() && (0.0..=1.0).contains(y)) {
            return Err("the second number of each point of a curve must be from 0 to 1");
        }
        if !points.is_sorted_by(|a, b| a.0 < b.0) {
            return Err("the first numbers of a curve's points must rise");
        }
        Ok(Self(points))
    }
}

impl From<Curve> for Vec<(f32, f32)> {
    fn from(curve: Curve) -> Self {
        curve.0
    }
}

/// A part of a whole, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Fraction(pub(super) f32);

/// A number over 0.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Positive(f32);

/// An address of a device on an I2C bus, 0x08 to 0x77.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct I2cAddress(pub(super) u8);

macro_rules! checked {
    ($name:ident: $of:ty, $what:literal, $allowed:literal, $holds:expr) => {
        impl $name {
            /// The number.
            pub fn get(self) -> $of {
                self.0
            }
        }

        impl TryFrom<$of> for $name {
            type Error = UnitError;

            fn try_from(value: $of) -> Result<Self, UnitError> {
                let holds: fn($of) -> bool = $holds;
                let error =
                    || UnitError { what: $what, allowed: $allowed, value: f64::from(value) };
                if holds(value) { Ok(Self(value)) } else { Err(error()) }
            }
        }

        impl From<$name> for $of {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

checked!(Fraction: f32, "a fraction", "from 0 to 1", |value| (0.0..=1.0).contains(&value));
checked!(Positive: f32, "it", "over 0", |value| value > 0.0 && value.is_finite());
checked!(I2cAddress: u8, "an I2C address", "from 8 (0x08) to 119 (0x77)", |value| {
    (0x08..=0x77).contains(&value)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_straight_between_its_points_and_level_beyond() {
        let curve = Curve::try_from(vec![(10.0, 0.2), (20.0, 1.0)]).unwrap();
        for (x, y) in [(-5.0, 0.2), (10.0, 0.2), (15.0, 0.6), (20.0, 1.0), (1e9, 1.0)] {
            assert!((curve.at(x) - y).abs() < 1e-6, "{x}");
        }
        for bad in [vec![], vec![(1.0, 1.1)], vec![(1.0, 0.5), (1.0, 0.6)], vec![(f32::NAN, 0.0)]] {
            assert!(Curve::try_from(bad).is_err());
        }
    }

    #[test]
    fn addresses_are_those_that_devices_may_have() {
        assert!(I2cAddress::try_from(0x07).is_err() && I2cAddress::try_from(0x78).is_err());
        assert_eq!(I2cAddress::try_from(0x40).map(I2cAddress::get), Ok(0x40));
        assert!(Positive::try_from(0.0).is_err() && Fraction::try_from(1.01).is_err());
    }
}
