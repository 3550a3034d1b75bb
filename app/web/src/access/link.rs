//! One-time links: each signs one browser in, once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use prismatron_core::id::AccountId;
use subtle::ConstantTimeEq;

use super::random_text;

/// Most links that wait to be used, of the terminal and of each account; the oldest of the same gives way,
/// so that nobody makes another's worthless.
const WAITING_EACH: usize = 8;
/// How long an account's link may wait. The terminal's waits as long as the program runs.
const LIFE: Duration = Duration::from_secs(15 * 60);

/// Codes that have been handed out and not been used.
#[derive(Default)]
pub(super) struct Links {
    waiting: Mutex<Vec<Waiting>>,
}

/// Whom a link signs in: an account in this generation, or whoever reads the terminal.
pub(super) type For = Option<(AccountId, u64)>;

struct Waiting {
    code: String,
    whom: For,
    made: Duration,
}

impl Links {
    /// A new code of 256 random bits.
    pub(super) fn issue(&self, whom: For, now: Duration) -> String {
        let code = random_text();
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|link| link.whom.is_none() || now.saturating_sub(link.made) < LIFE);
        let account = whom.map(|(id, _)| id);
        let is_same = |link: &Waiting| link.whom.map(|(id, _)| id) == account;
        if all.iter().filter(|link| is_same(link)).count() >= WAITING_EACH
            && let Some(oldest) = all.iter().position(is_same)
        {
            all.remove(oldest);
        }
        all.push(Waiting { code: code.clone(), whom, made: now });
        code
    }

    /// Whom the code signs in, if it was waiting; it no longer is.
    pub(super) fn redeem(&self, code: &str, now: Duration) -> Option<For> {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = None;
        // All are compared, each in constant time: how long it takes says nothing about them.
        for (index, waiting) in all.iter().enumerate() {
            if bool::from(waiting.code.as_bytes().ct_eq(code.as_bytes())) {
                found = Some(index);
            }
        }
        let link = all.remove(found?);
        let is_fresh = link.whom.is_none() || now.saturating_sub(link.made) < LIFE;
        is_fresh.then_some(link.whom)
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
        let (first, second) = (links.issue(None, NOW), links.issue(ADA, NOW));
        assert_eq!(links.redeem("", NOW), None);
        assert_eq!(links.redeem(&first[1..], NOW), None);
        assert_eq!(links.redeem(&second, NOW), Some(ADA));
        assert_eq!(links.redeem(&second, NOW), None);
        assert_eq!(links.redeem(&first, NOW), Some(None));
    }

    #[test]
    fn the_oldest_of_the_same_account_gives_way() {
        let links = Links::default();
        let terminal = links.issue(None, NOW);
        let first = links.issue(ADA, NOW);
        let later: Vec<_> = (0..WAITING_EACH).map(|_| links.issue(ADA, NOW)).collect();
        assert_eq!(links.redeem(&first, NOW), None);
        assert!(later.iter().all(|code| links.redeem(code, NOW) == Some(ADA)));
        assert_eq!(links.redeem(&terminal, NOW), Some(None));
    }

    #[test]
    fn only_the_terminals_link_waits_for_ever() {
        let links = Links::default();
        let (terminal, ours) = (links.issue(None, NOW), links.issue(ADA, NOW));
        assert_eq!(links.redeem(&ours, LIFE), None);
        assert_eq!(links.redeem(&terminal, LIFE * 1000), Some(None));
    }
}
