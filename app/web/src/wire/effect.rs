//! The catalogue of effects, and fonts.

use prismatron_core::effect::{EffectSpec, ParamKind, ParamSpec};
use serde::Serialize;
use utoipa::ToSchema;

use super::Colour;

/// The catalogue of effects.
#[derive(Serialize, ToSchema)]
pub(crate) struct EffectList {
    pub(crate) effects: Vec<Effect>,
}

/// An effect and the parameters it takes.
#[derive(Serialize, ToSchema)]
pub(crate) struct Effect {
    /// Name in playlists.
    pub(crate) name: &'static str,
    /// A few words for people.
    pub(crate) title: &'static str,
    /// In the order a form shows them.
    pub(crate) params: Vec<Param>,
}

/// A parameter of an effect.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Param {
    /// A number.
    Number {
        name: &'static str,
        title: &'static str,
        min: f32,
        max: f32,
        default: f32,
        /// Unit for people, or empty.
        unit: &'static str,
    },
    /// A colour.
    Colour { name: &'static str, title: &'static str, default: Colour },
    /// One of these names.
    Choice {
        name: &'static str,
        title: &'static str,
        options: Vec<&'static str>,
        default: &'static str,
    },
    /// On or off.
    Switch { name: &'static str, title: &'static str, default: bool },
}

impl From<&EffectSpec> for Effect {
    fn from(spec: &EffectSpec) -> Self {
        Self {
            name: spec.name,
            title: spec.title,
            params: spec.params.iter().map(Param::from).collect(),
        }
    }
}

impl From<&ParamSpec> for Param {
    fn from(&ParamSpec { name, title, kind }: &ParamSpec) -> Self {
        match kind {
            ParamKind::Number { min, max, default, unit } => {
                Self::Number { name, title, min, max, default, unit }
            }
            ParamKind::Colour { default } => Self::Colour { name, title, default: Colour(default) },
            ParamKind::Choice { options } => Self::Choice {
                name,
                title,
                options: options.to_vec(),
                default: options.first().copied().unwrap_or_default(),
            },
            ParamKind::Switch { default } => Self::Switch { name, title, default },
        }
    }
}

/// Fonts that texts can name.
#[derive(Serialize, ToSchema)]
pub(crate) struct FontList {
    /// Family names.
    pub(crate) fonts: Vec<String>,
}
