//! Everything that outlives a restart: settings, playlists, the library, uploads on their way into it,
//! and small states of other crates.
//!
//! One thread owns all of it. A [`Handle`] sends it work over a bounded queue and reads what it publishes;
//! only the bytes of uploads and the probing of files happen elsewhere, so that neither holds up a save.
//!
//! Folders of a data directory:
//! - `playlists/`: what the operator composes: a file per playlist, the schedule, the settings and those that last
//!   worked, states, accounts, the signing key; in `.snapshots/` all of it but secrets, as it was at a time;
//! - `media/`: `<id>.<extension>`, beside each file its *sidecar* `<id>.ron` and `thumbnails/<id>.jpg`; in
//!   `transit/` files on their way in (`<id>.part`) and out (`<id>.trash`, then `<id>.deleted`);
//! - `uploads/`: what was promised of files on their way in (`<id>.ron`), updates to the system (`<id>.raucb`), the lock;
//! - `logs/`: the audit log, and whatever else is logged.
//!
//! Terms: a *document* is a stored file with a version and a checksum, see [`document`]; what is found
//! damaged is *set aside* under another name, never deleted, and told as a [`Finding`].

mod accounts;
mod audit;
pub mod config;
pub mod document;
mod error;
mod file;
mod finding;
mod folders;
mod handle;
mod intake;
mod key;
mod library;
mod medium;
mod name;
mod owner;
mod playlist_file;
mod playlists;
mod proven;
mod rules;
mod schedule;
mod settings;
mod snapshot;
mod storage;
mod time;
mod upload;
mod verify;

pub use accounts::{Account, Accounts, ApiToken, ClaimCode, NewApiToken, folded};
pub use audit::{
    AuditEvent, AuditLog, AuditPage, AuditRecord, AuditReport, BadLine, missing_audit_lines,
    verify_audit,
};
pub use error::StoreError;
pub use finding::Finding;
pub use folders::is_data_dir;
pub use handle::Handle;
pub use key::signing_key;
pub use library::{DeletedMedia, Library, MediaEntry};
pub use name::display_name;
pub use owner::{Store, state};
pub use playlist_file::Imported;
pub use playlists::{Playlists, StoredPlaylist};
pub use schedule::StoredSchedule;
pub use settings::{Settings, settings};
pub use snapshot::{Occasion, Restored, SnapshotInfo};
pub use storage::{DiskAccess, StorageLimits, StorageStatus};
pub use time::{WallClock, is_believed};
pub use upload::{Checksum, NewUpload, Purpose, UploadStatus, UploadWriter};
pub use verify::{Damage, DamageKind, VerifyProgress, VerifyReport, verify};
