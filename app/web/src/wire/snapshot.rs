//! Backups of what was composed.

use humantime::format_rfc3339_seconds;
use prismatron_store::{Occasion as DomainOccasion, Restored as DomainRestored, SnapshotInfo};
use serde::Serialize;
use utoipa::ToSchema;

/// All backups that are kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct SnapshotList {
    /// The latest first.
    pub(crate) snapshots: Vec<Snapshot>,
}

/// A backup.
#[derive(Serialize, ToSchema)]
pub(crate) struct Snapshot {
    pub(crate) id: String,
    pub(crate) occasion: Occasion,
    /// When it was taken, RFC 3339.
    pub(crate) taken: String,
    /// Its length.
    pub(crate) bytes: u64,
}

/// What a backup was taken for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Occasion {
    /// A day had passed, and something had changed.
    Daily,
    /// Somebody asked for it.
    Asked,
    /// Another was about to be restored.
    BeforeRestore,
    /// An update was about to be installed.
    BeforeUpdate,
}

/// What came of a restore.
#[derive(Serialize, ToSchema)]
pub(crate) struct Restored {
    /// What was there before.
    pub(crate) before: Snapshot,
    /// Names of files that playlists play and that are not here: upload them.
    pub(crate) missing_media: Vec<String>,
    /// Names of accounts that are not here. A backup has no passwords: make them anew.
    pub(crate) missing_accounts: Vec<String>,
}

impl From<&SnapshotInfo> for Snapshot {
    fn from(info: &SnapshotInfo) -> Self {
        Self {
            id: info.id.to_string(),
            occasion: match info.occasion {
                DomainOccasion::Daily => Occasion::Daily,
                DomainOccasion::Asked => Occasion::Asked,
                DomainOccasion::BeforeRestore => Occasion::BeforeRestore,
                DomainOccasion::BeforeUpdate => Occasion::BeforeUpdate,
            },
            taken: format_rfc3339_seconds(info.taken()).to_string(),
            bytes: info.bytes,
        }
    }
}

impl From<DomainRestored> for Restored {
    fn from(restored: DomainRestored) -> Self {
        let DomainRestored { before, missing_media, missing_accounts } = restored;
        Self { before: Snapshot::from(&before), missing_media, missing_accounts }
    }
}
