//! Finds out about hosts on threads of their own: the addresses of names, and whether a WLED controller
//! answers.
//!
//! Looking up a name blocks for as long as the system's resolver likes, and nothing can end that. So each
//! host that needs it has a thread, nobody ever waits for one, and it ends by itself once its output has.

use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prismatron_core::output::Probe;

use crate::failover::Known;
use crate::host::{self, Host};
use crate::packets::Packets;
use crate::settings::{Resolver, Settings, Timing};
use crate::slot::Slot;
use crate::wled;

/// Probes in a row that must fail before a host counts as dead: Wi-Fi loses some, and a controller that is
/// busy showing frames answers late.
const MISSED_PROBES: u32 = 2;

/// What is known about the hosts of an output. Whoever changes it announces news in the output's slot.
#[derive(Debug)]
pub(crate) struct Contacts {
    hosts: Mutex<Vec<Contact>>,
    slot: Arc<Slot<Packets>>,
}

/// What is known about one host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contact {
    pub(crate) known: Known,
    /// Why its name was not found or its probe not answered.
    pub(crate) problem: Option<String>,
    /// What it says it is.
    pub(crate) info: Option<wled::Info>,
}

impl Contacts {
    pub(crate) fn all(&self) -> MutexGuard<'_, Vec<Contact>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, host: usize, change: impl FnOnce(&mut Contact)) {
        let mut all = self.all();
        let before = all[host].clone();
        change(&mut all[host]);
        let changed = before != all[host];
        drop(all);
        if changed {
            self.slot.announce();
        }
    }
}

/// Keeps an output's contacts going; they end when it is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) contacts: Arc<Contacts>,
    /// One for each host with a thread.
    hints: Vec<Option<SyncSender<()>>>,
}

impl Watch {
    /// Starts finding out about `hosts`. Addresses that are written as such are known at once.
    pub(crate) fn start(
        hosts: &[Host],
        port: u16,
        probe: Probe,
        settings: &Settings,
        slot: &Arc<Slot<Packets>>,
    ) -> std::io::Result<Self> {
        let address = |host: &Host| host.literal().map(|ip| SocketAddr::new(ip, host.port(port)));
        let first = hosts
            .iter()
            .map(|host| Contact {
                known: Known { address: address(host), alive: None },
                ..Contact::default()
            })
            .collect();
        let contacts = Arc::new(Contacts { hosts: Mutex::new(first), slot: Arc::clone(slot) });
        let probe = match probe {
            Probe::None => None,
            Probe::Wled => Some(80),
            Probe::WledPort(port) => Some(port),
        };
        let mut hints = Vec::with_capacity(hosts.len());
        for (index, host) in hosts.iter().enumerate() {
            if host.literal().is_some() && probe.is_none() {
                hints.push(None);
                continue;
            }
            let (hint, hinted) = sync_channel(1);
            let scout = Scout {
                index,
                host: host.clone(),
                port: host.port(port),
                probe,
                timing: settings.timing.clone(),
                resolver: Arc::clone(&settings.resolver),
                contacts: Arc::clone(&contacts),
                hinted,
            };
            let span = tracing::Span::current();
            std::thread::Builder::new()
                .name("output-contact".to_owned())
                .spawn(move || span.in_scope(|| scout.run()))?;
            hints.push(Some(hint));
        }
        Ok(Self { contacts, hints })
    }

    /// A host does not take frames: its address may be another, or its probe due.
    pub(crate) fn hint(&self, host: usize) {
        if let Some(Some(hint)) = self.hints.get(host) {
            // A hint that is already there serves as well.
            let _ = hint.try_send(());
        }
    }
}

/// The thread of one host.
struct Scout {
    index: usize,
    host: Host,
    port: u16,
    probe: Option<u16>,
    timing: Timing,
    resolver: Resolver,
    contacts: Arc<Contacts>,
    hinted: Receiver<()>,
}

impl Scout {
    fn run(self) {
        let by_name = self.host.literal().is_none();
        let mut lookup = Repeat::new(&self.timing);
        let mut probe = Repeat::new(&self.timing);
        loop {
            if by_name && lookup.is_due() {
                self.look_up(&mut lookup);
            }
            if probe.is_due() {
                self.ask(&mut probe);
                if probe.failures == MISSED_PROBES {
                    // It may have moved to another address.
                    lookup.hasten(self.timing.retry);
                }
            }
            let mut next = if by_name { lookup.left() } else { Duration::MAX };
            // Without an address the probe waits for one.
            if self.probe.is_some() && self.address().is_some() {
                next = next.min(probe.left());
            }
            match self.hinted.recv_timeout(next.min(Duration::from_secs(3600))) {
                Ok(()) => {
                    lookup.hasten(self.timing.retry);
                    probe.hasten(self.timing.retry);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn address(&self) -> Option<SocketAddr> {
        self.contacts.all()[self.index].known.address
    }

    fn look_up(&self, lookup: &mut Repeat) {
        let found = (self.resolver)(self.host.name(), self.port);
        let in_use = self.address();
        let address = found.as_deref().ok().and_then(|found| host::prefer(found, in_use));
        if let Some(address) = address {
            lookup.succeeded(self.timing.lookup);
            self.contacts.change(self.index, |contact| {
                if contact.known.address != Some(address) {
                    tracing::info!(host = %self.host, %address, "found");
                    contact.problem = None;
                }
                contact.known.address = Some(address);
            });
        } else {
            lookup.failed();
            // An address that once was right is kept: a name server may be down while the wall is not.
            self.contacts.change(self.index, |contact| {
                if contact.known.address.is_none() {
                    contact.problem = Some(format!("the name {} is not found", self.host.name()));
                }
            });
        }
    }

    fn ask(&self, probe: &mut Repeat) {
        let (Some(port), Some(address)) = (self.probe, self.address()) else { return };
        let answer = wled::ask(address.ip(), port, self.host.name(), self.timing.probe_answer);
        match answer {
            Ok(info) => {
                probe.succeeded(self.timing.probe);
                self.contacts.change(self.index, |contact| {
                    if contact.known.alive == Some(false) {
                        tracing::info!(host = %self.host, "answers again");
                    }
                    contact.known.alive = Some(true);
                    contact.problem = None;
                    contact.info = Some(info);
                });
            }
            Err(reason) => {
                probe.failed();
                if probe.failures < MISSED_PROBES {
                    return;
                }
                self.contacts.change(self.index, |contact| {
                    if contact.known.alive != Some(false) {
                        tracing::info!(host = %self.host, reason, "does not answer");
                        contact.problem = Some(format!("{} does not answer: {reason}", self.host));
                    }
                    contact.known.alive = Some(false);
                });
            }
        }
    }
}

/// Something done again and again, less often while it fails.
struct Repeat {
    due: Instant,
    retry: Duration,
    retry_at_most: Duration,
    failures: u32,
}

impl Repeat {
    fn new(timing: &Timing) -> Self {
        Self {
            due: Instant::now(),
            retry: timing.retry,
            retry_at_most: timing.retry_at_most,
            failures: 0,
        }
    }

    fn is_due(&self) -> bool {
        Instant::now() >= self.due
    }

    fn left(&self) -> Duration {
        self.due.saturating_duration_since(Instant::now())
    }

    fn succeeded(&mut self, again: Duration) {
        self.failures = 0;
        self.due = Instant::now() + again;
    }

    fn failed(&mut self) {
        let wait = self.retry.saturating_mul(1 << self.failures.min(16)).min(self.retry_at_most);
        self.failures = self.failures.saturating_add(1);
        self.due = Instant::now() + wait;
    }

    /// Brings it forward, unless it fails anyway and has its own pace.
    fn hasten(&mut self, wait: Duration) {
        if self.failures == 0 {
            self.due = self.due.min(Instant::now() + wait);
        }
    }
}
