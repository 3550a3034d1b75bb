//! The library as it is found at the start: what was cut is brought to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prismatron_core::id::MediaId;
use tokio::sync::watch;

use super::shelf::LibraryShelf;
use super::sidecar::Sidecar;
use super::{DeletedMedia, Library, MediaEntry};
use crate::error::StoreError;
use crate::file;
use crate::finding::{Finding, Findings};
use crate::folders::Folders;
use crate::time::Millis;

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
                file::restore(&path, Sidecar::FORMAT, &sidecar);
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
}

/// What became of a sidecar's file.
enum Fate {
    There,
    /// In the trash since then.
    Trash(Millis),
    Missing,
    Deleted,
}

pub(super) fn missing_finding(entry: &MediaEntry) -> Finding {
    Finding {
        subject: format!("media/{}", entry.file),
        message: format!("The media file “{}” is missing.", entry.name),
    }
}

/// The id a media file is named by.
pub(super) fn stem_id(file: &Path) -> Option<MediaId> {
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
