//! The thread that owns the store, and the queue it is reached by.
//!
//! Work is a closure over the [`State`]; the thread runs one after the other and, between them, removes
//! what has expired. Whoever waits for an answer holds a slot of the queue, so that it is bounded; what
//! ends something (a lease given back, the stop) needs none and always gets through.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use prismatron_core::port::Prober;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, watch};

use crate::accounts::AccountShelf;
use crate::audit::AuditWriter;
use crate::document::Format;
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::finding::{Finding, Findings};
use crate::folders::{Folders, Lock};
use crate::handle::Handle;
use crate::intake::Backlog;
use crate::library::LibraryShelf;
use crate::playlists::PlaylistShelf;
use crate::schedule::ScheduleShelf;
use crate::settings::Settings;
use crate::snapshot::{Snapshot, SnapshotShelf};
use crate::storage::{StorageLimits, Usage};
use crate::time::{Millis, WallClock};
use crate::upload::UploadDesk;
use crate::{key, storage};

/// How many may wait for the store.
const SLOTS: usize = 64;
/// How often expired uploads are looked for.
const TIDY: Duration = Duration::from_secs(60);

/// The open store. Dropping it closes it.
#[derive(Debug)]
pub struct Store {
    queue: Queue,
    slots: Arc<Semaphore>,
    thread: Option<JoinHandle<()>>,
    /// Writes what is left when it is dropped, after the thread has ended.
    _audit: AuditWriter,
}

impl Store {
    /// Opens a data directory, making it where it is not there, mends what was left half done, and starts
    /// the thread that owns it. Damaged documents are set aside and told as findings.
    ///
    /// # Errors
    /// The directory cannot be used, or another process uses it.
    pub fn open(
        data_dir: &Path,
        prober: Arc<dyn Prober>,
        limits: StorageLimits,
    ) -> Result<(Self, Handle), StoreError> {
        Self::open_with(data_dir, prober, limits, Arc::new(SystemTime::now))
    }

    /// [`Store::open`] by another clock.
    ///
    /// # Errors
    /// As for [`Store::open`].
    pub fn open_with(
        data_dir: &Path,
        prober: Arc<dyn Prober>,
        limits: StorageLimits,
        clock: WallClock,
    ) -> Result<(Self, Handle), StoreError> {
        let folders = Folders::at(data_dir);
        folders.create()?;
        let lock = Lock::take(&folders)?;
        let findings = Findings::new();
        let key = key::load(&folders, &findings)?;
        let settings = load_settings(&folders, &findings)?;
        let accounts = AccountShelf::load(&folders, &findings)?;
        let playlists = PlaylistShelf::load(&folders, &findings)?;
        let schedule = ScheduleShelf::load(&folders, &findings)?;
        let (library, strays) = LibraryShelf::load(&folders, &findings)?;
        let snapshots = SnapshotShelf::load(&folders)?;
        let now = Millis::from(clock());
        let (uploads, complete) = UploadDesk::load(&folders, limits.upload_expiry, now, &findings)?;
        let (sender, receiver) = crossbeam_channel::unbounded();
        let queue = Queue(sender);
        let state = State {
            folders: folders.clone(),
            limits: watch::Sender::new(limits),
            clock,
            findings,
            settings: watch::Sender::new(Arc::new(settings)),
            accounts,
            playlists,
            schedule,
            library,
            snapshots,
            uploads,
            usage: watch::Sender::new(Usage::default()),
            queue: queue.clone(),
            _lock: lock,
        };
        state.publish_usage();
        let slots = Arc::new(Semaphore::new(SLOTS));
        let (audit, log) = AuditWriter::start(&state.folders, &state.findings, &state.clock)?;
        let handle = Handle::new(&state, key, log, Arc::clone(&prober), Arc::clone(&slots));
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || own(state, &receiver))
            .map_err(StoreError::on("start the thread for", data_dir))?;
        let backlog = Backlog { folders, prober, queue: queue.clone(), strays, complete };
        backlog.start().map_err(StoreError::on("start the thread for", data_dir))?;
        Ok((Self { queue, slots, thread: Some(thread), _audit: audit }, handle))
    }

    /// Does what is queued, then ends the thread. Handles that are still about answer
    /// [`StoreError::Closed`] from then on.
    pub fn close(self) {
        drop(self);
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.slots.close();
        let _ = self.queue.0.send(Job::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's thread had panicked");
        }
    }
}

fn load_settings(folders: &Folders, findings: &Findings) -> Result<Settings, StoreError> {
    let path = folders.playlists.join(Settings::FILE);
    let found = |message| findings.add(Finding { subject: folders.subject(&path), message });
    let loaded = match file::load::<Settings>(&path, Settings::FORMAT) {
        Ok(loaded) => loaded,
        // A wall with the wrong brightness is better than a dark one.
        Err(error @ StoreError::Newer { .. }) => {
            found(format!("{error}. The defaults are used, changes are refused."));
            return Ok(Settings::default());
        }
        Err(error) => return Err(error),
    };
    let mut settings = loaded.value.unwrap_or_default();
    if let Some(trouble) = loaded.trouble {
        let used = if loaded.is_previous { "" } else { "; the defaults are used" };
        found(format!("The settings file {trouble}{used}."));
    }
    if let Err(error) = settings.settle() {
        file::set_aside(&path)?;
        found(format!("The settings were set aside, the defaults are used: {error}."));
        settings = Settings::default();
    } else if loaded.is_previous {
        file::restore(&path, Settings::FORMAT, &settings);
    }
    Ok(settings)
}

/// Everything the thread owns.
pub(crate) struct State {
    pub(crate) folders: Folders,
    limits: watch::Sender<StorageLimits>,
    pub(crate) clock: WallClock,
    pub(crate) findings: Findings,
    pub(crate) settings: watch::Sender<Arc<Settings>>,
    pub(crate) accounts: AccountShelf,
    pub(crate) playlists: PlaylistShelf,
    pub(crate) schedule: ScheduleShelf,
    pub(crate) library: LibraryShelf,
    pub(crate) snapshots: SnapshotShelf,
    pub(crate) uploads: UploadDesk,
    pub(crate) usage: watch::Sender<Usage>,
    pub(crate) queue: Queue,
    _lock: Lock,
}

impl State {
    pub(crate) fn now(&self) -> Millis {
        Millis::from((self.clock)())
    }

    /// What is taken and promised now.
    fn usage(&self) -> Usage {
        Usage { media: self.library.bytes(), ..self.uploads.usage() }
    }

    pub(crate) fn publish_usage(&self) {
        self.usage.send_if_modified(|published| {
            let usage = self.usage();
            std::mem::replace(published, usage) != usage
        });
    }

    /// How much may be kept, now and whenever it changes.
    pub(crate) fn limits(&self) -> watch::Receiver<StorageLimits> {
        self.limits.subscribe()
    }

    /// Sets how much may be kept. What is kept already stays.
    pub(crate) fn set_limits(&mut self, limits: StorageLimits) {
        self.uploads.set_expiry(limits.upload_expiry);
        self.limits.send_replace(limits);
    }

    /// Whether `more` bytes may be promised to an upload. Where that is only so without what is in the trash, as much
    /// of that goes for good as it takes, the oldest first.
    pub(crate) fn admit(&mut self, more: u64) -> Result<(), StoreError> {
        let limits = *self.limits.borrow();
        let (usage, free) = (self.usage(), storage::free(&self.folders.media)?);
        let Err(refusal) = limits.admit(usage, free, more) else { return Ok(()) };
        let trash = self.library.deleted_bytes();
        let without = Usage { media: usage.media.saturating_sub(trash), ..usage };
        limits.admit(without, free.saturating_add(trash), more)?;
        while let Some(id) = self.library.oldest_deleted() {
            tracing::info!(%id, "a deleted file goes for good: room is needed");
            self.library.purge(id)?;
            self.publish_usage();
            if limits.admit(self.usage(), storage::free(&self.folders.media)?, more).is_ok() {
                return Ok(());
            }
        }
        Err(refusal)
    }

    pub(crate) fn save_settings(&mut self, mut new: Settings) -> Result<Arc<Settings>, StoreError> {
        new.settle()?;
        let current = self.settings.borrow().clone();
        if *current == new {
            return Ok(current);
        }
        let path = self.folders.playlists.join(Settings::FILE);
        let saved = file::save(&path, Settings::FORMAT, &new, Keep::Previous);
        self.findings.note(&saved);
        saved?;
        let new = Arc::new(new);
        self.settings.send_replace(Arc::clone(&new));
        Ok(new)
    }

    /// Saves a state's encoded document.
    pub(crate) fn save_state(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let saved =
            file::save_bytes(&state_path(&self.folders, name)?, STATE, bytes, Keep::Previous);
        // While it plays this is done every few seconds, and so tells whether the disk can be written.
        self.findings.note(&saved);
        saved
    }

    /// Loads a state; what is damaged is told.
    pub(crate) fn load_state<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, StoreError> {
        let path = state_path(&self.folders, name)?;
        let loaded = file::load::<T>(&path, STATE)?;
        if let Some(trouble) = loaded.trouble {
            let message = format!("The stored state “{name}” {trouble}.");
            self.findings.add(Finding { subject: self.folders.subject(&path), message });
        }
        Ok(loaded.value)
    }

    /// Removes uploads nobody has continued for long, what has long been deleted, and tokens that are over; takes the
    /// snapshot of the day.
    pub(crate) fn tidy(&mut self) {
        let now = self.now();
        self.uploads.expire(now);
        self.library.expire(now);
        self.accounts.expire(now);
        self.publish_usage();
        if self.snapshots.is_daily_due(now) {
            self.take_daily(now);
        }
    }

    fn take_daily(&mut self, now: Millis) {
        let snapshot = Snapshot::of(self);
        let subject = self.folders.subject(&self.folders.snapshots);
        match self.snapshots.put_daily(&snapshot, now) {
            Ok(()) => self.findings.settle(&subject),
            Err(error) => {
                let message = format!("There is no backup of the day: {}.", error.sentence());
                self.findings.add(Finding { subject, message });
            }
        }
    }
}

/// The form of states; what is in them is up to whom they belong to.
pub(crate) const STATE: Format = Format { kind: "state", version: 1 };

/// Where a state is.
fn state_path(folders: &Folders, name: &str) -> Result<PathBuf, StoreError> {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b == b'-';
    if !(1..=32).contains(&name.len()) || !name.bytes().all(is_plain) {
        return Err(StoreError::Invalid {
            what: format!("“{name}” as the name of a state"),
            reason: "must be 1 to 32 small letters or hyphens".into(),
        });
    }
    Ok(folders.playlists.join(format!("state-{name}.ron")))
}

/// A state of a data directory, for a program beside the running one: takes no lock and changes nothing.
/// `None` where there is none.
///
/// # Errors
/// It cannot be read, or is damaged.
pub fn state<T: DeserializeOwned>(data_dir: &Path, name: &str) -> Result<Option<T>, StoreError> {
    file::peek(&state_path(&Folders::at(data_dir), name)?, STATE)
}

type Work = Box<dyn FnOnce(&mut State) + Send>;

enum Job {
    Run(Work),
    Stop,
}

/// Brings work to the thread.
#[derive(Debug, Clone)]
pub(crate) struct Queue(Sender<Job>);

impl Queue {
    /// Has the thread do something, unless it has ended. Takes no slot: for what is bounded otherwise.
    pub(crate) fn post(&self, work: impl FnOnce(&mut State) + Send + 'static) {
        let _ = self.0.send(Job::Run(Box::new(work)));
    }

    /// Has the thread do something and waits for it; not for async code.
    pub(crate) fn ask<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State) -> R + Send + 'static,
    ) -> Result<R, StoreError> {
        let (answer, answered) = crossbeam_channel::bounded(1);
        self.post(move |state| {
            let _ = answer.send(work(state));
        });
        answered.recv().map_err(|_| StoreError::Closed)
    }
}

fn own(mut state: State, jobs: &Receiver<Job>) {
    let _span = tracing::info_span!("store").entered();
    let mut next_tidy = Instant::now() + TIDY;
    loop {
        match jobs.recv_deadline(next_tidy) {
            Ok(Job::Run(work)) => work(&mut state),
            Ok(Job::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                state.tidy();
                next_tidy = Instant::now() + TIDY;
            }
        }
    }
}
