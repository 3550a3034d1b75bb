//! Uploads that have lately become media: a client that lost the answer to its last bytes asks how far it
//! got, and is told that it was done rather than that there is no such upload.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use prismatron_core::id::{MediaId, UploadId};

/// Most that are remembered.
const MOST: usize = 256;

/// An upload that has become media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) upload: UploadId,
    pub(crate) media: MediaId,
    pub(crate) length: u64,
}

/// The latest of them.
#[derive(Debug, Default)]
pub(crate) struct Arrivals(Mutex<VecDeque<Arrival>>);

impl Arrivals {
    pub(crate) fn add(&self, arrival: Arrival) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == MOST {
            all.pop_front();
        }
        all.push_back(arrival);
    }

    pub(crate) fn find(&self, upload: UploadId) -> Option<Arrival> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().rev().find(|arrival| arrival.upload == upload).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_remembered() {
        let arrivals = Arrivals::default();
        for n in 0..=MOST as u64 {
            arrivals.add(Arrival { upload: UploadId(n), media: MediaId(n), length: n });
        }
        assert_eq!(arrivals.find(UploadId(0)), None);
        assert_eq!(arrivals.find(UploadId(9)).map(|arrival| arrival.media), Some(MediaId(9)));
    }
}
