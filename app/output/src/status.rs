//! How outputs are doing, for whoever asks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use prismatron_core::recovery::{Recovery, Tally};

/// How an output is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputStatus {
    /// Its name.
    pub name: String,
    /// In a word.
    pub state: OutputState,
    /// The host in use, as configured.
    pub host: Option<String>,
    /// What is wrong or waited for, in words for people.
    pub message: Option<String>,
    /// Frames that went out, those sent again as keep-alives among them.
    pub frames: u64,
    /// Datagrams that went out.
    pub datagrams: u64,
    /// Bytes in those datagrams.
    pub bytes: u64,
    /// Frames that were replaced by a newer one before they could go out, not counting those the frame
    /// rate cap held back.
    pub dropped_frames: u64,
    /// Sends that failed.
    pub send_errors: u64,
    /// How often a host was given up for one further down the list.
    pub failovers: u64,
    /// What the probe of the host in use says; `None` without a probe or before its first word.
    pub alive: Option<bool>,
    /// What the host in use says it is.
    pub device: Option<String>,
}

/// How an output is doing, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputState {
    /// Switched off.
    Off,
    /// For a first frame, an address or the network.
    Waiting,
    /// Frames go out and nothing speaks against their arrival.
    Sending,
    /// Sends fail or the controller does not answer; it is tried on.
    Failing,
}

/// A sign of life of an output's thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulse {
    /// The output's name.
    pub name: String,
    /// Tells the threads of namesakes apart: one of them follows the other.
    pub thread: u64,
    /// Rounds it has made: several a second while it sends, and one every second when there is nothing to
    /// do, so that a thread that hangs is told from one that waits for a controller.
    pub rounds: u64,
}

/// Knows how every output is doing that was made by the same [`Outputs`](crate::Outputs).
#[derive(Debug, Clone, Default)]
pub struct StatusBoard {
    reports: Arc<Mutex<Vec<Weak<Report>>>>,
    remedies: Remedies,
}

/// What outputs do about hosts and networks that fail, counted for all of them together: they come and go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Remedies {
    /// Another socket to the same host.
    pub(crate) reopen: Tally,
    /// A host further down the list.
    pub(crate) next_host: Tally,
}

impl StatusBoard {
    /// All outputs in the order they were made. Of two with the same name only the newer is listed: the
    /// other is about to go.
    pub fn snapshot(&self) -> Vec<OutputStatus> {
        self.newest().iter().map(|report| report.snapshot()).collect()
    }

    /// A sign of life of each output that is switched on.
    pub fn pulses(&self) -> Vec<Pulse> {
        self.newest().iter().filter_map(|report| report.pulse()).collect()
    }

    /// How often a socket was opened anew to a host that could not be sent to, and how often frames went out
    /// again after that.
    pub fn reopened(&self) -> Recovery {
        self.remedies.reopen.read()
    }

    /// How often a host further down its output's list was turned to, and how often that one took frames.
    pub fn next_host(&self) -> Recovery {
        self.remedies.next_host.read()
    }

    pub(crate) fn remedies(&self) -> Remedies {
        self.remedies.clone()
    }

    fn newest(&self) -> Vec<Arc<Report>> {
        let reports: Vec<Arc<Report>> = self.lock().iter().filter_map(Weak::upgrade).collect();
        let newest = |i: usize| reports[i + 1..].iter().all(|later| later.name != reports[i].name);
        (0..reports.len()).filter(|&i| newest(i)).map(|i| Arc::clone(&reports[i])).collect()
    }

    /// Lists a new output for as long as its report is held.
    pub(crate) fn add(&self, report: &Arc<Report>) {
        let mut reports = self.lock();
        reports.retain(|report| report.strong_count() > 0);
        reports.push(Arc::downgrade(report));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Report>>> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one output writes down about itself. Counting takes no lock.
#[derive(Debug)]
pub(crate) struct Report {
    name: String,
    pub(crate) frames: AtomicU64,
    pub(crate) datagrams: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) dropped_frames: AtomicU64,
    pub(crate) send_errors: AtomicU64,
    pub(crate) failovers: AtomicU64,
    pub(crate) rounds: AtomicU64,
    thread: u64,
    /// Whether the sink is gone, and the thread told to end.
    left: AtomicBool,
    said: Mutex<Said>,
}

/// Number of the next report.
static THREADS: AtomicU64 = AtomicU64::new(0);

/// What changes seldom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) state: OutputState,
    pub(crate) host: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) alive: Option<bool>,
    pub(crate) device: Option<String>,
}

impl Report {
    pub(crate) fn new(name: &str, state: OutputState) -> Self {
        Self {
            name: name.to_owned(),
            frames: AtomicU64::new(0),
            datagrams: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            dropped_frames: AtomicU64::new(0),
            send_errors: AtomicU64::new(0),
            failovers: AtomicU64::new(0),
            rounds: AtomicU64::new(0),
            thread: THREADS.fetch_add(1, Ordering::Relaxed),
            left: AtomicBool::new(false),
            said: Mutex::new(Said { state, host: None, message: None, alive: None, device: None }),
        }
    }

    /// Writes down a change; logged where the state itself or the host is another.
    pub(crate) fn say(&self, now: Said) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = said.state != now.state || said.host != now.host;
        *said = now;
        if !changed {
            return;
        }
        let now = said.clone();
        drop(said);
        let host = now.host.as_deref().unwrap_or("none");
        let message = now.message.as_deref().unwrap_or("");
        match now.state {
            OutputState::Failing => tracing::warn!(host, message, "failing"),
            OutputState::Waiting => tracing::info!(host, message, "waiting"),
            OutputState::Sending => tracing::info!(host, message, "sending"),
            OutputState::Off => tracing::info!("off"),
        }
    }

    /// The thread is told to end: whether it does is seen to by whoever told it.
    pub(crate) fn leave(&self) {
        self.left.store(true, Ordering::Relaxed);
    }

    fn pulse(&self) -> Option<Pulse> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let expected = said.state != OutputState::Off && !self.left.load(Ordering::Relaxed);
        expected.then(|| Pulse {
            name: self.name.clone(),
            thread: self.thread,
            rounds: self.rounds.load(Ordering::Relaxed),
        })
    }

    fn snapshot(&self) -> OutputStatus {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        OutputStatus {
            name: self.name.clone(),
            state: said.state,
            host: said.host,
            message: said.message,
            frames: count(&self.frames),
            datagrams: count(&self.datagrams),
            bytes: count(&self.bytes),
            dropped_frames: count(&self.dropped_frames),
            send_errors: count(&self.send_errors),
            failovers: count(&self.failovers),
            alive: said.alive,
            device: said.device,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_lists_what_lives_and_the_newer_of_two_namesakes() {
        let board = StatusBoard::default();
        let old = Arc::new(Report::new("a", OutputState::Waiting));
        let other = Arc::new(Report::new("b", OutputState::Off));
        let new = Arc::new(Report::new("a", OutputState::Waiting));
        for report in [&old, &other, &new] {
            board.add(report);
        }
        new.frames.store(7, Ordering::Relaxed);
        let listed = |board: &StatusBoard| -> Vec<_> {
            board.snapshot().into_iter().map(|s| (s.name, s.frames)).collect()
        };
        assert_eq!(listed(&board), [("b".into(), 0), ("a".into(), 7)]);
        drop(new);
        assert_eq!(listed(&board), [("a".into(), 0), ("b".into(), 0)]);
    }

    #[test]
    fn only_threads_that_should_run_are_expected_to_show_life() {
        let board = StatusBoard::default();
        let on = Arc::new(Report::new("on", OutputState::Waiting));
        let off = Arc::new(Report::new("off", OutputState::Off));
        board.add(&on);
        board.add(&off);
        on.rounds.store(3, Ordering::Relaxed);
        let pulses = board.pulses();
        assert_eq!((pulses.len(), &*pulses[0].name, pulses[0].rounds), (1, "on", 3));
        let successor = Arc::new(Report::new("on", OutputState::Waiting));
        board.add(&successor);
        assert_ne!(board.pulses()[0].thread, pulses[0].thread);
        drop(successor);
        on.leave();
        assert!(board.pulses().is_empty());
    }
}
