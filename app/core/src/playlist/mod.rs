//! Playlists: what is in them and in which order it is played.

pub mod sequence;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::effect::Effect;
use crate::id::{ItemId, MediaId, PlaylistId};
use crate::media::Fit;
use crate::text::Text;
use crate::transition::Transition;

/// A named list of things to play.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Playlist {
    /// Never changes.
    pub id: PlaylistId,
    /// What people call it.
    pub name: String,
    /// In the order they were put.
    pub items: Vec<Item>,
    /// In which order they are played.
    #[serde(default)]
    pub order: Order,
    /// What happens at the end.
    #[serde(default)]
    pub repeat: Repeat,
}

impl Playlist {
    /// Most items a playlist may have.
    pub const MAX_ITEMS: usize = 5000;
}

/// One thing to play and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Never changes, unique within the playlist.
    pub id: ItemId,
    /// What is played.
    pub content: Content,
    /// How long; `None` is one run of a video, all loops of an animation, otherwise [`Item::DEFAULT_DURATION`].
    #[serde(default)]
    pub duration: Option<Duration>,
    /// How a picture is fitted to the canvas.
    #[serde(default)]
    pub fit: Fit,
    /// The way in from the item before.
    #[serde(default)]
    pub transition: Transition,
}

impl Item {
    /// How long something without an end of its own is shown.
    pub const DEFAULT_DURATION: Duration = Duration::from_secs(10);
}

/// What an item plays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Content {
    /// A file of the library.
    Media(MediaId),
    /// Words.
    Text(Text),
    /// A generated picture.
    Effect(Effect),
}

/// In which order items are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Order {
    /// As they stand.
    #[default]
    Listed,
    /// Each once a round, in a new order every round.
    Shuffled,
}

/// What happens after the last item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Repeat {
    /// Playback stops.
    Off,
    /// The same item again and again.
    One,
    /// From the start.
    #[default]
    All,
}
