//! What can go wrong while keeping things.

use std::io;
use std::path::{Path, PathBuf};

use prismatron_core::id::{AccountId, MediaId, PlaylistId, SnapshotId, TokenId, UploadId};

/// A failure of the store, naming what was attempted and on what.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("could not {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The disk (or the user's share of it) is full; what was there before is untouched.
    #[error("no room on the disk to {action} {}", path.display())]
    DiskFull {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another process works with the data directory.
    #[error("{} is in use by {holder}", path.display())]
    InUse {
        /// The data directory.
        path: PathBuf,
        /// The other process, in words for people.
        holder: String,
    },
    /// No settings are known to have worked.
    #[error("no settings are known to have worked")]
    NothingProven,
    /// The store has been closed.
    #[error("the store has been closed")]
    Closed,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random(#[source] getrandom::Error),
    /// There is no such playlist.
    #[error("there is no playlist {0}")]
    NoSuchPlaylist(PlaylistId),
    /// There is no such file in the library.
    #[error("there is no media file {0}")]
    NoSuchMedia(MediaId),
    /// There is no such upload; it may have ended or expired.
    #[error("there is no upload {0}")]
    NoSuchUpload(UploadId),
    /// There is no such snapshot; old ones are removed.
    #[error("there is no backup {0}")]
    NoSuchSnapshot(SnapshotId),
    /// There is no such account.
    #[error("there is no account {0}")]
    NoSuchAccount(AccountId),
    /// There is no such token.
    #[error("there is no token {0}")]
    NoSuchToken(TokenId),
    /// Another account has this name, or one that looks like it.
    #[error("there is an account “{0}” already, and no other may look like it")]
    NameTaken(String),
    /// It is the only account of an admin.
    #[error("this is the last admin's account: make another account an admin's first")]
    LastAdmin,
    /// There is an admin's account, so that the claim code is gone.
    #[error("there is an admin's account already: sign in with an account")]
    Claimed,
    /// The playlist has been changed by someone else since.
    #[error("playlist {playlist} has been changed since: it is at revision {current} now")]
    Stale {
        /// Which playlist.
        playlist: PlaylistId,
        /// Its revision now.
        current: u64,
    },
    /// The schedule has been changed by someone else since.
    #[error("the schedule has been changed since: it is at revision {current} now")]
    StaleSchedule {
        /// Its revision now.
        current: u64,
    },
    /// A value that cannot be stored.
    #[error("{what} {reason}")]
    Invalid {
        /// What it is, such as `the name`.
        what: String,
        /// What is wrong with it, such as `must not be empty`.
        reason: String,
    },
    /// There are as many as there may be.
    #[error("there are {limit} {what} already, no more are accepted")]
    TooMany {
        /// Of what, in the plural.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
    /// A document larger than is accepted.
    #[error("{} would be {bytes} bytes long, more than the {limit} that are accepted", path.display())]
    DocumentTooLarge {
        /// Which file.
        path: PathBuf,
        /// How long it would be.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// A file of a newer version of Prismatron, which is left as it is.
    #[error(
        "{} was written by a newer version of Prismatron (format {found}, known up to {known}) \
         and is left untouched",
        path.display()
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its format version.
        found: u32,
        /// The newest format version known here.
        known: u32,
    },
    /// A value that has no stored form.
    #[error("{what} cannot be written: {reason}")]
    Encode {
        /// What it is.
        what: String,
        /// Why not.
        reason: String,
    },
    /// More than the quota allows.
    #[error("{needed} bytes are needed, {left} are left of the quota")]
    Quota {
        /// How many bytes are asked for.
        needed: u64,
        /// How many may still be taken.
        left: u64,
    },
    /// Taking it would touch the space kept free on the disk.
    #[error("{needed} bytes are needed, the disk has room for {left}")]
    NoRoom {
        /// How many bytes are asked for.
        needed: u64,
        /// How many may still be taken.
        left: u64,
    },
    /// Someone else writes to, or finishes, the upload.
    #[error("upload {0} is being written to by another request")]
    Busy(UploadId),
    /// The upload was taken from this writer by [`crate::Handle::settle_upload`].
    #[error("upload {0} went on with another request")]
    TakenOver(UploadId),
    /// Bytes for another place than where the upload stands.
    #[error("upload {upload} stands at {current}, not at {given}")]
    Offset {
        /// Which upload.
        upload: UploadId,
        /// Where it stands.
        current: u64,
        /// Where the bytes belong.
        given: u64,
    },
    /// More bytes than were promised.
    #[error("upload {upload} was to be {length} bytes long; there are more")]
    BeyondLength {
        /// Which upload.
        upload: UploadId,
        /// The promised length.
        length: u64,
    },
    /// The upload is not all there.
    #[error("upload {upload} is not complete: {offset} of {length} bytes")]
    Incomplete {
        /// Which upload.
        upload: UploadId,
        /// Bytes there.
        offset: u64,
        /// Bytes promised.
        length: u64,
    },
    /// The bytes are not what their checksum says; they have been dropped.
    #[error("the bytes for upload {0} do not match their checksum and were dropped")]
    Checksum(UploadId),
    /// A file that is no playable media; its upload has been removed.
    #[error("“{name}” was refused: {reason}")]
    Refused {
        /// The file's display name.
        name: String,
        /// Why, in words for people.
        reason: String,
    },
}

impl StoreError {
    /// Wraps what the system said; a full disk is told apart.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { action, path, source }
            }
            _ => Self::Io { action, path, source },
        }
    }

    /// What is wrong with its cause, for a sentence.
    pub(crate) fn sentence(&self) -> String {
        match std::error::Error::source(self) {
            Some(source) => format!("{self}: {source}"),
            None => self.to_string(),
        }
    }

    /// For `map_err`.
    pub(crate) fn on(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::io(action, path, source)
    }
}
