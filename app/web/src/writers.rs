//! Requests that are writing to uploads, so that one can be asked to leave.
//!
//! When a link breaks, the client often comes back before the server has noticed. The request on the old
//! connection then holds bytes that count; it is asked to hand them in and leave before the upload goes on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prismatron_core::id::UploadId;
use tokio_util::sync::CancellationToken;

/// All requests that are writing.
#[derive(Clone, Default)]
pub(crate) struct Writers(Arc<Mutex<All>>);

#[derive(Default)]
struct All {
    next: u64,
    entries: HashMap<u64, Entry>,
}

#[derive(Clone)]
struct Entry {
    upload: UploadId,
    leave: CancellationToken,
    gone: CancellationToken,
}

impl Writers {
    /// Lists a request until what is returned is dropped.
    pub(crate) fn enter(&self, upload: UploadId) -> Writing {
        let entry =
            Entry { upload, leave: CancellationToken::new(), gone: CancellationToken::new() };
        let leave = entry.leave.clone();
        let mut all = self.all();
        let number = all.next;
        all.next += 1;
        all.entries.insert(number, entry);
        drop(all);
        Writing { writers: self.clone(), number, leave }
    }

    /// Asks whoever writes to an upload to leave, and waits until they have.
    pub(crate) async fn clear(&self, upload: UploadId) {
        let writing: Vec<Entry> =
            self.all().entries.values().filter(|entry| entry.upload == upload).cloned().collect();
        for entry in writing {
            entry.leave.cancel();
            entry.gone.cancelled().await;
        }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is writing.
pub(crate) struct Writing {
    writers: Writers,
    number: u64,
    /// Cancelled when it is to leave.
    pub(crate) leave: CancellationToken,
}

impl Drop for Writing {
    fn drop(&mut self) {
        if let Some(entry) = self.writers.all().entries.remove(&self.number) {
            entry.gone.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_waited_for_who_is_asked_to_leave() {
        let writers = Writers::default();
        let writing = writers.enter(UploadId(1));
        let other = writers.enter(UploadId(2));
        let leaver = tokio::spawn(async move {
            writing.leave.cancelled().await;
        });
        writers.clear(UploadId(1)).await;
        assert!(!other.leave.is_cancelled());
        assert_eq!(writers.all().entries.len(), 1);
        leaver.await.unwrap();
        writers.clear(UploadId(1)).await;
    }
}
