//! Times that come again and again, by a pattern as `crontab(5)` has them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use croner::parser::{CronParser, Seconds, Year};
use croner::{Cron, JobType, Weekday};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

/// Minute, hour, day of the month, month and day of the week, as in `crontab(5)`. Beyond that `L` is the last day, `FRI#1` the
/// first Friday and `15W` the weekday that is nearest to the 15th.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CronPattern {
    text: Arc<str>,
    cron: Arc<Cron>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// It is longer than anybody needs.
    #[error("a cron pattern must not have more than {} characters", CronPattern::MAX_CHARS)]
    TooLong,
    /// It cannot be read.
    #[error(
        "a cron pattern has five fields: minute, hour, day of the month, month and day of the week, as in “30 18 * * FRI” \
         ({0})"
    )]
    Unreadable(String),
}

impl CronPattern {
    /// Longest text, in characters.
    pub const MAX_CHARS: usize = 100;

    /// Whether a day has any of its times.
    pub(super) fn is_on(&self, date: Date) -> bool {
        let pattern = &self.cron.pattern;
        let (year, month, day) = (
            date.year().into(),
            date.month().unsigned_abs().into(),
            date.day().unsigned_abs().into(),
        );
        let sundays = date.weekday().to_sunday_zero_offset().unsigned_abs().into();
        let weekday = Weekday::from_days_from_sunday(sundays);
        pattern.month_match(month).unwrap_or(false)
            && pattern.day_match(year, month, day, weekday).unwrap_or(false)
    }

    /// Its times on a day that has some, in order.
    pub(super) fn times(&self) -> impl Iterator<Item = Time> + '_ {
        let pattern = &self.cron.pattern;
        let hours = (0..24).filter(|hour| pattern.hour_match(*hour).unwrap_or(false));
        hours.flat_map(move |hour| {
            let minutes = (0..60).filter(|minute| pattern.minute_match(*minute).unwrap_or(false));
            minutes.filter_map(move |minute| Time::new(hour as i8, minute as i8, 0, 0).ok())
        })
    }

    /// Whether it goes by the passing of time, such as every quarter of an hour, rather than by one time of a day: as cron does
    /// it, only that comes twice in an hour that does.
    pub(super) fn is_interval(&self) -> bool {
        self.cron.determine_job_type() == JobType::IntervalWildcard
    }
}

impl FromStr for CronPattern {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let text = text.trim();
        if text.chars().count() > Self::MAX_CHARS {
            return Err(CronError::TooLong);
        }
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed);
        let cron =
            parser.build().parse(text).map_err(|error| CronError::Unreadable(error.to_string()))?;
        Ok(Self { text: text.into(), cron: Arc::new(cron) })
    }
}

impl fmt::Display for CronPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for CronPattern {
    type Error = CronError;

    fn try_from(text: String) -> Result<Self, CronError> {
        text.parse()
    }
}

impl From<CronPattern> for String {
    fn from(pattern: CronPattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> CronPattern {
        text.parse().unwrap()
    }

    /// The days of a month that have times.
    fn days(text: &str, first: Date) -> Vec<i8> {
        let pattern = pattern(text);
        let dates = first.series(jiff::Span::new().days(1));
        let month = dates.take_while(|date| date.month() == first.month());
        month.filter(|date| pattern.is_on(*date)).map(Date::day).collect()
    }

    #[test]
    fn days_are_those_of_crontab_and_more() {
        let november = date(2026, 11, 1);
        assert_eq!(days("0 0 * * FRI", november), [6, 13, 20, 27]);
        assert_eq!(days("0 0 * * 7", november), [1, 8, 15, 22, 29]);
        assert_eq!(days("0 0 1,15 * *", november), [1, 15]);
        assert_eq!(days("0 0 * * FRI#1", november), [6]);
        assert_eq!(days("0 0 L * *", november), [30]);
        assert_eq!(days("0 0 15W * *", november), [16]);
        assert_eq!(days("0 0 * DEC *", november), []);
        assert_eq!(days("0 0 30 2 *", date(2028, 2, 1)), []);
        assert_eq!(days("0 0 29 2 *", date(2028, 2, 1)), [29]);
    }

    #[test]
    fn times_are_in_order() {
        let times = |text| pattern(text).times().collect::<Vec<_>>();
        let clock = |hour, minute| time(hour, minute, 0, 0);
        assert_eq!(times("30 18 * * *"), [clock(18, 30)]);
        let twice = [clock(8, 0), clock(8, 30), clock(20, 0), clock(20, 30)];
        assert_eq!(times("*/30 8,20 * * *"), twice);
        assert_eq!(times("* * * * *").len(), 24 * 60);
        assert_eq!(times("@daily"), [clock(0, 0)]);
    }

    #[test]
    fn what_is_no_pattern_is_told() {
        for text in ["", "often", "0 18 * *", "0 0 18 * * FRI", "0 25 * * *", "0 18 * * FRI 2027"] {
            assert!(matches!(text.parse::<CronPattern>(), Err(CronError::Unreadable(_))), "{text}");
        }
        assert_eq!(
            format!("{}0 18 * * *", "0,".repeat(50)).parse::<CronPattern>(),
            Err(CronError::TooLong)
        );
        assert_eq!(pattern(" 0 18 * * fri ").to_string(), "0 18 * * fri");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[0-9*/,LW#@a-zA-Z? +-]{0,40}") {
            if let Ok(pattern) = text.parse::<CronPattern>() {
                let again: CronPattern = pattern.to_string().parse().unwrap();
                prop_assert_eq!(&again, &pattern);
                pattern.is_on(date(2026, 2, 28));
                prop_assert!(pattern.times().count() <= 24 * 60);
            }
        }
    }
}
