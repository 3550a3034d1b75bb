//! Failed sign-ins: each makes its address wait a little longer before the next is looked at.
//!
//! Nobody is locked out: the wait ends by itself and is short, and a right one-time code is never made to
//! wait (it cannot be guessed).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Failures that cost nothing: people mistype.
const FREE: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// After this long without a failure an address is forgotten.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// Most addresses remembered; the one quiet for longest gives way.
const ADDRESSES: usize = 1024;

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

/// Failed sign-ins by address.
#[derive(Default)]
pub(super) struct Attempts {
    records: Mutex<HashMap<IpAddr, Record>>,
}

impl Attempts {
    /// How long the address has yet to wait at this time, if it has to.
    pub(super) fn wait(&self, address: IpAddr, now: Duration) -> Option<Duration> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let record = records.get(&network(address))?;
        let wait = record.next_allowed().saturating_sub(now);
        (!wait.is_zero()).then_some(wait)
    }

    pub(super) fn failed(&self, address: IpAddr, now: Duration) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.retain(|_, record| now.saturating_sub(record.last) < MEMORY);
        let address = network(address);
        if records.len() >= ADDRESSES && !records.contains_key(&address) {
            let quietest = records.iter().min_by_key(|(_, record)| record.last);
            if let Some(quietest) = quietest.map(|(address, _)| *address) {
                records.remove(&quietest);
            }
        }
        let record = records.entry(address).or_insert(Record { failures: 0, last: now });
        record.failures = record.failures.saturating_add(1);
        record.last = now;
    }

    pub(super) fn succeeded(&self, address: IpAddr) {
        self.records.lock().unwrap_or_else(PoisonError::into_inner).remove(&network(address));
    }
}

/// The address as far as it tells peers apart: one IPv6 host has a whole /64 to choose from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn the_wait_grows_and_is_bounded() {
        let attempts = Attempts::default();
        let now = Duration::from_secs(100);
        for _ in 0..FREE - 1 {
            attempts.failed(HERE, now);
            assert_eq!(attempts.wait(HERE, now), None);
        }
        let mut waits = Vec::new();
        for _ in 0..20 {
            attempts.failed(HERE, now);
            waits.push(attempts.wait(HERE, now).unwrap());
        }
        assert_eq!(waits[0], FIRST_WAIT);
        assert_eq!(waits[1], FIRST_WAIT * 2);
        assert_eq!(waits.last(), Some(&LONGEST_WAIT));
        assert_eq!(attempts.wait(HERE, now + LONGEST_WAIT), None);
    }

    #[test]
    fn addresses_are_apart_and_success_forgets() {
        let attempts = Attempts::default();
        let other: IpAddr = "2001:db8::1".parse().unwrap();
        for _ in 0..9 {
            attempts.failed(other, Duration::ZERO);
        }
        assert_eq!(attempts.wait(HERE, Duration::ZERO), None);
        let neighbour: IpAddr = "2001:db8::2".parse().unwrap();
        assert!(attempts.wait(neighbour, Duration::ZERO).is_some());
        attempts.succeeded(other);
        assert_eq!(attempts.wait(neighbour, Duration::ZERO), None);
    }

    #[test]
    fn many_addresses_take_bounded_memory() {
        let attempts = Attempts::default();
        for n in 0..3000u32 {
            attempts.failed(IpAddr::V4(n.into()), Duration::from_millis(u64::from(n)));
        }
        assert_eq!(attempts.records.lock().unwrap().len(), ADDRESSES);
    }
}
