//! A day's moments as instants, and the times between them.
//!
//! On the day clocks go back, an hour comes twice: what begins in it begins the first time, and what ends in it ends the
//! second, so that no moment at which a clock shows a time of the rule is left out. On the day they go forward an hour
//! does not come: what begins or ends in it does so when clocks have gone forward. A rule of which nothing is left that
//! way does not hold that day.
//!
//! A rule ends on the day it begins where that leaves some of it, otherwise on the next. Where one end is the sun's and
//! the other the clock's, that next day only counts until noon: “from sunset until 23:00” does not hold at all where the
//! sun sets later. What a cron pattern begins is begun by the clock.
//!
//! What a cron pattern begins in the hour that comes twice begins both times where it goes by the passing of time, and what
//! it begins in the one that does not come is left out then. Times of one rule that touch are one.

use std::cell::OnceCell;

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, AmbiguousTimestamp, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::{CronPattern, Moment, Place, SunTimes, sun};

/// Which end of a rule a moment is.
#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

/// A day and the one after it, with the sun's times where they are asked for.
pub(super) struct Almanac<'a> {
    place: Option<Place>,
    zone: &'a TimeZone,
    days: [Option<Date>; 2],
    suns: [OnceCell<SunTimes>; 2],
}

impl<'a> Almanac<'a> {
    pub(super) fn new(place: Option<Place>, zone: &'a TimeZone, date: Date) -> Self {
        let days = [Some(date), date.tomorrow().ok()];
        Self { place, zone, days, suns: [OnceCell::new(), OnceCell::new()] }
    }

    /// The times from one moment to another, in order, as far as there is any time between.
    pub(super) fn spans(&self, from: &Moment, until: &Moment) -> Vec<(Timestamp, Timestamp)> {
        let begins =
            |meant| Vec::from_iter(self.instant(0, from, End::First).map(|at| (at, meant)));
        // With the time of the clock that was meant, where it was one.
        let starts = match from {
            Moment::Cron(pattern) => self.begun_by(pattern),
            Moment::Clock(time) => begins(Some(*time)),
            _ => begins(None),
        };
        let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (start, meant) in starts {
            let Some(end) = self.end(start, meant, until).filter(|end| start < *end) else {
                continue;
            };
            match spans.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => spans.push((start, end)),
            }
        }
        spans
    }

    /// When a pattern says so on the first of the days, in order, with the times that were meant.
    fn begun_by(&self, pattern: &CronPattern) -> Vec<(Timestamp, Option<Time>)> {
        let Some(date) = self.days[0].filter(|date| pattern.is_on(*date)) else {
            return Vec::new();
        };
        let mut starts = Vec::new();
        for time in pattern.times() {
            let shown = self.zone.to_ambiguous_timestamp(date.to_datetime(time));
            let begins = match shown.offset() {
                AmbiguousOffset::Fold { .. } if pattern.is_interval() => {
                    [shown.earlier().ok(), shown.later().ok()]
                }
                AmbiguousOffset::Gap { .. } if pattern.is_interval() => [None, None],
                _ => [on_the_clock(self.zone, shown, End::First), None],
            };
            starts.extend(begins.into_iter().flatten().map(|start| (start, Some(time))));
        }
        starts.sort_unstable();
        starts
    }

    /// When something ends that has begun, at this time of the clock if it was one.
    fn end(&self, start: Timestamp, meant: Option<Time>, until: &Moment) -> Option<Timestamp> {
        match (meant, until) {
            (_, Moment::After(minutes)) => {
                start.checked_add(SignedDuration::from_mins((*minutes).into())).ok()
            }
            (Some(from), Moment::Clock(time)) => {
                self.instant(usize::from(*time <= from), until, End::Last)
            }
            _ => {
                let same_day = self.instant(0, until, End::Last).filter(|end| start < *end);
                same_day.or_else(|| {
                    self.instant(1, until, End::Last).filter(|end| {
                        // Both are the sun's where neither is the clock's.
                        let are_suns = meant.is_none() && !matches!(until, Moment::Clock(_));
                        let noon = Moment::Clock(Time::constant(12, 0, 0, 0));
                        are_suns
                            || self.instant(1, &noon, End::Last).is_some_and(|noon| *end <= noon)
                    })
                })
            }
        }
    }

    /// A moment of the first (0) or second (1) of the days.
    fn instant(&self, day: usize, moment: &Moment, end: End) -> Option<Timestamp> {
        let (time, offset) = match *moment {
            Moment::Clock(time) => {
                let shown = self.zone.to_ambiguous_timestamp(self.days[day]?.to_datetime(time));
                return on_the_clock(self.zone, shown, end);
            }
            Moment::Sunrise(offset) => (self.sun(day)?.rise?, offset),
            Moment::Sunset(offset) => (self.sun(day)?.set?, offset),
            // Neither is one moment of a day.
            Moment::Cron(_) | Moment::After(_) => return None,
        };
        time.checked_add(SignedDuration::from_mins(offset.into())).ok()
    }

    fn sun(&self, day: usize) -> Option<SunTimes> {
        let (place, date) = (self.place?, self.days[day]?);
        Some(*self.suns[day].get_or_init(|| sun(place, self.zone, date)))
    }
}

/// When a clock shows a time, which may come twice that day or not at all.
fn on_the_clock(zone: &TimeZone, shown: AmbiguousTimestamp, end: End) -> Option<Timestamp> {
    match (shown.offset(), end) {
        (AmbiguousOffset::Unambiguous { .. }, _) | (AmbiguousOffset::Fold { .. }, End::First) => {
            shown.earlier().ok()
        }
        (AmbiguousOffset::Fold { .. }, End::Last) => shown.later().ok(),
        (AmbiguousOffset::Gap { .. }, _) => {
            // By the old clock: at or after the moment clocks go forward, which is the last change before that.
            let after = shown.later().ok()?;
            let just_after = after.checked_add(SignedDuration::from_secs(1)).ok()?;
            Some(zone.preceding(just_after).next().map_or(after, |change| change.timestamp()))
        }
    }
}
