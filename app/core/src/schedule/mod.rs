//! What plays when by itself: rules, and what follows from them at a time.
//!
//! The schedule lies over what people set. Where a rule holds, it decides what is on, or how bright; where none does,
//! what people have set is in force. Of several rules that hold the one further up in the list wins, for each
//! [`Aspect`] by itself.
//!
//! Terms: an *occurrence* is one time that a rule holds, from an instant to another; a *course* is which occurrence wins
//! when.
//!
//! Everything here is computed from an instant and a time zone that are handed in. Days, times and dates of a rule are
//! those of clocks on the wall in that zone: how long an hour of a rule really is on the day clocks change is told in
//! [`almanac`].

mod almanac;
mod course;
mod cron;
mod occurrence;
mod sun;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::{Date, Time, Weekday};
use serde::{Deserialize, Serialize};

use crate::id::{PlaylistId, RuleId};
use crate::unit::Brightness;

pub use course::{Change, Course, Outlook, Span};
pub use cron::{CronError, CronPattern};
pub use occurrence::Occurrence;
pub use sun::{SunTimes, sun};

/// What plays when by itself. The default has no rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Whether it is followed.
    pub enabled: bool,
    /// Name in the IANA database of the zone whose clocks count, such as `Europe/Berlin`; the machine's when left out.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Where the sun is looked at from.
    #[serde(default)]
    pub place: Option<Place>,
    /// The first that holds wins.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { enabled: true, time_zone: None, place: None, rules: Vec::new() }
    }
}

impl Schedule {
    /// Most rules a schedule may have.
    pub const MAX_RULES: usize = 100;
    /// How often cron patterns may begin rules on a day, all of them together: each minute.
    pub const MAX_CRON_TIMES: usize = 24 * 60;

    /// The rule with this id.
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

/// A place on earth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Degrees north, -90 to 90.
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    pub longitude: f64,
}

impl Place {
    /// Whether there is such a place.
    pub fn is_on_earth(self) -> bool {
        (-90.0..=90.0).contains(&self.latitude) && (-180.0..=180.0).contains(&self.longitude)
    }
}

/// When something is to be so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Never changes, unique within the schedule.
    pub id: RuleId,
    /// What people call it.
    pub name: String,
    /// Whether it counts.
    pub enabled: bool,
    /// On which days of the week it begins.
    pub days: BTreeSet<Day>,
    /// On which dates it begins; any when left out.
    #[serde(default)]
    pub dates: Option<Dates>,
    /// When it begins.
    pub from: Moment,
    /// When it ends: later on the same day, otherwise on the next.
    pub until: Moment,
    /// What is to be so.
    pub act: Act,
}

impl Rule {
    /// How often a cron pattern begins it on a day that has any of its times.
    pub fn cron_times(&self) -> usize {
        match &self.from {
            Moment::Cron(pattern) if self.enabled => pattern.times().count(),
            _ => 0,
        }
    }
}

/// What a rule wants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Act {
    /// A playlist is on.
    Play(PlaylistId),
    /// Nothing is on.
    Dark,
    /// The wall is so bright, whatever is on.
    Brightness(Brightness),
}

impl Act {
    /// What it decides about.
    pub fn aspect(self) -> Aspect {
        match self {
            Self::Play(_) | Self::Dark => Aspect::Show,
            Self::Brightness(_) => Aspect::Brightness,
        }
    }
}

/// What a rule decides about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// What is on.
    Show,
    /// How bright it is.
    Brightness,
}

/// When a rule begins or ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// By the clock.
    Clock(Time),
    /// So many minutes after sunrise, or before it where negative.
    Sunrise(i16),
    /// So many minutes after sunset, or before it where negative.
    Sunset(i16),
    /// Each time that a pattern says. A rule begins by it, and may do so several times a day.
    Cron(CronPattern),
    /// So many minutes after the rule has begun. It ends by it.
    After(u16),
}

impl Moment {
    /// Furthest from sunrise or sunset, in minutes.
    pub const MAX_OFFSET: i16 = 360;
    /// Longest that a rule holds after it has begun, in minutes.
    pub const MAX_AFTER: u16 = 24 * 60;
}

/// Dates from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
    /// Whether they come again.
    pub every: Every,
}

/// Whether dates come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Every {
    /// They do not.
    Once,
    /// Each year; the years given do not count, and the last may be of the year after the first.
    Year,
}

impl Dates {
    /// Whether a date is among them.
    pub fn has(self, date: Date) -> bool {
        match self.every {
            Every::Once => (self.first..=self.last).contains(&date),
            Every::Year => {
                let of_year = |date: Date| (date.month(), date.day());
                let (first, last) = (of_year(self.first), of_year(self.last));
                let date = of_year(date);
                if first <= last {
                    first <= date && date <= last
                } else {
                    first <= date || date <= last
                }
            }
        }
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// How far ahead the next change is looked for.
pub const HORIZON: Duration = Duration::from_secs(370 * 24 * 3600);

/// What has become of the schedule, for whoever looks on.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Standing {
    /// Nobody has looked yet, or it is switched off.
    #[default]
    Off,
    /// The time of day is not known.
    ClockUnset,
    /// Nothing is played on its own account in safe mode.
    SafeMode,
    /// It is followed.
    On(Box<Followed>),
}

/// A schedule that is followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// What it wants now, and when that changes.
    pub outlook: Outlook,
    /// Whether what is on is what it wants.
    pub show: Obedience,
    /// Whether the wall is as bright as it wants.
    pub brightness: Obedience,
}

/// Whether something is as the schedule wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obedience {
    /// It is, or the schedule wants nothing.
    Kept,
    /// Somebody has chosen otherwise since, and that holds until the schedule next changes.
    Overridden,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn dates_of_each_year_go_round_its_end() {
        let (first, last) = (date(2020, 11, 28), date(2020, 1, 6));
        let winter = Dates { first, last, every: Every::Year };
        for (day, is_in) in [
            (date(2026, 11, 27), false),
            (date(2026, 11, 28), true),
            (date(2026, 12, 31), true),
            (date(2027, 1, 6), true),
            (date(2027, 1, 7), false),
        ] {
            assert_eq!(winter.has(day), is_in, "{day}");
        }
        let once = Dates { first: date(2026, 2, 1), last: date(2026, 2, 1), every: Every::Once };
        assert!(once.has(date(2026, 2, 1)));
        assert!(!once.has(date(2027, 2, 1)));
    }
}
