//! How everyone else reaches the store.

mod accounts;
mod snapshots;
mod uploads;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use prismatron_core::id::{MediaId, PlaylistId};
use prismatron_core::media::MediaInfo;
use prismatron_core::playlist::Playlist;
use prismatron_core::port::{MediaLocator, Prober};
use prismatron_core::recovery::{Recovery, Tally};
use prismatron_core::schedule::Schedule;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, oneshot, watch};

use crate::accounts::Accounts;
use crate::audit::AuditLog;
use crate::error::StoreError;
use crate::finding::Finding;
use crate::folders::Folders;
use crate::key::Key;
use crate::library::{Library, MediaEntry};
use crate::owner::{Queue, STATE, State};
use crate::playlist_file::Imported;
use crate::playlists::{Playlists, StoredPlaylist};
use crate::schedule::StoredSchedule;
use crate::settings::Settings;
use crate::storage::{StorageLimits, StorageStatus, Usage};
use crate::{document, storage};

/// How many files are probed at once for uploads that end.
const PROBES: usize = 2;

/// Reaches the store; clones reach the same. Async methods need a tokio runtime. What a method returned
/// `Ok` for is durable. All fail with [`StoreError::Closed`] once the store is closed.
#[derive(Clone)]
pub struct Handle {
    queue: Queue,
    slots: Arc<Semaphore>,
    probes: Arc<Semaphore>,
    prober: Arc<dyn Prober>,
    folders: Folders,
    limits: watch::Receiver<StorageLimits>,
    key: Key,
    library: watch::Receiver<Arc<Library>>,
    playlists: watch::Receiver<Arc<Playlists>>,
    schedule: watch::Receiver<Arc<StoredSchedule>>,
    settings: watch::Receiver<Arc<Settings>>,
    accounts: watch::Receiver<Arc<Accounts>>,
    audit: AuditLog,
    findings: watch::Receiver<Arc<Vec<Finding>>>,
    usage: watch::Receiver<Usage>,
    pruned: Tally,
}

impl Handle {
    pub(crate) fn new(
        state: &State,
        key: Key,
        audit: AuditLog,
        prober: Arc<dyn Prober>,
        slots: Arc<Semaphore>,
    ) -> Self {
        Self {
            queue: state.queue.clone(),
            slots,
            probes: Arc::new(Semaphore::new(PROBES)),
            prober,
            folders: state.folders.clone(),
            limits: state.limits(),
            key,
            library: state.library.subscribe(),
            playlists: state.playlists.subscribe(),
            schedule: state.schedule.subscribe(),
            settings: state.settings.subscribe(),
            accounts: state.accounts.subscribe(),
            audit,
            findings: state.findings.subscribe(),
            usage: state.usage.subscribe(),
            pruned: state.uploads.pruned(),
        }
    }

    /// Has the owner do something, in turn.
    async fn ask<R: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State) -> R + Send + 'static,
    ) -> Result<R, StoreError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.map_err(|_| StoreError::Closed)?;
        let (answer, answered) = oneshot::channel();
        self.queue.post(move |state| {
            let done = work(state);
            drop(slot);
            let _ = answer.send(done);
        });
        answered.await.map_err(|_| StoreError::Closed)
    }

    /// The library, and every change of it.
    pub fn library(&self) -> watch::Receiver<Arc<Library>> {
        self.library.clone()
    }

    /// All playlists, and every change of them.
    pub fn playlists(&self) -> watch::Receiver<Arc<Playlists>> {
        self.playlists.clone()
    }

    /// The schedule, and every change of it.
    pub fn schedule(&self) -> watch::Receiver<Arc<StoredSchedule>> {
        self.schedule.clone()
    }

    /// The settings, and every change of them.
    pub fn settings(&self) -> watch::Receiver<Arc<Settings>> {
        self.settings.clone()
    }

    /// The audit log.
    pub fn audit(&self) -> &AuditLog {
        &self.audit
    }

    /// What was found wrong in this run.
    pub fn findings(&self) -> watch::Receiver<Arc<Vec<Finding>>> {
        self.findings.clone()
    }

    /// Adds what somebody else has found wrong, for the page; in place of what was found about the same
    /// subject before.
    ///
    /// # Errors
    /// The store is closed.
    pub async fn report(&self, finding: Finding) -> Result<(), StoreError> {
        self.ask(move |state| state.findings.add(finding)).await
    }

    /// Forgets what was found about a subject, since it has been mended.
    ///
    /// # Errors
    /// The store is closed.
    pub async fn settle(&self, subject: impl Into<String>) -> Result<(), StoreError> {
        let subject = subject.into();
        self.ask(move |state| state.findings.settle(&subject)).await
    }

    /// Sets how much may be kept from now on.
    ///
    /// # Errors
    /// The store is closed.
    pub async fn set_limits(&self, limits: StorageLimits) -> Result<(), StoreError> {
        self.ask(move |state| state.set_limits(limits)).await
    }

    /// How much is kept and how much more may be. Asks the disk.
    pub fn storage(&self) -> StorageStatus {
        let usage = *self.usage.borrow();
        let limits = *self.limits.borrow();
        StorageStatus {
            used: usage.media.saturating_add(usage.received),
            quota: limits.quota,
            free: storage::free(&self.folders.media).unwrap_or(0),
            reserve: limits.reserve,
            uploads_in_progress: usage.uploads,
            access: storage::access(&self.folders.uploads),
        }
    }

    /// The data directory.
    pub fn data_dir(&self) -> &Path {
        &self.folders.root
    }

    /// How often an upload had expired and was to be removed, and how often that could be done.
    pub fn pruned_uploads(&self) -> Recovery {
        self.pruned.read()
    }

    /// Keeps the settings as they are as those that last worked.
    ///
    /// # Errors
    /// They cannot be saved.
    pub async fn prove_settings(&self) -> Result<(), StoreError> {
        self.ask(|state| state.prove_settings()).await?
    }

    /// The settings that last worked, if any are known and still can be.
    ///
    /// # Errors
    /// The file cannot be read, or is of a newer version.
    pub async fn proven_settings(&self) -> Result<Option<Settings>, StoreError> {
        self.ask(|state| state.proven_settings()).await?
    }

    /// Goes back to the settings that last worked. Those until now are kept beside them.
    ///
    /// # Errors
    /// [`StoreError::NothingProven`] where none are known; they cannot be saved.
    pub async fn restore_settings(&self) -> Result<Arc<Settings>, StoreError> {
        self.ask(State::restore_settings).await?
    }

    /// The key that signs sessions and tokens.
    pub fn signing_key(&self) -> [u8; 32] {
        self.key
    }

    /// Makes an empty playlist; others may have the same name.
    ///
    /// # Errors
    /// The name cannot be, there are too many, or it cannot be saved.
    pub async fn create_playlist(
        &self,
        name: impl Into<String>,
    ) -> Result<Arc<StoredPlaylist>, StoreError> {
        let name = name.into();
        self.ask(move |state| state.playlists.create(&name)).await?
    }

    /// Saves a playlist that exists, if it is at the expected revision or none is given.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where it is at another revision; a rule is broken; it cannot be saved.
    pub async fn save_playlist(
        &self,
        playlist: Playlist,
        expected: Option<u64>,
    ) -> Result<Arc<StoredPlaylist>, StoreError> {
        self.ask(move |state| state.playlists.save(playlist, expected)).await?
    }

    /// Saves a playlist whether it exists or not, as one that was deleted does not; it has to exist where a revision is
    /// expected.
    ///
    /// # Errors
    /// As for [`Handle::save_playlist`], and there are too many.
    pub async fn set_playlist(
        &self,
        playlist: Playlist,
        expected: Option<u64>,
    ) -> Result<Arc<StoredPlaylist>, StoreError> {
        self.ask(move |state| state.playlists.set(playlist, expected)).await?
    }

    /// A playlist as a file, to be kept or taken elsewhere.
    ///
    /// # Errors
    /// There is no such playlist.
    pub async fn export_playlist(&self, id: PlaylistId) -> Result<Vec<u8>, StoreError> {
        self.ask(move |state| state.export(id)).await?
    }

    /// Makes another playlist of such a file, of this machine or another.
    ///
    /// # Errors
    /// It is no such file, damaged, or of a newer version; there are too many; it cannot be saved.
    pub async fn import_playlist(&self, bytes: Vec<u8>) -> Result<Imported, StoreError> {
        self.ask(move |state| state.import_playlist(&bytes)).await?
    }

    /// Deletes a playlist; the settings forget it as the active one.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where it is at another revision than expected; it cannot be deleted.
    pub async fn delete_playlist(
        &self,
        id: PlaylistId,
        expected: Option<u64>,
    ) -> Result<(), StoreError> {
        self.ask(move |state| {
            state.playlists.delete(id, expected)?;
            let current = state.settings.borrow().clone();
            if current.active == Some(id) {
                state.save_settings(Settings { active: None, ..(*current).clone() })?;
            }
            Ok(())
        })
        .await?
    }

    /// Saves the schedule, if it is at the expected revision or none is given.
    ///
    /// # Errors
    /// [`StoreError::StaleSchedule`] where it is at another revision; a rule is broken; it cannot be saved.
    pub async fn save_schedule(
        &self,
        schedule: Schedule,
        expected: Option<u64>,
    ) -> Result<Arc<StoredSchedule>, StoreError> {
        self.ask(move |state| state.schedule.save(schedule, expected)).await?
    }

    /// Saves the settings as a whole.
    ///
    /// # Errors
    /// A rule is broken, or they cannot be saved.
    pub async fn save_settings(&self, settings: Settings) -> Result<Arc<Settings>, StoreError> {
        self.ask(move |state| state.save_settings(settings)).await?
    }

    /// Changes some settings, whatever others do to the rest at the same time.
    ///
    /// # Errors
    /// As for [`Handle::save_settings`].
    pub async fn edit_settings(
        &self,
        edit: impl FnOnce(&mut Settings) + Send + 'static,
    ) -> Result<Arc<Settings>, StoreError> {
        self.ask(move |state| {
            let mut settings = state.settings.borrow().as_ref().clone();
            edit(&mut settings);
            state.save_settings(settings)
        })
        .await?
    }

    /// Saves a small state under a name of small letters and hyphens.
    ///
    /// # Errors
    /// It has no stored form, or it cannot be saved.
    pub async fn save_state<T: Serialize + Sync>(
        &self,
        name: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        let bytes = document::encode(STATE, value)
            .map_err(|reason| StoreError::Encode {
                what: format!("the state “{name}”"), reason
            })?;
        let name = name.to_owned();
        self.ask(move |state| state.save_state(&name, &bytes)).await?
    }

    /// Loads a state; `None` where there is none or no copy of it is whole.
    ///
    /// # Errors
    /// The file cannot be read, or is of a newer version.
    pub async fn load_state<T: DeserializeOwned + Send + 'static>(
        &self,
        name: &str,
    ) -> Result<Option<T>, StoreError> {
        let name = name.to_owned();
        self.ask(move |state| state.load_state(&name)).await?
    }

    /// Gives a media file another display name.
    ///
    /// # Errors
    /// There is no such file, the name cannot be, or it cannot be saved.
    pub async fn rename_media(
        &self,
        id: MediaId,
        name: impl Into<String>,
    ) -> Result<Arc<MediaEntry>, StoreError> {
        let name = name.into();
        self.ask(move |state| state.library.rename(id, &name)).await?
    }

    /// Deletes a media file, whoever uses it. It can be brought back for a week, unless room is needed.
    ///
    /// # Errors
    /// There is no such file, or it cannot be deleted.
    pub async fn delete_media(&self, id: MediaId) -> Result<(), StoreError> {
        self.ask(move |state| {
            let now = state.now();
            state.library.delete(id, &state.findings, now)
        })
        .await?
    }

    /// Brings a deleted media file back, under its id.
    ///
    /// # Errors
    /// There is none with this id, or it cannot be brought back.
    pub async fn bring_back_media(&self, id: MediaId) -> Result<Arc<MediaEntry>, StoreError> {
        self.ask(move |state| state.library.bring_back(id)).await?
    }

    /// Deletes a deleted media file for good.
    ///
    /// # Errors
    /// There is none with this id, or it cannot be deleted.
    pub async fn purge_media(&self, id: MediaId) -> Result<(), StoreError> {
        self.ask(move |state| {
            let purged = state.library.purge(id);
            state.publish_usage();
            purged
        })
        .await?
    }

    /// The folder of the logs.
    pub fn logs(&self) -> &Path {
        &self.folders.logs
    }

    /// Where a media file is.
    pub fn media_path(&self, id: MediaId) -> Option<PathBuf> {
        self.library.borrow().get(id).map(|entry| self.folders.media.join(&entry.file))
    }

    /// Where a media file's thumbnail is, if it has one: a JPEG.
    pub fn thumbnail_path(&self, id: MediaId) -> Option<PathBuf> {
        self.library.borrow().get(id)?;
        let path = self.folders.thumbnail(id);
        std::fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file()).then_some(path)
    }
}

impl MediaLocator for Handle {
    fn locate(&self, id: MediaId) -> Option<(PathBuf, MediaInfo)> {
        let library = self.library.borrow();
        let entry = library.get(id)?;
        Some((self.folders.media.join(&entry.file), entry.info.clone()))
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("root", &self.folders.root).finish_non_exhaustive()
    }
}
