//! The schedule: its rules, what they come to, and what it is doing.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span as Length, Timestamp};
use prismatron_core::id::RuleId;
use prismatron_core::schedule::{
    self as domain, Act, Aspect, Obedience, Occurrence, Standing, sun,
};
use prismatron_store::{Playlists, StoredSchedule};

use crate::app::App;
use crate::wire::schedule::{
    Course, NextChange, Rule, Schedule, ScheduleMode, ScheduleState, Span, Week, WeekDay, Winner,
};

/// Days of a week.
const DAYS: i64 = 7;

/// The schedule as it is stored.
pub(crate) fn schedule(app: &App, stored: &StoredSchedule) -> Schedule {
    let StoredSchedule { revision, schedule } = stored;
    let zone = app.zones.in_force(schedule.time_zone.as_deref());
    let playlists = app.playlists();
    Schedule {
        enabled: schedule.enabled,
        time_zone: schedule.time_zone.clone(),
        time_zone_in_force: zone_name(&zone),
        place: schedule.place.map(Into::into),
        rules: schedule
            .rules
            .iter()
            .map(|rule| Rule {
                id: rule.id.to_string(),
                name: rule.name.clone(),
                enabled: rule.enabled,
                problem: problem(rule, &playlists),
                days: rule.days.iter().map(|day| (*day).into()).collect(),
                dates: rule.dates.map(Into::into),
                from: rule.from.clone().into(),
                until: rule.until.clone().into(),
                act: rule.act.into(),
            })
            .collect(),
        revision: *revision,
    }
}

fn problem(rule: &domain::Rule, playlists: &Playlists) -> Option<String> {
    match rule.act {
        Act::Play(id) if playlists.get(id).is_none() => {
            Some("its playlist has been deleted".into())
        }
        _ => None,
    }
}

/// What a zone is called.
pub(crate) fn zone_name(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => zone.to_fixed_offset().map_or_else(|_| "local".into(), |offset| offset.to_string()),
    }
}

/// What the schedule is doing.
pub(crate) fn schedule_state(app: &App) -> ScheduleState {
    let stored = app.schedule();
    let schedule = &stored.schedule;
    let zone = app.zones.in_force(schedule.time_zone.as_deref());
    let standing = app.standing.borrow().clone();
    let (mode, followed) = match standing {
        Standing::Off => (ScheduleMode::Off, None),
        Standing::ClockUnset => (ScheduleMode::ClockUnset, None),
        Standing::SafeMode => (ScheduleMode::SafeMode, None),
        Standing::On(followed) => (ScheduleMode::On, Some(followed)),
    };
    let winner = |occurrence: Option<Occurrence>| {
        let rule = schedule.rule(occurrence?.rule)?;
        Some(Winner { id: rule.id.to_string(), name: rule.name.clone(), act: rule.act.into() })
    };
    let course = |course: domain::Course, obedience| Course {
        rule: winner(course.now),
        overridden: obedience == Obedience::Overridden,
        next: course
            .next
            .map(|next| NextChange { at: instant(&zone, next.at), rule: winner(next.to) }),
    };
    let (show, brightness) = followed
        .map(|followed| {
            let show = course(followed.outlook.show, followed.show);
            (show, course(followed.outlook.brightness, followed.brightness))
        })
        .unzip();
    ScheduleState {
        mode,
        local_time: instant(&zone, app.now()),
        time_zone: zone_name(&zone),
        show,
        brightness,
    }
}

/// What a schedule comes to in the week from a day on; `None` beyond the end of time. Takes a while.
pub(crate) fn week(
    schedule: &domain::Schedule,
    zone: &TimeZone,
    first: Date,
    name: impl Fn(RuleId) -> String,
) -> Option<Week> {
    let midnight =
        |date: Date| date.to_zoned_datetime(zone.clone()).ok().map(|midnight| midnight.timestamp());
    let dates = (0..=DAYS).map(|day| first.checked_add(Length::new().days(day)).ok());
    let dates: Vec<Date> = dates.collect::<Option<_>>()?;
    let days = dates.windows(2).map(|pair| {
        let times = schedule.place.map(|place| sun(place, zone, pair[0])).unwrap_or_default();
        Some(WeekDay {
            date: pair[0],
            start: instant(zone, midnight(pair[0])?),
            end: instant(zone, midnight(pair[1])?),
            sunrise: times.rise.map(|time| instant(zone, time)),
            sunset: times.set.map(|time| instant(zone, time)),
        })
    });
    let last = *dates.last()?;
    let (from, to) = (midnight(first)?, midnight(last)?);
    let span = |start: Timestamp, end: Timestamp, rule| Span {
        rule: name(rule),
        start: instant(zone, start.max(from)),
        end: instant(zone, end.min(to)),
    };
    let spans = |aspect| {
        let spans = schedule.spans(aspect, zone, from, to).into_iter();
        spans.filter_map(|one| Some(span(one.start, one.end, one.winner?.rule))).collect()
    };
    let occurrences = schedule.occurrences_within(zone, from, to).into_iter();
    Some(Week {
        time_zone: zone_name(zone),
        days: days.collect::<Option<_>>()?,
        show: spans(Aspect::Show),
        brightness: spans(Aspect::Brightness),
        occurrences: occurrences.map(|one| span(one.start, one.end, one.rule)).collect(),
    })
}

/// An instant in RFC 3339, as clocks of a zone show it.
pub(super) fn instant(zone: &TimeZone, time: Timestamp) -> String {
    let seconds = Timestamp::from_second(time.as_second()).unwrap_or(time);
    seconds.display_with_offset(zone.to_offset(seconds)).to_string()
}
