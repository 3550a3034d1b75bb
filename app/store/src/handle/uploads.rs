//! The part of the handle that takes files.

use std::sync::Arc;

use prismatron_core::id::UploadId;

use super::Handle;
use crate::error::StoreError;
use crate::intake;
use crate::library::MediaEntry;
use crate::owner::State;
use crate::upload::{self, Checksum, NewUpload, UploadStatus, UploadWriter};

impl Handle {
    /// Promises room for a file, before any of its bytes are taken.
    ///
    /// # Errors
    /// [`StoreError::Quota`], [`StoreError::NoRoom`] or [`StoreError::TooMany`].
    pub async fn begin_upload(&self, new: NewUpload) -> Result<UploadStatus, StoreError> {
        self.ask(move |state| {
            state.tidy();
            // The trash may be emptied for the room: not for one that is refused all the same.
            state.uploads.check(&new)?;
            state.admit(new.length.unwrap_or(0))?;
            let now = state.now();
            let status = state.uploads.begin(new, now)?;
            state.publish_usage();
            Ok(status)
        })
        .await?
    }

    /// Where an upload stands. While it is written to, bytes that came since are not counted.
    ///
    /// # Errors
    /// There is no such upload.
    pub async fn upload(&self, id: UploadId) -> Result<UploadStatus, StoreError> {
        self.ask(move |state| state.uploads.status(id)).await?
    }

    /// Ends what writes to an upload, if anything does, and tells where it stands then. For a client that
    /// comes back while its broken connection still seems to be open here.
    ///
    /// # Errors
    /// There is no such upload, or it is being finished ([`StoreError::Busy`]).
    pub async fn settle_upload(&self, id: UploadId) -> Result<UploadStatus, StoreError> {
        if let Some(back) = self.ask(move |state| state.uploads.call_in(id)).await?? {
            let _ = back.await;
        }
        self.upload(id).await
    }

    /// Goes on with an upload where it stands; the checksum is that of what this writer will take.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where someone else writes, [`StoreError::Offset`] where it stands elsewhere.
    pub async fn open_upload(
        &self,
        id: UploadId,
        offset: u64,
        checksum: Option<Checksum>,
    ) -> Result<UploadWriter, StoreError> {
        let (outbox, control, inbox) = upload::inbox();
        let lend = move |state: &mut State| {
            let queue = state.queue.clone();
            state.uploads.lend_to_writer(id, offset, control, queue)
        };
        let lease = self.ask(lend).await??;
        let reserve = self.limits.borrow().reserve;
        Ok(UploadWriter::start(lease, checksum, reserve, outbox, inbox))
    }

    /// Probes a complete upload and moves it into the library. Goes on even if nobody waits for it.
    ///
    /// # Errors
    /// [`StoreError::Incomplete`]; [`StoreError::Refused`], and then the upload is gone.
    pub async fn finish_upload(&self, id: UploadId) -> Result<Arc<MediaEntry>, StoreError> {
        let this = self.clone();
        let finishing = tokio::spawn(async move {
            let lend = move |state: &mut State| {
                let queue = state.queue.clone();
                state.uploads.lend_to_finish(id, queue)
            };
            let mut lease = this.ask(lend).await??;
            let probe = this.probes.acquire().await.map_err(|_| StoreError::Closed)?;
            let prober = Arc::clone(&this.prober);
            let examining = tokio::task::spawn_blocking(move || {
                let examined = intake::examine_upload(&mut lease, &*prober);
                (lease, examined)
            });
            let (lease, examined) = examining.await.map_err(|_| StoreError::Closed)?;
            drop(probe);
            this.ask(move |state| state.take_in(lease, examined)).await?
        });
        finishing.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Ends an upload and removes its bytes.
    ///
    /// # Errors
    /// There is no such upload, or it is being finished ([`StoreError::Busy`]).
    pub async fn abort_upload(&self, id: UploadId) -> Result<(), StoreError> {
        self.settle_upload(id).await?;
        self.ask(move |state| {
            let aborted = state.uploads.abort(id);
            state.publish_usage();
            aborted
        })
        .await?
    }

    /// Removes uploads that have expired; also done every minute.
    ///
    /// # Errors
    /// The store is closed.
    pub async fn expire_uploads(&self) -> Result<(), StoreError> {
        self.ask(State::tidy).await
    }

    /// Takes a file that is in memory into the library, by the rules for uploads.
    ///
    /// # Errors
    /// As for uploads.
    pub async fn import(
        &self,
        name: impl Into<String>,
        bytes: &[u8],
    ) -> Result<Arc<MediaEntry>, StoreError> {
        let length = Some(bytes.len() as u64);
        let new = NewUpload { length, name: name.into(), ..NewUpload::default() };
        let id = self.begin_upload(new).await?.id;
        let taken = async {
            let mut writer = self.open_upload(id, 0, None).await?;
            writer.write(bytes).await?;
            writer.finish().await?;
            self.finish_upload(id).await
        };
        let taken = taken.await;
        if taken.is_err() {
            // Already gone where the file was refused.
            let _ = self.abort_upload(id).await;
        }
        taken
    }
}
