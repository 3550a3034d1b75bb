//! The right to change an upload's bytes; gives itself back.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crossbeam_channel::Sender;
use prismatron_core::id::UploadId;

use super::record::{Progress, Record};
use super::worker::Message;
use crate::error::StoreError;
use crate::owner::Queue;

/// Reaches whoever has the lease, to ask for it back.
#[derive(Debug, Clone)]
pub(crate) struct Control(pub(super) Sender<Message>);

/// The right to change an upload's bytes. Dropping it tells the owner how far they are now.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) id: UploadId,
    pub(crate) record: Record,
    pub(crate) progress: Progress,
    /// Bytes on the disk, as its owner counts them meanwhile.
    pub(super) arrived: Arc<AtomicU64>,
    pub(crate) part: PathBuf,
    pub(super) record_path: PathBuf,
    /// How many bytes may be there.
    pub(super) granted: u64,
    pub(super) queue: Queue,
}

impl Lease {
    /// Asks for room for more bytes than are granted, where the length was not promised.
    pub(super) fn grow(&mut self, by: u64) -> Result<(), StoreError> {
        let id = self.id;
        self.granted = self.queue.ask(move |state| {
            state.admit(by)?;
            let granted = state.uploads.grant(id, by)?;
            state.publish_usage();
            Ok(granted)
        })??;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (id, record, progress) = (self.id, self.record.clone(), self.progress.clone());
        self.queue.post(move |state| {
            let now = state.now();
            state.uploads.give_back(id, record, progress, now);
            state.publish_usage();
        });
    }
}
