//! The form of everything stored but media: RON below one line that tells kind, format version and the
//! CRC-32 (IEEE 802.3) of all bytes after that line.
//!
//! ```text
//! // prismatron playlist 1 crc32 5d1ce0f3
//! (name: "Evening", …)
//! ```
//!
//! The first line is a RON comment, so that the whole file is RON to other programs. The functions here
//! are pure; how documents reach the disk is told in `file`.

use std::fmt;

use ron::ser::PrettyConfig;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest document that is written or read, in bytes.
pub const MAX_BYTES: usize = 16 << 20;

const MARK: &str = "// prismatron ";

/// What a document holds and in which version of its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// One word, such as `playlist`.
    pub kind: &'static str,
    /// Counted from 1; grows whenever an older program could not read what is written.
    pub version: u32,
}

/// Why bytes are not the document they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Longer than [`MAX_BYTES`].
    #[error("it is too long")]
    TooLong,
    /// No bytes, or nothing but NUL bytes: what a power cut leaves on some file systems.
    #[error("it is empty")]
    Empty,
    /// The first line is not that of a document.
    #[error("its first line is damaged")]
    Header,
    /// A document of another kind.
    #[error("it is not what its name says")]
    OtherKind,
    /// The bytes are not those that were written.
    #[error("its checksum is wrong")]
    Checksum,
    /// The bytes are those that were written, but not of the form they should have.
    #[error("it cannot be understood ({0})")]
    Form(String),
    /// A newer version of the form. Not damage: the file is left as it is.
    #[error("it was written by a newer version of Prismatron (format {found})")]
    Newer {
        /// Its version.
        found: u32,
    },
}

/// The stored form of a value.
///
/// # Errors
/// Why the value has none, in words for people.
pub fn encode<T: Serialize>(format: Format, value: &T) -> Result<Vec<u8>, String> {
    let body = ron::ser::to_string_pretty(value, PrettyConfig::new().new_line("\n"))
        .map_err(|error| error.to_string())?;
    Ok(assemble(format, &body))
}

/// Puts the first line before a body.
fn assemble(format: Format, body: &str) -> Vec<u8> {
    let crc32 = crc32fast::hash(body.as_bytes());
    let Format { kind, version } = format;
    format!("{MARK}{kind} {version} crc32 {crc32:08x}\n{body}").into_bytes()
}

/// Reads a value back from its stored form.
///
/// # Errors
/// The first thing that is not as it was written.
pub fn decode<T: DeserializeOwned>(format: Format, bytes: &[u8]) -> Result<T, Fault> {
    let body = check(format, bytes)?;
    ron::from_str(body).map_err(|error| Fault::Form(error.to_string()))
}

/// Holds everything but the body's form against what it should be; returns the body.
///
/// # Errors
/// The first thing that is not as it was written.
pub fn check(format: Format, bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(Fault::TooLong);
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(Fault::Empty);
    }
    let end = bytes.iter().take(256).position(|byte| *byte == b'\n').ok_or(Fault::Header)?;
    let (line, body) = (&bytes[..end], &bytes[end + 1..]);
    let header = std::str::from_utf8(line).ok().and_then(Header::read).ok_or(Fault::Header)?;
    if header.kind != format.kind {
        return Err(Fault::OtherKind);
    }
    // Before the checksum: a newer version may well count that differently.
    if header.version > format.version {
        return Err(Fault::Newer { found: header.version });
    }
    if header.crc32 != Some(crc32fast::hash(body)) {
        return Err(Fault::Checksum);
    }
    std::str::from_utf8(body).map_err(|error| Fault::Form(error.to_string()))
}

/// The first line, taken apart.
struct Header<'a> {
    kind: &'a str,
    version: u32,
    crc32: Option<u32>,
}

impl<'a> Header<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let mut words = line.strip_prefix(MARK)?.split(' ');
        let kind = words.next()?;
        let version = words.next()?.parse().ok().filter(|version| *version > 0)?;
        let crc32 = (words.next() == Some("crc32"))
            .then(|| words.next().filter(|digits| digits.len() == 8))
            .flatten()
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        Some(Self { kind, version, crc32 })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.version)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOTE: Format = Format { kind: "note", version: 2 };

    fn note(text: &str) -> Vec<u8> {
        encode(NOTE, &text.to_owned()).unwrap()
    }

    #[test]
    fn the_form_is_a_comment_and_ron() {
        // The sum is what Python's zlib.crc32 gives.
        let expected = "// prismatron note 2 crc32 0ce4b33b\n\"hi\"";
        assert_eq!(String::from_utf8(note("hi")).unwrap(), expected);
    }

    #[test]
    fn damage_is_named() {
        let whole = note("hello");
        let read = |bytes: &[u8]| decode::<String>(NOTE, bytes);
        assert_eq!(read(&whole), Ok("hello".into()));
        assert_eq!(read(b""), Err(Fault::Empty));
        assert_eq!(read(&vec![0; whole.len()]), Err(Fault::Empty));
        assert_eq!(read(b"hello\n"), Err(Fault::Header));
        assert_eq!(read(&whole[..whole.len() - 1]), Err(Fault::Checksum));
        assert_eq!(read(&vec![b'/'; MAX_BYTES + 1]), Err(Fault::TooLong));
        assert_eq!(
            decode::<String>(Format { kind: "key", version: 2 }, &whole),
            Err(Fault::OtherKind)
        );
        assert_eq!(
            decode::<String>(Format { kind: "note", version: 1 }, &whole),
            Err(Fault::Newer { found: 2 })
        );
        assert!(matches!(decode::<u8>(NOTE, &whole), Err(Fault::Form(_))));
    }

    #[test]
    fn a_newer_version_is_told_even_when_its_header_ends_otherwise() {
        assert_eq!(
            decode::<String>(NOTE, b"// prismatron note 3 blake3 00\n()"),
            Err(Fault::Newer { found: 3 })
        );
    }

    proptest! {
        #[test]
        fn any_text_survives(text in any::<String>()) {
            prop_assert_eq!(decode(NOTE, &note(&text)), Ok(text));
        }

        #[test]
        fn no_single_changed_byte_passes(text in ".{0,40}", at: prop::sample::Index, with: u8) {
            // The first version has none before it that its digit could become.
            let first = Format { version: 1, ..NOTE };
            let whole = encode(first, &text).unwrap();
            let mut changed = whole.clone();
            let at = at.index(changed.len());
            changed[at] = with;
            if changed != whole {
                // Digits of the checksum may be written in either case.
                let same = changed.eq_ignore_ascii_case(&whole);
                prop_assert!(same || decode::<String>(first, &changed) != Ok(text));
            }
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode::<String>(NOTE, &bytes);
        }

        #[test]
        fn any_body_is_survived(body in "[()\\[\\]{},:\"a-z0-9\\\\.#r-]{0,200}") {
            let _ = decode::<Vec<Option<(String, f32)>>>(NOTE, &assemble(NOTE, &body));
        }
    }
}
