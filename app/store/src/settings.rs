//! What is set on the page and overrides the configuration.

use std::path::Path;

use prismatron_core::colour::ColourSettings;
use prismatron_core::id::PlaylistId;
use prismatron_core::layout::Layout;
use prismatron_core::output::OutputSpec;
use serde::{Deserialize, Serialize};

use crate::document::Format;
use crate::error::StoreError;
use crate::folders::Folders;
use crate::{file, rules};

/// What is set on the page. `None` leaves it to the configuration.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Colours of the whole wall.
    pub colour: ColourSettings,
    /// The playlist that is played.
    pub active: Option<PlaylistId>,
    /// Where the LEDs are.
    pub layout: Option<Layout>,
    /// Who they are told by.
    pub outputs: Option<Vec<OutputSpec>>,
}

impl Settings {
    pub(crate) const FORMAT: Format = Format { kind: "settings", version: 1 };
    pub(crate) const FILE: &str = "settings.ron";

    /// Holds the settings against the rules; outputs without a name get that of their first host.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn settle(&mut self) -> Result<(), StoreError> {
        rules::check_colour(&self.colour)?;
        rules::settle_outputs(self.outputs.as_deref_mut().unwrap_or_default())
    }
}

/// The settings of a data directory, for a program beside the running one: takes no lock and changes
/// nothing. The defaults where there are none.
///
/// # Errors
/// They cannot be read, or are damaged.
pub fn settings(data_dir: &Path) -> Result<Settings, StoreError> {
    let path = Folders::at(data_dir).playlists.join(Settings::FILE);
    Ok(file::peek(&path, Settings::FORMAT)?.unwrap_or_default())
}
