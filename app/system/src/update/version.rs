//! Which of two versions is the later one.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// Where an installation leads from what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// To a later version.
    Up,
    /// To the same.
    Same,
    /// To an earlier one.
    Down,
    /// The versions do not tell.
    Unknown,
}

impl Direction {
    /// From what runs to what is offered.
    pub(super) fn between(running: Option<&str>, offered: &str) -> Self {
        match running.map(|running| (running == offered, compare(running, offered))) {
            Some((true, _)) => Self::Same,
            Some((_, Some(Ordering::Less))) => Self::Up,
            Some((_, Some(Ordering::Greater))) => Self::Down,
            Some((_, Some(Ordering::Equal) | None)) | None => Self::Unknown,
        }
    }
}

/// By the numbers they begin with, and, as semantic versioning has it, with what has a `-` before what has none. `None`
/// where they do not begin with a number, or differ in what cannot be compared.
fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (Version::read(a)?, Version::read(b)?);
    match a.numbers.cmp(&b.numbers) {
        Ordering::Equal => match (a.pre, b.pre) {
            (None, None) => Some(Ordering::Equal),
            (Some(_), None) => Some(Ordering::Less),
            (None, Some(_)) => Some(Ordering::Greater),
            (Some(a), Some(b)) => (a == b).then_some(Ordering::Equal),
        },
        order => Some(order),
    }
}

struct Version<'a> {
    numbers: Vec<u64>,
    /// After a `-`.
    pre: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        // What was built of it is no other version.
        let text = text.split('+').next().unwrap_or(text);
        let (core, pre) = match text.split_once('-') {
            Some((core, pre)) => (core, Some(pre)),
            None => (text, None),
        };
        let mut numbers =
            core.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<_>>>()?;
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(Self { numbers, pre })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ones_are_told_from_earlier_ones() {
        let between = |running, offered| Direction::between(Some(running), offered);
        for (earlier, later) in
            [("1", "2"), ("1.9", "1.10"), ("1.2.3", "1.3"), ("2.0-rc1", "2.0"), ("0.9", "v1.0")]
        {
            assert_eq!(between(earlier, later), Direction::Up, "{earlier} {later}");
            assert_eq!(between(later, earlier), Direction::Down, "{earlier} {later}");
        }
        assert_eq!(between("1.0", "1.0"), Direction::Same);
        for (a, b) in [("1.0", "1.0.0"), ("1-a", "1-b"), ("nightly", "1"), ("1", ""), ("1.x", "2")]
        {
            assert_eq!(between(a, b), Direction::Unknown, "{a} {b}");
        }
        assert_eq!(Direction::between(None, "1"), Direction::Unknown);
    }
}
