//! What the operator has composed, as it was at a time: settings, playlists, schedule, and who had an account.
//!
//! A snapshot is one document in `playlists/.snapshots/`, and the same document is what is downloaded as a backup. It
//! has no media, only what tells them apart: restored where the same files have other ids, they are found by length and
//! CRC-32. It has no passwords, so that accounts are never restored, only named.

mod restore;
mod shelf;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prismatron_core::id::SnapshotId;
use prismatron_core::playlist::Playlist;
use prismatron_core::role::Role;
use prismatron_core::schedule::Schedule;
use serde::{Deserialize, Serialize};

use crate::document::{self, Format};
use crate::error::StoreError;
use crate::medium::Mediums;
use crate::owner::State;
use crate::settings::Settings;

pub use restore::Restored;
pub(crate) use shelf::SnapshotShelf;

/// Version 1 had no schedule.
const FORMAT: Format = Format { kind: "snapshot", version: 2 };

/// What a snapshot was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Occasion {
    /// A day had passed since the last one, and something had changed.
    Daily,
    /// Somebody asked for it.
    Asked,
    /// Another was about to be restored.
    BeforeRestore,
    /// An update was about to be installed.
    BeforeUpdate,
}

impl Occasion {
    /// All there are.
    pub(crate) const ALL: [Self; 4] =
        [Self::Daily, Self::Asked, Self::BeforeRestore, Self::BeforeUpdate];
}

/// What is known of a snapshot without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// Later ones have greater ids.
    pub id: SnapshotId,
    /// What it was taken for.
    pub occasion: Occasion,
    /// Its length.
    pub bytes: u64,
    /// CRC-32 of what was composed: the same for the same.
    pub(crate) crc32: u32,
}

impl SnapshotInfo {
    /// When it was taken, as far as the clock could be believed.
    pub fn taken(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.id.0)
    }
}

/// The stored form of a snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    settings: Settings,
    playlists: Vec<Playlist>,
    #[serde(default)]
    schedule: Option<Schedule>,
    /// Those that items play.
    media: Mediums,
    accounts: Vec<Person>,
}

/// Who had an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    name: String,
    role: Role,
}

impl Snapshot {
    /// Everything as it is now.
    pub(crate) fn of(state: &State) -> Self {
        let playlists = state.playlists.subscribe().borrow().clone();
        let playlists: Vec<Playlist> =
            playlists.iter().map(|stored| stored.playlist.clone()).collect();
        let library = state.library.subscribe().borrow().clone();
        let media = Mediums::of(&playlists, &library);
        let accounts = state.accounts.subscribe().borrow().clone();
        let accounts =
            accounts.all().map(|account| Person { name: account.name.clone(), role: account.role });
        Self {
            settings: state.settings.borrow().as_ref().clone(),
            schedule: Some(state.schedule.subscribe().borrow().schedule.clone()),
            media,
            accounts: accounts.collect(),
            playlists,
        }
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, StoreError> {
        document::encode(FORMAT, self)
            .map_err(|reason| StoreError::Encode { what: "the backup".into(), reason })
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        document::decode(FORMAT, bytes).map_err(|fault| StoreError::Invalid {
            what: "the backup".into(),
            reason: format!("cannot be used: {fault}"),
        })
    }
}
