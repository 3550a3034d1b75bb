//! Where a frame waits for its output: one place, the newest wins.
//!
//! Three buffers go round: one that is being filled, one that waits, one that is being sent. Whoever
//! changes one swaps it under the lock, which is never held longer than that, so neither side waits for
//! the other.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The place between a sink and its thread.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: T,
    fresh: bool,
    news: bool,
    closing: bool,
    ended: bool,
    /// The thread holds the frame back for the frame rate's sake.
    resting: bool,
}

/// What there is for the thread to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    /// A frame waits.
    pub(crate) fresh: bool,
    /// Something changed about a host. Seen once.
    pub(crate) news: bool,
    /// The sink is gone.
    pub(crate) closing: bool,
}

/// What a waiting thread wakes up for, beside the end of the wait and the sink's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interest {
    /// A frame and news of hosts.
    Frames,
    /// News of hosts; a frame that comes meanwhile has not missed anything.
    Resting,
    /// News of hosts; there is nowhere to send a frame to.
    News,
    /// Nothing: a frame is being sent.
    Nothing,
}

impl<T> Slot<T> {
    /// A slot without a frame; `spare` is the buffer in it.
    pub(crate) fn new(spare: T) -> Self {
        let state = State {
            waiting: spare,
            fresh: false,
            news: false,
            closing: false,
            ended: false,
            resting: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Puts the frame in, taking what was there in exchange. Returns whether that was a frame which missed
    /// its turn.
    pub(crate) fn submit(&self, frame: &mut T) -> bool {
        let mut state = self.lock();
        std::mem::swap(&mut state.waiting, frame);
        let missed = state.fresh && !state.resting;
        state.fresh = true;
        drop(state);
        self.changed.notify_all();
        missed
    }

    /// Takes the frame that waits, if one does, in exchange for another buffer.
    pub(crate) fn take(&self, frame: &mut T) -> bool {
        let mut state = self.lock();
        if state.fresh {
            std::mem::swap(&mut state.waiting, frame);
        }
        std::mem::take(&mut state.fresh)
    }

    /// Says that something changed about a host.
    pub(crate) fn announce(&self) {
        self.lock().news = true;
        self.changed.notify_all();
    }

    /// Looks without waiting.
    pub(crate) fn look(&self) -> Seen {
        let mut state = self.lock();
        Seen { fresh: state.fresh, news: std::mem::take(&mut state.news), closing: state.closing }
    }

    /// Waits until there is something of interest, the sink is gone, or the time has come.
    pub(crate) fn wait(&self, until: Option<Instant>, interest: Interest) {
        let mut state = self.lock();
        state.resting = interest == Interest::Resting;
        loop {
            let wanted = match interest {
                Interest::Frames => state.fresh || state.news,
                Interest::Resting | Interest::News => state.news,
                Interest::Nothing => false,
            };
            if wanted || state.closing {
                break;
            }
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            state = match left {
                Some(Duration::ZERO) => break,
                Some(left) => {
                    self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
        state.resting = false;
    }

    /// Says that the sink is gone, and waits for the thread's end at most so long. Returns whether it came.
    pub(crate) fn close(&self, at_most: Duration) -> bool {
        let mut state = self.lock();
        state.closing = true;
        self.changed.notify_all();
        let until = Instant::now() + at_most;
        while !state.ended {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state =
                self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.ended
    }

    /// Says that the thread is at its end.
    pub(crate) fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing that could leave the state half changed happens under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_frame_wins_and_the_lost_one_is_told() {
        let slot = Slot::new(0);
        assert!(!slot.submit(&mut 1));
        assert!(slot.submit(&mut 2));
        let mut front = 0;
        assert!(slot.take(&mut front));
        assert_eq!(front, 2);
        assert!(!slot.take(&mut front), "it is there once");
        assert_eq!(front, 2);
        assert!(!slot.submit(&mut 3));
    }

    #[test]
    fn buffers_go_round() {
        let slot = Slot::new('a');
        let (mut back, mut front) = ('b', 'c');
        for n in 0..20 {
            slot.submit(&mut back);
            if n % 3 == 0 {
                slot.take(&mut front);
            }
            assert_ne!(back, front);
        }
    }

    #[test]
    fn news_are_seen_once_and_end_a_wait() {
        let slot = Slot::new(());
        slot.announce();
        slot.wait(None, Interest::News);
        assert!(slot.look().news);
        assert!(!slot.look().news);
    }

    #[test]
    fn closing_ends_every_wait_and_waits_for_the_end() {
        let slot = Slot::new(());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                slot.wait(None, Interest::Nothing);
                slot.end();
            });
            assert!(slot.close(Duration::from_secs(60)));
        });
        assert!(!Slot::new(()).close(Duration::ZERO), "nobody ended");
    }
}
