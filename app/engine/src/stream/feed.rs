//! The decoding side of a stream.

use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError};
use prismatron_core::frame::Frame;
use prismatron_core::port::{Decoder, MediaError, MediaFault};
use prismatron_core::unit::Size;

use super::{BUFFERS, Event, Order};
use crate::wake::Waker;

/// Least time between two pictures where a media does not tell.
const SHORTEST: Duration = Duration::from_millis(1);

/// Decodes ahead until its stream is dropped.
pub(crate) struct Feed {
    decoder: Box<dyn Decoder>,
    size: Size,
    /// Time for all of the media, where it is known.
    duration: Option<Duration>,
    waker: Waker,
    events: Sender<Event>,
    spare: Receiver<Frame>,
    orders: Receiver<Order>,
    /// Buffers made so far.
    made: usize,
    /// A buffer that was not filled.
    empty: Option<Frame>,
    /// An event there was no room for.
    waiting: Option<Event>,
    state: State,
    take: u32,
    looping: bool,
    /// Stream time at which the run through the media that is under way began.
    offset: Duration,
    /// Whether this run began at the start of the media.
    whole: bool,
    /// Media time of the last picture of this run, and the time from the one before.
    last: Option<(Duration, Duration)>,
    /// Whether the player has heard of this take.
    heard: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Decoding,
    /// At the end, which is this stream time.
    Ended(Duration),
    /// The decoder is not to be asked again.
    Failed,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Something was done.
    Onward,
    /// Nothing can be done until the stream takes a picture or gives an order.
    Blocked,
    /// The stream is gone.
    Over,
}

impl Feed {
    pub(super) fn new(
        decoder: Box<dyn Decoder>,
        size: Size,
        duration: Option<Duration>,
        waker: Waker,
        events: Sender<Event>,
        spare: Receiver<Frame>,
        orders: Receiver<Order>,
    ) -> Self {
        Self {
            decoder,
            size,
            duration,
            waker,
            events,
            spare,
            orders,
            made: 0,
            empty: None,
            waiting: None,
            state: State::Decoding,
            take: 0,
            looping: false,
            offset: Duration::ZERO,
            whole: true,
            last: None,
            heard: false,
        }
    }

    /// Decodes until the stream is dropped.
    pub(crate) fn run(mut self) {
        while self.step(true) != Flow::Over {}
    }

    /// Does the next thing there is to do; waits until it can be done if `wait`.
    pub(crate) fn step(&mut self, wait: bool) -> Flow {
        loop {
            match self.orders.try_recv() {
                Ok(order) => self.follow(order),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Flow::Over,
            }
        }
        if let Some(event) = self.waiting.take() {
            return self.send(event, wait);
        }
        if self.state != State::Decoding {
            if !wait {
                return Flow::Blocked;
            }
            return match self.orders.recv() {
                Ok(order) => {
                    self.follow(order);
                    Flow::Onward
                }
                Err(_) => Flow::Over,
            };
        }
        match self.buffer(wait) {
            Ok(buffer) => {
                self.decode(buffer);
                Flow::Onward
            }
            Err(flow) => flow,
        }
    }

    fn send(&mut self, event: Event, wait: bool) -> Flow {
        // The first picture is waited for, and nobody looks at the clock for an end or a failure.
        let urgent = !self.heard || !matches!(event, Event::Picture { .. });
        if wait {
            if self.events.send(event).is_err() {
                return Flow::Over;
            }
        } else {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.waiting = Some(event);
                    return Flow::Blocked;
                }
                Err(TrySendError::Disconnected(_)) => return Flow::Over,
            }
        }
        if urgent {
            self.heard = true;
            self.waker.wake();
        }
        Flow::Onward
    }

    fn buffer(&mut self, wait: bool) -> Result<Frame, Flow> {
        if let Some(frame) = self.empty.take() {
            return Ok(frame);
        }
        match self.spare.try_recv() {
            Ok(frame) => return Ok(frame),
            Err(TryRecvError::Disconnected) => return Err(Flow::Over),
            Err(TryRecvError::Empty) => {}
        }
        if self.made < BUFFERS {
            self.made += 1;
            return Ok(Frame::new(self.size));
        }
        if !wait {
            return Err(Flow::Blocked);
        }
        self.spare.recv().map_err(|_| Flow::Over)
    }

    fn decode(&mut self, mut frame: Frame) {
        match self.decoder.next(&mut frame) {
            Ok(Some(pts)) => {
                let step = match self.last {
                    Some((before, step)) if pts <= before => step,
                    Some((before, _)) => pts - before,
                    None => SHORTEST,
                };
                self.last = Some((pts, step));
                self.waiting =
                    Some(Event::Picture { take: self.take, pts: self.offset + pts, frame });
            }
            Ok(None) => {
                self.empty = Some(frame);
                self.finish();
            }
            Err(error) => {
                self.empty = Some(frame);
                self.fail(error);
            }
        }
    }

    fn finish(&mut self) {
        let shown = self.last.map_or(Duration::ZERO, |(pts, step)| pts + step);
        let end = self.offset + self.duration.unwrap_or(shown);
        if self.last.is_none() && self.whole {
            self.fail(MediaError::new(MediaFault::Broken, "it has no pictures"));
        } else if self.looping {
            self.begin_anew(end);
        } else {
            self.state = State::Ended(end);
            self.waiting = Some(Event::End { take: self.take, at: end });
        }
    }

    fn begin_anew(&mut self, at: Duration) {
        match self.decoder.seek(Duration::ZERO) {
            Ok(()) => {
                self.offset = at;
                self.whole = true;
                self.last = None;
                self.state = State::Decoding;
            }
            Err(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: MediaError) {
        self.state = State::Failed;
        self.waiting = Some(Event::Failed(error));
    }

    fn follow(&mut self, order: Order) {
        match (order, self.state) {
            (Order::Loop(looping), state) => {
                self.looping = looping;
                if let (true, State::Ended(at)) = (looping, state) {
                    // The end may not have been told yet; pictures that follow it take it back.
                    self.waiting = None;
                    self.begin_anew(at);
                }
            }
            (Order::Seek { .. }, State::Failed) => {}
            (Order::Seek { take, to }, _) => {
                if let Some(Event::Picture { frame, .. }) = self.waiting.take() {
                    self.empty = Some(frame);
                }
                let run = self.duration.filter(|run| !run.is_zero() && self.looping && to >= *run);
                let into = run.map_or(to, |run| {
                    Duration::from_nanos((to.as_nanos() % run.as_nanos()) as u64)
                });
                self.take = take;
                self.offset = to - into;
                self.whole = into.is_zero();
                self.last = None;
                self.heard = false;
                self.state = State::Decoding;
                if let Err(error) = self.decoder.seek(into) {
                    self.fail(error);
                }
            }
        }
    }
}
