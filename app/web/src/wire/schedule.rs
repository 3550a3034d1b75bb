//! What plays when by itself.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use prismatron_core::id::RuleId;
use prismatron_core::schedule as domain;
use prismatron_core::unit::Brightness;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Invalid, id, mirror, name};

mirror! {
    /// A day of the week.
    #[derive(PartialOrd, Ord)]
    Day = domain::Day { Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday }
}

/// What plays when by itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Schedule {
    /// Whether it is followed.
    pub(crate) enabled: bool,
    /// Name of the time zone that was chosen; null is the machine's.
    #[schema(required = true)]
    pub(crate) time_zone: Option<String>,
    /// Name of the time zone whose clocks count.
    pub(crate) time_zone_in_force: String,
    /// Where the sun is looked at from.
    #[schema(required = true)]
    pub(crate) place: Option<Place>,
    /// The first that holds wins: what is on and how bright it is each by themselves.
    pub(crate) rules: Vec<Rule>,
    /// Grows with every change; the same as the `ETag`.
    pub(crate) revision: u64,
}

/// When something is to be so.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduleRule)]
pub(crate) struct Rule {
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// Whether it counts.
    pub(crate) enabled: bool,
    /// Why it is passed over, if it is.
    #[schema(required = true)]
    pub(crate) problem: Option<String>,
    /// On which days of the week it begins.
    pub(crate) days: BTreeSet<Day>,
    /// On which dates it begins; null is any.
    #[schema(required = true)]
    pub(crate) dates: Option<Dates>,
    /// When it begins.
    pub(crate) from: Moment,
    /// When it ends.
    pub(crate) until: Moment,
    pub(crate) act: Act,
}

/// A schedule to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSchedule {
    /// Whether it is followed.
    pub(crate) enabled: bool,
    /// Name of a time zone, of those at `/api/time-zones`; the machine's when null or left out.
    #[serde(default)]
    pub(crate) time_zone: Option<String>,
    /// Where the sun is looked at from; rules by the sun need it.
    #[serde(default)]
    pub(crate) place: Option<Place>,
    /// The first that holds wins: what is on and how bright it is each by themselves. 100 at most.
    pub(crate) rules: Vec<NewRule>,
}

/// A rule to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewScheduleRule)]
pub(crate) struct NewRule {
    /// That it has already; a new one is given when null or left out.
    #[serde(default)]
    pub(crate) id: Option<String>,
    /// What people call it.
    pub(crate) name: String,
    /// Whether it counts; it does when left out.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// On which days of the week it begins; all when left out.
    #[serde(default = "every_day")]
    pub(crate) days: BTreeSet<Day>,
    /// On which dates it begins; any when null or left out.
    #[serde(default)]
    pub(crate) dates: Option<Dates>,
    /// When it begins.
    pub(crate) from: Moment,
    /// When it ends: later on the same day, otherwise on the next. The same time as `from` is a whole day. Where one
    /// of the two is the sun's and the other the clock's, the next day counts until noon only.
    pub(crate) until: Moment,
    pub(crate) act: Act,
}

fn yes() -> bool {
    true
}

fn every_day() -> BTreeSet<Day> {
    use Day::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday].into()
}

/// A place on earth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// Degrees north.
    #[schema(minimum = -90, maximum = 90)]
    pub(crate) latitude: f64,
    /// Degrees east.
    #[schema(minimum = -180, maximum = 180)]
    pub(crate) longitude: f64,
}

/// Dates from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScheduleDates)]
pub(crate) struct Dates {
    #[schema(value_type = String, format = Date)]
    pub(crate) first: Date,
    #[schema(value_type = String, format = Date)]
    pub(crate) last: Date,
    /// Whether they come each year, whatever years are given; the last may be before the first then.
    #[serde(default)]
    pub(crate) every_year: bool,
}

/// When a rule begins or ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ScheduleMoment)]
pub(crate) enum Moment {
    /// By the clock.
    Clock {
        /// Hours and minutes, and seconds where wanted.
        #[schema(value_type = String, examples("18:30"))]
        time: Time,
    },
    /// By sunrise.
    Sunrise {
        /// So many minutes later, or earlier where negative.
        #[serde(default)]
        #[schema(minimum = -360, maximum = 360)]
        offset_minutes: i16,
    },
    /// By sunset.
    Sunset {
        /// So many minutes later, or earlier where negative.
        #[serde(default)]
        #[schema(minimum = -360, maximum = 360)]
        offset_minutes: i16,
    },
    /// Each time that a pattern says; for `from` only.
    Cron {
        /// Minute, hour, day of the month, month and day of the week, as in crontab(5), with `L`, `#` and `W` besides.
        #[schema(max_length = 100, examples("0 18 * * FRI#1"))]
        pattern: String,
    },
    /// So long after it has begun; for `until` only.
    After {
        #[schema(minimum = 1, maximum = 1440)]
        minutes: u16,
    },
}

/// What a rule wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ScheduleAct)]
pub(crate) enum Act {
    /// A playlist is on.
    Play {
        /// Its id.
        playlist: String,
    },
    /// Nothing is on.
    Dark {},
    /// The wall is so bright, whatever is on.
    Brightness {
        /// 0 to 1.
        #[schema(minimum = 0, maximum = 1)]
        brightness: f32,
    },
}

/// Which week.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WeekQuery {
    /// Its first day; the Monday of the present week when left out.
    #[param(value_type = Option<String>, format = Date)]
    pub(crate) first: Option<Date>,
}

/// What a schedule comes to in a week.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduleWeek)]
pub(crate) struct Week {
    /// Name of the time zone whose clocks count.
    pub(crate) time_zone: String,
    /// Seven of them.
    pub(crate) days: Vec<WeekDay>,
    /// What is on when: which rule wins, one time after the other. Where none does, what people have chosen is on.
    pub(crate) show: Vec<Span>,
    /// How bright it is when, in the same way.
    pub(crate) brightness: Vec<Span>,
    /// All times that rules hold, whether they win or not.
    pub(crate) occurrences: Vec<Span>,
}

/// A day of a week.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduleDay)]
pub(crate) struct WeekDay {
    #[schema(value_type = String, format = Date)]
    pub(crate) date: Date,
    /// Its first instant, RFC 3339: days on which clocks change have another length.
    pub(crate) start: String,
    /// The first instant after it, RFC 3339.
    pub(crate) end: String,
    /// RFC 3339; null where the place is not known or the sun does not rise.
    #[schema(required = true)]
    pub(crate) sunrise: Option<String>,
    /// RFC 3339; null where the place is not known or the sun does not set.
    #[schema(required = true)]
    pub(crate) sunset: Option<String>,
}

/// A time in which a rule holds, cut to the week.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduleSpan)]
pub(crate) struct Span {
    /// Its id; that of a new rule is its place in the list, from 0.
    pub(crate) rule: String,
    /// The first instant, RFC 3339.
    pub(crate) start: String,
    /// The first instant after it, RFC 3339.
    pub(crate) end: String,
}

/// What the schedule is doing.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ScheduleState {
    pub(crate) mode: ScheduleMode,
    /// The time of day by the clocks that count, RFC 3339.
    pub(crate) local_time: String,
    /// Name of the time zone whose clocks count.
    pub(crate) time_zone: String,
    /// What is on; null where the schedule is not followed.
    #[schema(required = true)]
    pub(crate) show: Option<Course>,
    /// How bright it is; null where the schedule is not followed.
    #[schema(required = true)]
    pub(crate) brightness: Option<Course>,
}

/// Whether the schedule is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScheduleMode {
    /// It is.
    On,
    /// It is switched off.
    Off,
    /// It will be when the time of day is known.
    ClockUnset,
    /// Nothing happens by itself in safe mode.
    SafeMode,
}

/// What is wanted now, and what next.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ScheduleCourse)]
pub(crate) struct Course {
    /// The rule that wins; null where none does and what people have chosen is in force.
    #[schema(required = true)]
    pub(crate) rule: Option<Winner>,
    /// Whether it is not so: somebody has chosen otherwise, or the playlist has ended. That holds until the next change.
    pub(crate) overridden: bool,
    /// What comes next; null where nothing does for a year.
    #[schema(required = true)]
    pub(crate) next: Option<NextChange>,
}

/// What wins next.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ScheduleChange)]
pub(crate) struct NextChange {
    /// When, RFC 3339.
    pub(crate) at: String,
    /// The rule that wins then; null where none does.
    #[schema(required = true)]
    pub(crate) rule: Option<Winner>,
}

/// A rule that wins.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ScheduleWinner)]
pub(crate) struct Winner {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) act: Act,
}

/// Names of time zones.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TimeZoneList {
    /// Name of the machine's own.
    pub(crate) machine: String,
    /// All there are, in order.
    pub(crate) time_zones: Vec<String>,
}

impl NewRule {
    /// The rule, and the id it has already if it has one.
    pub(crate) fn into_rule(self) -> Result<(domain::Rule, Option<RuleId>), Invalid> {
        let known = self.id.as_deref().map(|text| id::<RuleId>("id", text)).transpose()?;
        let Self { id: _, name: given, enabled, days, dates, from, until, act } = self;
        let rule = domain::Rule {
            id: RuleId(0),
            name: name("name", &given)?,
            enabled,
            days: days.into_iter().map(Into::into).collect(),
            dates: dates.map(Into::into),
            from: from.try_into().map_err(|error: Invalid| error.within("from"))?,
            until: until.try_into().map_err(|error: Invalid| error.within("until"))?,
            act: act.try_into().map_err(|error: Invalid| error.within("act"))?,
        };
        Ok((rule, known))
    }
}

impl From<domain::Place> for Place {
    fn from(domain::Place { latitude, longitude }: domain::Place) -> Self {
        Self { latitude, longitude }
    }
}

impl From<Place> for domain::Place {
    fn from(Place { latitude, longitude }: Place) -> Self {
        Self { latitude, longitude }
    }
}

impl From<domain::Dates> for Dates {
    fn from(domain::Dates { first, last, every }: domain::Dates) -> Self {
        Self { first, last, every_year: every == domain::Every::Year }
    }
}

impl From<Dates> for domain::Dates {
    fn from(Dates { first, last, every_year }: Dates) -> Self {
        let every = if every_year { domain::Every::Year } else { domain::Every::Once };
        Self { first, last, every }
    }
}

impl From<domain::Moment> for Moment {
    fn from(moment: domain::Moment) -> Self {
        match moment {
            domain::Moment::Clock(time) => Self::Clock { time },
            domain::Moment::Sunrise(offset_minutes) => Self::Sunrise { offset_minutes },
            domain::Moment::Sunset(offset_minutes) => Self::Sunset { offset_minutes },
            domain::Moment::Cron(pattern) => Self::Cron { pattern: pattern.to_string() },
            domain::Moment::After(minutes) => Self::After { minutes },
        }
    }
}

impl TryFrom<Moment> for domain::Moment {
    type Error = Invalid;

    fn try_from(moment: Moment) -> Result<Self, Invalid> {
        Ok(match moment {
            Moment::Clock { time } => Self::Clock(time),
            Moment::Sunrise { offset_minutes } => Self::Sunrise(offset_minutes),
            Moment::Sunset { offset_minutes } => Self::Sunset(offset_minutes),
            Moment::Cron { pattern } => {
                Self::Cron(pattern.parse().map_err(|error| Invalid::new("pattern", error))?)
            }
            Moment::After { minutes } => Self::After(minutes),
        })
    }
}

impl From<domain::Act> for Act {
    fn from(act: domain::Act) -> Self {
        match act {
            domain::Act::Play(playlist) => Self::Play { playlist: playlist.to_string() },
            domain::Act::Dark => Self::Dark {},
            domain::Act::Brightness(brightness) => {
                Self::Brightness { brightness: brightness.get() }
            }
        }
    }
}

impl TryFrom<Act> for domain::Act {
    type Error = Invalid;

    fn try_from(act: Act) -> Result<Self, Invalid> {
        Ok(match act {
            Act::Play { playlist } => Self::Play(id("playlist", &playlist)?),
            Act::Dark {} => Self::Dark,
            Act::Brightness { brightness } => Self::Brightness(
                Brightness::try_from(brightness)
                    .map_err(|error| Invalid::new("brightness", error))?,
            ),
        })
    }
}
