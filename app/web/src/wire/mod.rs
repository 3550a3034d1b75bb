//! What goes over the wire as JSON: one module per resource, each with the conversions to and from the
//! domain. Requests refuse unknown fields; whatever is out of range is refused with the field's name and
//! what would be accepted.

pub(crate) mod account;
pub(crate) mod content;
pub(crate) mod display;
pub(crate) mod effect;
pub(crate) mod event;
pub(crate) mod identify;
pub(crate) mod layout;
pub(crate) mod media;
pub(crate) mod output;
pub(crate) mod player;
pub(crate) mod playlist;
pub(crate) mod preview;
#[cfg(test)]
mod round_trip;
pub(crate) mod schedule;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod snapshot;
pub(crate) mod status;
pub(crate) mod system;
pub(crate) mod transition;
pub(crate) mod update;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use prismatron_core::frame::Rgb8;
use prismatron_core::id::IdError;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A value in a request that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub(crate) struct Invalid {
    field: String,
    reason: String,
}

impl Invalid {
    pub(crate) fn new(field: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self { field: field.into(), reason: reason.to_string() }
    }

    /// The same, seen from the thing that holds the field.
    pub(crate) fn within(self, holder: impl fmt::Display) -> Self {
        Self { field: format!("{holder}.{}", self.field), ..self }
    }
}

/// An sRGB colour such as `#ff8000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^#[0-9a-fA-F]{6}$", examples("#ff8000"))]
pub(crate) struct Colour(pub(crate) Rgb8);

impl FromStr for Colour {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "a colour is written #rrggbb";
        let digits = text.strip_prefix('#').ok_or(EXPECTED)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(EXPECTED);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| EXPECTED)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl TryFrom<String> for Colour {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Colour> for String {
    fn from(Colour([red, green, blue]): Colour) -> Self {
        format!("#{red:02x}{green:02x}{blue:02x}")
    }
}

/// Most characters a name may have.
const LONGEST_NAME: usize = 200;

/// A name for people: trimmed, not empty, one line, not endless.
pub(crate) fn name(field: &str, text: &str) -> Result<String, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Invalid::new(field, "must not be empty"));
    }
    if text.chars().count() > LONGEST_NAME {
        return Err(Invalid::new(field, format!("may have {LONGEST_NAME} characters at most")));
    }
    if text.chars().any(char::is_control) {
        return Err(Invalid::new(field, "must not have line breaks or control characters"));
    }
    Ok(text.to_owned())
}

/// An id of the domain.
pub(crate) fn id<T: FromStr<Err = IdError>>(field: &str, text: &str) -> Result<T, Invalid> {
    text.parse().map_err(|error| Invalid::new(field, error))
}

/// A time from `least` to `most`.
pub(crate) fn seconds(
    field: &str,
    value: f64,
    least: Duration,
    most: Duration,
) -> Result<Duration, Invalid> {
    Duration::try_from_secs_f64(value).ok().filter(|time| (least..=most).contains(time)).ok_or_else(
        || {
            let (least, most) = (least.as_secs_f64(), most.as_secs_f64());
            Invalid::new(field, format!("must be from {least} to {most} seconds, not {value}"))
        },
    )
}

/// A number from `least` to `most`.
pub(crate) fn number(field: &str, value: f32, least: f32, most: f32) -> Result<f32, Invalid> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(Invalid::new(field, format!("must be from {least} to {most}, not {value}")))
    }
}

/// An enum of the wire with the same names as one of the domain, and the ways between them.
macro_rules! mirror {
    ($(#[$meta:meta])* $name:ident = $domain:path { $($(#[$vmeta:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name { $($(#[$vmeta])* $variant),+ }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                use $domain as Domain;
                match value { $(Domain::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                use $domain as Domain;
                match value { $($name::$variant => Domain::$variant),+ }
            }
        }
    };
}
pub(crate) use mirror;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_read_and_print() {
        assert_eq!("#fF8000".parse(), Ok(Colour([255, 128, 0])));
        assert_eq!(String::from(Colour([1, 2, 255])), "#0102ff");
        for text in ["", "#", "ff8000", "#ff800", "#ff80000", "#+f8000", "#äää"] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_held_to_their_range() {
        let most = Duration::from_secs(30);
        assert_eq!(seconds("x", 1.5, Duration::ZERO, most), Ok(Duration::from_millis(1500)));
        for value in [-1.0, 31.0, f64::NAN, f64::INFINITY] {
            assert!(seconds("x", value, Duration::ZERO, most).is_err(), "{value}");
        }
    }

    #[test]
    fn names_are_tidied() {
        assert_eq!(name("name", "  Show "), Ok("Show".into()));
        assert!(name("name", " ").is_err());
        assert!(name("name", "a\nb").is_err());
        assert!(name("name", &"x".repeat(201)).is_err());
    }
}
