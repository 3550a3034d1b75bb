//! What the engine can be told.

use std::time::Duration;

use prismatron_core::colour::ColourSettings;
use prismatron_core::id::ItemId;
use prismatron_core::layout::Layout;
use prismatron_core::output::OutputSpec;
use prismatron_core::playlist::Playlist;
use prismatron_core::text::Text;
use prismatron_core::unit::Brightness;

use crate::player::Sign;

/// A change of playback, of the colours or of the wall.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Go on, or begin the item again after a stop.
    Play,
    /// Hold the picture.
    Pause,
    /// Go black; the item begins anew at the next play.
    Stop,
    /// On to the next item, in the mode that is on.
    Next,
    /// Back to the item before, in the mode that is on.
    Previous,
    /// To a time of the item; beyond its end is its end.
    Seek(Duration),
    /// To an item, and play.
    Jump(ItemId),
    /// Another playlist (or the same from its start), from an item or the first, and play.
    Activate {
        /// What is played from now on.
        playlist: Playlist,
        /// Where to begin.
        item: Option<ItemId>,
    },
    /// The active playlist as it is after an edit. The item that is on stays on if it still exists.
    Update(Playlist),
    /// No playlist any more.
    Deactivate,
    /// Other colours, at once.
    SetColour(ColourSettings),
    /// So much of the light that the colours give, as far as this one has a say: full takes it back.
    Dim(Dimmer, Brightness),
    /// Words of the appliance's own over whatever is on, or none any more.
    Caption(Option<Text>),
    /// A test pattern in place of whatever is on, or none any more.
    Identify(Option<Sign>),
    /// Other LEDs or other outputs.
    SetWall {
        /// Where the LEDs are.
        layout: Layout,
        /// Who shows them.
        outputs: Vec<OutputSpec>,
    },
}

/// Who may take light away for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimmer {
    /// The appliance's own hardware: a door, heat, a bright or dark room.
    Board,
    /// An update that is being installed.
    Update,
    /// Whoever runs the show, who wants no light for now.
    Operator,
}
