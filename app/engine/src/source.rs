//! What an item plays, once it is open.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use prismatron_core::frame::Frame;
use prismatron_core::port::{Generator, MediaError, MediaFault, Source};
use prismatron_core::unit::Size;

use crate::stream::{self, Feed, Stream};
use crate::wake::Waker;

/// An open source with the picture it shows.
pub(crate) enum Live {
    Still(Frame),
    Generated(Drawn),
    Stream(Box<Stream>),
}

/// A generated picture.
pub(crate) struct Drawn {
    generator: Box<dyn Generator>,
    frame: Frame,
    at: Option<Duration>,
    failure: Option<MediaError>,
}

/// An open source and what is known of it.
pub(crate) struct Opened {
    pub(crate) live: Live,
    pub(crate) size: Size,
    /// How long it is by itself.
    pub(crate) natural: Option<Duration>,
}

impl Opened {
    /// Makes a source ready to play; a stream also needs somebody to run its feed. May take a moment: the
    /// first generated picture is drawn here, so that later ones allocate nothing.
    pub(crate) fn new(source: Source, waker: Waker) -> (Self, Option<Feed>) {
        match source {
            Source::Still(frame) => {
                (Self { size: frame.size(), live: Live::Still(frame), natural: None }, None)
            }
            Source::Generated { generator, size } => {
                let frame = Frame::new(size);
                let mut drawn = Drawn { generator, frame, at: None, failure: None };
                drawn.draw(Duration::ZERO);
                (Self { live: Live::Generated(drawn), size, natural: None }, None)
            }
            Source::Stream { decoder, size, duration } => {
                let (feed, stream) = stream::split(decoder, size, duration, waker);
                let live = Live::Stream(Box::new(stream));
                (Self { live, size, natural: duration }, Some(feed))
            }
        }
    }
}

impl Drawn {
    fn draw(&mut self, at: Duration) -> bool {
        if self.at == Some(at) || self.failure.is_some() {
            return false;
        }
        self.at = Some(at);
        // An effect that panics is a broken item, not the end of the show.
        let draw = AssertUnwindSafe(|| self.generator.render(at, &mut self.frame));
        if catch_unwind(draw).is_err() {
            self.failure = Some(MediaError::new(MediaFault::Broken, "drawing it crashed"));
        }
        true
    }
}

impl Live {
    /// Moves on to the picture for a time; `true` if that is another one.
    pub(crate) fn advance(&mut self, at: Duration) -> bool {
        match self {
            Self::Still(_) => false,
            Self::Generated(drawn) => drawn.draw(at),
            Self::Stream(stream) => stream.advance(at),
        }
    }

    /// The picture that is on.
    pub(crate) fn picture(&mut self) -> Option<&Frame> {
        match self {
            Self::Still(frame) => Some(frame),
            Self::Generated(drawn) => Some(&drawn.frame),
            Self::Stream(stream) => stream.picture(),
        }
    }

    /// Whether there is a picture to begin with.
    pub(crate) fn is_ready(&mut self) -> bool {
        match self {
            Self::Still(_) | Self::Generated(_) => true,
            Self::Stream(stream) => stream.is_ready(),
        }
    }

    /// Whether the picture changes as time goes by.
    pub(crate) fn is_moving(&self) -> bool {
        match self {
            Self::Still(_) => false,
            Self::Generated(drawn) => drawn.failure.is_none(),
            Self::Stream(stream) => stream.is_live(),
        }
    }

    pub(crate) fn failure(&self) -> Option<&MediaError> {
        match self {
            Self::Still(_) => None,
            Self::Generated(drawn) => drawn.failure.as_ref(),
            Self::Stream(stream) => stream.failure(),
        }
    }

    /// When it is over by itself, once that has been seen.
    pub(crate) fn end(&self) -> Option<Duration> {
        match self {
            Self::Still(_) | Self::Generated(_) => None,
            Self::Stream(stream) => stream.end(),
        }
    }

    pub(crate) fn seek(&mut self, to: Duration) {
        if let Self::Stream(stream) = self {
            stream.seek(to);
        }
    }

    pub(crate) fn set_looping(&mut self, looping: bool) {
        if let Self::Stream(stream) = self {
            stream.set_looping(looping);
        }
    }

    pub(crate) fn take_dropped(&mut self) -> u64 {
        match self {
            Self::Still(_) | Self::Generated(_) => 0,
            Self::Stream(stream) => stream.take_dropped(),
        }
    }
}
