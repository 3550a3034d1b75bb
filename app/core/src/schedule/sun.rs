//! Sunrise and sunset: the sun's upper edge at a level horizon, with the usual refraction.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use solar_positioning::{Horizon, Location, SolarEvents, delta_t};

use super::Place;

/// When the sun rises and sets on a day; `None` where it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SunTimes {
    /// The first time it rises.
    pub rise: Option<Timestamp>,
    /// The last time it sets.
    pub set: Option<Timestamp>,
}

/// Julian date of the start of 1970.
const UNIX_EPOCH: f64 = 2_440_587.5;
const DAY: f64 = 86_400.0;

/// When the sun rises and sets on a day of a zone, to the second.
pub fn sun(place: Place, zone: &TimeZone, date: Date) -> SunTimes {
    events(place, zone, date).unwrap_or_default()
}

fn events(place: Place, zone: &TimeZone, date: Date) -> Option<SunTimes> {
    let midnight = |date: Date| {
        let start = date.to_zoned_datetime(zone.clone()).ok()?.timestamp();
        Some(start.as_second() as f64 / DAY + UNIX_EPOCH)
    };
    let (start, end) = (midnight(date)?, midnight(date.tomorrow().ok()?)?);
    let location = Location { latitude: place.latitude, longitude: place.longitude };
    let month = u32::try_from(date.month()).ok()?;
    let delta_t = delta_t::estimate_from_date(i32::from(date.year()), month).ok()?;
    let horizon = Horizon::SunriseSunset;
    let events =
        SolarEvents::new().for_interval_from_julian(start, end, location, delta_t, horizon).ok()?;
    let instant =
        |julian: &f64| Timestamp::from_second(((julian - UNIX_EPOCH) * DAY).round() as i64).ok();
    Some(SunTimes {
        rise: events.rises.first().and_then(instant),
        set: events.sets.last().and_then(instant),
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::{Offset, TimeZone};

    use super::*;

    /// Whether a time is within a minute and a half of what a table in whole minutes says.
    #[track_caller]
    fn about(time: Option<Timestamp>, expected: &str) {
        let expected: Timestamp = expected.parse().unwrap();
        let off = time.unwrap().duration_since(expected).as_secs();
        assert!(off.abs() <= 90, "{off} s from {expected}");
    }

    #[test]
    fn it_agrees_with_an_almanac() {
        let utc = TimeZone::UTC;
        // Royal Observatory, Greenwich; U.S. Naval Observatory's “complete sun and moon data”.
        let greenwich = Place { latitude: 51.48, longitude: 0.0 };
        let solstice = sun(greenwich, &utc, date(2026, 6, 21));
        about(solstice.rise, "2026-06-21T03:43:00Z");
        about(solstice.set, "2026-06-21T20:21:00Z");
        let winter = sun(greenwich, &utc, date(2026, 12, 21));
        about(winter.rise, "2026-12-21T08:04:00Z");
        about(winter.set, "2026-12-21T15:53:00Z");
    }

    #[test]
    fn the_day_is_that_of_the_zone() {
        let auckland = Place { latitude: -36.85, longitude: 174.76 };
        let zone = TimeZone::fixed(Offset::from_hours(12).unwrap());
        let day = sun(auckland, &zone, date(2026, 6, 21));
        let local = |time: Option<Timestamp>| zone.to_datetime(time.unwrap()).date();
        assert_eq!((local(day.rise), local(day.set)), (date(2026, 6, 21), date(2026, 6, 21)));
        assert!(day.rise < day.set);
    }

    #[test]
    fn beyond_the_polar_circle_it_may_do_neither() {
        let tromso = Place { latitude: 69.65, longitude: 18.96 };
        for day in [date(2026, 6, 21), date(2026, 12, 21)] {
            assert_eq!(sun(tromso, &TimeZone::UTC, day), SunTimes::default(), "{day}");
        }
    }
}
