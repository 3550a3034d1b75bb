//! What is done with the library's files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use prismatron_core::id::{MediaId, UploadId};
use prismatron_core::media::MediaInfo;
use tokio::sync::watch;

use super::load::{missing_finding, stem_id};
use super::sidecar::Sidecar;
use super::{DeletedMedia, KEPT, Library, MediaEntry};
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::finding::Findings;
use crate::folders::Folders;
use crate::time::Millis;
use crate::{key, name};

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
    pub(super) folders: Folders,
    pub(super) published: watch::Sender<Arc<Library>>,
    /// Those whose file is not there; kept so that they can be deleted.
    pub(super) missing: BTreeMap<MediaId, MediaEntry>,
}

impl LibraryShelf {
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

    pub(super) fn move_file(
        &self,
        from: &Path,
        to: &Path,
        action: &'static str,
    ) -> Result<(), StoreError> {
        fs::rename(from, to).map_err(StoreError::on(action, from))?;
        file::sync_folder(&self.folders.media)?;
        file::sync_folder(&self.folders.transit)
    }

    /// Removes sidecar and thumbnail.
    pub(super) fn forget(&self, id: MediaId) -> Result<(), StoreError> {
        let _ = fs::remove_file(self.folders.thumbnail(id));
        file::remove(&self.folders.sidecar(id))
    }

    fn change<R>(&self, change: impl FnOnce(&mut Library) -> R) {
        self.published.send_modify(|library| {
            change(Arc::make_mut(library));
        });
    }
}
