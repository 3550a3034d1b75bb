//! Where the LEDs of a ring are.

use std::f64::consts::TAU;

use super::{Led, Ring, Turn, check_count, check_length, check_point};

impl Ring {
    pub(super) fn check(&self) -> Result<(), String> {
        check_point("centre", self.centre)?;
        check_length("radius", self.radius)?;
        check_count("count", self.count)?;
        if !(-360.0..=360.0).contains(&self.start_degrees) {
            return Err(format!("start must be from -360 to 360°, not {}", self.start_degrees));
        }
        self.footprint.map_or(Ok(()), |side| check_length("footprint", side))
    }

    pub(super) fn leds(&self) -> impl Iterator<Item = Led> {
        let radius = f64::from(self.radius);
        let count = f64::from(self.count);
        let side = self.footprint.unwrap_or((radius * TAU / count) as f32);
        let start = f64::from(self.start_degrees).to_radians();
        let turn = match self.turn {
            Turn::Clockwise => TAU,
            Turn::Anticlockwise => -TAU,
        };
        (0..self.count).map(move |number| {
            // From the top and, y being down, clockwise.
            let (sin, cos) = (start + turn * f64::from(number) / count).sin_cos();
            let x = f64::from(self.centre.0) + radius * sin;
            let y = f64::from(self.centre.1) - radius * cos;
            Led { centre: (x as f32, y as f32), footprint: (side, side) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring() -> Ring {
        Ring {
            centre: (100.0, 50.0),
            radius: 10.0,
            count: 4,
            start_degrees: 0.0,
            turn: Turn::Clockwise,
            footprint: None,
        }
    }

    fn rounded(ring: &Ring) -> Vec<(i32, i32)> {
        ring.leds().map(|led| (led.centre.0.round() as i32, led.centre.1.round() as i32)).collect()
    }

    #[test]
    fn runs_round_from_the_top() {
        assert_eq!(rounded(&ring()), [(100, 40), (110, 50), (100, 60), (90, 50)]);
        let back = Ring { turn: Turn::Anticlockwise, start_degrees: 90.0, ..ring() };
        assert_eq!(rounded(&back), [(110, 50), (100, 40), (90, 50), (100, 60)]);
    }

    #[test]
    fn footprint_is_the_spacing_unless_given() {
        let side = ring().leds().next().unwrap().footprint.0;
        assert!((side - 15.708).abs() < 1e-3, "{side}");
        let wide = Ring { footprint: Some(3.0), ..ring() };
        assert_eq!(wide.leds().next().unwrap().footprint, (3.0, 3.0));
    }

    #[test]
    fn refuses_what_cannot_be() {
        assert_eq!(ring().check(), Ok(()));
        for bad in [
            Ring { radius: 0.0, ..ring() },
            Ring { count: 0, ..ring() },
            Ring { start_degrees: f32::NAN, ..ring() },
            Ring { centre: (f32::NEG_INFINITY, 0.0), ..ring() },
            Ring { footprint: Some(-1.0), ..ring() },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
