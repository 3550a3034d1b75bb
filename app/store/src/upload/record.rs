//! What is known of an upload, in memory and on the disk.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use prismatron_core::id::UploadId;
use serde::{Deserialize, Serialize};

use crate::document::Format;
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::folders::Folders;
use crate::time::Millis;
use crate::upload::{NewUpload, Purpose};

/// What is kept of an upload on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// Left out where it is media, so that a version that knows nothing else reads it.
    #[serde(default, skip_serializing_if = "is_media")]
    pub(crate) purpose: Purpose,
    pub(crate) name: String,
    pub(crate) metadata: String,
    pub(crate) length: Option<u64>,
    /// When bytes last came.
    pub(crate) touched: Millis,
    /// The checkpoint: so many bytes are durable.
    pub(super) durable: u64,
    /// CRC-32 of the durable bytes.
    pub(super) crc32: u32,
    /// What to do about bytes after the checkpoint.
    pub(super) tail: Tail,
    /// The kernel's boot id when the record was written.
    pub(super) boot: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_media(purpose: &Purpose) -> bool {
    *purpose == Purpose::Media
}

/// What is to be thought of bytes after the checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Tail {
    /// They count if the kernel that took them still runs.
    Counts,
    /// They wait for a checksum.
    Unverified,
}

/// How many bytes there are, and the CRC-32 of them as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// Bytes that are there.
    pub(crate) offset: u64,
    hashed: u64,
    hasher: crc32fast::Hasher,
}

impl Progress {
    /// CRC-32 (IEEE 802.3) of all bytes; all must have been added up.
    pub(crate) fn crc32(&self) -> u32 {
        debug_assert_eq!(self.hashed, self.offset, "bytes are missing from the sum");
        self.hasher.clone().finalize()
    }

    /// Counts bytes that follow.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.offset += bytes.len() as u64;
        self.hashed = self.offset;
    }

    /// Reads what has not been added up yet.
    pub(crate) fn catch_up(&mut self, part: &Path) -> Result<(), StoreError> {
        use std::os::unix::fs::FileExt;
        if self.hashed == self.offset {
            return Ok(());
        }
        let file = File::open(part).map_err(StoreError::on("open", part))?;
        let mut buffer = vec![0; 1 << 20];
        while self.hashed < self.offset {
            let left = usize::try_from(self.offset - self.hashed).unwrap_or(usize::MAX);
            let most = left.min(buffer.len());
            let count = file
                .read_at(&mut buffer[..most], self.hashed)
                .and_then(|count| match count {
                    0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
                    count => Ok(count),
                })
                .map_err(StoreError::on("read", part))?;
            self.hasher.update(&buffer[..count]);
            self.hashed += count as u64;
        }
        Ok(())
    }
}

const FORMAT: Format = Format { kind: "upload", version: 1 };

impl Record {
    /// Of an upload that begins, with its display name.
    pub(super) fn new(new: NewUpload, name: String, now: Millis) -> Self {
        let NewUpload { purpose, length, metadata, .. } = new;
        let (boot, tail) = (boot_id(), Tail::Counts);
        Self { purpose, name, metadata, length, touched: now, durable: 0, crc32: 0, tail, boot }
    }

    /// Where the checkpoint is.
    pub(super) fn progress(&self) -> Progress {
        let hasher = crc32fast::Hasher::new_with_initial_len(self.crc32, self.durable);
        Progress { offset: self.durable, hashed: self.durable, hasher }
    }

    /// Sets the checkpoint; the bytes must be durable.
    pub(super) fn set_checkpoint(&mut self, progress: &Progress) {
        self.durable = progress.offset;
        self.crc32 = progress.crc32();
    }

    pub(super) fn save(&self, path: &Path) -> Result<(), StoreError> {
        file::save(path, FORMAT, self, Keep::Last)
    }

    /// Reads the record of an upload as it was left and holds its bytes against it; bytes that cannot be
    /// trusted are cut off.
    pub(super) fn recover(folders: &Folders, id: UploadId) -> Result<Recovered, StoreError> {
        let path = folders.upload(id);
        let loaded = file::load::<Self>(&path, FORMAT)?;
        let trouble = loaded.trouble;
        let lost = |trouble| Ok(Recovered { upload: None, trouble });
        let Some(mut record) = loaded.value else { return lost(trouble) };
        let part = folders.arriving(id, record.purpose);
        let meta = fs::symlink_metadata(&part).ok().filter(fs::Metadata::is_file);
        let Some(meta) = meta else { return lost(trouble) };
        // Where the length was not promised, the sender cannot know where to go on.
        let Some(length) = record.length.filter(|length| record.durable <= *length) else {
            return lost(trouble);
        };
        if let Ok(written) = meta.modified() {
            record.touched = record.touched.max(written.into());
        }
        let there = meta.len();
        if there < record.durable {
            // Nothing before the checkpoint can be trusted when not even its length is true.
            (record.durable, record.crc32) = (0, 0);
        }
        let boot = boot_id();
        let mut progress = record.progress();
        if record.tail == Tail::Counts && !boot.is_empty() && boot == record.boot {
            progress.offset = there.min(length);
        }
        if there != progress.offset {
            let file = File::options().write(true).open(&part);
            file.and_then(|file| file.set_len(progress.offset))
                .map_err(StoreError::on("cut", &part))?;
        }
        if record.boot != boot {
            record.boot = boot;
            record.save(&path)?;
        }
        Ok(Recovered { upload: Some((record, progress)), trouble })
    }
}

/// What could be made of an upload as it was left.
pub(super) struct Recovered {
    /// Where it stands; `None` where it cannot go on.
    pub(super) upload: Option<(Record, Progress)>,
    /// What was wrong with its record.
    pub(super) trouble: Option<String>,
}

/// Which start of the kernel this is; empty where it does not tell.
fn boot_id() -> String {
    let mut id = String::new();
    let read = File::open("/proc/sys/kernel/random/boot_id")
        .and_then(|file| file.take(64).read_to_string(&mut id));
    if read.is_err() {
        id.clear();
    }
    id.trim().to_owned()
}
