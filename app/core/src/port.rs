//! What the domain needs from outside, as traits: other crates fill them, `prismatron` plugs them in.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::frame::{Frame, Rgb8};
use crate::id::MediaId;
use crate::media::{Fit, MediaInfo};
use crate::output::OutputSpec;
use crate::playlist::Content;
use crate::unit::Size;

/// Monotonic time since some fixed moment. Tests hold their own.
pub trait Clock: Send + Sync {
    /// Time since the clock's start.
    fn now(&self) -> Duration;
}

/// Frames with times of their own, one after the other: a video or an animation.
pub trait Decoder: Send {
    /// Writes the next frame (resizing the buffer if it must) and returns its time from the start of the
    /// media, or `None` at the end. Blocks as long as decoding takes.
    ///
    /// # Errors
    /// The file is broken from here on; the decoder is not asked again.
    fn next(&mut self, frame: &mut Frame) -> Result<Option<Duration>, MediaError>;

    /// Goes on at the last frame at or before `at`; [`Duration::ZERO`] is the start.
    ///
    /// # Errors
    /// The decoder cannot be started again.
    fn seek(&mut self, at: Duration) -> Result<(), MediaError>;
}

/// Pictures made from the time alone. Allocates nothing after its first frame.
pub trait Generator: Send {
    /// Draws the picture for a time from its start. The frame has the size asked for when it was opened.
    fn render(&mut self, at: Duration, frame: &mut Frame);
}

/// Something opened, ready to be played.
pub enum Source {
    /// One picture.
    Still(Frame),
    /// A picture for any time.
    Generated {
        /// Draws it.
        generator: Box<dyn Generator>,
        /// Size of the frames it draws.
        size: Size,
    },
    /// Frames to be decoded, on a thread of their own.
    Stream {
        /// Decodes them.
        decoder: Box<dyn Decoder>,
        /// Size of the frames it gives.
        size: Size,
        /// Time for all of it including the media's own loops, where known and finite.
        duration: Option<Duration>,
    },
}

/// What is to be opened and how.
#[derive(Debug, Clone, Copy)]
pub struct OpenRequest<'a> {
    /// What a playlist item names.
    pub content: &'a Content,
    /// How a picture is fitted to the canvas.
    pub fit: Fit,
    /// The canvas.
    pub canvas: Size,
    /// As finely as this wall can show (same shape as the canvas, never larger); generated pictures are
    /// drawn at this size.
    pub detail: Size,
}

/// Opens content for playing. Called off the engine's thread; may take as long as it takes.
pub trait Opener: Send + Sync {
    /// Opens it.
    ///
    /// # Errors
    /// Why it cannot be played, in words for people.
    fn open(&self, request: OpenRequest<'_>) -> Result<Source, MediaError>;
}

/// Finds out what a file is.
pub trait Prober: Send + Sync {
    /// Reads as much as it takes to know what the file is and that it is whole.
    ///
    /// # Errors
    /// Why it cannot be played, in words for people.
    fn probe(&self, file: &Path) -> Result<MediaInfo, MediaError>;

    /// A small JPEG of what a probed file looks like.
    ///
    /// # Errors
    /// As for `probe`.
    fn thumbnail(&self, file: &Path, info: &MediaInfo) -> Result<Vec<u8>, MediaError>;
}

/// Finds the file of a library entry.
pub trait MediaLocator: Send + Sync {
    /// Its path and what the probe had found, or `None` where the library has no such entry.
    fn locate(&self, id: MediaId) -> Option<(PathBuf, MediaInfo)>;
}

/// Takes finished LED values. Never blocks: what has not gone out is replaced.
pub trait Sink: Send {
    /// Hands over one frame for the LEDs of this output, linear light, in wall order.
    fn submit(&mut self, leds: &[Rgb8]);
}

/// Makes the sink of an output. The sink ends what it started when it is dropped.
pub trait SinkFactory: Send {
    /// Makes the sink for `leds` LEDs.
    ///
    /// # Errors
    /// Only what no retry can mend; an unreachable controller is not an error.
    fn make(&self, spec: &OutputSpec, leds: usize) -> Result<Box<dyn Sink>, SinkError>;
}

/// LEDs on a bus of this machine, opened.
pub trait Strip: Send {
    /// Shows values for all its LEDs, in wall order, and tells how many bytes of the bus that took. Takes as long as
    /// the bus does.
    ///
    /// # Errors
    /// What the system said, and what to look at; the strip is opened anew then.
    fn show(&mut self, leds: &[Rgb8]) -> Result<usize, StripError>;

    /// What is to be known of it although it works, in words for people.
    fn notice(&self) -> Option<String>;
}

/// Opens LEDs on buses of this machine.
pub trait StripOpener: Send + Sync {
    /// Opens `leds` LEDs of an output whose protocol is [`Protocol::Spi`](crate::output::Protocol::Spi).
    ///
    /// # Errors
    /// What the system said, and what to look at. It may be there later.
    fn open(&self, spec: &OutputSpec, leds: usize) -> Result<Box<dyn Strip>, StripError>;
}

/// Why LEDs on a bus cannot be told anything, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StripError(pub String);

/// An output that can never work as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("output “{output}”: {reason}")]
pub struct SinkError {
    /// Its name.
    pub output: String,
    /// Why.
    pub reason: String,
}

/// Why media cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct MediaError {
    /// What kind of failure it is.
    pub fault: MediaFault,
    /// In words for people, naming what to do where something can be done.
    pub reason: String,
}

impl MediaError {
    /// An error of this kind with its reason.
    pub fn new(fault: MediaFault, reason: impl fmt::Display) -> Self {
        Self { fault, reason: reason.to_string() }
    }
}

/// Kinds of media failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaFault {
    /// The file or effect is not there.
    Missing,
    /// Not a kind of file that can be played.
    Unsupported,
    /// Not what it claims, cut off or damaged.
    Broken,
    /// It would decode to more than is allowed.
    TooLarge,
    /// A program it takes is not installed.
    ToolMissing,
    /// The operating system refused.
    Io,
}
