//! Where LEDs placed one by one are.

use super::{Led, Points, check_length, check_point};

impl Points {
    pub(super) fn check(&self) -> Result<(), String> {
        check_length("footprint", self.footprint)?;
        if self.at.is_empty() {
            return Err("it has no points".into());
        }
        for (index, point) in self.at.iter().enumerate() {
            check_point("a point", *point).map_err(|error| format!("LED {index}: {error}"))?;
        }
        Ok(())
    }

    pub(super) fn leds(&self) -> impl Iterator<Item = Led> {
        let footprint = (self.footprint, self.footprint);
        self.at.iter().map(move |&centre| Led { centre, footprint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_cannot_be() {
        let good = Points { at: vec![(0.0, 0.0), (-5.0, 900.0)], footprint: 8.0 };
        assert_eq!(good.check(), Ok(()));
        assert!(Points { footprint: 0.0, ..good.clone() }.check().is_err());
        assert!(Points { at: vec![], ..good }.check().is_err());
        let far = Points { at: vec![(0.0, 0.0), (1e7, 0.0)], footprint: 8.0 };
        assert!(far.check().unwrap_err().starts_with("LED 1: "));
    }
}
