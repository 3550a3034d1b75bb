//! Looking at something before it is on the wall.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::content::Content;

/// What a client wants to see, as text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewRequest {
    /// A text or an effect.
    pub(crate) content: Content,
    /// At most this many frames a second; 25 when left out, more than 30 is 30.
    #[serde(default = "usual")]
    pub(crate) fps: f32,
}

fn usual() -> f32 {
    25.0
}

/// What the server tells beside frames, as text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum PreviewEvent {
    /// Frames of what was asked for last follow.
    Ready {
        /// LEDs of each.
        leds: usize,
    },
    /// It cannot be shown; something else may be asked for.
    Problem {
        /// Why, in words for people.
        detail: String,
    },
    /// It has been shown for a minute, and stands until something is asked for.
    Paused,
}
