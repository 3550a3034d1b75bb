//! Text as a playlist item.

use serde::{Deserialize, Serialize};

use crate::frame::Rgb8;

/// Words on the wall.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// What it says; line breaks are kept.
    pub text: String,
    /// Family name of an installed font; `None`, or one that is not installed, is the bundled bitmap font.
    #[serde(default)]
    pub font: Option<String>,
    /// Height of a line as a fraction of the canvas height, 0.05 to 1.
    #[serde(default = "Text::default_size")]
    pub size: f32,
    /// Letters, sRGB.
    #[serde(default = "Text::default_colour")]
    pub colour: Rgb8,
    /// Behind the letters, sRGB.
    #[serde(default)]
    pub background: Rgb8,
    /// Where short lines stand.
    #[serde(default)]
    pub align: Align,
    /// How the text moves.
    #[serde(default)]
    pub motion: Motion,
}

impl Text {
    /// Most characters a text item may have.
    pub const MAX_CHARS: usize = 2000;

    /// Line height used when none is given.
    pub fn default_size() -> f32 {
        0.3
    }

    /// Letter colour used when none is given: white.
    pub fn default_colour() -> Rgb8 {
        [255; 3]
    }
}

/// Horizontal alignment of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Align {
    Left,
    #[default]
    Centre,
    Right,
}

/// How a text moves.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Motion {
    /// It stands.
    #[default]
    Static,
    /// It runs from right to left, in on one side and out on the other, over and over.
    Scroll {
        /// Canvas widths a second, 0.01 to 10.
        speed: f32,
    },
    /// It comes and goes.
    Fade {
        /// Seconds from dark to light to dark, 0.2 to 60.
        period: f32,
    },
}
