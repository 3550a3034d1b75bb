//! All uploads, as the owner of the store sees them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use prismatron_core::id::UploadId;
use prismatron_core::recovery::Tally;
use tokio::sync::oneshot;

use super::lease::{Control, Lease};
use super::record::{Progress, Record, Recovered};
use super::worker::Message;
use super::{NewUpload, Purpose, UploadStatus};
use crate::error::StoreError;
use crate::file;
use crate::finding::{Finding, Findings};
use crate::folders::Folders;
use crate::key;
use crate::name;
use crate::owner::Queue;
use crate::storage::Usage;
use crate::time::Millis;

/// Most uploads there may be.
const MAX_UPLOADS: usize = 100;
/// Most uploads that may be written to at once: each takes a thread and some buffers.
const MAX_WRITERS: usize = 16;
const MAX_METADATA: usize = 4096;
/// How long an upload is kept that nobody has sent a byte for: it holds room that was promised to it.
const EMPTY_EXPIRY: Duration = Duration::from_secs(3600);

/// Keeps all uploads.
#[derive(Debug)]
pub(crate) struct UploadDesk {
    folders: Folders,
    expiry: Duration,
    all: BTreeMap<UploadId, Upload>,
    pruned: Tally,
}

#[derive(Debug)]
struct Upload {
    record: Record,
    progress: Progress,
    /// Bytes on the disk, also of what is being written: they are missing there already.
    arrived: Arc<AtomicU64>,
    granted: u64,
    hold: Hold,
    /// To be told when the lease is back.
    waiting: Vec<oneshot::Sender<()>>,
}

impl Upload {
    /// How long it is kept untouched, where others are kept for `usual`.
    fn expiry(&self, usual: Duration) -> Duration {
        if self.progress.offset == 0 { usual.min(EMPTY_EXPIRY) } else { usual }
    }
}

/// Who has the upload.
#[derive(Debug)]
enum Hold {
    Free,
    Written(Control),
    Finished,
}

impl UploadDesk {
    /// Finds the uploads as they were left, removes what has expired or cannot go on; also returns the media
    /// that are complete and wait to be taken into the library.
    pub(crate) fn load(
        folders: &Folders,
        expiry: Duration,
        now: Millis,
        findings: &Findings,
    ) -> Result<(Self, Vec<UploadId>), StoreError> {
        let (all, pruned) = (BTreeMap::new(), Tally::default());
        let mut desk = Self { folders: folders.clone(), expiry, all, pruned };
        file::clean(&folders.uploads)?;
        let mut foreign = Vec::new();
        for id in ids(&folders.uploads, "ron")? {
            let subject = folders.subject(&folders.upload(id));
            match Record::recover(folders, id) {
                Ok(Recovered { upload, trouble }) => {
                    if let Some(trouble) = trouble {
                        let message = format!("The record of an upload {trouble}.");
                        findings.add(Finding { subject, message });
                    }
                    if let Some((record, progress)) = upload {
                        desk.insert(id, record, progress);
                    } else {
                        remove_if_there(&folders.upload(id))?;
                    }
                }
                Err(error) => {
                    let message = format!("An upload cannot go on: {}.", error.sentence());
                    findings.add(Finding { subject, message });
                    foreign.push(id);
                }
            }
        }
        for id in ids(&folders.transit, "deleted")? {
            remove_if_there(&folders.deleted(id))?;
        }
        for (purpose, all) in [
            (Purpose::Media, ids(&folders.transit, "part")?),
            (Purpose::Update, ids(&folders.uploads, "raucb")?),
        ] {
            let is_known = |id: &UploadId| {
                foreign.contains(id)
                    || desk.all.get(id).is_some_and(|upload| upload.record.purpose == purpose)
            };
            for id in all.into_iter().filter(|id| !is_known(id)) {
                remove_if_there(&folders.arriving(id, purpose))?;
            }
        }
        desk.expire(now);
        let is_complete = |upload: &Upload| {
            upload.record.purpose == Purpose::Media
                && upload.record.length == Some(upload.progress.offset)
        };
        let complete =
            desk.all.iter().filter(|(_, upload)| is_complete(upload)).map(|(id, _)| *id).collect();
        Ok((desk, complete))
    }

    fn insert(&mut self, id: UploadId, record: Record, progress: Progress) {
        let granted = record.length.unwrap_or(0);
        let arrived = Arc::new(AtomicU64::new(progress.offset));
        let (hold, waiting) = (Hold::Free, Vec::new());
        self.all.insert(id, Upload { record, progress, arrived, granted, hold, waiting });
    }

    /// Counts uploads that have expired.
    pub(crate) fn pruned(&self) -> Tally {
        self.pruned.clone()
    }

    /// How long uploads are kept from now on that nobody continues.
    pub(crate) fn set_expiry(&mut self, expiry: Duration) {
        self.expiry = expiry;
    }

    /// What uploads take and are promised.
    pub(crate) fn usage(&self) -> Usage {
        let sum =
            |count: fn(&Upload) -> u64| self.all.values().map(count).fold(0, u64::saturating_add);
        Usage {
            media: 0,
            received: sum(|upload| upload.arrived.load(Ordering::Relaxed)),
            promised: sum(|upload| upload.granted),
            uploads: self.all.len(),
        }
    }

    /// Whether an upload could be begun, were there room for it.
    pub(crate) fn check(&self, new: &NewUpload) -> Result<(), StoreError> {
        if self.all.len() >= MAX_UPLOADS && self.idle().is_none() {
            return Err(StoreError::TooMany { what: "uploads", limit: MAX_UPLOADS });
        }
        if new.metadata.len() > MAX_METADATA {
            return Err(StoreError::Invalid {
                what: "the upload's metadata".into(),
                reason: format!("must not be longer than {MAX_METADATA} bytes"),
            });
        }
        Ok(())
    }

    /// Begins an upload that passed the check; the room for it must have been admitted.
    pub(crate) fn begin(
        &mut self,
        new: NewUpload,
        now: Millis,
    ) -> Result<UploadStatus, StoreError> {
        if self.all.len() >= MAX_UPLOADS
            && let Some(id) = self.idle()
        {
            tracing::info!(%id, "an upload that never began makes room for another");
            self.remove(id)?;
        }
        let id = UploadId(key::new_id(|id| {
            let id = UploadId(id);
            self.all.contains_key(&id)
                || self.folders.part(id).exists()
                || self.folders.bundle(id).exists()
                || self.folders.upload(id).exists()
        })?);
        let name = name::display_name(&new.name);
        let record = Record::new(new, name, now);
        let part = self.folders.arriving(id, record.purpose);
        File::create_new(&part).map_err(StoreError::on("create", &part))?;
        let promised =
            file::sync_folder_of(&part).and_then(|()| record.save(&self.folders.upload(id)));
        if let Err(error) = promised {
            let _ = fs::remove_file(&part);
            return Err(error);
        }
        let progress = record.progress();
        self.insert(id, record, progress);
        self.status(id)
    }

    pub(crate) fn status(&self, id: UploadId) -> Result<UploadStatus, StoreError> {
        let upload = self.all.get(&id).ok_or(StoreError::NoSuchUpload(id))?;
        let touched = SystemTime::from(upload.record.touched);
        Ok(UploadStatus {
            id,
            name: upload.record.name.clone(),
            metadata: upload.record.metadata.clone(),
            length: upload.record.length,
            offset: upload.progress.offset,
            expires: touched.checked_add(upload.expiry(self.expiry)).unwrap_or(touched),
            busy: !matches!(upload.hold, Hold::Free),
            purpose: upload.record.purpose,
            file: self.folders.arriving(id, upload.record.purpose),
        })
    }

    /// Gives the lease to a writer that goes on at `offset`.
    pub(crate) fn lend_to_writer(
        &mut self,
        id: UploadId,
        offset: u64,
        control: Control,
        queue: Queue,
    ) -> Result<Lease, StoreError> {
        let is_written = |upload: &&Upload| matches!(upload.hold, Hold::Written(_));
        if self.all.values().filter(is_written).count() >= MAX_WRITERS {
            return Err(StoreError::TooMany {
                what: "uploads that are written to",
                limit: MAX_WRITERS,
            });
        }
        let upload = self.free(id)?;
        let current = upload.progress.offset;
        if offset != current {
            return Err(StoreError::Offset { upload: id, current, given: offset });
        }
        upload.hold = Hold::Written(control);
        self.lease(id, queue)
    }

    /// Gives the lease to whoever takes a complete upload into the library.
    pub(crate) fn lend_to_finish(
        &mut self,
        id: UploadId,
        queue: Queue,
    ) -> Result<Lease, StoreError> {
        let upload = self.free(id)?;
        if upload.record.purpose != Purpose::Media {
            return Err(StoreError::NoSuchUpload(id));
        }
        let offset = upload.progress.offset;
        if let Some(length) = upload.record.length.filter(|length| *length != offset) {
            return Err(StoreError::Incomplete { upload: id, offset, length });
        }
        upload.hold = Hold::Finished;
        self.lease(id, queue)
    }

    fn free(&mut self, id: UploadId) -> Result<&mut Upload, StoreError> {
        let upload = self.all.get_mut(&id).ok_or(StoreError::NoSuchUpload(id))?;
        match upload.hold {
            Hold::Free => Ok(upload),
            _ => Err(StoreError::Busy(id)),
        }
    }

    fn lease(&self, id: UploadId, queue: Queue) -> Result<Lease, StoreError> {
        let upload = self.all.get(&id).ok_or(StoreError::NoSuchUpload(id))?;
        Ok(Lease {
            id,
            record: upload.record.clone(),
            progress: upload.progress.clone(),
            arrived: Arc::clone(&upload.arrived),
            part: self.folders.arriving(id, upload.record.purpose),
            record_path: self.folders.upload(id),
            granted: upload.granted,
            queue,
        })
    }

    /// Takes a lease back.
    pub(super) fn give_back(
        &mut self,
        id: UploadId,
        mut record: Record,
        progress: Progress,
        now: Millis,
    ) {
        // It may have been removed by then.
        let Some(upload) = self.all.get_mut(&id) else { return };
        record.touched = now;
        upload.record = record;
        upload.arrived.store(progress.offset, Ordering::Relaxed);
        upload.progress = progress;
        upload.hold = Hold::Free;
        for waiting in upload.waiting.drain(..) {
            let _ = waiting.send(());
        }
    }

    /// Asks a writer for its lease; tells when it is back, or `None` where nobody writes.
    pub(crate) fn call_in(
        &mut self,
        id: UploadId,
    ) -> Result<Option<oneshot::Receiver<()>>, StoreError> {
        let upload = self.all.get_mut(&id).ok_or(StoreError::NoSuchUpload(id))?;
        match &upload.hold {
            Hold::Free => Ok(None),
            Hold::Finished => Err(StoreError::Busy(id)),
            Hold::Written(control) => {
                let _ = control.0.send(Message::Yield);
                let (back, told) = oneshot::channel();
                upload.waiting.push(back);
                Ok(Some(told))
            }
        }
    }

    /// Lets an upload of unknown length have more bytes; they must have been admitted.
    pub(super) fn grant(&mut self, id: UploadId, by: u64) -> Result<u64, StoreError> {
        let upload = self.all.get_mut(&id).ok_or(StoreError::NoSuchUpload(id))?;
        upload.granted = upload.granted.saturating_add(by);
        Ok(upload.granted)
    }

    /// Removes an upload that nobody has on lease.
    pub(crate) fn abort(&mut self, id: UploadId) -> Result<(), StoreError> {
        self.free(id)?;
        self.remove(id)
    }

    /// Removes an upload, whoever has it; its part may have moved on already.
    pub(crate) fn remove(&mut self, id: UploadId) -> Result<(), StoreError> {
        let purpose = self.all.remove(&id).map(|upload| upload.record.purpose).unwrap_or_default();
        remove_if_there(&self.folders.arriving(id, purpose))?;
        remove_if_there(&self.folders.upload(id))?;
        file::sync_folder(&self.folders.uploads)
    }

    /// The longest untouched of the uploads that nobody has sent a byte for: nothing is lost with it.
    fn idle(&self) -> Option<UploadId> {
        let is_idle =
            |upload: &Upload| matches!(upload.hold, Hold::Free) && upload.progress.offset == 0;
        let idle = self.all.iter().filter(|(_, upload)| is_idle(upload));
        idle.min_by_key(|(_, upload)| upload.record.touched).map(|(id, _)| *id)
    }

    /// Removes uploads that nobody has continued for long.
    pub(crate) fn expire(&mut self, now: Millis) {
        let mut expired = Vec::new();
        for (id, upload) in &mut self.all {
            if !matches!(upload.hold, Hold::Free) {
                continue;
            }
            match upload.record.touched.age(now) {
                Some(age) if age >= upload.expiry(self.expiry) => expired.push(*id),
                Some(_) => {}
                None if now.is_believed() => upload.record.touched = now,
                None => {}
            }
        }
        for id in expired {
            tracing::info!(%id, "an upload has expired");
            self.pruned.tried(SystemTime::from(now));
            match self.remove(id) {
                Ok(()) => self.pruned.succeeded(),
                Err(error) => tracing::warn!(
                    %id,
                    error = error.sentence(),
                    "could not remove an expired upload"
                ),
            }
        }
    }
}

/// The ids of a folder's files with this extension.
fn ids<I: FromStr>(folder: &Path, extension: &str) -> Result<Vec<I>, StoreError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(StoreError::on("list", folder))? {
        let entry = entry.map_err(StoreError::on("list", folder))?;
        let path = PathBuf::from(entry.file_name());
        let stem = path.file_stem().and_then(OsStr::to_str);
        if path.extension().is_some_and(|own| own == extension) {
            found.extend(stem.and_then(|stem| stem.parse::<I>().ok()));
        }
    }
    Ok(found)
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(StoreError::io("remove", path, error))
        }
        _ => Ok(()),
    }
}
