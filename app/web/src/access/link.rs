//! One-time links: each signs one browser in, once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prismatron_core::id::AccountId;
use subtle::ConstantTimeEq;

use super::random_text;

/// Most links that wait to be used, of the terminal, of each account and of all who have none; the oldest of the same gives
/// way, so that nobody makes another's worthless.
const WAITING_EACH: usize = 8;
/// How long a link may wait. The terminal's waits as long as the program runs.
const LIFE: Duration = Duration::from_secs(15 * 60);

/// Codes that have been handed out and not been used.
#[derive(Default)]
pub(super) struct Links {
    waiting: Mutex<Vec<Waiting>>,
}

/// Whom a link signs in: an account in this generation, or whoever has the link.
pub(super) type For = Option<(AccountId, u64)>;

struct Waiting {
    code: String,
    whom: For,
    /// `None` where it waits as long as the program runs.
    ends: Option<Duration>,
}

impl Waiting {
    fn is_fresh(&self, now: Duration) -> bool {
        self.ends.is_none_or(|ends| now < ends)
    }

    /// Whether both are of the same maker.
    fn is_alike(&self, other: &Self) -> bool {
        let maker = |link: &Self| (link.whom.map(|(id, _)| id), link.ends.is_none());
        maker(self) == maker(other)
    }
}

impl Links {
    /// A new code of 256 random bits.
    pub(super) fn issue(&self, whom: For, now: Duration) -> String {
        self.all().retain(|link| link.is_fresh(now));
        self.put(whom, Some(now + LIFE))
    }

    /// A new one for whoever reads the terminal.
    pub(super) fn issue_lasting(&self) -> String {
        self.put(None, None)
    }

    fn put(&self, whom: For, ends: Option<Duration>) -> String {
        let code = random_text();
        let link = Waiting { code: code.clone(), whom, ends };
        let mut all = self.all();
        if all.iter().filter(|other| other.is_alike(&link)).count() >= WAITING_EACH
            && let Some(oldest) = all.iter().position(|other| other.is_alike(&link))
        {
            all.remove(oldest);
        }
        all.push(link);
        code
    }

    fn all(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whom the code signs in, if it was waiting; it no longer is.
    pub(super) fn redeem(&self, code: &str, now: Duration) -> Option<For> {
        let mut all = self.all();
        let mut found = None;
        // All are compared, each in constant time: how long it takes says nothing about them.
        for (index, waiting) in all.iter().enumerate() {
            if bool::from(waiting.code.as_bytes().ct_eq(code.as_bytes())) {
                found = Some(index);
            }
        }
        let link = all.remove(found?);
        link.is_fresh(now).then_some(link.whom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;
    const ADA: For = Some((AccountId(1), 1));

    #[test]
    fn a_code_works_once() {
        let links = Links::default();
        let (first, second) = (links.issue_lasting(), links.issue(ADA, NOW));
        assert_eq!(links.redeem("", NOW), None);
        assert_eq!(links.redeem(&first[1..], NOW), None);
        assert_eq!(links.redeem(&second, NOW), Some(ADA));
        assert_eq!(links.redeem(&second, NOW), None);
        assert_eq!(links.redeem(&first, NOW), Some(None));
    }

    #[test]
    fn the_oldest_of_the_same_account_gives_way() {
        let links = Links::default();
        let terminal = links.issue_lasting();
        let first = links.issue(ADA, NOW);
        let later: Vec<_> = (0..WAITING_EACH).map(|_| links.issue(ADA, NOW)).collect();
        (0..WAITING_EACH).for_each(|_| drop(links.issue(None, NOW)));
        assert_eq!(links.redeem(&first, NOW), None);
        assert!(later.iter().all(|code| links.redeem(code, NOW) == Some(ADA)));
        assert_eq!(links.redeem(&terminal, NOW), Some(None));
    }

    #[test]
    fn only_the_terminals_link_waits_for_ever() {
        let links = Links::default();
        let (terminal, ours) = (links.issue_lasting(), links.issue(ADA, NOW));
        // Of somebody whom the terminal's link has signed in.
        let another = links.issue(None, NOW);
        assert_eq!(links.redeem(&ours, LIFE), None);
        assert_eq!(links.redeem(&another, LIFE), None);
        assert_eq!(links.redeem(&terminal, LIFE * 1000), Some(None));
    }
}
