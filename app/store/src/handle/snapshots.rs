//! The part of the handle that keeps snapshots.

use prismatron_core::id::SnapshotId;

use super::Handle;
use crate::error::StoreError;
use crate::snapshot::{Occasion, Restored, Snapshot, SnapshotInfo};

impl Handle {
    /// All snapshots, the latest first.
    ///
    /// # Errors
    /// The store is closed.
    pub async fn snapshots(&self) -> Result<Vec<SnapshotInfo>, StoreError> {
        self.ask(|state| state.snapshots.list()).await
    }

    /// Takes a snapshot.
    ///
    /// # Errors
    /// It is too long, or cannot be saved.
    pub async fn take_snapshot(&self, occasion: Occasion) -> Result<SnapshotInfo, StoreError> {
        self.ask(move |state| {
            let snapshot = Snapshot::of(state);
            state.snapshots.put(&snapshot, occasion, state.now())
        })
        .await?
    }

    /// A snapshot's document.
    ///
    /// # Errors
    /// There is none with this id, or it cannot be read.
    pub async fn read_snapshot(&self, id: SnapshotId) -> Result<Vec<u8>, StoreError> {
        self.ask(move |state| state.snapshots.read(id)).await?
    }

    /// Deletes a snapshot.
    ///
    /// # Errors
    /// There is none with this id, or it cannot be deleted.
    pub async fn delete_snapshot(&self, id: SnapshotId) -> Result<(), StoreError> {
        self.ask(move |state| state.snapshots.delete(id)).await?
    }

    /// Sets settings and playlists as they are in a snapshot's document; what was there is a snapshot then.
    ///
    /// # Errors
    /// It is no such document, damaged, or of a newer version, and nothing has changed; or the disk fails.
    pub async fn restore(&self, bytes: Vec<u8>) -> Result<Restored, StoreError> {
        self.ask(move |state| state.restore(&bytes)).await?
    }
}
