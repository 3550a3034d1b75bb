//! Files on their way in, in pieces, over restarts.
//!
//! An upload is its bytes so far (`<id>.part`, or `<id>.raucb`) and `<id>.ron`, its record: what was promised, and a
//! *checkpoint*, a place up to which the bytes are durable, with their CRC-32. Bytes after the checkpoint
//! (the *tail*) count again after a restart if they can be trusted: if they were not waiting for a
//! checksum, and the kernel that took them still runs; otherwise the client sends them again.
//!
//! Whoever writes to or finishes an upload has it on [`Lease`]; there is one at most. What an upload is for decides what
//! becomes of it when it is complete: media go into the library by themselves, an update to the system waits in `uploads/`
//! until somebody has used it, or it expires.

mod checksum;
mod desk;
mod lease;
mod record;
mod worker;
mod writer;

use std::path::PathBuf;
use std::time::SystemTime;

use prismatron_core::id::UploadId;
use serde::{Deserialize, Serialize};

pub use checksum::Checksum;
pub(crate) use desk::UploadDesk;
pub(crate) use lease::Lease;
pub use writer::UploadWriter;
pub(crate) use writer::inbox;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Purpose {
    /// To be played.
    #[default]
    Media,
    /// To be installed in place of the system.
    Update,
}

/// What is promised of a file before its bytes come.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewUpload {
    /// What it is for.
    pub purpose: Purpose,
    /// Its length in bytes; `None` where the sender does not know. Such an upload does not outlive a
    /// restart.
    pub length: Option<u64>,
    /// What the sender calls it.
    pub name: String,
    /// Kept as it is for the sender, at most 4 KiB.
    pub metadata: String,
}

/// Where an upload stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadStatus {
    /// Which.
    pub id: UploadId,
    /// Its display name.
    pub name: String,
    /// What the sender wanted kept.
    pub metadata: String,
    /// Promised length in bytes.
    pub length: Option<u64>,
    /// Bytes that are there.
    pub offset: u64,
    /// When it is removed unless it goes on.
    pub expires: SystemTime,
    /// Whether it is being written to or finished.
    pub busy: bool,
    /// What it is for.
    pub purpose: Purpose,
    /// Where its bytes are.
    pub file: PathBuf,
}

impl UploadStatus {
    /// Whether all of it is there.
    pub fn is_complete(&self) -> bool {
        !self.busy && self.length == Some(self.offset)
    }
}
