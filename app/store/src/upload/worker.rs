//! The blocking half of a writer: puts buffers on the disk, adds them up, and sets checkpoints beside.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use crossbeam_channel::Receiver;
use tokio::sync::mpsc::UnboundedSender;

use super::checksum::Check;
use super::lease::Lease;
use super::record::{Progress, Record, Tail};
use crate::error::StoreError;
use crate::storage;

/// Bytes between checkpoints. Also gets the disk going long before the last byte is there.
const CHECKPOINT: u64 = 64 << 20;
/// Bytes asked for at a time where the length was not promised.
const GRANT: u64 = 16 << 20;

/// What a worker is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// Bytes that follow.
    Data(Vec<u8>),
    /// These were all.
    Finish,
    /// No more will come; what is there counts unless it waits for a checksum.
    Cut,
    /// Another request goes on.
    Yield,
}

/// Writes one run of bytes of an upload.
pub(super) struct Worker {
    lease: Lease,
    file: File,
    /// How far the file is; ahead of the lease's while a checksum is awaited.
    written: Progress,
    check: Option<Check>,
    /// Bytes the file system may stay free of.
    reserve: u64,
    syncing: Option<JoinHandle<Result<Record, StoreError>>>,
}

impl Worker {
    /// Opens the part and makes the record say what is to be thought of bytes after the checkpoint.
    pub(super) fn new(
        mut lease: Lease,
        check: Option<Check>,
        reserve: u64,
    ) -> Result<Self, StoreError> {
        let part = lease.part.clone();
        lease.progress.catch_up(&part)?;
        let mut file =
            File::options().write(true).open(&part).map_err(StoreError::on("open", &part))?;
        file.set_len(lease.progress.offset)
            .and_then(|()| file.seek(SeekFrom::Start(lease.progress.offset)))
            .map_err(StoreError::on("go to the end of", &part))?;
        let tail = if check.is_some() { Tail::Unverified } else { Tail::Counts };
        if lease.record.tail != tail {
            file.sync_data().map_err(StoreError::on("make durable", &part))?;
            lease.record.tail = tail;
            lease.record.set_checkpoint(&lease.progress);
            lease.record.save(&lease.record_path)?;
        }
        let written = lease.progress.clone();
        Ok(Self { lease, file, written, check, reserve, syncing: None })
    }

    /// Works until it is told to end; returns how many bytes are there then.
    pub(super) fn run(
        mut self,
        inbox: &Receiver<Message>,
        empties: &UnboundedSender<Vec<u8>>,
    ) -> Result<u64, StoreError> {
        loop {
            match inbox.recv() {
                Ok(Message::Data(mut bytes)) => {
                    if let Err(error) = self.take(&bytes) {
                        let _ = self.cut();
                        return Err(error);
                    }
                    bytes.clear();
                    let _ = empties.send(bytes);
                }
                Ok(Message::Finish) => return self.finish(),
                Ok(Message::Cut) | Err(_) => return self.cut(),
                Ok(Message::Yield) => {
                    self.cut()?;
                    return Err(StoreError::TakenOver(self.lease.id));
                }
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let end = self.written.offset.saturating_add(bytes.len() as u64);
        if end > self.lease.granted {
            // Ahead where there is room, and exactly where there is little.
            let need = end - self.lease.granted;
            self.lease.grow(GRANT.max(need)).or_else(|_| self.lease.grow(need))?;
        }
        self.file.write_all(bytes).map_err(StoreError::on("write", &self.lease.part))?;
        self.written.add(bytes);
        self.lease.arrived.store(self.written.offset, Ordering::Relaxed);
        if self.check.is_none() {
            self.lease.progress = self.written.clone();
        }
        if let Some(check) = &mut self.check {
            check.update(bytes);
        }
        if self.check.is_none() {
            self.checkpoint()?;
        }
        Ok(())
    }

    /// Where the last checkpoint is far behind, sees to the room on the disk and sets another one, beside
    /// the writing.
    fn checkpoint(&mut self) -> Result<(), StoreError> {
        match &self.syncing {
            Some(syncing) if !syncing.is_finished() => return Ok(()),
            _ => self.join_syncing()?,
        }
        if self.written.offset.saturating_sub(self.lease.record.durable) < CHECKPOINT {
            return Ok(());
        }
        let free = storage::free(&self.lease.part)?;
        if free < self.reserve {
            return Err(StoreError::NoRoom { needed: self.reserve - free, left: 0 });
        }
        let part = self.lease.part.clone();
        let file = self.file.try_clone().map_err(StoreError::on("open", &part))?;
        let path = self.lease.record_path.clone();
        let mut record = self.lease.record.clone();
        record.set_checkpoint(&self.written);
        let syncing = std::thread::Builder::new().name("upload-sync".into()).spawn(move || {
            file.sync_data().map_err(StoreError::on("make durable", &part))?;
            record.save(&path)?;
            Ok(record)
        });
        self.syncing =
            Some(syncing.map_err(StoreError::on("start a thread for", &self.lease.part))?);
        Ok(())
    }

    fn join_syncing(&mut self) -> Result<(), StoreError> {
        match self.syncing.take().map(JoinHandle::join) {
            Some(Ok(record)) => self.lease.record = record?,
            Some(Err(_)) => tracing::error!("setting a checkpoint panicked"),
            None => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<u64, StoreError> {
        self.join_syncing()?;
        if self.check.take().is_some_and(|check| !check.holds()) {
            self.cut()?;
            return Err(StoreError::Checksum(self.lease.id));
        }
        self.lease.progress = self.written.clone();
        self.file.sync_data().map_err(StoreError::on("make durable", &self.lease.part))?;
        self.lease.record.set_checkpoint(&self.lease.progress);
        self.lease.record.save(&self.lease.record_path)?;
        Ok(self.lease.progress.offset)
    }

    /// Leaves the file with the bytes that count and no others.
    fn cut(&mut self) -> Result<u64, StoreError> {
        let synced = self.join_syncing();
        self.file
            .set_len(self.lease.progress.offset)
            .map_err(StoreError::on("cut", &self.lease.part))?;
        synced.map(|()| self.lease.progress.offset)
    }
}
