//! What others may know of playback: published when it changes, never per frame.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use prismatron_core::colour::ColourSettings;
use prismatron_core::id::{ItemId, MediaId, PlaylistId};
use prismatron_core::playlist::sequence::Round;
use prismatron_core::playlist::{Content, Item};
use serde::{Deserialize, Serialize};

/// Whether light moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Time runs.
    Playing,
    /// The picture stands.
    Paused,
    /// The wall is black.
    Stopped,
}

/// Where playback stands, to go on there after a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The active playlist.
    pub playlist: PlaylistId,
    /// The item that was on.
    pub item: ItemId,
    /// How far into the item.
    pub elapsed: Duration,
    /// Whether it played.
    pub mode: Mode,
    /// The shuffled round it was on in.
    pub round: Round,
}

/// The item that is on, or about to be.
#[derive(Debug, Clone, PartialEq)]
pub struct CurrentItem {
    /// Its id.
    pub id: ItemId,
    /// Its place in the list, from 0.
    pub index: usize,
    /// The file it plays, if it plays one; its name is the library's to know.
    pub media: Option<MediaId>,
    /// A few words: the first line of a text, the name of an effect, the id of a file.
    pub title: Arc<str>,
}

impl CurrentItem {
    pub(crate) fn new(item: &Item, index: usize) -> Self {
        let (media, title) = match &item.content {
            Content::Media(id) => (Some(*id), Arc::from(id.to_string())),
            Content::Text(text) => (None, Arc::from(text.text.lines().next().unwrap_or_default())),
            Content::Effect(effect) => (None, Arc::from(effect.name.as_str())),
        };
        Self { id: item.id, index, media, title }
    }
}

/// All that is known of playback.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayerState {
    /// Whether light moves.
    pub mode: Mode,
    /// The active playlist and its name.
    pub playlist: Option<(PlaylistId, Arc<str>)>,
    /// What is on. While it is being opened, the item before it is still seen.
    pub item: Option<CurrentItem>,
    /// How long the item is on in all; `None` while that is not known.
    pub duration: Option<Duration>,
    /// How far into the item it was at `taken`.
    pub elapsed: Duration,
    /// The engine clock's time at which `elapsed` was true.
    pub taken: Duration,
    /// Whether `elapsed` grows with time: playing, and not waiting for the item to be opened.
    pub running: bool,
    /// The shuffled round under way.
    pub round: Option<Round>,
    /// Colour settings in force.
    pub colour: ColourSettings,
    /// Whether whoever runs the show wants no light.
    pub blackout: bool,
    /// Whether anything has been sent since the start; always so when nothing is to be played.
    pub first_frame_sent: bool,
    /// Items that could not be played, and why. They are skipped.
    pub broken: Arc<BTreeMap<ItemId, Arc<str>>>,
    /// Outputs that cannot work as they are configured, and why, by name.
    pub failed_outputs: Arc<BTreeMap<String, Arc<str>>>,
    /// Why nothing plays although it should.
    pub message: Option<Arc<str>>,
    /// Until when a test pattern is shown, by the engine's clock; `None` where there is none.
    pub sign: Option<Duration>,
}

impl PlayerState {
    /// Nothing to play.
    pub(crate) fn empty(colour: ColourSettings, taken: Duration) -> Self {
        Self {
            mode: Mode::Stopped,
            playlist: None,
            item: None,
            duration: None,
            elapsed: Duration::ZERO,
            taken,
            running: false,
            round: None,
            colour,
            blackout: false,
            first_frame_sent: false,
            broken: Arc::default(),
            failed_outputs: Arc::default(),
            message: None,
            sign: None,
        }
    }

    /// How far into the item playback is at a time of the engine's clock.
    pub fn position(&self, now: Duration) -> Duration {
        let run = if self.running { now.saturating_sub(self.taken) } else { Duration::ZERO };
        let position = self.elapsed.saturating_add(run);
        self.duration.map_or(position, |duration| position.min(duration))
    }

    /// What is kept for the next start; `None` where no item is on.
    pub fn standing(&self, now: Duration) -> Option<Position> {
        Some(Position {
            playlist: self.playlist.as_ref()?.0,
            item: self.item.as_ref()?.id,
            elapsed: self.position(now),
            mode: self.mode,
            round: self.round?,
        })
    }
}
