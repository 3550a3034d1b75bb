//! Where the LEDs of a strip are.

use super::{Led, Point, Strip, check_count, check_length, check_point};

impl Strip {
    pub(super) fn check(&self) -> Result<(), String> {
        check_count("count", self.count)?;
        if self.path.len() < 2 {
            return Err("its path needs at least two points".into());
        }
        for point in &self.path {
            check_point("a point of its path", *point)?;
        }
        if self.length() <= 0.0 {
            return Err("all points of its path are the same".into());
        }
        self.footprint.map_or(Ok(()), |side| check_length("footprint", side))
    }

    pub(super) fn leds(&self) -> impl Iterator<Item = Led> {
        let length = self.length();
        // A single LED stands for the whole strip.
        let (first, spacing) = match self.count {
            1 => (length / 2.0, length),
            count => (0.0, length / f64::from(count - 1)),
        };
        let side = self.footprint.unwrap_or(spacing as f32);
        let mut walk = Walk::new(&self.path);
        (0..self.count).map(move |number| Led {
            centre: walk.at(first + spacing * f64::from(number)),
            footprint: (side, side),
        })
    }

    fn length(&self) -> f64 {
        self.path.windows(2).map(|ends| distance(ends[0], ends[1])).sum()
    }
}

fn distance(a: Point, b: Point) -> f64 {
    (f64::from(b.0) - f64::from(a.0)).hypot(f64::from(b.1) - f64::from(a.1))
}

/// Goes along a polyline, once and forwards.
struct Walk<'a> {
    /// The segment under foot, and those after it.
    path: &'a [Point],
    /// Length of the path up to the segment.
    behind: f64,
}

impl<'a> Walk<'a> {
    fn new(path: &'a [Point]) -> Self {
        Self { path, behind: 0.0 }
    }

    /// The point so far along the path from its start; never less far than the one before.
    fn at(&mut self, along: f64) -> Point {
        while let [from, to, rest @ ..] = self.path {
            let length = distance(*from, *to);
            let into = along - self.behind;
            if into <= length || rest.is_empty() {
                // Points in the same place make a segment without length.
                let part = if length > 0.0 { (into / length).min(1.0) } else { 0.0 };
                let between =
                    |a: f32, b: f32| (f64::from(a) + (f64::from(b) - f64::from(a)) * part) as f32;
                return (between(from.0, to.0), between(from.1, to.1));
            }
            self.behind += length;
            self.path = &self.path[1..];
        }
        self.path.first().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strip(path: &[Point], count: u32) -> Strip {
        Strip { path: path.to_vec(), count, footprint: None }
    }

    fn centres(strip: &Strip) -> Vec<Point> {
        strip.leds().map(|led| led.centre).collect()
    }

    #[test]
    fn spaced_by_arc_length_round_a_bend() {
        let bent = strip(&[(0.0, 0.0), (30.0, 0.0), (30.0, 0.0), (30.0, 10.0)], 5);
        assert_eq!(
            centres(&bent),
            [(0.0, 0.0), (10.0, 0.0), (20.0, 0.0), (30.0, 0.0), (30.0, 10.0)]
        );
        assert_eq!(bent.leds().next().unwrap().footprint, (10.0, 10.0));
    }

    #[test]
    fn single_led_is_half_way() {
        let single = strip(&[(0.0, 0.0), (30.0, 40.0)], 1);
        let led = Led { centre: (15.0, 20.0), footprint: (50.0, 50.0) };
        assert_eq!(single.leds().collect::<Vec<_>>(), [led]);
    }

    #[test]
    fn refuses_what_cannot_be() {
        let good = strip(&[(0.0, 0.0), (1.0, 0.0)], 2);
        assert_eq!(good.check(), Ok(()));
        assert!(strip(&[(0.0, 0.0)], 2).check().is_err());
        assert!(strip(&[(3.0, 3.0), (3.0, 3.0)], 2).check().is_err());
        assert!(strip(&[(3.0, 3.0), (f32::NAN, 3.0)], 2).check().is_err());
        assert!(strip(&[(0.0, 0.0), (1.0, 0.0)], 0).check().is_err());
        assert!(Strip { footprint: Some(0.0), ..good }.check().is_err());
    }

    proptest! {
        #[test]
        fn starts_and_ends_at_the_ends(
            path in prop::collection::vec((0.0f32..800.0, 0.0f32..480.0), 2..8),
            count in 2u32..200,
        ) {
            let strip = strip(&path, count);
            prop_assume!(strip.check().is_ok());
            let centres = centres(&strip);
            prop_assert_eq!(centres.len(), count as usize);
            prop_assert!(distance(centres[0], path[0]) < 1e-3);
            prop_assert!(distance(centres[centres.len() - 1], path[path.len() - 1]) < 1e-2);
            // No step is longer than the spacing; a bend makes it shorter.
            let spacing = strip.length() / f64::from(count - 1);
            for pair in centres.windows(2) {
                prop_assert!(distance(pair[0], pair[1]) <= spacing + 1e-2);
            }
        }
    }
}
