//! Whether all that should be alive is: pure, by the signs and times it is given.

use std::collections::HashMap;
use std::time::Duration;

/// A part that beats may be silent this long: each does so every second at least.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a part of the program shows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// Which part, in words for people.
    pub of: String,
    /// What it shows.
    pub life: Life,
}

/// How a part shows that it is alive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Life {
    /// It counts its rounds.
    Rounds {
        /// Which thread: another one under the same name starts anew.
        thread: u64,
        /// So far.
        count: u64,
    },
    /// It was asked, and did or did not answer.
    Answer(Result<(), String>),
}

/// Remembers what each part has shown.
#[derive(Debug, Default)]
pub struct Vitals {
    seen: HashMap<String, Seen>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    thread: u64,
    count: u64,
    /// When the count was first this.
    since: Duration,
}

impl Vitals {
    /// Takes the signs of all parts that should be alive, and returns which are not and why: a part that has
    /// made no round for three seconds, or did not answer. What is new is alive.
    pub fn look(&mut self, now: Duration, signs: &[Sign]) -> Vec<String> {
        self.seen.retain(|part, _| signs.iter().any(|sign| sign.of == *part));
        signs.iter().filter_map(|sign| self.silence(now, sign)).collect()
    }

    fn silence(&mut self, now: Duration, Sign { of, life }: &Sign) -> Option<String> {
        let (thread, count) = match life {
            Life::Answer(Ok(())) => return None,
            Life::Answer(Err(reason)) => return Some(format!("{of}: {reason}")),
            Life::Rounds { thread, count } => (*thread, *count),
        };
        let seen = self.seen.entry(of.clone()).or_insert(Seen { thread, count, since: now });
        if (seen.thread, seen.count) != (thread, count) {
            *seen = Seen { thread, count, since: now };
        }
        let silent = now.saturating_sub(seen.since);
        (silent >= PATIENCE).then(|| format!("{of}: no sign of life for {} s", silent.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(of: &str, thread: u64, count: u64) -> Sign {
        Sign { of: of.into(), life: Life::Rounds { thread, count } }
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn what_goes_on_is_alive_however_seldom_it_is_looked_at() {
        let mut vitals = Vitals::default();
        for second in [0, 5, 10, 600, 601] {
            let signs = [rounds("player", 0, second), rounds("wall", 1, second * 60)];
            assert_eq!(vitals.look(at(second), &signs), [""; 0]);
        }
    }

    #[test]
    fn one_that_stands_still_is_found_among_those_that_go_on() {
        let mut vitals = Vitals::default();
        assert!(vitals.look(at(0), &[rounds("player", 0, 7), rounds("wall", 1, 7)]).is_empty());
        // Looked at more often than it beats.
        assert!(vitals.look(at(1), &[rounds("player", 0, 7), rounds("wall", 1, 8)]).is_empty());
        assert_eq!(
            vitals.look(at(5), &[rounds("player", 0, 7), rounds("wall", 1, 9)]),
            ["player: no sign of life for 5 s"]
        );
        assert!(vitals.look(at(6), &[rounds("player", 0, 8), rounds("wall", 1, 9)]).is_empty());
    }

    #[test]
    fn another_thread_of_the_same_name_and_count_is_alive() {
        let mut vitals = Vitals::default();
        assert!(vitals.look(at(0), &[rounds("wall", 1, 1)]).is_empty());
        assert!(vitals.look(at(9), &[rounds("wall", 2, 1)]).is_empty());
        assert!(vitals.look(at(18), &[]).is_empty(), "it was removed");
        assert!(vitals.look(at(27), &[rounds("wall", 2, 1)]).is_empty(), "and is new");
    }

    #[test]
    fn who_does_not_answer_is_not_alive() {
        let answer = |life| Sign { of: "page".into(), life: Life::Answer(life) };
        let mut vitals = Vitals::default();
        assert!(vitals.look(at(0), &[answer(Ok(()))]).is_empty());
        assert_eq!(vitals.look(at(1), &[answer(Err("it hangs".into()))]), ["page: it hangs"]);
        assert!(vitals.look(at(2), &[answer(Ok(()))]).is_empty());
    }
}
