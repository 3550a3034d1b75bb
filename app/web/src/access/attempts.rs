//! Failed sign-ins: each makes its address, and its account, wait a little longer before the next is looked at.
//!
//! Nobody is locked out: the wait ends by itself and is short. What cannot be guessed is never made to wait:
//! a right one-time code; nor does an account wait for an address from which it was lately signed in to, so
//! that strangers who guess keep out only strangers.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Failures that cost nothing: people mistype.
const FREE: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// After this long without a failure they are forgotten.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// Most addresses or names remembered; the one quiet for longest gives way.
const MOST: usize = 1024;

#[derive(Clone, Copy)]
struct Record {
    failures: u32,
    last: Duration,
}

impl Record {
    fn next_allowed(self) -> Duration {
        let Some(beyond) = self.failures.checked_sub(FREE) else { return self.last };
        let wait = FIRST_WAIT * 2u32.pow(beyond.min(16));
        self.last + wait.min(LONGEST_WAIT)
    }
}

/// Failed sign-ins by address or by name.
pub(super) struct Attempts<K>(Mutex<HashMap<K, Record>>);

impl<K> Default for Attempts<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Clone + Eq + Hash> Attempts<K> {
    fn records(&self) -> MutexGuard<'_, HashMap<K, Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long this one has yet to wait at this time, if it has to.
    pub(super) fn wait(&self, of: &K, now: Duration) -> Option<Duration> {
        let wait = self.records().get(of)?.next_allowed().saturating_sub(now);
        (!wait.is_zero()).then_some(wait)
    }

    pub(super) fn failed(&self, of: &K, now: Duration) {
        let mut records = self.records();
        if !records.contains_key(of) && records.len() >= MOST {
            records.retain(|_, record| now.saturating_sub(record.last) < MEMORY);
            if records.len() >= MOST {
                let quietest = records.iter().min_by_key(|(_, record)| record.last);
                if let Some(quietest) = quietest.map(|(of, _)| of.clone()) {
                    records.remove(&quietest);
                }
            }
        }
        let record = records.entry(of.clone()).or_insert(Record { failures: 0, last: now });
        if now.saturating_sub(record.last) >= MEMORY {
            record.failures = 0;
        }
        record.failures = record.failures.saturating_add(1);
        record.last = now;
    }

    /// Takes back one failure: it was none. The others stay, or whoever has an account of their own could
    /// guess at another's for ever.
    pub(super) fn take_back(&self, of: &K) {
        if let Some(record) = self.records().get_mut(of) {
            record.failures = record.failures.saturating_sub(1);
        }
    }

    pub(super) fn forget(&self, of: &K) {
        self.records().remove(of);
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.records().len()
    }
}

/// The address as far as it tells peers apart: one IPv6 host has a whole /64 to choose from.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "here";

    #[test]
    fn the_wait_grows_and_is_bounded() {
        let attempts = Attempts::default();
        let now = Duration::from_secs(100);
        for _ in 0..FREE - 1 {
            attempts.failed(&HERE, now);
            assert_eq!(attempts.wait(&HERE, now), None);
        }
        let mut waits = Vec::new();
        for _ in 0..20 {
            attempts.failed(&HERE, now);
            waits.push(attempts.wait(&HERE, now).unwrap());
        }
        assert_eq!(waits[0], FIRST_WAIT);
        assert_eq!(waits[1], FIRST_WAIT * 2);
        assert_eq!(waits.last(), Some(&LONGEST_WAIT));
        assert_eq!(attempts.wait(&HERE, now + LONGEST_WAIT), None);
        attempts.failed(&HERE, now + MEMORY);
        assert_eq!(attempts.wait(&HERE, now + MEMORY), None, "all that is forgotten");
    }

    #[test]
    fn they_are_apart_and_a_success_takes_back_itself_only() {
        let attempts = Attempts::default();
        let now = Duration::ZERO;
        for _ in 0..FREE {
            attempts.failed(&HERE, now);
        }
        assert_eq!(attempts.wait(&"there", now), None);
        assert!(attempts.wait(&HERE, now).is_some());
        attempts.take_back(&HERE);
        assert_eq!(attempts.wait(&HERE, now), None);
        attempts.failed(&HERE, now);
        assert!(attempts.wait(&HERE, now).is_some(), "the others were kept");
        attempts.forget(&HERE);
        assert_eq!(attempts.wait(&HERE, now), None);
    }

    #[test]
    fn neighbours_in_a_network_are_one() {
        let at = |text: &str| network(text.parse().unwrap());
        assert_eq!(at("2001:db8::1"), at("2001:db8::2"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }

    #[test]
    fn many_take_bounded_memory() {
        let attempts = Attempts::default();
        for n in 0..3000u32 {
            attempts.failed(&n, Duration::from_millis(u64::from(n)));
        }
        assert_eq!(attempts.len(), MOST);
    }
}
