//! The times that a rule holds.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::almanac::Almanac;
use super::{Rule, Schedule};
use crate::id::RuleId;

/// One time that a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// Which.
    pub rule: RuleId,
    /// Its place in the schedule, from 0: the lower wins.
    pub index: usize,
    /// The first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

impl Schedule {
    /// All times that rules hold of which some is between two instants.
    pub fn occurrences_within(
        &self,
        zone: &TimeZone,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<Occurrence> {
        let date = |time: Timestamp| zone.to_datetime(time).date();
        // What is on may have begun the day before, or earlier where that had 23 hours.
        let first = date(from).checked_sub(Span::new().days(2)).unwrap_or(Date::MIN);
        let mut all = self.occurrences(zone, first, date(to));
        all.retain(|one| from < one.end && one.start < to);
        all
    }

    /// All times that rules hold which begin on these days of a zone, both included.
    fn occurrences(&self, zone: &TimeZone, first: Date, last: Date) -> Vec<Occurrence> {
        let mut all = Vec::new();
        let mut day = Some(first);
        while let Some(date) = day.filter(|date| *date <= last) {
            let almanac = Almanac::new(self.place, zone, date);
            for (index, rule) in self.rules.iter().enumerate() {
                if rule.begins_on(date) {
                    let spans = almanac.spans(&rule.from, &rule.until).into_iter();
                    all.extend(spans.map(|(start, end)| Occurrence {
                        rule: rule.id,
                        index,
                        start,
                        end,
                    }));
                }
            }
            day = date.tomorrow().ok();
        }
        all
    }
}

impl Rule {
    fn begins_on(&self, date: Date) -> bool {
        self.enabled
            && self.days.contains(&date.weekday().into())
            && self.dates.is_none_or(|dates| dates.has(date))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::SignedDuration;
    use jiff::civil::{date, time};
    use jiff::tz::AmbiguousOffset;
    use proptest::prelude::*;

    use super::*;
    use crate::id::PlaylistId;
    use crate::schedule::{Act, Dates, Day, Every, Moment, Place};

    /// Central Europe, by the rules that hold since 1996.
    pub(crate) fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn clock(hour: i8, minute: i8) -> Moment {
        Moment::Clock(time(hour, minute, 0, 0))
    }

    fn every_day() -> BTreeSet<Day> {
        use Day::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday].into()
    }

    fn rule(from: Moment, until: Moment) -> Rule {
        Rule {
            id: RuleId(1),
            name: "a rule".into(),
            enabled: true,
            days: every_day(),
            dates: None,
            from,
            until,
            act: Act::Play(PlaylistId(7)),
        }
    }

    fn schedule(rule: Rule) -> Schedule {
        let place = Some(Place { latitude: 52.52, longitude: 13.40 });
        Schedule { enabled: true, time_zone: None, place, rules: vec![rule] }
    }

    /// The occurrence of a rule that begins on a day, in UTC.
    fn on(rule: Rule, day: Date) -> Option<[String; 2]> {
        let all = schedule(rule).occurrences(&berlin(), day, day);
        assert!(all.len() < 2);
        all.first().map(|one| [one.start.to_string(), one.end.to_string()])
    }

    fn span(from: &str, until: &str) -> Option<[String; 2]> {
        Some([format!("{from}:00Z"), format!("{until}:00Z")])
    }

    #[test]
    fn days_and_dates_are_those_on_which_it_begins() {
        let night = rule(clock(22, 0), clock(6, 0));
        let friday = Rule { days: [Day::Friday].into(), ..night.clone() };
        let (first, last) = (date(2026, 11, 1), date(2026, 11, 27));
        let dates = Some(Dates { first, last, every: Every::Once });
        let night_of_friday = span("2026-11-27T21:00", "2026-11-28T05:00");
        assert_eq!(on(friday.clone(), date(2026, 11, 27)), night_of_friday);
        assert_eq!(on(friday, date(2026, 11, 28)), None);
        assert_eq!(on(Rule { dates, ..night.clone() }, date(2026, 11, 27)), night_of_friday);
        assert_eq!(on(Rule { dates, ..night.clone() }, date(2026, 11, 28)), None);
        assert_eq!(on(Rule { enabled: false, ..night }, date(2026, 11, 27)), None);
    }

    #[test]
    fn the_same_time_twice_is_a_whole_day() {
        let whole = rule(clock(0, 0), clock(0, 0));
        let day = span("2026-11-25T23:00", "2026-11-26T23:00");
        assert_eq!(on(whole.clone(), date(2026, 11, 26)), day);
        // The day clocks go back has 25 hours, the one they go forward 23.
        let long = span("2026-10-24T22:00", "2026-10-25T23:00");
        assert_eq!(on(whole.clone(), date(2026, 10, 25)), long);
        let short = span("2026-03-28T23:00", "2026-03-29T22:00");
        assert_eq!(on(whole, date(2026, 3, 29)), short);
    }

    #[test]
    fn an_hour_that_comes_twice_is_held_both_times() {
        let back = date(2026, 10, 25);
        // 02:00 to 03:00 is shown from 00:00Z to 01:00Z, and again until 02:00Z.
        assert_eq!(
            on(rule(clock(2, 15), clock(2, 45)), back),
            span("2026-10-25T00:15", "2026-10-25T01:45")
        );
        assert_eq!(
            on(rule(clock(1, 0), clock(2, 30)), back),
            span("2026-10-24T23:00", "2026-10-25T01:30")
        );
        let before = date(2026, 10, 24);
        assert_eq!(
            on(rule(clock(22, 0), clock(6, 0)), before),
            span("2026-10-24T20:00", "2026-10-25T05:00")
        );
    }

    #[test]
    fn an_hour_that_does_not_come_is_left_out() {
        let forward = date(2026, 3, 29);
        // Clocks go from 02:00 to 03:00 at 01:00Z.
        assert_eq!(
            on(rule(clock(2, 30), clock(3, 15)), forward),
            span("2026-03-29T01:00", "2026-03-29T01:15")
        );
        assert_eq!(
            on(rule(clock(1, 30), clock(2, 0)), forward),
            span("2026-03-29T00:30", "2026-03-29T01:00")
        );
        assert_eq!(on(rule(clock(2, 15), clock(2, 45)), forward), None);
        let before = date(2026, 3, 28);
        assert_eq!(
            on(rule(clock(22, 0), clock(6, 0)), before),
            span("2026-03-28T21:00", "2026-03-29T04:00")
        );
    }

    #[test]
    fn the_sun_may_begin_or_end_it() {
        let (summer, winter) = (date(2026, 6, 21), date(2026, 12, 21));
        let minutes = |span: Option<[String; 2]>| {
            let [start, end] = span.unwrap().map(|text| text.parse::<Timestamp>().unwrap());
            end.duration_since(start).as_mins()
        };
        // Berlin: the shortest night has 7 h 10 min, the shortest day 7 h 39 min.
        let night = rule(Moment::Sunset(0), Moment::Sunrise(0));
        assert!((428..=432).contains(&minutes(on(night.clone(), summer))));
        let day = rule(Moment::Sunrise(0), Moment::Sunset(0));
        assert!((457..=461).contains(&minutes(on(day, winter))));
        let longer = rule(Moment::Sunset(-30), Moment::Sunrise(15));
        assert_eq!(minutes(on(longer, summer)), minutes(on(night, summer)) + 45);
        // Sunset is at 21:33 in summer and at 15:54 in winter.
        let evening = rule(Moment::Sunset(0), clock(21, 0));
        assert_eq!(on(evening.clone(), summer), None);
        assert!((304..=308).contains(&minutes(on(evening, winter))));
        let late = rule(Moment::Sunset(0), clock(2, 0));
        assert!((265..=269).contains(&minutes(on(late, summer))));
        let until_dark = rule(clock(20, 0), Moment::Sunset(0));
        assert!((91..=95).contains(&minutes(on(until_dark.clone(), summer))));
        assert_eq!(on(until_dark, winter), None);
    }

    #[test]
    fn without_a_place_or_a_sunset_there_is_none() {
        let night = rule(Moment::Sunset(0), Moment::Sunrise(0));
        let midsummer = date(2026, 6, 21);
        let nowhere = Schedule { place: None, ..schedule(night.clone()) };
        assert!(nowhere.occurrences(&berlin(), midsummer, midsummer).is_empty());
        let tromso = Some(Place { latitude: 69.65, longitude: 18.96 });
        let there = Schedule { place: tromso, ..schedule(night) };
        assert!(there.occurrences(&berlin(), midsummer, midsummer).is_empty());
    }

    #[test]
    fn a_pattern_may_begin_it_many_times_a_day() {
        let cron = |pattern: &str| Moment::Cron(pattern.parse().unwrap());
        let all = |from: Moment, until: Moment, day: Date| {
            let all = schedule(rule(from, until)).occurrences(&berlin(), day, day);
            all.iter().map(|one| [one.start.to_string(), one.end.to_string()]).collect::<Vec<_>>()
        };
        let day = date(2026, 11, 27);
        let bells = all(cron("0 18-20 * * FRI"), Moment::After(5), day);
        let hour = |hour| span(&format!("2026-11-27T{hour}:00"), &format!("2026-11-27T{hour}:05"));
        assert_eq!(bells, [17, 18, 19].map(|utc| hour(utc).unwrap()));
        assert_eq!(all(cron("0 18-20 * * FRI"), Moment::After(5), date(2026, 11, 28)).len(), 0);
        // Those that touch are one.
        let joined = all(cron("*/5 18 * * *"), Moment::After(5), day);
        assert_eq!(joined, [span("2026-11-27T17:00", "2026-11-27T18:00").unwrap()]);
        // The next such moment ends it.
        let night = all(cron("30 22 L * *"), clock(6, 0), date(2026, 11, 30));
        assert_eq!(night, [span("2026-11-30T21:30", "2026-12-01T05:00").unwrap()]);
        // Not by the sunset of another day.
        assert_eq!(all(cron("0 20 * * *"), Moment::Sunset(0), day).len(), 0);
        let noon = all(clock(12, 0), Moment::After(90), day);
        assert_eq!(noon, [span("2026-11-27T11:00", "2026-11-27T12:30").unwrap()]);
    }

    #[test]
    fn a_pattern_knows_what_clocks_do() {
        let cron = |pattern: &str| Moment::Cron(pattern.parse().unwrap());
        let starts = |pattern: &str, day: Date| {
            let rule = rule(cron(pattern), Moment::After(5));
            let all = schedule(rule).occurrences(&berlin(), day, day);
            all.iter().map(|one| one.start.to_string()).collect::<Vec<_>>()
        };
        let (forward, back) = (date(2026, 3, 29), date(2026, 10, 25));
        // Each hour that passes.
        assert_eq!(starts("0 * * * *", forward).len(), 23);
        assert_eq!(starts("0 * * * *", back).len(), 25);
        // Once a day, at 02:30, which does not come or comes twice.
        assert_eq!(starts("30 2 * * *", forward), ["2026-03-29T01:00:00Z"]);
        assert_eq!(starts("30 2 * * *", back), ["2026-10-25T00:30:00Z"]);
        // Nothing is left of it where clocks go from 02:00 to 03:00.
        assert_eq!(on(rule(cron("30 2 * * *"), clock(3, 0)), forward), None);
    }

    proptest! {
        /// Whatever clocks do: a rule holds exactly while a clock shows a time of it, but for the hour that comes
        /// twice, which it may fill.
        #[test]
        fn it_holds_while_a_clock_shows_its_time(
            day in 0_i32..800,
            from in 0_i32..24 * 60,
            until in 0_i32..24 * 60,
            at in 0_i64..48 * 60,
        ) {
            let at_minute = |minute: i32| clock((minute / 60) as i8, (minute % 60) as i8);
            let first = date(2026, 1, 1).checked_add(Span::new().days(day)).unwrap();
            let last = first.checked_add(Span::new().days(3)).unwrap();
            let zone = berlin();
            let schedule = schedule(rule(at_minute(from), at_minute(until)));
            let all = schedule.occurrences(&zone, first, last);
            let start = first.tomorrow().unwrap().to_zoned_datetime(zone.clone()).unwrap().timestamp();
            let now = start.checked_add(SignedDuration::from_mins(at)).unwrap();
            let shown = zone.to_datetime(now);
            let minute = i32::from(shown.hour()) * 60 + i32::from(shown.minute());
            let is_shown = if from < until {
                (from..until).contains(&minute)
            } else {
                minute >= from || minute < until
            };
            let holds = all.iter().any(|one| one.start <= now && now < one.end);
            let comes_twice = matches!(
                zone.to_ambiguous_timestamp(shown).offset(),
                AmbiguousOffset::Fold { .. }
            );
            prop_assert!(holds == is_shown || (comes_twice && holds), "{shown} {from} {until}");
        }
    }
}
