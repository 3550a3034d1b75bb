//! Which rule wins when.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Act, Aspect, HORIZON, Occurrence, Schedule};

/// How much is looked at at once for the next change.
const STRIDE: SignedDuration = SignedDuration::from_hours(8 * 24);

/// What a schedule wants at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// The time.
    pub at: Timestamp,
    /// About what is on.
    pub show: Course,
    /// About how bright it is.
    pub brightness: Course,
}

/// What is wanted of one aspect at a time, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Course {
    /// What holds and wins; `None` where nothing is wanted.
    pub now: Option<Occurrence>,
    /// What comes of it next; `None` where nothing does for a year.
    pub next: Option<Change>,
}

/// Something else wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What wins from then on.
    pub to: Option<Occurrence>,
}

/// A time in which one occurrence wins, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
    /// What wins.
    pub winner: Option<Occurrence>,
}

impl Outlook {
    /// When it is another one.
    pub fn until(&self) -> Option<Timestamp> {
        let changes = [self.show.next, self.brightness.next];
        changes.into_iter().flatten().map(|change| change.at).min()
    }
}

impl Schedule {
    /// What is wanted at a time. Whether the schedule is followed at all is for others to see to.
    pub fn outlook(&self, zone: &TimeZone, at: Timestamp) -> Outlook {
        let course = |aspect| self.course(aspect, zone, at).unwrap_or_default();
        Outlook { at, show: course(Aspect::Show), brightness: course(Aspect::Brightness) }
    }

    fn course(&self, aspect: Aspect, zone: &TimeZone, at: Timestamp) -> Option<Course> {
        let horizon = at.checked_add(SignedDuration::try_from(HORIZON).ok()?).ok()?;
        let (mut from, mut now) = (at, None);
        while from < horizon {
            let to = from.checked_add(STRIDE).ok()?;
            for span in self.spans(aspect, zone, from, to) {
                if span.start == at {
                    now = span.winner;
                } else if span.winner != now {
                    let next = Change { at: span.start, to: span.winner };
                    return Some(Course { now, next: Some(next) });
                }
            }
            from = to;
        }
        Some(Course { now, next: None })
    }

    /// All the time from one instant to another, parted where something else wins.
    pub fn spans(
        &self,
        aspect: Aspect,
        zone: &TimeZone,
        from: Timestamp,
        to: Timestamp,
    ) -> Vec<Span> {
        let mut all = self.occurrences_within(zone, from, to);
        all.retain(|one| self.rules.get(one.index).is_some_and(|rule| rule.act.aspect() == aspect));
        let mut edges: Vec<Timestamp> = all
            .iter()
            .flat_map(|one| [one.start, one.end])
            .filter(|edge| from < *edge && *edge < to)
            .chain([from, to])
            .collect();
        edges.sort_unstable();
        edges.dedup();
        all.sort_unstable_by_key(|one| Reverse(one.start));
        // Those that have begun. Of one rule's that overlap, the later comes first: where it ends is where the rule does.
        let mut holding: BTreeMap<(usize, Reverse<Timestamp>), Occurrence> = BTreeMap::new();
        let mut spans: Vec<Span> = Vec::new();
        for pair in edges.windows(2) {
            let (start, end) = (pair[0], pair[1]);
            while let Some(one) = all.pop_if(|one| one.start <= start) {
                holding.insert((one.index, Reverse(one.start)), one);
            }
            // What has ended counts no longer, and is looked at only where it would win.
            let winner = loop {
                let Some(first) = holding.first_entry() else { break None };
                if start < first.get().end {
                    break Some(*first.get());
                }
                first.remove();
            };
            match spans.last_mut() {
                Some(last) if last.winner == winner => last.end = end,
                _ => spans.push(Span { start, end, winner }),
            }
        }
        spans
    }

    /// What an occurrence wants.
    pub fn act(&self, occurrence: &Occurrence) -> Option<Act> {
        self.rule(occurrence.rule).map(|rule| rule.act)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::{date, time};
    use proptest::prelude::*;

    use super::*;
    use crate::id::{PlaylistId, RuleId};
    use crate::schedule::{Dates, Day, Every, Moment, Rule};
    use crate::unit::Brightness;

    fn clock(minute: i32) -> Moment {
        Moment::Clock(time((minute / 60) as i8, (minute % 60) as i8, 0, 0))
    }

    fn rule(id: u64, days: &[Day], from: i32, until: i32, act: Act) -> Rule {
        Rule {
            id: RuleId(id),
            name: format!("rule {id}"),
            enabled: true,
            days: days.iter().copied().collect(),
            dates: None,
            from: clock(from),
            until: clock(until),
            act,
        }
    }

    fn schedule(rules: Vec<Rule>) -> Schedule {
        Schedule { enabled: true, time_zone: None, place: None, rules }
    }

    const WEEK: [Day; 7] = {
        use Day::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday]
    };

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn id(occurrence: Option<Occurrence>) -> Option<u64> {
        occurrence.map(|occurrence| occurrence.rule.0)
    }

    /// What wins at a time, and what from when on.
    fn course(course: Course) -> (Option<u64>, Option<(String, Option<u64>)>) {
        (id(course.now), course.next.map(|next| (next.at.to_string(), id(next.to))))
    }

    #[test]
    fn the_first_that_holds_wins_for_each_aspect_by_itself() {
        let play = |list| Act::Play(PlaylistId(list));
        let dim = Act::Brightness(Brightness::try_from(0.2).unwrap());
        let schedule = schedule(vec![
            rule(1, &WEEK, 12 * 60, 13 * 60, Act::Dark),
            rule(2, &[Day::Thursday], 8 * 60, 18 * 60, play(1)),
            rule(3, &WEEK, 17 * 60, 23 * 60, play(2)),
            rule(4, &WEEK, 22 * 60, 6 * 60, dim),
        ]);
        let at = |time: &str| schedule.outlook(&TimeZone::UTC, instant(time));
        let show = |time: &str| course(at(time).show);
        let next = |time: &str, to| Some((time.to_owned(), to));
        // 2026-11-26 is a Thursday.
        let noon = next("2026-11-26T12:00:00Z", Some(1));
        assert_eq!(show("2026-11-26T09:00:00Z"), (Some(2), noon));
        let one = next("2026-11-26T13:00:00Z", Some(2));
        assert_eq!(show("2026-11-26T12:00:00Z"), (Some(1), one));
        let six = next("2026-11-26T18:00:00Z", Some(3));
        assert_eq!(show("2026-11-26T13:00:00Z"), (Some(2), six));
        let eleven = next("2026-11-26T23:00:00Z", None);
        assert_eq!(show("2026-11-26T18:00:00Z"), (Some(3), eleven));
        let tomorrow = next("2026-11-27T12:00:00Z", Some(1));
        assert_eq!(show("2026-11-26T23:00:00Z"), (None, tomorrow));
        let night = at("2026-11-26T01:00:00Z");
        let morning = next("2026-11-26T06:00:00Z", None);
        assert_eq!(course(night.brightness), (Some(4), morning));
        assert_eq!(night.until(), Some(instant("2026-11-26T06:00:00Z")));
    }

    #[test]
    fn one_after_the_other_of_the_same_rule_is_a_change() {
        let schedule = schedule(vec![rule(1, &WEEK, 0, 0, Act::Dark)]);
        let outlook = schedule.outlook(&TimeZone::UTC, instant("2026-11-26T12:00:00Z"));
        let midnight = Some(("2026-11-27T00:00:00Z".to_owned(), Some(1)));
        assert_eq!(course(outlook.show), (Some(1), midnight));
    }

    #[test]
    fn the_next_change_may_be_far_away_or_never() {
        let (first, last) = (date(2026, 5, 1), date(2026, 5, 1));
        let dates = Some(Dates { first, last, every: Every::Year });
        let mut yearly = rule(1, &WEEK, 60, 120, Act::Dark);
        yearly.dates = dates;
        let at = instant("2026-11-26T12:00:00Z");
        let far = schedule(vec![yearly.clone()]).outlook(&TimeZone::UTC, at).show;
        assert_eq!(course(far), (None, Some(("2027-05-01T01:00:00Z".to_owned(), Some(1)))));
        let over = Rule { dates: dates.map(|d| Dates { every: Every::Once, ..d }), ..yearly };
        assert_eq!(schedule(vec![over]).outlook(&TimeZone::UTC, at).until(), None);
        assert_eq!(schedule(Vec::new()).outlook(&TimeZone::UTC, at).until(), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        /// Going from change to change leads through what is found by asking at each minute.
        #[test]
        fn changes_are_where_something_else_wins(
            rules in prop::collection::vec((0_i32..96, 0_i32..96, 1_u8..128), 0..6),
            start in 0_i64..7 * 24,
        ) {
            let rules = rules.into_iter().zip(1..).map(|((from, until, days), id)| {
                let days: BTreeSet<Day> =
                    WEEK.into_iter().enumerate().filter(|(n, _)| days >> n & 1 == 1).map(|(_, d)| d).collect();
                let days: Vec<Day> = days.into_iter().collect();
                rule(id, &days, from * 15, until * 15, Act::Dark)
            });
            let schedule = schedule(rules.collect());
            let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
            let minute = |n: i64| SignedDuration::from_mins(n);
            let start = instant("2026-03-26T00:00:00Z").checked_add(minute(start * 60)).unwrap();
            let first = schedule.outlook(&zone, start).show;
            for quarter in 0..2 * 24 * 4 {
                let at = start.checked_add(minute(quarter * 15)).unwrap();
                let now = schedule.outlook(&zone, at).show.now;
                match first.next {
                    Some(next) if next.at <= at => {
                        let there = schedule.outlook(&zone, next.at).show.now;
                        prop_assert_eq!(next.to, there);
                        prop_assert!(next.to != first.now);
                        break;
                    }
                    _ => prop_assert_eq!(now, first.now, "{}", at),
                }
            }
        }
    }
}
