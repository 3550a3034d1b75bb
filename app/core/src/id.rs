//! Names that never change and say nothing: sixteen hexadecimal digits, safe as a file name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Text that is not sixteen lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is sixteen hexadecimal digits")]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:016x}", self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let digits = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
                if text.len() != 16 || !text.bytes().all(digits) {
                    return Err(IdError);
                }
                u64::from_str_radix(text, 16).map(Self).map_err(|_| IdError)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

id!(
    /// A file in the library.
    MediaId
);
id!(
    /// A playlist.
    PlaylistId
);
id!(
    /// An item of a playlist, unique within it.
    ItemId
);
id!(
    /// A rule of the schedule, unique within it.
    RuleId
);
id!(
    /// An upload under way.
    UploadId
);
id!(
    /// What was composed at a time.
    SnapshotId
);
id!(
    /// Somebody's account.
    AccountId
);
id!(
    /// A script's token.
    TokenId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_prints() {
        let id = MediaId(0x00ab_cdef_0123_4567);
        assert_eq!(id.to_string(), "00abcdef01234567");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn refuses_anything_that_could_be_a_path() {
        for text in ["", "..", "../../etc/passwd0", "00ABCDEF01234567", "+0abcdef01234567"] {
            assert_eq!(text.parse::<MediaId>(), Err(IdError), "{text}");
        }
    }
}
