//! The player, and what it can be told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::identify::Identifying;

/// What is playing.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Player {
    pub(crate) mode: Mode,
    /// The active playlist.
    #[schema(required = true)]
    pub(crate) playlist: Option<ActivePlaylist>,
    /// The item on the wall.
    #[schema(required = true)]
    pub(crate) item: Option<CurrentItem>,
    /// Since the start of the item.
    pub(crate) position_seconds: f64,
    /// How long the item is on, where known.
    #[schema(required = true)]
    pub(crate) duration_seconds: Option<f64>,
    /// Frames made since the start.
    pub(crate) frames: u64,
    /// Frames that were made too late to be on time.
    pub(crate) late_frames: u64,
    /// LEDs of the wall.
    pub(crate) leds: usize,
    /// What is seen in place of it.
    pub(crate) test_pattern: Identifying,
    /// 0 to 1.
    pub(crate) brightness: f32,
    /// Whether all light is taken away, whatever the brightness.
    pub(crate) blackout: bool,
    /// Items that are skipped, and why.
    pub(crate) problems: Vec<ItemProblem>,
}

/// Whether it plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// It plays.
    Playing,
    /// It stands still and shows the frame it stopped at.
    Paused,
    /// The wall is dark.
    Stopped,
}

/// The active playlist.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ActivePlaylist {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The item on the wall.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct CurrentItem {
    pub(crate) id: String,
    /// Where it stands in the playlist, from 0.
    pub(crate) index: usize,
    pub(crate) title: String,
    /// The effect's name, where it is one: the title is English.
    #[schema(required = true)]
    pub(crate) effect: Option<String>,
}

/// An item that is skipped.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct ItemProblem {
    /// Its id.
    pub(crate) item: String,
    pub(crate) reason: String,
}

/// Whether all light is taken away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Blackout {
    pub(crate) on: bool,
}

/// Where to go in the current item.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seek {
    /// From the start of the item.
    #[schema(minimum = 0)]
    pub(crate) position_seconds: f64,
}

/// Which item to go to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Jump {
    /// Its id.
    pub(crate) item: String,
}
