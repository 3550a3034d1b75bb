//! The thread of an output: takes the newest frame, encodes it, and sends it to the host that is best.

use std::io;
use std::net::Ipv4Addr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use prismatron_core::recovery::Tally;

use crate::condition::{Blame, Condition};
use crate::contact::Watch;
use crate::encoder::{Encoder, Stream};
use crate::failover::{Failover, Known};
use crate::host::Host;
use crate::link::{Link, Network, Standing, Weariness};
use crate::packets::Packets;
use crate::schedule::{Schedule, Step, paced_steps};
use crate::settings::Timing;
use crate::slot::{Interest, Slot};
use crate::status::{OutputState, Remedies, Report, Said};
use crate::transport::{Delivery, Offload, Transport};

/// Frames in a row that must fail before a host is given up: one may be told of a datagram long ago.
const FAILED_FRAMES: u32 = 3;
/// The thread looks up at least this often, to show that it lives.
const PULSE: Duration = Duration::from_secs(1);
/// Longest the last frame of all is held back for the frame rate's sake.
const LAST_REST: Duration = Duration::from_millis(100);

/// Where the frames of an output go.
#[derive(Debug)]
pub(crate) enum Route {
    /// To the first of these that is not down.
    Hosts(Vec<Host>, Watch),
    /// To the multicast groups of their universes, at this port.
    Groups(u16),
}

/// Everything an output's thread owns.
pub(crate) struct Sender {
    slot: Arc<Slot<Packets>>,
    report: Arc<Report>,
    route: Route,
    encoder: Arc<dyn Encoder>,
    pace: Duration,
    timing: Timing,
    leds: usize,

    front: Packets,
    /// Number of the next frame.
    number: u64,
    schedule: Schedule,
    failover: Failover,
    link: Option<Link>,
    trial: Option<Link>,
    /// The host a link was opened to last, or was to be.
    turned_to: Option<usize>,
    offload: Offload,
    network: Network,
    weariness: Weariness,
    remedies: Remedies,
    /// What was tried last and has not helped yet.
    remedy: Option<Tally>,
    said: Option<(Option<usize>, Condition)>,
    start: Instant,
}

/// What a sender is made of.
pub(crate) struct Parts {
    pub(crate) slot: Arc<Slot<Packets>>,
    pub(crate) report: Arc<Report>,
    pub(crate) route: Route,
    pub(crate) encoder: Arc<dyn Encoder>,
    pub(crate) period: Option<Duration>,
    pub(crate) pace: Duration,
    pub(crate) timing: Timing,
    pub(crate) offload: Offload,
    pub(crate) leds: usize,
    pub(crate) remedies: Remedies,
}

impl Sender {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { slot, report, route, encoder, period, pace, timing, offload, leds, remedies } =
            parts;
        let hosts = match &route {
            Route::Hosts(hosts, _) => hosts.len(),
            Route::Groups(_) => 1,
        };
        let failover = Failover::new(hosts, timing.retry, timing.retry_at_most, timing.trial);
        let mut sender = Self {
            slot,
            report,
            route,
            front: encoder.packets(),
            number: 0,
            encoder,
            pace,
            leds,
            schedule: Schedule::new(period, timing.keep_alive),
            failover,
            link: None,
            trial: None,
            turned_to: None,
            offload,
            network: Network::default(),
            weariness: Weariness::default(),
            remedies,
            remedy: None,
            said: None,
            start: Instant::now(),
            timing,
        };
        sender.learn();
        sender
    }

    /// Runs until the sink is gone.
    pub(crate) fn run(mut self) {
        loop {
            self.report.rounds.fetch_add(1, Ordering::Relaxed);
            let seen = self.slot.look();
            if seen.news {
                self.learn();
            }
            if seen.closing {
                break;
            }
            let now = self.start.elapsed();
            self.connect(now);
            if self.link.is_none() {
                let until = self.failover.choose().map(|_| self.start + self.network.until);
                self.wait(until, Interest::News);
                continue;
            }
            match self.schedule.step(now, seen.fresh) {
                Step::Fresh => {
                    self.slot.take(&mut self.front);
                    let _ = self.send(now, Stream::Lasts);
                }
                Step::Again => {
                    let _ = self.send(now, Stream::Lasts);
                }
                Step::Rest(until) => self.wait(Some(self.start + until), Interest::Resting),
                Step::Idle(until) => {
                    if until.is_none() {
                        self.say(Condition::NoFrame);
                    }
                    self.wait(until.map(|until| self.start + until), Interest::Frames);
                }
            }
        }
        self.finish();
    }

    /// Waits for what is of interest until then, or until it is time to show some life.
    fn wait(&self, until: Option<Instant>, interest: Interest) {
        let pulse = Instant::now() + PULSE;
        self.slot.wait(Some(until.map_or(pulse, |until| until.min(pulse))), interest);
    }

    /// Sends what still waits, and the end of the stream where the protocol tells it.
    fn finish(&mut self) {
        let now = self.start.elapsed();
        self.connect(now);
        if self.link.is_none() {
            return;
        }
        if self.slot.look().fresh {
            // A controller may miss a frame that follows another too closely, and this one is to stay.
            std::thread::sleep(self.schedule.due().saturating_sub(now).min(LAST_REST));
            self.slot.take(&mut self.front);
            if self.send(now, Stream::Lasts).is_break() {
                return;
            }
        }
        for _ in 0..self.encoder.ending().frames {
            if self.number == 0 || self.link.is_none() || self.send(now, Stream::Ends).is_break() {
                return;
            }
        }
    }

    /// Takes over what is known about the hosts.
    fn learn(&mut self) {
        match &self.route {
            Route::Hosts(_, watch) => {
                for (host, contact) in watch.contacts.all().iter().enumerate() {
                    self.failover.learn(host, contact.known);
                }
            }
            Route::Groups(port) => {
                let address = Some((Ipv4Addr::new(239, 255, 0, 0), *port).into());
                self.failover.learn(0, Known { address, alive: None });
            }
        }
        self.network = Network::default();
        if let Some((_, condition)) = self.said.take() {
            self.say(condition);
        }
    }

    /// Sees to it that the link is to the host that is best.
    fn connect(&mut self, now: Duration) {
        for _ in 0..=self.host_count() {
            let Some(host) = self.failover.choose() else {
                self.link = None;
                self.say(Condition::NoAddress);
                return;
            };
            let address = self.failover.address(host);
            let stays = |link: &Link| link.host == host && Some(link.address) == address;
            if self.link.as_ref().is_some_and(stays) || now < self.network.until {
                return;
            }
            let is_lost = self.link.is_none();
            let before = self.turned_to.replace(host);
            let is_next = before.is_some_and(|before| before < host);
            if is_next {
                self.begin(self.remedies.next_host.clone());
            } else if before == Some(host) && is_lost {
                self.begin(self.remedies.reopen.clone());
            }
            let tried = self.trial.take_if(|trial| stays(trial));
            match tried.map_or_else(|| self.open(host), Ok) {
                Ok(link) => {
                    if is_next {
                        self.report.failovers.fetch_add(1, Ordering::Relaxed);
                    }
                    self.link = Some(link);
                    self.trial = None;
                    self.schedule.owe();
                    return;
                }
                Err(error) => {
                    self.failover.failed(host, now);
                    self.lose(now, &error);
                    // Another host may be on another network.
                    if self.failover.choose() == Some(host) {
                        return;
                    }
                    self.network.until = now;
                }
            }
        }
    }

    /// Counts something that is done about a failure.
    fn begin(&mut self, remedy: Tally) {
        remedy.tried(SystemTime::now());
        self.remedy = Some(remedy);
    }

    fn host_count(&self) -> usize {
        match &self.route {
            Route::Hosts(hosts, _) => hosts.len(),
            Route::Groups(_) => 1,
        }
    }

    fn open(&self, host: usize) -> io::Result<Link> {
        let address = self.failover.address(host).ok_or(io::ErrorKind::AddrNotAvailable)?;
        let transport = match &self.route {
            Route::Hosts(..) => Transport::to_peer(address, self.offload, self.timing.send)?,
            Route::Groups(port) => Transport::to_groups(*port, self.timing.send)?,
        };
        Ok(Link { host, address, transport, failed: 0, clean: 0, standing: Standing::Believed })
    }

    /// The link is of no use any more: another is opened after a while.
    fn lose(&mut self, now: Duration, error: &io::Error) {
        self.network.wait_on(now, self.timing.retry, self.timing.network_at_most);
        self.say(Condition::NoNetwork(error.kind()));
        self.link = None;
    }

    /// Sends the frame in front to the host in use, and to one on trial. Breaks off where it did not all
    /// go out.
    fn send(&mut self, now: Duration, stream: Stream) -> ControlFlow<()> {
        self.prepare_trial(now);
        let begun = Instant::now();
        self.encoder.stamp(&mut self.front, self.number, stream);
        self.number += 1;
        let datagrams = match stream {
            Stream::Lasts => self.front.len(),
            Stream::Ends => self.encoder.ending().datagrams,
        };
        let steps = paced_steps(datagrams, self.pace);
        let (mut sent, mut tried) = (Delivery::default(), Delivery::default());
        for step in 0..steps {
            if step > 0 {
                let at = begun + self.pace.mul_f64(step as f64 / steps as f64);
                self.slot.wait(Some(at), Interest::Nothing);
            }
            let range = datagrams * step / steps..datagrams * (step + 1) / steps;
            if let Some(link) = &mut self.link {
                link.deliver(&self.front, range.clone(), &mut sent);
            }
            if let Some(trial) = &mut self.trial {
                trial.deliver(&self.front, range, &mut tried);
            }
        }
        self.schedule.sent(now);
        self.judge_trial(now, &tried);
        self.judge(now, &sent);
        if sent.gave_up { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn prepare_trial(&mut self, now: Duration) {
        let Some(in_use) = self.link.as_ref().map(|link| link.host) else { return };
        let host = self.failover.trial(in_use, now);
        if self.trial.as_ref().map(|trial| trial.host) == host {
            return;
        }
        self.trial = host
            .and_then(|host| self.open(host).inspect_err(|_| self.failover.failed(host, now)).ok());
    }

    fn judge_trial(&mut self, now: Duration, tried: &Delivery) {
        let Some(trial) = &self.trial else { return };
        let host = trial.host;
        if tried.error.is_none() {
            self.failover.went_well(host, now);
        } else {
            self.failover.failed(host, now);
            self.trial = None;
            self.hint(host);
        }
    }

    /// Draws the conclusions from a frame.
    fn judge(&mut self, now: Duration, sent: &Delivery) {
        let add = |counter: &AtomicU64, n: u64| counter.fetch_add(n, Ordering::Relaxed);
        add(&self.report.datagrams, sent.datagrams);
        add(&self.report.bytes, sent.bytes);
        add(&self.report.send_errors, sent.errors);
        add(&self.report.frames, u64::from(!sent.gave_up));
        let Some(link) = &mut self.link else { return };
        let host = link.host;
        self.offload = link.transport.offload();
        let Some(error) = &sent.error else {
            (link.failed, link.clean) = (0, link.clean.saturating_add(1));
            self.network = Network::default();
            self.failover.went_well(host, now);
            if link.standing == Standing::Believed || self.failover.trusts(host) {
                link.standing = Standing::Believed;
                self.weariness = Weariness::default();
                if link.clean >= FAILED_FRAMES
                    && let Some(remedy) = self.remedy.take()
                {
                    remedy.succeeded();
                }
                self.say(Condition::Fine);
            }
            return;
        };
        (link.failed, link.clean) = (link.failed + 1, 0);
        // The kernel has looked for it for seconds before it says so, and lets frames pass while it looks again.
        let is_gone = error.kind() == io::ErrorKind::HostUnreachable;
        if is_gone {
            link.standing = Standing::OnTrial;
        }
        let given_up = is_gone || link.failed >= FAILED_FRAMES;
        match Blame::of(error) {
            Blame::Link => {
                self.failover.failed(host, now);
                self.lose(now, error);
            }
            Blame::Rate if given_up => self.say(Condition::Failing(error.kind())),
            Blame::Host if given_up => {
                self.failover.failed(host, now);
                self.say(Condition::Failing(error.kind()));
            }
            Blame::Rate | Blame::Host => {}
        }
        // A host that refuses has been reached: there is no other way to look for.
        let refuses = error.kind() == io::ErrorKind::ConnectionRefused;
        if given_up && !refuses && self.link.as_ref().is_some_and(|link| link.host == host) {
            self.grow_weary(host, now);
        }
    }

    /// The sends of the link in use keep failing. Its socket has chosen its way to the host when it was
    /// opened; after a while another one is, and may find a better.
    fn grow_weary(&mut self, host: usize, now: Duration) {
        let Timing { reopen, retry_at_most, .. } = self.timing;
        if !self.weariness.grows(now, reopen, retry_at_most) {
            return;
        }
        tracing::debug!(host, "opening another socket");
        self.begin(self.remedies.reopen.clone());
        match self.open(host) {
            Ok(link) => self.link = Some(Link { standing: Standing::OnTrial, ..link }),
            Err(error) => self.lose(now, &error),
        }
    }

    fn hint(&self, host: usize) {
        if let Route::Hosts(_, watch) = &self.route {
            watch.hint(host);
        }
    }

    /// Writes the state down where it has changed.
    fn say(&mut self, condition: Condition) {
        let host = self.link.as_ref().map(|link| link.host);
        if self.said == Some((host, condition)) {
            return;
        }
        self.said = Some((host, condition));
        if let (Condition::Failing(_), Some(host)) = (condition, host) {
            self.hint(host);
        }
        self.report.say(self.describe(host, condition));
    }

    fn describe(&self, in_use: Option<usize>, condition: Condition) -> Said {
        let mut said =
            Said { state: condition.state(), host: None, message: None, alive: None, device: None };
        let Route::Hosts(hosts, watch) = &self.route else {
            said.host = Some("multicast".to_owned());
            said.message = condition.message("the multicast groups");
            return said;
        };
        let contacts = watch.contacts.all();
        let shown = in_use.unwrap_or(0);
        let contact = &contacts[shown];
        said.host = in_use.map(|host| hosts[host].to_string());
        said.alive = contact.known.alive;
        said.device = contact.info.as_ref().map(crate::wled::Info::describe);
        let name = hosts[shown].to_string();
        said.message = match condition {
            Condition::Fine if contact.known.alive == Some(false) => {
                said.state = OutputState::Failing;
                contact.problem.clone()
            }
            Condition::Fine if shown > 0 => Some(match &contacts[0].problem {
                Some(problem) => format!("{problem}; sending to {name}"),
                None if contacts[0].known.address.is_none() => {
                    format!("looking up {}; sending to {name}", hosts[0])
                }
                None => format!("sends to {} failed; sending to {name}", hosts[0]),
            }),
            Condition::Fine => self.too_many_leds(contact.info.as_ref()),
            Condition::NoAddress => Some(match &contact.problem {
                Some(problem) => problem.clone(),
                None => format!("looking up {name}"),
            }),
            other => other.message(&name),
        };
        said
    }

    /// A controller that drives fewer LEDs than it is sent shows part of the picture.
    fn too_many_leds(&self, info: Option<&crate::wled::Info>) -> Option<String> {
        let driven = info?.leds?;
        let sent = self.leds as u64;
        (driven < sent)
            .then(|| format!("the controller drives {driven} LEDs, {sent} are sent to it"))
    }
}
