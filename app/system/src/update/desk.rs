//! The task that owns where an update stands.
//!
//! It looks at RAUC in turns, more often while something goes on, rather than hear its signals: so it is told alike of what
//! it has begun itself, of what went on while the program was restarted, and of what somebody else has begun.

use std::fs;
use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::bundle::{Bundle, Source};
use super::examination::Examination;
use super::handle::{Handle, Message};
use super::inspect::Inspector;
use super::keeper::Keeper;
use super::rauc::Rauc;
use super::refusal::{Cause, Refusal};
use super::stage::{Boot, Stage};
use super::{Kept, Progress, Slots, UpdateState};
use crate::action::Ability;
use crate::bus::Bus;
use crate::error::SystemError;
use crate::gauges::is_believable;
use crate::handle::{Handle as Power, Hold};
use crate::supervisor::Supervisor;

/// Requests that may wait.
const INBOX: usize = 16;
/// From one look to the next, by what goes on.
const INSTALLING: Duration = Duration::from_millis(500);
const BUSY: Duration = Duration::from_secs(2);
const CALM: Duration = Duration::from_secs(30);
/// A reboot at its hour that has failed is tried again after this.
pub(super) const AGAIN: Duration = Duration::from_secs(600);
/// RAUC may be silent for so long while it installs.
pub(super) const SILENCE: Duration = Duration::from_secs(120);
/// RAUC may show the same progress for so long: not every version shows any while it writes an image, and cards are slow. For
/// a server that accepts and never answers it waits for ever, and nothing on the bus has it stop.
pub(super) const STUCK: Duration = Duration::from_secs(3600);
/// Why the machine is not rebooted meanwhile.
pub(super) const HELD: &str = "an update is being installed, which must not be broken off";

/// Tells the time of day.
pub type WallClock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What the task is made of.
pub struct Setup<K> {
    /// Who started the program: without systemd nothing is updated.
    pub supervisor: Supervisor,
    /// What was kept when the program ran last.
    pub kept: Kept,
    /// What the rest of the program does for it.
    pub keeper: K,
    /// The machine's power.
    pub power: Power,
    /// Tells the time of day.
    pub clock: WallClock,
}

/// The task. It ends when this is dropped; RAUC goes on.
#[derive(Debug)]
pub struct Updates(JoinHandle<()>);

impl Updates {
    /// Starts the task, on the system bus. Needs a tokio runtime.
    pub fn start<K: Keeper>(setup: Setup<K>) -> (Self, Handle) {
        Self::on(setup, Bus::default(), Inspector { configuration: None }, "/etc/os-release")
    }

    /// The same on another bus, by its D-Bus address, with another configuration of RAUC's program, on a system that says
    /// this of itself.
    pub fn start_on<K: Keeper>(
        setup: Setup<K>,
        address: &str,
        configuration: &Path,
        os_release: &Path,
    ) -> (Self, Handle) {
        let bus = Bus { address: Some(address.to_owned()) };
        Self::on(setup, bus, Inspector { configuration: Some(configuration.into()) }, os_release)
    }

    fn on<K: Keeper>(
        setup: Setup<K>,
        bus: Bus,
        inspector: Inspector,
        os_release: impl AsRef<Path>,
    ) -> (Self, Handle) {
        let Setup { supervisor, kept, keeper, power, clock } = setup;
        let (inbox, messages) = mpsc::channel(INBOX);
        let ability = Ability::No(match supervisor {
            Supervisor::Systemd => "RAUC has not been asked yet".into(),
            Supervisor::Nobody => {
                "Prismatron was not started by systemd: it leaves the system alone".into()
            }
        });
        let (state, published) = watch::channel(UpdateState {
            ability,
            stage: kept.stage.clone(),
            progress: None,
            is_stuck: false,
            waits: None,
            slots: None,
            dim: kept.dim,
            last: kept.last.clone(),
        });
        let desk = Desk {
            supervisor,
            bus,
            inspector,
            running: version_id(os_release.as_ref()),
            keeper,
            power,
            clock,
            kept,
            rauc: None,
            is_settled: false,
            is_dimmed: false,
            held: None,
            has_asked: false,
            inspecting: None,
            silent: None,
            moved: None,
            state,
        };
        (Self(tokio::spawn(desk.run(messages))), Handle { inbox, state: published })
    }
}

impl Drop for Updates {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the task owns.
pub(super) struct Desk<K> {
    pub(super) supervisor: Supervisor,
    pub(super) bus: Bus,
    inspector: Inspector,
    /// The version that runs.
    pub(super) running: Option<String>,
    pub(super) keeper: K,
    pub(super) power: Power,
    pub(super) clock: WallClock,
    pub(super) kept: Kept,
    /// A connection that has answered so far.
    pub(super) rauc: Option<Rauc>,
    /// Whether what was kept has been held against what is the case.
    pub(super) is_settled: bool,
    is_dimmed: bool,
    /// While something is installed.
    pub(super) held: Option<Hold>,
    pub(super) inspecting: Option<JoinHandle<Result<Bundle, Refusal>>>,
    /// Whether a reboot at its hour was asked for, and it is not known yet what has come of it.
    pub(super) has_asked: bool,
    /// Since when RAUC does not answer although it should be installing.
    pub(super) silent: Option<Instant>,
    /// How far RAUC is, and since when.
    pub(super) moved: Option<(Progress, Instant)>,
    pub(super) state: watch::Sender<UpdateState>,
}

impl<K: Keeper> Desk<K> {
    async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut next = Instant::now();
        loop {
            tokio::select! {
                message = messages.recv() => match message {
                    Some(Message { request, reply }) => {
                        self.hear(request, reply).await;
                        // Whoever asks wants to know how it is.
                        next = Instant::now();
                    }
                    None => return,
                },
                found = found(&mut self.inspecting) => self.inspected(found).await,
                () = sleep_until(next) => {
                    self.look().await;
                    next = Instant::now() + self.pace();
                }
            }
        }
    }

    fn pace(&self) -> Duration {
        match &self.kept.stage {
            Stage::Installing(_) => INSTALLING,
            Stage::Confirming(_) | Stage::WaitingForReboot { at: Some(_), .. } => BUSY,
            Stage::WaitingForReboot { .. } if self.has_asked => BUSY,
            Stage::Idle => CALM,
            _ if self.is_settled => CALM,
            _ => BUSY,
        }
    }

    /// Whether it can be told at all if a certificate is valid.
    pub(super) fn is_clock_set(&self) -> bool {
        is_believable((self.clock)())
    }

    pub(super) fn begin_inspection(&mut self, source: Source, bytes: Option<u64>) {
        let examination = Examination {
            bus: self.bus.clone(),
            inspector: self.inspector.clone(),
            running: self.running.clone(),
            is_clock_set: self.is_clock_set(),
            source,
            bytes,
        };
        self.inspecting = Some(tokio::spawn(examination.examine()));
    }

    async fn inspected(&mut self, found: Result<Bundle, Refusal>) {
        self.inspecting = None;
        let stage = match found {
            Ok(bundle) => {
                tracing::info!(version = bundle.version, "{} may be installed", bundle.source);
                self.kept.stage.accept(bundle)
            }
            Err(refusal) => {
                tracing::warn!("a bundle was refused: {refusal}");
                self.kept.stage.fail(refusal, (self.clock)())
            }
        };
        // Otherwise it was cancelled meanwhile.
        if let Ok(stage) = stage {
            self.step(stage).await;
        }
    }

    /// Goes to a stage: it is kept, an upload that is of no use any more goes, and everybody may know.
    pub(super) async fn step(&mut self, stage: Stage) {
        let before = std::mem::replace(&mut self.kept.stage, stage);
        if before != self.kept.stage
            && let Err(why) = self.keeper.keep(self.kept.clone()).await
        {
            tracing::warn!("where the update stands will not outlive a restart: {why}");
        }
        if !matches!(self.kept.stage, Stage::WaitingForReboot { .. }) {
            self.has_asked = false;
        }
        if !matches!(self.kept.stage, Stage::Installing(_)) {
            (self.held, self.moved) = (None, None);
            self.silent = None;
            self.state.send_if_modified(|state| {
                std::mem::take(&mut state.is_stuck) | state.progress.take().is_some()
            });
        }
        self.state.send_if_modified(|state| state.waits.take().is_some());
        self.light().await;
        self.publish();
        if let Some(upload) = before.upload()
            && self.kept.stage.upload() != Some(upload)
        {
            self.keeper.discard(upload).await;
        }
    }

    pub(super) async fn fail(&mut self, refusal: Refusal) {
        tracing::error!("the update came to nothing: {refusal}");
        if let Ok(stage) = self.kept.stage.fail(refusal, (self.clock)()) {
            self.step(stage).await;
        }
    }

    /// Whether RAUC, which is so far now, is no further than long ago.
    pub(super) fn is_stuck(&mut self, progress: &Progress) -> bool {
        match &self.moved {
            Some((last, since)) if last == progress => since.elapsed() >= STUCK,
            _ => {
                self.moved = Some((progress.clone(), Instant::now()));
                false
            }
        }
    }

    /// Dims the LEDs while something is installed, where that is wanted.
    pub(super) async fn light(&mut self) {
        let is_installing = matches!(self.kept.stage, Stage::Installing(_));
        let dim = self.kept.dim && is_installing && !self.state.borrow().is_stuck;
        if std::mem::replace(&mut self.is_dimmed, dim) != dim {
            self.keeper.dim(dim).await;
        }
    }

    pub(super) fn publish(&self) {
        self.state.send_if_modified(|state| {
            let before = state.clone();
            state.stage = self.kept.stage.clone();
            state.dim = self.kept.dim;
            state.last = self.kept.last.clone();
            *state != before
        });
    }

    /// That there is RAUC, as far as is known.
    pub(super) fn require(&self) -> Result<(), SystemError> {
        match &self.state.borrow().ability {
            Ability::Yes => Ok(()),
            Ability::No(reason) => Err(SystemError::Rauc(Arc::clone(reason))),
        }
    }

    pub(super) async fn rauc(&mut self) -> Result<&Rauc, SystemError> {
        if self.rauc.is_none() {
            self.rauc = Some(Rauc::connect(&self.bus).await.map_err(SystemError::Rauc)?);
        }
        self.rauc.as_ref().ok_or(SystemError::Busy)
    }

    pub(super) async fn slots_and_boot(&mut self) -> Result<(Slots, Boot), SystemError> {
        let running = self.running.clone();
        let rauc = self.rauc().await?;
        let mut slots = rauc.slots(running.as_deref()).await.map_err(SystemError::Rauc)?;
        let boot = rauc.boot().await.map_err(SystemError::Rauc)?;
        slots.recall(self.kept.before.as_ref());
        Ok((slots, boot))
    }
}

/// Waits until it is known what a bundle is.
async fn found(
    inspecting: &mut Option<JoinHandle<Result<Bundle, Refusal>>>,
) -> Result<Bundle, Refusal> {
    match inspecting {
        Some(task) => task.await.unwrap_or_else(|error| {
            Err(Refusal::new(Cause::Other, format!("The inspection broke off: {error}.")))
        }),
        None => pending().await,
    }
}

/// The version of the running system, from `os-release(5)`.
fn version_id(os_release: &Path) -> Option<String> {
    let text = fs::read_to_string(os_release).ok()?;
    let version = text.lines().find_map(|line| line.strip_prefix("VERSION_ID="))?;
    let version = version.trim().trim_matches(['"', '\'']);
    (!version.is_empty()).then(|| version.to_owned())
}
