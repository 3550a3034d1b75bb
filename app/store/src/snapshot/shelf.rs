//! Snapshots on the disk. What is to be known of one without reading it is in its file's name:
//! `<id>-<occasion>-<crc32>.ron`.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use prismatron_core::id::SnapshotId;

use super::{FORMAT, Occasion, Snapshot, SnapshotInfo};
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::folders::Folders;
use crate::time::Millis;

/// Most snapshots of each occasion.
const MAX_EACH: usize = 14;
/// Most bytes of all together, unless the latest alone has more.
const MAX_BYTES: u64 = 32 << 20;
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Keeps all snapshots.
#[derive(Debug)]
pub(crate) struct SnapshotShelf {
    folders: Folders,
    /// By id.
    all: Vec<SnapshotInfo>,
    /// When it was last seen to that there is one of the day.
    looked: Option<Millis>,
}

impl SnapshotShelf {
    pub(crate) fn load(folders: &Folders) -> Result<Self, StoreError> {
        let folder = &folders.snapshots;
        file::clean(folder)?;
        let mut all = Vec::new();
        for entry in fs::read_dir(folder).map_err(StoreError::on("list", folder))? {
            let entry = entry.map_err(StoreError::on("list", folder))?;
            let length = entry.metadata().map(|meta| meta.len()).unwrap_or(0);
            all.extend(read_name(&entry.file_name().to_string_lossy(), length));
        }
        all.sort_by_key(|info| info.id);
        Ok(Self { folders: folders.clone(), all, looked: None })
    }

    /// All of them, the latest first.
    pub(crate) fn list(&self) -> Vec<SnapshotInfo> {
        self.all.iter().rev().cloned().collect()
    }

    /// The document of one.
    pub(crate) fn read(&self, id: SnapshotId) -> Result<Vec<u8>, StoreError> {
        let path = self.path(self.find(id)?);
        file::read(&path).map_err(StoreError::on("read", &path))
    }

    pub(crate) fn delete(&mut self, id: SnapshotId) -> Result<(), StoreError> {
        file::remove(&self.path(self.find(id)?))?;
        self.all.retain(|info| info.id != id);
        Ok(())
    }

    /// Keeps a snapshot; the oldest go where there are too many then.
    pub(crate) fn put(
        &mut self,
        snapshot: &Snapshot,
        occasion: Occasion,
        now: Millis,
    ) -> Result<SnapshotInfo, StoreError> {
        self.keep(&snapshot.encode()?, occasion, now)
    }

    fn keep(
        &mut self,
        bytes: &[u8],
        occasion: Occasion,
        now: Millis,
    ) -> Result<SnapshotInfo, StoreError> {
        let last = self.all.last().map_or(0, |info| info.id.0);
        let info = SnapshotInfo {
            // A clock that was set back changes nothing about the order.
            id: SnapshotId(now.0.max(last.saturating_add(1))),
            occasion,
            bytes: bytes.len() as u64,
            crc32: crc32fast::hash(bytes),
        };
        file::save_bytes(&self.path(&info), FORMAT, bytes, Keep::Last)?;
        self.all.push(info.clone());
        self.prune();
        Ok(info)
    }

    /// Whether the snapshot of the day is to be taken. Not where the day is not known.
    pub(crate) fn is_daily_due(&self, now: Millis) -> bool {
        // What was kept while the clock was ahead says nothing of when that was.
        let is_past = |time: Millis| time > now || time.age(now).is_none_or(|age| age >= DAY);
        let latest = self.all.iter().rfind(|info| info.occasion == Occasion::Daily);
        now.is_believed()
            && self.looked.is_none_or(is_past)
            && latest.is_none_or(|info| is_past(Millis(info.id.0)))
    }

    /// Keeps the snapshot of the day, unless nothing has changed since the latest.
    pub(crate) fn put_daily(&mut self, snapshot: &Snapshot, now: Millis) -> Result<(), StoreError> {
        self.looked = Some(now);
        let known = self.all.last().map(|info| info.crc32);
        let bytes = snapshot.encode()?;
        if known == Some(crc32fast::hash(&bytes)) {
            return Ok(());
        }
        let info = self.keep(&bytes, Occasion::Daily, now)?;
        tracing::info!(bytes = info.bytes, "the backup of the day is kept");
        Ok(())
    }

    fn prune(&mut self) {
        loop {
            let total: u64 = self.all.iter().map(|info| info.bytes).sum();
            let is_crowded = |info: &&SnapshotInfo| {
                let alike = self.all.iter().filter(|other| other.occasion == info.occasion);
                total > MAX_BYTES || alike.count() > MAX_EACH
            };
            let but_the_latest = self.all.len().saturating_sub(1);
            let Some(id) = self.all[..but_the_latest].iter().find(is_crowded).map(|info| info.id)
            else {
                return;
            };
            if let Err(error) = self.delete(id) {
                tracing::warn!(error = error.sentence(), "an old backup stays");
                return;
            }
        }
    }

    fn find(&self, id: SnapshotId) -> Result<&SnapshotInfo, StoreError> {
        let found = self.all.iter().find(|info| info.id == id);
        found.ok_or(StoreError::NoSuchSnapshot(id))
    }

    fn path(&self, info: &SnapshotInfo) -> PathBuf {
        let occasion = word(info.occasion);
        self.folders.snapshots.join(format!("{}-{occasion}-{:08x}.ron", info.id, info.crc32))
    }
}

/// An occasion as part of a file's name.
fn word(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Daily => "daily",
        Occasion::Asked => "asked",
        Occasion::BeforeRestore => "before_restore",
        Occasion::BeforeUpdate => "before_update",
    }
}

fn read_name(name: &str, bytes: u64) -> Option<SnapshotInfo> {
    let mut parts = name.strip_suffix(".ron")?.splitn(3, '-');
    let id = parts.next()?.parse().ok()?;
    let named = parts.next()?;
    let occasion = Occasion::ALL.into_iter().find(|occasion| word(*occasion) == named)?;
    let crc32 = u32::from_str_radix(parts.next()?, 16).ok()?;
    Some(SnapshotInfo { id, occasion, bytes, crc32 })
}
