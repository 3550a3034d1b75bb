//! Where work is done that must not hold up a frame: opening sources, decoding them, and letting go of
//! things that take their time to end.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use prismatron_core::layout::Wall;
use prismatron_core::mapper::Mapper;
use prismatron_core::media::Fit;
use prismatron_core::playlist::Content;
use prismatron_core::port::{MediaError, MediaFault, OpenRequest, Opener};
use prismatron_core::unit::Size;

use crate::census::Census;
use crate::rig::MakeMapper;
use crate::source::Opened;
use crate::stream::Feed;
use crate::wake::Waker;

/// Sources opened at the same time. More than two only while openers hang.
const BENCHES: usize = 8;

/// A source to be opened.
pub(crate) struct Job {
    pub(crate) ticket: u64,
    /// Nobody wants it any more.
    pub(crate) cancelled: Arc<AtomicBool>,
    pub(crate) opener: Arc<dyn Opener>,
    pub(crate) content: Content,
    pub(crate) fit: Fit,
    pub(crate) wall: Arc<Wall>,
    pub(crate) detail: Size,
    pub(crate) make: MakeMapper,
    /// Frame sizes there are mappers for.
    pub(crate) mapped: Vec<Size>,
    pub(crate) waker: Waker,
}

/// What became of a job.
pub(crate) struct Done {
    pub(crate) ticket: u64,
    pub(crate) result: Result<Ready, MediaError>,
}

/// An open source, with a mapper for its size where there was none.
pub(crate) struct Ready {
    pub(crate) opened: Opened,
    /// The wall it was made for, and the mapper.
    pub(crate) mapper: Option<(Arc<Wall>, Box<dyn Mapper>)>,
}

impl Job {
    /// Does it; blocks as long as it takes. The feed, if there is one, is the caller's to run.
    pub(crate) fn run(self) -> (Done, Option<Feed>) {
        let ticket = self.ticket;
        let crashed = || Err(MediaError::new(MediaFault::Broken, "opening it crashed"));
        let opened = catch_unwind(AssertUnwindSafe(|| self.open())).unwrap_or_else(|_| crashed());
        match opened {
            Ok((ready, feed)) => (Done { ticket, result: Ok(ready) }, feed),
            Err(error) => (Done { ticket, result: Err(error) }, None),
        }
    }

    fn open(&self) -> Result<(Ready, Option<Feed>), MediaError> {
        let cancelled = || MediaError::new(MediaFault::Missing, "not wanted any more");
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(cancelled());
        }
        let source = self.opener.open(OpenRequest {
            content: &self.content,
            fit: self.fit,
            canvas: self.wall.canvas,
            detail: self.detail,
        })?;
        // What is not wanted ends here, where it holds up nobody.
        if self.cancelled.load(Ordering::Relaxed) {
            return Err(cancelled());
        }
        let (opened, feed) = Opened::new(source, self.waker.clone());
        let mapper = (!self.mapped.contains(&opened.size))
            .then(|| (Arc::clone(&self.wall), (self.make)(&self.wall, opened.size)));
        Ok((Ready { opened, mapper }, feed))
    }
}

/// Does jobs, sooner or later.
pub(crate) trait Workshop: Send {
    /// Begins a job, or has it wait.
    fn open(&mut self, job: Job);

    /// A job that is done, if there is one.
    fn done(&mut self) -> Option<Done>;

    /// Drops something somewhere else.
    fn discard(&mut self, thing: Box<dyn Send>);
}

/// The real workshop: a thread for each source, which goes on to decode it if it is a stream. One that
/// hangs is left to itself.
pub(crate) struct Threads {
    sender: Sender<Done>,
    receiver: Receiver<Done>,
    busy: usize,
    queue: VecDeque<Job>,
    census: Census,
}

impl Threads {
    pub(crate) fn new(census: Census) -> Self {
        let (sender, receiver) = unbounded();
        Self { sender, receiver, busy: 0, queue: VecDeque::new(), census }
    }

    fn begin(&mut self, job: Job) {
        self.busy += 1;
        let ticket = job.ticket;
        let (sender, presence) = (self.sender.clone(), self.census.enter());
        let work = move || {
            let waker = job.waker.clone();
            let (done, feed) = job.run();
            // If the engine is gone, so is its interest.
            if sender.send(done).is_ok() {
                drop(sender);
                waker.wake();
                if let Some(feed) = feed {
                    feed.run();
                }
            }
            drop(presence);
        };
        if let Err(error) = thread::Builder::new().name("source".into()).spawn(work) {
            let reason = format!("no thread to open it: {error}");
            let result = Err(MediaError::new(MediaFault::Io, reason));
            // The receiver is ours.
            let _ = self.sender.send(Done { ticket, result });
        }
    }
}

impl Workshop for Threads {
    fn open(&mut self, job: Job) {
        if self.busy < BENCHES {
            self.begin(job);
        } else {
            self.queue.retain(|job| !job.cancelled.load(Ordering::Relaxed));
            self.queue.push_back(job);
        }
    }

    fn done(&mut self) -> Option<Done> {
        let done = self.receiver.try_recv().ok()?;
        self.busy -= 1;
        self.queue.retain(|job| !job.cancelled.load(Ordering::Relaxed));
        if let Some(job) = self.queue.pop_front() {
            self.begin(job);
        }
        Some(done)
    }

    fn discard(&mut self, thing: Box<dyn Send>) {
        let presence = self.census.enter();
        let work = move || {
            drop(thing);
            drop(presence);
        };
        // Without a thread the closure, and the thing with it, is dropped here: late but well.
        let _ = thread::Builder::new().name("discard".into()).spawn(work);
    }
}
