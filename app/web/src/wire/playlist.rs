//! Playlists and their items.

use std::time::Duration;

use prismatron_core::id::ItemId;
use prismatron_core::media::Fit as DomainFit;
use prismatron_core::playlist as domain;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::content::Content;
use super::transition::Transition;
use super::{Invalid, mirror, seconds};

/// Longest and shortest time an item may be given.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const SHORTEST: Duration = Duration::from_millis(50);

mirror! {
    /// In which order items are played.
    Order = domain::Order {
        /// As they stand.
        Listed,
        /// Each once a round, in a new order every round.
        Shuffled,
    }
}

mirror! {
    /// What happens after the last item.
    Repeat = domain::Repeat {
        /// Playback stops.
        Off,
        /// The same item again and again.
        One,
        /// From the start.
        All,
    }
}

mirror! {
    /// How a picture that has another shape than the canvas is fitted to it.
    Fit = DomainFit {
        /// Fill the canvas, cut off what stands out.
        Cover,
        /// Show all of it, black beside it.
        Contain,
        /// Fill the canvas, bend the shape.
        Stretch,
    }
}

/// All playlists.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlaylistList {
    /// By name.
    pub(crate) playlists: Vec<PlaylistSummary>,
}

/// A playlist without its items.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlaylistSummary {
    pub(crate) id: String,
    pub(crate) name: String,
    /// How many items it has.
    pub(crate) items: usize,
    /// Time for one round, where every item's is known.
    #[schema(required = true)]
    pub(crate) duration_seconds: Option<f64>,
    pub(crate) order: Order,
    pub(crate) repeat: Repeat,
    /// Whether it is the one that is played.
    pub(crate) active: bool,
}

/// A playlist.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Playlist {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) order: Order,
    pub(crate) repeat: Repeat,
    /// Whether it is the one that is played.
    pub(crate) active: bool,
    /// Grows with every change; the same as the `ETag`.
    pub(crate) revision: u64,
    pub(crate) items: Vec<Item>,
}

/// An item of a playlist.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Item {
    pub(crate) id: String,
    /// A few words for people: the file's name, the text, the effect's title.
    pub(crate) title: String,
    /// Why it is skipped, if it is.
    #[schema(required = true)]
    pub(crate) problem: Option<String>,
    pub(crate) content: Content,
    /// How long it was told to be shown; null is as long as it lasts by itself.
    #[schema(required = true)]
    pub(crate) duration_seconds: Option<f64>,
    pub(crate) fit: Fit,
    pub(crate) transition: Transition,
}

/// An item to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewItem {
    pub(crate) content: Content,
    /// How long it is shown, 0.05 to 604800; null or left out is one run of a video, all loops of an
    /// animation, and 10 seconds of anything else.
    #[serde(default)]
    pub(crate) duration_seconds: Option<f64>,
    /// `cover` when left out.
    #[serde(default)]
    pub(crate) fit: Option<Fit>,
    /// The way in from the item before; a crossfade of one second when left out.
    #[serde(default)]
    pub(crate) transition: Option<Transition>,
}

impl NewItem {
    /// The item under an id.
    pub(crate) fn into_item(self, id: ItemId) -> Result<domain::Item, Invalid> {
        let duration = self
            .duration_seconds
            .map(|value| seconds("duration_seconds", value, SHORTEST, LONGEST))
            .transpose()?;
        let transition = match self.transition {
            Some(transition) => {
                transition.try_into().map_err(|error: Invalid| error.within("transition"))?
            }
            None => prismatron_core::transition::Transition::default(),
        };
        Ok(domain::Item {
            id,
            content: self.content.try_into().map_err(|error: Invalid| error.within("content"))?,
            duration,
            fit: self.fit.map(Into::into).unwrap_or_default(),
            transition,
        })
    }
}

/// A playlist to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPlaylist {
    pub(crate) name: String,
}

/// A playlist as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WholePlaylist {
    pub(crate) name: String,
    /// `listed` when left out.
    #[serde(default)]
    pub(crate) order: Option<Order>,
    /// `all` when left out.
    #[serde(default)]
    pub(crate) repeat: Option<Repeat>,
    pub(crate) items: Vec<NewItem>,
}

/// What is to change of a playlist; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlaylistChange {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) order: Option<Order>,
    #[serde(default)]
    pub(crate) repeat: Option<Repeat>,
}

/// Items to put into a playlist.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewItems {
    pub(crate) items: Vec<NewItem>,
    /// Id of the item they go before; at the end when left out.
    #[serde(default)]
    pub(crate) before: Option<String>,
}

/// Some items of a playlist.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemSelection {
    /// Their ids.
    pub(crate) items: Vec<String>,
}

/// What is to change of some items; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemChange {
    /// Their ids.
    pub(crate) items: Vec<String>,
    /// How long each is shown, 0.05 to 604800; null is as long as it lasts by itself.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    pub(crate) duration_seconds: Option<Option<f64>>,
    #[serde(default)]
    pub(crate) fit: Option<Fit>,
    #[serde(default)]
    pub(crate) transition: Option<Transition>,
}

/// A value that is there, be it null.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl ItemChange {
    /// What it does to each of the items.
    pub(crate) fn checked(self) -> Result<impl Fn(&mut domain::Item), Invalid> {
        let duration = match self.duration_seconds {
            Some(Some(value)) => Some(Some(seconds("duration_seconds", value, SHORTEST, LONGEST)?)),
            Some(None) => Some(None),
            None => None,
        };
        let fit = self.fit.map(Into::into);
        let transition = match self.transition {
            Some(transition) => {
                Some(transition.try_into().map_err(|error: Invalid| error.within("transition"))?)
            }
            None => None,
        };
        Ok(move |item: &mut domain::Item| {
            item.duration = duration.unwrap_or(item.duration);
            item.fit = fit.unwrap_or(item.fit);
            item.transition = transition.unwrap_or(item.transition);
        })
    }
}

/// What came of a playlist's file.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportedPlaylist {
    pub(crate) playlist: Playlist,
    /// Names of files that it plays and that are not here: upload them, and import it again.
    pub(crate) missing_media: Vec<String>,
}

/// A new order of the items.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemOrder {
    /// The ids of all items.
    pub(crate) items: Vec<String>,
}

/// Where to begin when a playlist is activated.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Activation {
    /// Id of an item; the first when left out.
    #[serde(default)]
    pub(crate) item: Option<String>,
}
