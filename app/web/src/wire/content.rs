//! What an item plays.

use std::collections::BTreeMap;

use prismatron_core::effect::{Effect, ParamValue as DomainParam};
use prismatron_core::playlist as domain;
use prismatron_core::text::{self, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Colour, Invalid, id, mirror, number};

/// What an item plays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Content {
    /// A file of the library.
    Media {
        /// Its id.
        media: String,
    },
    /// Words.
    Text {
        /// What it says; line breaks are kept. At most 2000 characters.
        #[schema(max_length = 2000)]
        text: String,
        /// Family name of an installed font; left out, the bundled bitmap font.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        font: Option<String>,
        /// Height of a line as a fraction of the canvas height, 0.05 to 1.
        #[serde(default = "Text::default_size")]
        #[schema(minimum = 0.05, maximum = 1.0)]
        size: f32,
        /// Letters; white when left out.
        #[serde(default = "white")]
        colour: Colour,
        /// Behind the letters; black when left out.
        #[serde(default = "black")]
        background: Colour,
        /// Where short lines stand; `centre` when left out.
        #[serde(default = "centre")]
        align: Align,
        /// How the text moves; it stands when left out.
        #[serde(default = "still")]
        motion: Motion,
    },
    /// A generated picture.
    Effect {
        /// Name in the catalogue.
        effect: String,
        /// Parameters that differ from their defaults.
        #[serde(default)]
        params: BTreeMap<String, ParamValue>,
    },
}

fn white() -> Colour {
    Colour(Text::default_colour())
}

fn black() -> Colour {
    Colour([0; 3])
}

fn centre() -> Align {
    Align::Centre
}

fn still() -> Motion {
    Motion::Static {}
}

mirror! {
    /// Horizontal alignment of lines.
    Align = text::Align { Left, Centre, Right }
}

/// How a text moves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Motion {
    /// It stands.
    Static {},
    /// It runs from right to left, over and over.
    Scroll {
        /// Canvas widths a second, 0.01 to 10.
        #[schema(minimum = 0.01, maximum = 10.0)]
        speed: f32,
    },
    /// It comes and goes.
    Fade {
        /// Seconds from dark to light to dark, 0.2 to 60.
        #[schema(minimum = 0.2, maximum = 60.0)]
        period: f32,
    },
}

/// A value of an effect's parameter: a number, `"#rrggbb"`, the name of a choice, or true or false.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ParamValue {
    /// On or off.
    Switch(bool),
    /// A number.
    Number(f32),
    /// A colour or the name of a choice.
    Word(String),
}

impl From<DomainParam> for ParamValue {
    fn from(value: DomainParam) -> Self {
        match value {
            DomainParam::Number(number) => Self::Number(number),
            DomainParam::Colour(colour) => Self::Word(Colour(colour).into()),
            DomainParam::Choice(choice) => Self::Word(choice),
            DomainParam::Switch(on) => Self::Switch(on),
        }
    }
}

impl From<ParamValue> for DomainParam {
    fn from(value: ParamValue) -> Self {
        match value {
            ParamValue::Number(number) => Self::Number(number),
            ParamValue::Switch(on) => Self::Switch(on),
            ParamValue::Word(word) => match word.parse() {
                Ok(Colour(colour)) => Self::Colour(colour),
                Err(_) => Self::Choice(word),
            },
        }
    }
}

impl From<domain::Content> for Content {
    fn from(value: domain::Content) -> Self {
        match value {
            domain::Content::Media(media) => Self::Media { media: media.to_string() },
            domain::Content::Text(text) => Self::Text {
                text: text.text,
                font: text.font,
                size: text.size,
                colour: Colour(text.colour),
                background: Colour(text.background),
                align: text.align.into(),
                motion: match text.motion {
                    text::Motion::Static => Motion::Static {},
                    text::Motion::Scroll { speed } => Motion::Scroll { speed },
                    text::Motion::Fade { period } => Motion::Fade { period },
                },
            },
            domain::Content::Effect(effect) => Self::Effect {
                effect: effect.name,
                params: effect.params.into_iter().map(|(name, v)| (name, v.into())).collect(),
            },
        }
    }
}

impl TryFrom<Content> for domain::Content {
    type Error = Invalid;

    fn try_from(value: Content) -> Result<Self, Invalid> {
        Ok(match value {
            Content::Media { media } => Self::Media(id("media", &media)?),
            Content::Text { text, font, size, colour, background, align, motion } => {
                if text.trim().is_empty() {
                    return Err(Invalid::new("text", "must have something to read"));
                }
                if text.chars().count() > Text::MAX_CHARS {
                    let reason = format!("may have {} characters at most", Text::MAX_CHARS);
                    return Err(Invalid::new("text", reason));
                }
                Self::Text(Text {
                    text,
                    font: font.map(|font| super::name("font", &font)).transpose()?,
                    size: number("size", size, 0.05, 1.0)?,
                    colour: colour.0,
                    background: background.0,
                    align: align.into(),
                    motion: match motion {
                        Motion::Static {} => text::Motion::Static,
                        Motion::Scroll { speed } => text::Motion::Scroll {
                            speed: number("motion.speed", speed, 0.01, 10.0)?,
                        },
                        Motion::Fade { period } => text::Motion::Fade {
                            period: number("motion.period", period, 0.2, 60.0)?,
                        },
                    },
                })
            }
            Content::Effect { effect, params } => Self::Effect(Effect {
                name: effect,
                params: params.into_iter().map(|(name, value)| (name, value.into())).collect(),
            }),
        })
    }
}
