//! The async half of a writer: collects bytes into large buffers while earlier ones go to the disk.

use crossbeam_channel::{Receiver, Sender};
use prismatron_core::id::UploadId;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;

use super::Checksum;
use super::checksum::Check;
use super::lease::{Control, Lease};
use super::worker::{Message, Worker};
use crate::error::StoreError;

/// Bytes a buffer holds.
const BUFFER: usize = 1 << 20;
/// Buffers of a writer: one is filled, one is written, one is between.
const BUFFERS: usize = 3;

/// Takes the bytes of one run of an upload. Dropped half-way, what arrived is kept, unless it waits for a
/// checksum.
#[derive(Debug)]
pub struct UploadWriter {
    id: UploadId,
    outbox: Sender<Message>,
    empties: UnboundedReceiver<Vec<u8>>,
    filling: Vec<u8>,
    offset: u64,
    length: Option<u64>,
    worker: Option<JoinHandle<Result<u64, StoreError>>>,
}

/// How a worker is reached: the sender is for the writer, and in the control for whoever wants the lease.
pub(crate) fn inbox() -> (Sender<Message>, Control, Receiver<Message>) {
    let (sender, receiver) = crossbeam_channel::unbounded();
    (sender.clone(), Control(sender), receiver)
}

impl UploadWriter {
    /// Starts the worker; must be called on a tokio runtime.
    pub(crate) fn start(
        lease: Lease,
        checksum: Option<Checksum>,
        reserve: u64,
        outbox: Sender<Message>,
        inbox: Receiver<Message>,
    ) -> Self {
        let (id, offset, length) = (lease.id, lease.progress.offset, lease.record.length);
        let (emptied, empties) = tokio::sync::mpsc::unbounded_channel();
        for _ in 1..BUFFERS {
            let _ = emptied.send(Vec::new());
        }
        let worker =
            tokio::task::spawn_blocking(move || work(lease, checksum, reserve, &inbox, &emptied));
        let filling = Vec::new();
        Self { id, outbox, empties, filling, offset, length, worker: Some(worker) }
    }

    /// How many there will be, if that was promised.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Bytes taken so far, those of earlier writers included.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes bytes. Waits while the disk is behind; safe to cancel between calls only.
    ///
    /// # Errors
    /// More bytes than promised (none of these are taken), or what went wrong with earlier ones.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), StoreError> {
        let end = self.offset.saturating_add(bytes.len() as u64);
        if let Some(length) = self.length.filter(|length| end > *length) {
            return Err(StoreError::BeyondLength { upload: self.id, length });
        }
        while !bytes.is_empty() {
            if self.filling.capacity() == 0 {
                self.filling.reserve_exact(BUFFER);
            }
            let count = bytes.len().min(BUFFER - self.filling.len());
            let (now, later) = bytes.split_at(count);
            self.filling.extend_from_slice(now);
            self.offset += count as u64;
            bytes = later;
            if self.filling.len() == BUFFER {
                let Some(empty) = self.empties.recv().await else {
                    return Err(self.failure().await);
                };
                let full = std::mem::replace(&mut self.filling, empty);
                let _ = self.outbox.send(Message::Data(full));
            }
        }
        Ok(())
    }

    /// Ends the run: the bytes are durable when this returns, and the checksum held. Returns the offset.
    ///
    /// # Errors
    /// The checksum does not hold, or what went wrong with the bytes.
    pub async fn finish(mut self) -> Result<u64, StoreError> {
        self.send_rest(Message::Finish);
        match self.worker.take() {
            Some(worker) => worker.await.unwrap_or(Err(StoreError::Closed)),
            None => Err(StoreError::Closed),
        }
    }

    /// Why the worker has ended before it was told to.
    async fn failure(&mut self) -> StoreError {
        match self.worker.take() {
            Some(worker) => match worker.await {
                Ok(Err(error)) => error,
                Ok(Ok(_)) | Err(_) => StoreError::Closed,
            },
            None => StoreError::Closed,
        }
    }

    fn send_rest(&mut self, then: Message) {
        let rest = std::mem::take(&mut self.filling);
        if !rest.is_empty() {
            let _ = self.outbox.send(Message::Data(rest));
        }
        let _ = self.outbox.send(then);
    }
}

impl Drop for UploadWriter {
    fn drop(&mut self) {
        if self.worker.is_some() {
            self.send_rest(Message::Cut);
        }
    }
}

fn work(
    lease: Lease,
    checksum: Option<Checksum>,
    reserve: u64,
    inbox: &Receiver<Message>,
    emptied: &UnboundedSender<Vec<u8>>,
) -> Result<u64, StoreError> {
    let _span = tracing::info_span!("upload", id = %lease.id).entered();
    let queue = lease.queue.clone();
    let done = Worker::new(lease, checksum.map(Check::new), reserve)
        .and_then(|worker| worker.run(inbox, emptied));
    // The lease is on its way back; whoever waits for this is to find it there.
    let _ = queue.ask(|_| ());
    done
}
