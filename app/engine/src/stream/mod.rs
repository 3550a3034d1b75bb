//! A stream of decoded pictures: a decoder on a thread of its own, which runs ahead as far as its few
//! buffers reach and gets them back once they were shown.
//!
//! Terms: the [`Feed`] is the thread's side, the [`Stream`] the player's. A *take* is what is decoded
//! between one seek and the next; pictures of a take that is over are not shown. Times are stream times:
//! they go on growing when the media begins anew.

mod feed;

use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use prismatron_core::frame::Frame;
use prismatron_core::port::{Decoder, MediaError, MediaFault};
use prismatron_core::unit::Size;

pub(crate) use feed::Feed;
#[cfg(test)]
pub(crate) use feed::Flow;

use crate::wake::Waker;

/// Pictures decoded ahead.
const AHEAD: usize = 4;
/// Buffers of a stream: those ahead, one being shown, one being filled.
const BUFFERS: usize = AHEAD + 2;

/// What the feed tells the player.
#[derive(Debug)]
enum Event {
    Picture {
        take: u32,
        pts: Duration,
        frame: Frame,
    },
    /// There are no pictures from this time on, unless the media is begun anew.
    End {
        take: u32,
        at: Duration,
    },
    Failed(MediaError),
}

/// What the player tells the feed.
#[derive(Debug, Clone, Copy)]
enum Order {
    Seek {
        take: u32,
        to: Duration,
    },
    /// Whether to begin anew at the end.
    Loop(bool),
}

/// The player's side.
#[derive(Debug)]
pub(crate) struct Stream {
    events: Receiver<Event>,
    spare: Sender<Frame>,
    orders: Sender<Order>,
    take: u32,
    /// The picture that is on, of this take or (until the first one comes) an earlier one.
    shown: Option<Frame>,
    /// Whether `shown` is of this take.
    primed: bool,
    /// Whether `shown` has been used.
    used: bool,
    /// The picture after it, not due yet.
    next: Option<(Duration, Frame)>,
    ended: Option<Duration>,
    failed: Option<MediaError>,
    looping: bool,
    dropped: u64,
}

/// Takes a decoder apart into what decodes and what plays.
pub(crate) fn split(
    decoder: Box<dyn Decoder>,
    size: Size,
    duration: Option<Duration>,
    waker: Waker,
) -> (Feed, Stream) {
    let (event_sender, events) = bounded(AHEAD);
    let (spare, spare_receiver) = bounded(BUFFERS);
    let (orders, order_receiver) = unbounded();
    let feed =
        Feed::new(decoder, size, duration, waker, event_sender, spare_receiver, order_receiver);
    let stream = Stream {
        events,
        spare,
        orders,
        take: 0,
        shown: None,
        primed: false,
        used: false,
        next: None,
        ended: None,
        failed: None,
        looping: false,
        dropped: 0,
    };
    (feed, stream)
}

impl Stream {
    /// Moves on to the picture that is due at `at`; `true` if that is another one. The first picture of a
    /// take is due at once.
    pub(crate) fn advance(&mut self, at: Duration) -> bool {
        let mut changed = false;
        loop {
            let (pts, frame) = match self.next.take() {
                Some(next) => next,
                None => match self.receive() {
                    Some(picture) => picture,
                    None => return changed,
                },
            };
            if self.primed && pts > at {
                self.next = Some((pts, frame));
                return changed;
            }
            if self.primed && !self.used {
                self.dropped += 1;
            }
            if let Some(old) = self.shown.replace(frame) {
                self.recycle(old);
            }
            self.primed = true;
            self.used = false;
            changed = true;
        }
    }

    /// The picture that is on.
    pub(crate) fn picture(&mut self) -> Option<&Frame> {
        self.used = true;
        self.shown.as_ref()
    }

    /// Whether a picture of this take is there to be shown, or none will come.
    pub(crate) fn is_ready(&mut self) -> bool {
        if !self.primed && self.next.is_none() {
            self.next = self.receive();
        }
        self.primed || self.next.is_some() || self.ended.is_some() || self.failed.is_some()
    }

    /// Whether more pictures may come.
    pub(crate) fn is_live(&self) -> bool {
        self.failed.is_none() && (self.ended.is_none() || self.next.is_some())
    }

    /// When the last picture is over, once that is known.
    pub(crate) fn end(&self) -> Option<Duration> {
        self.ended
    }

    /// Why no more pictures come, if something broke.
    pub(crate) fn failure(&self) -> Option<&MediaError> {
        self.failed.as_ref()
    }

    /// Goes on from another time. The picture that is on stays until the one for that time is there.
    pub(crate) fn seek(&mut self, to: Duration) {
        self.take = self.take.wrapping_add(1);
        self.primed = false;
        self.ended = None;
        // A feed that is gone has said why, or will be found gone.
        let _ = self.orders.send(Order::Seek { take: self.take, to });
        if let Some((_, frame)) = self.next.take() {
            self.recycle(frame);
        }
        // Makes room, so that a feed waiting for it sees the order.
        while let Ok(event) = self.events.try_recv() {
            if let Some((_, frame)) = self.sort(event) {
                self.recycle(frame);
            }
        }
    }

    /// Whether the media begins anew when it is over.
    pub(crate) fn set_looping(&mut self, looping: bool) {
        if looping != self.looping {
            self.looping = looping;
            let _ = self.orders.send(Order::Loop(looping));
        }
    }

    /// Pictures never shown since this was last asked.
    pub(crate) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    fn receive(&mut self) -> Option<(Duration, Frame)> {
        use crossbeam_channel::TryRecvError::{Disconnected, Empty};
        loop {
            match self.events.try_recv() {
                Ok(event) => {
                    if let Some(picture) = self.sort(event) {
                        return Some(picture);
                    }
                }
                Err(Empty) => return None,
                Err(Disconnected) => {
                    let gone = || MediaError::new(MediaFault::Broken, "its decoder crashed");
                    self.failed.get_or_insert_with(gone);
                    return None;
                }
            }
        }
    }

    /// The picture of an event, if it has one of this take.
    fn sort(&mut self, event: Event) -> Option<(Duration, Frame)> {
        match event {
            Event::Picture { take, pts, frame } if take == self.take => {
                self.ended = None;
                return Some((pts, frame));
            }
            Event::Picture { frame, .. } => self.recycle(frame),
            Event::End { take, at } if take == self.take => self.ended = Some(at),
            Event::End { .. } => {}
            Event::Failed(error) => self.failed = Some(error),
        }
        None
    }

    fn recycle(&self, frame: Frame) {
        // There is room for every buffer there is; if the feed is gone the buffer goes too.
        let _ = self.spare.try_send(frame);
    }
}

#[cfg(test)]
mod tests;
