//! The audit log: who did what, from where, and what came of it; a line each in `logs/audit.log`.
//!
//! Each line has a CRC-32 over itself and the CRC of the line before, and a number that grows by one: a line
//! that was edited, removed or cut off breaks the *chain* where it stood, and [`verify_audit`] names it. Lines
//! removed from the very end leave no trace in the file itself: the number of the last line is kept elsewhere
//! too, and a start that does not find it says so in the log. (A CRC keeps out rot and carelessness, not
//! somebody who computes it anew.) A file begins with a line that says which CRC it carries on from, so
//! that the chain goes on over a rotation; the rotated file is looked for as `audit.log.1`.
//!
//! A thread of its own writes, makes durable what has come together, and never makes anybody wait: what
//! cannot be written, because the disk is full or too much comes at once, is counted, and the count is
//! written as soon as that can be.

mod line;
mod mark;
mod page;
mod verify;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use crossbeam_channel::{Sender, TrySendError};
use serde::{Deserialize, Serialize};

pub use mark::missing_audit_lines;
pub use page::AuditPage;
pub use verify::{AuditReport, BadLine, verify_audit};
pub(crate) use writer::AuditWriter;

use crate::error::StoreError;
use crate::folders::Folders;
use crate::time::WallClock;

/// The log's name in `logs/`.
pub(crate) const FILE: &str = "audit.log";

/// Something that is written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum AuditEvent {
    /// Somebody asked for something.
    Request {
        /// Who, in words for people.
        who: String,
        /// From which address, or `local`.
        from: String,
        /// What: method and path, or the name of an action.
        action: String,
        /// What is not in the path, such as which account was made.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        detail: String,
        /// What came of it, as an HTTP status.
        status: u16,
    },
    /// A file begins, and carries on from a line with this CRC.
    Begin {
        /// Eight hexadecimal digits; all 0 where nothing was before.
        after: String,
    },
    /// A last line that was not whole was removed.
    CutOff {
        /// How long it was.
        bytes: u64,
    },
    /// Lines that had been written were not there any more when the log was opened.
    Missing {
        /// How many, at least.
        lines: u64,
    },
    /// Something could not be written down.
    Lost {
        /// How many lines.
        lines: u64,
    },
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Grows by one.
    pub seq: u64,
    /// When, in RFC 3339.
    pub time: String,
    /// What.
    #[serde(flatten)]
    pub event: AuditEvent,
}

enum Message {
    Write(SystemTime, AuditEvent),
    /// There is something to do beside writing.
    Wake,
    Stop,
}

/// Reaches the audit log; clones reach the same.
#[derive(Clone)]
pub struct AuditLog {
    queue: Sender<Message>,
    shared: Arc<Shared>,
}

struct Shared {
    folders: Folders,
    clock: WallClock,
    /// Lines that have come and could not be written yet.
    lost: AtomicU64,
    reopen: AtomicBool,
}

impl AuditLog {
    /// Has something written down. Never waits; what finds no place is counted as lost.
    pub fn record(&self, event: AuditEvent) {
        let time = (self.shared.clock)();
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Message::Write(time, event)) {
            self.skip();
        }
    }

    /// Counts a line as lost without even trying.
    pub fn skip(&self) {
        self.shared.lost.fetch_add(1, Ordering::Relaxed);
    }

    /// How many lines have been lost that the log does not tell of yet.
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Has the file opened anew, after it was renamed to rotate it.
    pub fn reopen(&self) {
        self.shared.reopen.store(true, Ordering::Release);
        let _ = self.queue.try_send(Message::Wake);
    }

    /// Some lines of the present file, newest first: those before a place that an earlier page told, or the
    /// newest. Reads the disk; not for async code.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn page(&self, before: Option<u64>, most: usize) -> Result<AuditPage, StoreError> {
        page::read(&self.shared.folders.logs.join(FILE), before, most)
    }
}

impl std::fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditLog").finish_non_exhaustive()
    }
}
