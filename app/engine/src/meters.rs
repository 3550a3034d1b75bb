//! Figures that change with every frame: written by the engine's thread, read by anyone.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prismatron_core::id::{ItemId, MediaId};
use prismatron_core::unit::Milliamps;

/// Counted since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EngineCounters {
    /// Frames handed to the outputs.
    pub frames: u64,
    /// Frames that were due but left out because the engine came too late.
    pub late: u64,
    /// Decoded pictures that were never shown because a later one was due.
    pub dropped: u64,
    /// Rounds of the engine's thread, which makes the frame that is due in each: while nothing moves there
    /// is one every second all the same, so that a thread that hangs is told from one with nothing to do.
    pub rounds: u64,
}

/// The current that an output's LEDs draw, as far as it can be estimated.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputPower {
    /// The output's name.
    pub output: Arc<str>,
    /// After the limit.
    pub current: Milliamps,
    /// Whether the last frame had to be darkened.
    pub limited: bool,
}

/// An item that did not open, or broke off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// When, by the engine's clock.
    pub at: Duration,
    /// Which.
    pub item: ItemId,
    /// The file it plays, if it plays one.
    pub media: Option<MediaId>,
    /// A few words for it, as in [`CurrentItem`](crate::CurrentItem).
    pub title: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
}

/// Items that did not open, or broke off; one that is tried in every round counts each time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Failures {
    /// Since the start.
    pub total: u64,
    /// The last ones, 1,000 at most, oldest first.
    pub recent: VecDeque<Failure>,
}

/// Failures that are remembered.
const REMEMBERED: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Meters {
    frames: AtomicU64,
    late: AtomicU64,
    dropped: AtomicU64,
    rounds: AtomicU64,
    /// One for each output that has a power limit.
    power: Mutex<Vec<OutputPower>>,
    failures: Mutex<Failures>,
}

impl Meters {
    /// Counts a frame and returns its number, from 1.
    pub(crate) fn frame(&self) -> u64 {
        self.frames.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn late(&self, frames: u64) {
        self.late.fetch_add(frames, Ordering::Relaxed);
    }

    pub(crate) fn dropped(&self, pictures: u64) {
        self.dropped.fetch_add(pictures, Ordering::Relaxed);
    }

    pub(crate) fn round(&self) {
        self.rounds.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn counters(&self) -> EngineCounters {
        EngineCounters {
            frames: self.frames.load(Ordering::Relaxed),
            late: self.late.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            rounds: self.rounds.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn failed(&self, failure: Failure) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.total += 1;
        if failures.recent.len() >= REMEMBERED {
            failures.recent.pop_front();
        }
        failures.recent.push_back(failure);
    }

    /// Of those remembered, the ones that `wanted` picks.
    pub(crate) fn failures(&self, wanted: impl Fn(&Failure) -> bool) -> Failures {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = failures.recent.iter().filter(|failure| wanted(failure)).cloned().collect();
        Failures { total: failures.total, recent }
    }

    pub(crate) fn power(&self) -> Vec<OutputPower> {
        self.power.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lets `change` loose on the readings, which are the engine's to arrange.
    pub(crate) fn with_power(&self, change: impl FnOnce(&mut Vec<OutputPower>)) {
        change(&mut self.power.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
