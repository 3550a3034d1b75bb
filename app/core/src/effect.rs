//! Generated pictures: what an effect is called and which parameters it takes. The drawing is in the media
//! crate; the schema is here, because the API describes it and playlists are checked against it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::frame::Rgb8;

/// An effect as a playlist holds it: its name and the parameters that differ from their defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// Name in the catalogue, such as `plasma`.
    pub name: String,
    /// Values by parameter name.
    #[serde(default)]
    pub params: BTreeMap<String, ParamValue>,
}

/// A value given for a parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ParamValue {
    /// A number.
    Number(f32),
    /// An sRGB colour.
    Colour(Rgb8),
    /// One of the named choices.
    Choice(String),
    /// On or off.
    Switch(bool),
}

/// What a parameter accepts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParamKind {
    /// A number from `min` to `max`.
    Number {
        /// Least value.
        min: f32,
        /// Greatest value.
        max: f32,
        /// Value when none is given.
        default: f32,
        /// Unit for people: `"Hz"`, `"°"`, or empty.
        unit: &'static str,
    },
    /// An sRGB colour.
    Colour {
        /// Value when none is given.
        default: Rgb8,
    },
    /// One of these names; the first is the default.
    Choice {
        /// All choices.
        options: &'static [&'static str],
    },
    /// On or off.
    Switch {
        /// Value when none is given.
        default: bool,
    },
}

/// A parameter of an effect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParamSpec {
    /// Name in playlists and in the API.
    pub name: &'static str,
    /// A few words for people.
    pub title: &'static str,
    /// Type, range and default.
    pub kind: ParamKind,
}

/// An effect of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectSpec {
    /// Name in playlists and in the API.
    pub name: &'static str,
    /// A few words for people.
    pub title: &'static str,
    /// Its parameters in the order a form shows them.
    pub params: &'static [ParamSpec],
}

/// Why an effect of a playlist does not agree with the catalogue.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EffectError {
    /// The catalogue has no such effect.
    #[error("there is no effect “{0}”")]
    UnknownEffect(String),
    /// The effect has no such parameter.
    #[error("effect “{effect}” has no parameter “{param}”")]
    UnknownParam {
        /// The effect.
        effect: &'static str,
        /// What was given.
        param: String,
    },
    /// The value is of another type or out of range.
    #[error("parameter “{param}” of effect “{effect}” takes {expected}")]
    BadValue {
        /// The effect.
        effect: &'static str,
        /// The parameter.
        param: &'static str,
        /// Type and range in words.
        expected: String,
    },
}

impl ParamKind {
    /// Whether the value is of this kind and in range.
    pub fn accepts(&self, value: &ParamValue) -> bool {
        match (self, value) {
            (Self::Number { min, max, .. }, ParamValue::Number(n)) => (*min..=*max).contains(n),
            (Self::Colour { .. }, ParamValue::Colour(_))
            | (Self::Switch { .. }, ParamValue::Switch(_)) => true,
            (Self::Choice { options }, ParamValue::Choice(c)) => options.contains(&c.as_str()),
            _ => false,
        }
    }

    /// Type and range in words, for an error message.
    pub fn describe(&self) -> String {
        match self {
            Self::Number { min, max, unit, .. } => format!("a number from {min} to {max} {unit}"),
            Self::Colour { .. } => "a colour".into(),
            Self::Choice { options } => format!("one of {}", options.join(", ")),
            Self::Switch { .. } => "true or false".into(),
        }
        .trim_end()
        .into()
    }
}

impl EffectSpec {
    /// Finds the effect in a catalogue and holds every given parameter against its schema.
    ///
    /// # Errors
    /// The first disagreement, naming effect, parameter and what would be accepted.
    pub fn check<'a>(catalogue: &'a [Self], effect: &Effect) -> Result<&'a Self, EffectError> {
        let spec = catalogue
            .iter()
            .find(|spec| spec.name == effect.name)
            .ok_or_else(|| EffectError::UnknownEffect(effect.name.clone()))?;
        for (name, value) in &effect.params {
            let param = spec.params.iter().find(|param| param.name == name).ok_or_else(|| {
                EffectError::UnknownParam { effect: spec.name, param: name.clone() }
            })?;
            if !param.kind.accepts(value) {
                return Err(EffectError::BadValue {
                    effect: spec.name,
                    param: param.name,
                    expected: param.kind.describe(),
                });
            }
        }
        Ok(spec)
    }
}
