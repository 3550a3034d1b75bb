//! Which of an output's hosts takes its frames.
//!
//! The first host that is not known to be down. A host is down while its probe says so, or after sends to
//! it failed. A probe that answers again is believed at once. Without one, a host that failed gets a
//! *trial* after a while: frames go to it beside the one in use, and when it has taken them for some time
//! without an error it is trusted again. So the show goes on while it is found out.

use std::net::SocketAddr;
use std::time::Duration;

/// What is known about a host from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Known {
    /// Its address, once found.
    pub(crate) address: Option<SocketAddr>,
    /// What its probe says, once it has said something.
    pub(crate) alive: Option<bool>,
}

/// Hosts in order of preference and what came of sending to them.
#[derive(Debug, Clone)]
pub(crate) struct Failover {
    hosts: Vec<Standing>,
    retry: Duration,
    retry_at_most: Duration,
    trial: Duration,
}

#[derive(Debug, Clone, Copy, Default)]
struct Standing {
    known: Known,
    fault: Option<Fault>,
}

/// Sends have failed.
#[derive(Debug, Clone, Copy)]
struct Fault {
    /// A trial may begin then.
    until: Duration,
    /// How long that was after the failure.
    wait: Duration,
    /// Since when all frames went well, and how many.
    clean: Option<(Duration, u32)>,
}

/// Frames that a host on trial must take, however slowly they come.
const TRIAL_FRAMES: u32 = 3;

impl Failover {
    /// Nothing is known of any of `hosts`.
    pub(crate) fn new(
        hosts: usize,
        retry: Duration,
        retry_at_most: Duration,
        trial: Duration,
    ) -> Self {
        Self { hosts: vec![Standing::default(); hosts], retry, retry_at_most, trial }
    }

    /// Takes note of what is known about a host.
    pub(crate) fn learn(&mut self, host: usize, known: Known) {
        let standing = &mut self.hosts[host];
        let moved = standing.known.address != known.address;
        let answers_again = known.alive == Some(true) && standing.known.alive == Some(false);
        if moved || answers_again {
            standing.fault = None;
        }
        standing.known = known;
    }

    /// The host to send to, if any has an address.
    pub(crate) fn choose(&self) -> Option<usize> {
        let reachable = |standing: &Standing| standing.known.address.is_some();
        let answers = |standing: &Standing| standing.known.alive != Some(false);
        self.hosts
            .iter()
            .position(|host| reachable(host) && answers(host) && host.fault.is_none())
            .or_else(|| {
                // All have failed: stay with the one that went well longest, or the first.
                self.hosts.iter().position(|host| {
                    reachable(host)
                        && answers(host)
                        && host.fault.is_some_and(|fault| fault.clean.is_some())
                })
            })
            .or_else(|| self.hosts.iter().position(|host| reachable(host) && answers(host)))
            .or_else(|| self.hosts.iter().position(reachable))
    }

    /// Address of a host.
    pub(crate) fn address(&self, host: usize) -> Option<SocketAddr> {
        self.hosts[host].known.address
    }

    /// Whether a host can be counted on.
    pub(crate) fn trusts(&self, host: usize) -> bool {
        self.hosts[host].fault.is_none() && self.hosts[host].known.alive != Some(false)
    }

    /// The host that frames go to beside the one in use, to see whether it is back: one that would be
    /// preferred, or any while the one in use is not to be counted on.
    pub(crate) fn trial(&self, in_use: usize, now: Duration) -> Option<usize> {
        let candidates = if self.trusts(in_use) { in_use } else { self.hosts.len() };
        (0..candidates).filter(|&host| host != in_use).find(|&host| {
            let Standing { known, fault } = self.hosts[host];
            let its_time = fault.is_some_and(|fault| now >= fault.until || fault.clean.is_some());
            known.address.is_some() && known.alive != Some(false) && its_time
        })
    }

    /// Sends to a host failed.
    pub(crate) fn failed(&mut self, host: usize, now: Duration) {
        let fault = &mut self.hosts[host].fault;
        let wait = match fault {
            // That it fails is known, and when to look again is settled.
            Some(fault) if now < fault.until => {
                fault.clean = None;
                return;
            }
            Some(fault) => (fault.wait * 2).min(self.retry_at_most),
            None => self.retry,
        };
        *fault = Some(Fault { until: now + wait, wait, clean: None });
    }

    /// A host took a frame without an error.
    pub(crate) fn went_well(&mut self, host: usize, now: Duration) {
        let trial = self.trial;
        let standing = &mut self.hosts[host];
        if let Some(fault) = &mut standing.fault {
            let (since, frames) = fault.clean.unwrap_or((now, 0));
            if now >= since + trial && frames + 1 >= TRIAL_FRAMES {
                standing.fault = None;
            } else {
                fault.clean = Some((since, frames + 1));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    fn at(port: u16, alive: Option<bool>) -> Known {
        Known { address: Some(([127, 0, 0, 1], port).into()), alive }
    }

    fn two() -> Failover {
        let mut failover = Failover::new(2, s(1), s(4), s(3));
        failover.learn(0, at(1, None));
        failover.learn(1, at(2, None));
        failover
    }

    #[test]
    fn the_first_host_with_an_address_is_used() {
        let mut failover = Failover::new(2, s(1), s(4), s(3));
        assert_eq!(failover.choose(), None);
        failover.learn(1, at(2, None));
        assert_eq!(failover.choose(), Some(1));
        failover.learn(0, at(1, None));
        assert_eq!(failover.choose(), Some(0));
    }

    #[test]
    fn a_probe_takes_a_host_out_and_brings_it_back() {
        let mut failover = two();
        failover.learn(0, at(1, Some(false)));
        assert_eq!(failover.choose(), Some(1));
        assert_eq!(failover.trial(1, s(100)), None, "the probe will tell");
        failover.learn(0, at(1, Some(true)));
        assert_eq!(failover.choose(), Some(0));
    }

    #[test]
    fn frames_still_go_to_the_first_when_all_are_down() {
        let mut failover = two();
        failover.learn(0, at(1, Some(false)));
        failover.learn(1, at(2, Some(false)));
        assert_eq!(failover.choose(), Some(0));
        assert!(!failover.trusts(0));
    }

    #[test]
    fn a_failed_host_is_tried_beside_the_other_before_it_is_trusted() {
        let mut failover = two();
        failover.failed(0, s(10));
        assert_eq!(failover.choose(), Some(1));
        assert_eq!(failover.trial(1, s(10)), None);
        assert_eq!(failover.trial(1, s(11)), Some(0));
        for second in 11..14 {
            failover.went_well(0, s(second));
            assert_eq!(failover.choose(), Some(1), "at {second} s");
            assert_eq!(failover.trial(1, s(second)), Some(0));
        }
        failover.went_well(0, s(14));
        assert_eq!(failover.choose(), Some(0));
        assert_eq!(failover.trial(0, s(14)), None);
    }

    #[test]
    fn a_trial_that_fails_waits_twice_as_long_up_to_a_limit() {
        let mut failover = two();
        let mut now = s(0);
        let mut waits = Vec::new();
        for _ in 0..4 {
            failover.failed(0, now);
            let next =
                (1..).map(|later| now + s(later)).find(|&at| failover.trial(1, at).is_some());
            let next = next.unwrap();
            waits.push((next - now).as_secs());
            now = next;
        }
        assert_eq!(waits, [1, 2, 4, 4]);
    }

    #[test]
    fn with_all_failed_each_gets_its_trial_and_the_first_to_go_well_is_used() {
        let mut failover = two();
        failover.failed(0, s(0));
        failover.failed(1, s(0));
        assert_eq!(failover.choose(), Some(0));
        assert_eq!(failover.trial(0, s(1)), Some(1));
        failover.went_well(1, s(1));
        assert_eq!(failover.choose(), Some(1));
    }

    #[test]
    fn a_new_address_is_a_new_start() {
        let mut failover = two();
        failover.failed(0, s(0));
        failover.learn(0, at(9, None));
        assert_eq!(failover.choose(), Some(0));
    }
}
