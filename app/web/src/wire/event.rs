//! What is said over the WebSocket of events.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::status::Status;

/// What the server tells, as text. Preview frames are binary: version 1, 0, 0, 0, a sequence number (u32,
/// little-endian), then red, green and blue of each LED, linear light as sent to the LEDs.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Event<'a> {
    /// How everything is: at once, on every change and at least each two seconds.
    Status {
        #[schema(inline = false)]
        status: &'a Status,
    },
    /// The library has changed.
    Library,
    /// A playlist has changed.
    Playlists,
    /// The schedule has changed.
    Schedule,
    /// The LEDs are somewhere else now, or other outputs show them.
    Layout,
}

/// What a client asks, as text.
#[derive(Debug, PartialEq, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = EventRequest)]
pub(crate) enum Request {
    /// Send preview frames.
    Preview {
        /// At most this many a second; 0 is none, more than 30 is 30.
        fps: f32,
    },
}
