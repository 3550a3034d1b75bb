//! The library: media files, beside each its sidecar, a document with what is known of it.
//!
//! The sidecar is written before the file is moved in, and names the upload it comes from. A deleted file is in the
//! *trash* first: its sidecar says since when, and then it is moved to `transit/<id>.trash`. There it can be brought back
//! until it has been there for [`KEPT`] or room is needed; then it is moved to `transit/<id>.deleted` before its sidecar is
//! removed. So whatever is cut in between is brought to its end at the next start.

mod load;
mod shelf;
mod sidecar;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prismatron_core::id::MediaId;
use prismatron_core::media::MediaInfo;

pub(crate) use shelf::{LibraryShelf, NewMedia};
pub(crate) use sidecar::Sidecar;

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
