//! What is known of a media file without playing it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::unit::Size;

/// How a file plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MediaKind {
    /// One picture.
    Still,
    /// Pictures with times of their own and a loop count (GIF, APNG, animated WebP).
    Animation,
    /// Whatever ffmpeg decodes.
    Video,
}

/// What a probe found in a media file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaInfo {
    /// How it plays.
    pub kind: MediaKind,
    /// Short format name as the decoder calls it: `png`, `gif`, `h264` …
    pub format: String,
    /// Size as shown, after orientation.
    pub size: Size,
    /// Time for one run through, unknown for some streams; `None` for a still.
    pub duration: Option<Duration>,
    /// Average frames per second of a video.
    pub fps: Option<f32>,
    /// How often an animation runs; `None` is for ever. 1 for stills and videos.
    pub loops: Option<u32>,
}

/// How a picture that has another shape than the canvas is fitted to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Fit {
    /// Fill the canvas, cut off what stands out.
    #[default]
    Cover,
    /// Show all of it, black beside it.
    Contain,
    /// Fill the canvas, bend the shape.
    Stretch,
}
