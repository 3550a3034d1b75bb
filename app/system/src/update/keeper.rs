//! What the rest of the program does for updates.

use std::path::PathBuf;
use std::time::SystemTime;

use prismatron_core::id::UploadId;

use super::Kept;

/// An upload, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// Where its bytes are, for RAUC to read.
    pub file: PathBuf,
    /// So many.
    pub bytes: u64,
    /// Whether these are all.
    pub is_complete: bool,
}

/// What the rest of the program does for updates. What fails is told in words for people.
pub trait Keeper: Send + Sync + 'static {
    /// Keeps this over a restart: it is on the disk then.
    fn keep(&self, kept: Kept) -> impl Future<Output = Result<(), String>> + Send;

    /// Takes a restore point.
    fn restore_point(&self) -> impl Future<Output = Result<(), String>> + Send;

    /// Finds an upload.
    fn find(&self, upload: UploadId) -> impl Future<Output = Option<Arrived>> + Send;

    /// Removes an upload that is of no use any more.
    fn discard(&self, upload: UploadId) -> impl Future<Output = ()> + Send;

    /// Dims the LEDs, or lights them as usual.
    fn dim(&self, dim: bool) -> impl Future<Output = ()> + Send;

    /// Tells the health gate that somebody has confirmed this boot by hand.
    fn confirm(&self) -> Result<(), String>;

    /// Why the last boot of a slot was given up, if that was since this time.
    fn given_up(&self, slot: &str, since: SystemTime) -> Option<String>;
}
