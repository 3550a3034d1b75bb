//! Time zones: the machine's own, and those of the IANA database, from the machine where it has one and otherwise from
//! the program itself: a small system has none.

use jiff::tz::{self, TimeZone};

/// Where time zones come from.
#[derive(Debug, Clone, Default)]
pub struct Zones {
    machine: Option<TimeZone>,
}

impl Zones {
    /// Those of this machine.
    pub fn of_this_machine() -> Self {
        Self::default()
    }

    /// Those of a machine whose clocks show this zone.
    pub fn of_a_machine_in(zone: TimeZone) -> Self {
        Self { machine: Some(zone) }
    }

    /// The zone whose clocks the machine shows now; UTC where it does not say.
    pub fn machine(&self) -> TimeZone {
        self.machine.clone().or_else(|| TimeZone::try_system().ok()).unwrap_or(TimeZone::UTC)
    }

    /// The zone with this name, upper and lower case alike.
    pub fn named(&self, name: &str) -> Option<TimeZone> {
        TimeZone::get(name).ok()
    }

    /// The zone that somebody has chosen, and otherwise the machine's.
    pub fn in_force(&self, chosen: Option<&str>) -> TimeZone {
        chosen.and_then(|name| self.named(name)).unwrap_or_else(|| self.machine())
    }

    /// Names of all zones, in order. Reads the disk.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_chosen_zone_is_used_and_otherwise_the_machines() {
        let machine = TimeZone::fixed(tz::Offset::from_hours(5).unwrap());
        let zones = Zones::of_a_machine_in(machine.clone());
        let berlin = zones.in_force(Some("Europe/Berlin"));
        let noon = date(2026, 7, 1).at(12, 0, 0, 0);
        assert_eq!(berlin.to_timestamp(noon).unwrap().to_string(), "2026-07-01T10:00:00Z");
        assert_eq!(zones.in_force(Some("Europe/Nowhere")), machine);
        assert_eq!(zones.in_force(None), machine);
    }

    #[test]
    fn all_that_are_named_are_there() {
        let zones = Zones::of_this_machine();
        let names = zones.names();
        assert!(names.len() > 300, "{}", names.len());
        assert!(names.is_sorted());
        for name in ["America/Argentina/Buenos_Aires", "Asia/Tokyo", "Europe/Berlin", "UTC"] {
            assert!(names.iter().any(|other| other == name), "{name}");
        }
        for name in &names {
            assert!(zones.named(name).is_some(), "{name}");
        }
    }
}
