//! The library: media files, beside each its sidecar, a document with what is known of it.
//!
//! The sidecar is written before the file is moved in, and names the upload it comes from. A deleted file is in the
//! *trash* first: its sidecar says since when, and then it is moved to `transit/<id>.trash`. There it can be brought back
//! until it has been there for [`KEPT`] or room is needed; then it is moved to `transit/<id>.deleted` before its sidecar is
//! removed. So whatever is cut in between is brought to its end at the next start.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prismatron_core::id::{MediaId, UploadId};
use prismatron_core::media::MediaInfo;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::document::Format;
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::finding::{Finding, Findings};
use crate::folders::Folders;
use crate::time::Millis;
use crate::{key, name};

/// A file of the library.
#[derive(Debug, Clone, PartialEq)]
pub struct MediaEntry {
    /// Never changes.
    pub id: MediaId,
    /// What people call it.
    pub name: String,
    /// Name of the file in the folder `media/`.
    pub file: String,
    /// What the probe found.
    pub info: MediaInfo,
    /// Its length.
    pub bytes: u64,
    /// CRC-32 (IEEE 802.3) of its bytes, taken as they came.
    pub crc32: u32,
    /// When it came.
    pub added: SystemTime,
}

/// A file that was deleted and can be brought back.
#[derive(Debug, Clone, PartialEq)]
pub struct DeletedMedia {
    /// The file.
    pub entry: Arc<MediaEntry>,
    /// Since when.
    pub since: SystemTime,
}

impl DeletedMedia {
    /// When it goes for good, unless room is needed before.
    pub fn until(&self) -> SystemTime {
        self.since + KEPT
    }
}

/// How long a deleted file can be brought back, unless room is needed.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// All media files that are there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Library {
    all: BTreeMap<MediaId, Arc<MediaEntry>>,
    trash: BTreeMap<MediaId, DeletedMedia>,
}

impl Library {
    /// The file with this id.
    pub fn get(&self, id: MediaId) -> Option<&Arc<MediaEntry>> {
        self.all.get(&id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<MediaEntry>> {
        self.all.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The deleted files that can be brought back, the latest first.
    pub fn deleted(&self) -> Vec<&DeletedMedia> {
        let mut deleted: Vec<_> = self.trash.values().collect();
        deleted.sort_by_key(|deleted| (Reverse(deleted.since), deleted.entry.id));
        deleted
    }

    /// Bytes of the deleted files.
    pub fn deleted_bytes(&self) -> u64 {
        self.trash.values().map(|deleted| deleted.entry.bytes).fold(0, u64::saturating_add)
    }
}

/// The stored form of a [`MediaEntry`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sidecar {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) info: MediaInfo,
    pub(crate) bytes: u64,
    pub(crate) crc32: u32,
    pub(crate) added: Millis,
    /// The upload it came from.
    pub(crate) upload: Option<UploadId>,
    /// Since when it is in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Millis>,
}

impl Sidecar {
    pub(crate) const FORMAT: Format = Format { kind: "media", version: 1 };

    /// Whether the file's name is one this id may have: nothing else is ever opened.
    pub(crate) fn is_for(&self, id: MediaId) -> bool {
        let extension = self.file.strip_prefix(&format!("{id}."));
        extension.is_some_and(|extension| name::extension("", &self.file) == extension)
    }

    fn entry(self, id: MediaId) -> MediaEntry {
        let Self { name, file, info, bytes, crc32, added, .. } = self;
        MediaEntry { id, name, file, info, bytes, crc32, added: added.into() }
    }

    fn of(entry: &MediaEntry) -> Self {
        let MediaEntry { name, file, info, bytes, crc32, added, .. } = entry.clone();
        let (upload, deleted) = (None, None);
        Self { name, file, info, bytes, crc32, added: added.into(), upload, deleted }
    }
}

/// What is to become an entry.
#[derive(Debug)]
pub(crate) struct NewMedia {
    pub(crate) name: String,
    pub(crate) info: MediaInfo,
    pub(crate) thumbnail: Option<Vec<u8>>,
    pub(crate) bytes: u64,
    pub(crate) crc32: u32,
    pub(crate) upload: Option<UploadId>,
}

/// Keeps the library.
#[derive(Debug)]
pub(crate) struct LibraryShelf {
    folders: Folders,
    published: watch::Sender<Arc<Library>>,
    /// Those whose file is not there; kept so that they can be deleted.
    missing: BTreeMap<MediaId, MediaEntry>,
}

impl LibraryShelf {
    /// Reads all sidecars and brings to an end what was cut; also returns files that have none.
    pub(crate) fn load(
        folders: &Folders,
        findings: &Findings,
    ) -> Result<(Self, Vec<PathBuf>), StoreError> {
        file::clean(&folders.media)?;
        file::clean(&folders.thumbnails)?;
        let (ids, files) = list(&folders.media, findings, folders)?;
        let mut shelf = Self {
            folders: folders.clone(),
            published: watch::Sender::new(Arc::default()),
            missing: BTreeMap::new(),
        };
        let mut library = Library::default();
        let mut claimed = BTreeSet::new();
        for id in ids {
            let path = folders.sidecar(id);
            let subject = folders.subject(&path);
            let loaded = match file::load::<Sidecar>(&path, Sidecar::FORMAT) {
                Ok(loaded) => loaded,
                Err(error) => {
                    // Its file is not a stray: it is only not ours to read.
                    claimed.insert(id);
                    let message = format!("A media file cannot be used: {}.", error.sentence());
                    findings.add(Finding { subject, message });
                    continue;
                }
            };
            if let Some(trouble) = loaded.trouble {
                let message = format!("What was known of a media file {trouble}.");
                findings.add(Finding { subject: subject.clone(), message });
            }
            let Some(sidecar) = loaded.value else { continue };
            if !sidecar.is_for(id) {
                file::set_aside(&path)?;
                let message =
                    "What was known of a media file was set aside: it names another file.";
                findings.add(Finding { subject, message: message.into() });
                continue;
            }
            if loaded.is_previous {
                file::save(&path, Sidecar::FORMAT, &sidecar, Keep::Last)?;
            }
            claimed.insert(id);
            match shelf.complete(id, &sidecar, files.contains(Path::new(&sidecar.file)))? {
                Fate::There => {
                    library.all.insert(id, Arc::new(sidecar.entry(id)));
                }
                Fate::Trash(since) => {
                    let entry = Arc::new(sidecar.entry(id));
                    library.trash.insert(id, DeletedMedia { entry, since: since.into() });
                }
                Fate::Deleted => {}
                Fate::Missing => {
                    let entry = sidecar.entry(id);
                    findings.add(missing_finding(&entry));
                    shelf.missing.insert(id, entry);
                }
            }
        }
        let is_claimed = |file: &Path| stem_id(file).is_some_and(|id| claimed.contains(&id));
        let strays = files.into_iter().filter(|file| !is_claimed(file)).collect();
        shelf.published.send_replace(Arc::new(library));
        Ok((shelf, strays))
    }

    /// Brings to an end what was cut when a file was moved in or out.
    fn complete(&self, id: MediaId, sidecar: &Sidecar, is_there: bool) -> Result<Fate, StoreError> {
        let is_file = |path: &Path| fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file());
        if let Some(since) = sidecar.deleted {
            let (path, trash) = (self.folders.media.join(&sidecar.file), self.folders.trash(id));
            if is_there {
                self.move_file(&path, &trash, "delete")?;
            } else if !is_file(&trash) {
                self.forget(id)?;
                return Ok(Fate::Deleted);
            }
            return Ok(Fate::Trash(since));
        }
        if is_there {
            return Ok(Fate::There);
        }
        let trash = self.folders.trash(id);
        if is_file(&trash) {
            // It was being brought back.
            self.move_file(&trash, &self.folders.media.join(&sidecar.file), "bring back")?;
            return Ok(Fate::There);
        }
        if is_file(&self.folders.deleted(id)) {
            self.forget(id)?;
            return Ok(Fate::Deleted);
        }
        let part = sidecar.upload.map(|upload| self.folders.part(upload));
        if let Some(part) = part.filter(|part| is_file(part)) {
            let target = self.folders.media.join(&sidecar.file);
            fs::rename(&part, &target).map_err(StoreError::on("move in", &target))?;
            file::sync_folder(&self.folders.media)?;
            return Ok(Fate::There);
        }
        Ok(Fate::Missing)
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Library>> {
        self.published.subscribe()
    }

    /// Bytes of all media, those that are deleted but not gone included.
    pub(crate) fn bytes(&self) -> u64 {
        let library = self.published.borrow();
        let there = library.iter().map(|entry| entry.bytes).fold(0, u64::saturating_add);
        there.saturating_add(library.deleted_bytes())
    }

    /// Bytes of files that are deleted but not gone.
    pub(crate) fn deleted_bytes(&self) -> u64 {
        self.published.borrow().deleted_bytes()
    }

    /// Moves a file into the library, with its sidecar and thumbnail.
    pub(crate) fn take_in(
        &mut self,
        from: &Path,
        new: NewMedia,
        now: Millis,
    ) -> Result<Arc<MediaEntry>, StoreError> {
        let id = match stem_id(from).filter(|id| new.upload.is_none() && !self.is_known(*id)) {
            // A file whose sidecar was lost goes on as what playlists know it by.
            Some(id) => id,
            None => MediaId(key::new_id(|id| self.is_known(MediaId(id)))?),
        };
        let NewMedia { name, info, thumbnail, bytes, crc32, upload } = new;
        let extension = match from.extension().and_then(|extension| extension.to_str()) {
            Some(own) if upload.is_none() => name::extension("", &format!(".{own}")),
            _ => name::extension(&info.format, &name),
        };
        let file = format!("{id}.{extension}");
        let deleted = None;
        let sidecar = Sidecar { name, file, info, bytes, crc32, added: now, upload, deleted };
        if let Some(jpeg) = thumbnail
            && let Err(error) = self.put_thumbnail(id, &jpeg)
        {
            // It can be lived without.
            tracing::warn!(%id, error = error.sentence(), "could not keep a thumbnail");
        }
        file::save(&self.folders.sidecar(id), Sidecar::FORMAT, &sidecar, Keep::Previous)?;
        let target = self.folders.media.join(&sidecar.file);
        let moved = fs::rename(from, &target)
            .map_err(StoreError::on("move in", &target))
            .and_then(|()| file::sync_folder(&self.folders.media));
        if let Err(error) = moved {
            if from.exists() {
                self.forget(id)?;
            }
            return Err(error);
        }
        let entry = Arc::new(sidecar.entry(id));
        self.change(|library| library.all.insert(id, Arc::clone(&entry)));
        Ok(entry)
    }

    fn is_known(&self, id: MediaId) -> bool {
        self.published.borrow().get(id).is_some()
            || self.deleted(id).is_ok()
            || self.missing.contains_key(&id)
            || fs::symlink_metadata(self.folders.sidecar(id)).is_ok()
    }

    fn put_thumbnail(&self, id: MediaId, jpeg: &[u8]) -> Result<(), StoreError> {
        let path = self.folders.thumbnail(id);
        let new = file::with_suffix(&path, ".tmp");
        file::write_durably(&new, jpeg)?;
        fs::rename(&new, &path).map_err(StoreError::on("put in place", &path))
    }

    pub(crate) fn rename(
        &mut self,
        id: MediaId,
        given: &str,
    ) -> Result<Arc<MediaEntry>, StoreError> {
        let current = self.published.borrow().get(id).cloned();
        let mut entry = current.ok_or(StoreError::NoSuchMedia(id))?;
        Arc::make_mut(&mut entry).name = name::check(given)?;
        let path = self.folders.sidecar(id);
        file::save(&path, Sidecar::FORMAT, &Sidecar::of(&entry), Keep::Previous)?;
        self.change(|library| library.all.insert(id, Arc::clone(&entry)));
        Ok(entry)
    }

    /// Moves a file into the trash, or forgets one that is missing.
    pub(crate) fn delete(
        &mut self,
        id: MediaId,
        findings: &Findings,
        now: Millis,
    ) -> Result<(), StoreError> {
        if let Some(entry) = self.missing.get(&id) {
            self.forget(id)?;
            findings.settle(&missing_finding(entry).subject);
            self.missing.remove(&id);
            return Ok(());
        }
        let entry = self.published.borrow().get(id).cloned();
        let entry = entry.ok_or(StoreError::NoSuchMedia(id))?;
        self.mark(&entry, Some(now))?;
        let path = self.folders.media.join(&entry.file);
        match self.move_file(&path, &self.folders.trash(id), "delete") {
            // Somebody else was faster: there is nothing to bring back.
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                self.change(|library| library.all.remove(&id));
                return self.forget(id);
            }
            Err(error) => {
                self.mark(&entry, None)?;
                return Err(error);
            }
            Ok(()) => {}
        }
        self.change(|library| {
            library.all.remove(&id);
            library.trash.insert(id, DeletedMedia { entry, since: now.into() })
        });
        Ok(())
    }

    /// Brings a file back from the trash.
    pub(crate) fn bring_back(&mut self, id: MediaId) -> Result<Arc<MediaEntry>, StoreError> {
        let entry = self.deleted(id)?;
        // In this order: from here on a cut brings it back.
        self.mark(&entry, None)?;
        let path = self.folders.media.join(&entry.file);
        self.move_file(&self.folders.trash(id), &path, "bring back")?;
        self.change(|library| {
            library.trash.remove(&id);
            library.all.insert(id, Arc::clone(&entry))
        });
        Ok(entry)
    }

    /// Deletes a file of the trash for good.
    pub(crate) fn purge(&mut self, id: MediaId) -> Result<(), StoreError> {
        self.deleted(id)?;
        let (trash, deleted) = (self.folders.trash(id), self.folders.deleted(id));
        match fs::rename(&trash, &deleted) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io("delete", &trash, error));
            }
            _ => {}
        }
        self.change(|library| library.trash.remove(&id));
        file::sync_folder(&self.folders.transit)?;
        self.forget(id)?;
        match fs::remove_file(&deleted) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io("delete", &deleted, error))
            }
            _ => Ok(()),
        }
    }

    /// The file that has been in the trash for longest.
    pub(crate) fn oldest_deleted(&self) -> Option<MediaId> {
        self.published.borrow().deleted().last().map(|deleted| deleted.entry.id)
    }

    /// Lets go of what has been in the trash for long.
    pub(crate) fn expire(&mut self, now: Millis) {
        let is_old = |deleted: &&&DeletedMedia| {
            Millis::from(deleted.since).age(now).is_some_and(|age| age >= KEPT)
        };
        let library = self.published.borrow().clone();
        for deleted in library.deleted().iter().filter(is_old) {
            if let Err(error) = self.purge(deleted.entry.id) {
                tracing::warn!(error = error.sentence(), "a deleted file stays");
            }
        }
    }

    fn deleted(&self, id: MediaId) -> Result<Arc<MediaEntry>, StoreError> {
        let library = self.published.borrow();
        let deleted = library.trash.get(&id).ok_or(StoreError::NoSuchMedia(id))?;
        Ok(Arc::clone(&deleted.entry))
    }

    /// Writes down whether a file is in the trash.
    fn mark(&self, entry: &MediaEntry, deleted: Option<Millis>) -> Result<(), StoreError> {
        let sidecar = Sidecar { deleted, ..Sidecar::of(entry) };
        file::save(&self.folders.sidecar(entry.id), Sidecar::FORMAT, &sidecar, Keep::Previous)
    }

    fn move_file(&self, from: &Path, to: &Path, action: &'static str) -> Result<(), StoreError> {
        fs::rename(from, to).map_err(StoreError::on(action, from))?;
        file::sync_folder(&self.folders.media)?;
        file::sync_folder(&self.folders.transit)
    }

    /// Removes sidecar and thumbnail.
    fn forget(&self, id: MediaId) -> Result<(), StoreError> {
        let _ = fs::remove_file(self.folders.thumbnail(id));
        file::remove(&self.folders.sidecar(id))
    }

    fn change<R>(&self, change: impl FnOnce(&mut Library) -> R) {
        self.published.send_modify(|library| {
            change(Arc::make_mut(library));
        });
    }
}

/// What became of a sidecar's file.
enum Fate {
    There,
    /// In the trash since then.
    Trash(Millis),
    Missing,
    Deleted,
}

fn missing_finding(entry: &MediaEntry) -> Finding {
    Finding {
        subject: format!("media/{}", entry.file),
        message: format!("The media file “{}” is missing.", entry.name),
    }
}

/// The id a media file is named by.
fn stem_id(file: &Path) -> Option<MediaId> {
    file.file_stem()?.to_str()?.parse().ok()
}

/// The ids of all sidecars, current or previous, and the names of all other files.
fn list(
    folder: &Path,
    findings: &Findings,
    folders: &Folders,
) -> Result<(BTreeSet<MediaId>, BTreeSet<PathBuf>), StoreError> {
    let (mut ids, mut files) = (BTreeSet::new(), BTreeSet::new());
    for entry in fs::read_dir(folder).map_err(StoreError::on("list", folder))? {
        let entry = entry.map_err(StoreError::on("list", folder))?;
        let file_name = entry.file_name();
        let name = file_name.to_string_lossy();
        let stem = name.strip_suffix(".previous").unwrap_or(&name).strip_suffix(".ron");
        if let Some(id) = stem.and_then(|stem| stem.parse().ok()) {
            ids.insert(id);
            continue;
        }
        let kind = entry.file_type().map_err(StoreError::on("look at", folder))?;
        if kind.is_symlink() {
            let subject = folders.subject(&entry.path());
            let message = "This is a link to another place and is not followed.".into();
            findings.add(Finding { subject, message });
        } else if kind.is_file() && !name.starts_with('.') && !name.contains(".ron.") {
            files.insert(PathBuf::from(file_name));
        }
    }
    Ok((ids, files))
}
