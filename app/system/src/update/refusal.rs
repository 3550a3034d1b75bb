//! Why a bundle was not taken, or what was installed does not run: in words for people, cause by cause.
//!
//! RAUC tells it in English texts only, which are alike in the versions 1.8 to 1.15; what is in none of them is told as it is.

use std::fmt;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What kind of reason it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// Nobody has signed it.
    Unsigned,
    /// Somebody has whose updates this machine does not take.
    WrongKey,
    /// The signer's certificate has expired.
    Expired,
    /// The signer's certificate is not valid yet.
    NotYetValid,
    /// That cannot be told, since the machine's clock has not been set.
    ClockUnset,
    /// It is for another kind of machine.
    WrongCompatible,
    /// It does not fit the slot.
    TooLarge,
    /// It is of the format that is checked once and then trusted.
    PlainFormat,
    /// Its bytes are not those that were signed.
    Corrupted,
    /// Its end is missing.
    Truncated,
    /// It is something else.
    NoBundle,
    /// It cannot be read from where it is.
    Unreachable,
    /// The machine or RAUC stopped in the middle.
    Interrupted,
    /// It was installed and booted, and did not prove itself.
    RolledBack,
    /// Anything else.
    Other,
}

/// Why something was not taken or given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// For programs.
    pub cause: Cause,
    /// For people: whole sentences.
    pub message: String,
}

/// What can be seen of a file that RAUC cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// No squashfs begins it.
    NoBundle,
    /// There is less than the squashfs it begins with says.
    Short,
    /// There is that squashfs, and nothing behind it.
    Bare,
    /// There is more than that.
    More,
}

impl Shape {
    /// By the superblock of squashfs: `hsqs`, and at byte 40 the bytes used, little-endian; what is behind is at a whole
    /// 4 KiB (<https://docs.kernel.org/filesystems/squashfs.html>).
    pub(super) fn of(file: &Path) -> Option<Self> {
        let file = File::open(file).ok()?;
        let length = file.metadata().ok()?.len();
        let mut head = [0; 48];
        if file.read_exact_at(&mut head, 0).is_err() {
            return Some(Self::NoBundle);
        }
        let used = head[40..].try_into().map(u64::from_le_bytes).unwrap_or(0);
        Some(match used.checked_next_multiple_of(4096) {
            _ if !head.starts_with(b"hsqs") => Self::NoBundle,
            None => Self::NoBundle,
            Some(end) if length < end => Self::Short,
            Some(end) if length == end => Self::Bare,
            Some(_) => Self::More,
        })
    }
}

impl Refusal {
    pub(super) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into() }
    }

    /// For another kind of machine.
    pub(super) fn wrong_compatible(own: &str, given: &str) -> Self {
        let message =
            format!("It is for another kind of machine: for “{given}”, and this is “{own}”.");
        Self::new(Cause::WrongCompatible, message)
    }

    /// Larger than its slot.
    pub(super) fn too_large(image: u64, slot: u64) -> Self {
        let mib = |bytes: u64| bytes.div_ceil(1 << 20);
        let (image, slot) = (mib(image), mib(slot));
        let message =
            format!("It does not fit: it takes {image} MiB, and the slot has {slot} MiB.");
        Self::new(Cause::TooLarge, message)
    }

    /// What RAUC says, understood. `shape` is that of the file, where it is one; `is_clock_set` whether the machine's
    /// clock can be right.
    pub(super) fn of(said: &str, shape: Option<Shape>, is_clock_set: bool) -> Self {
        let has = |part: &str| said.contains(part);
        let end = || match shape {
            Some(Shape::NoBundle) => Cause::NoBundle,
            Some(Shape::Bare) => Cause::Unsigned,
            Some(Shape::Short | Shape::More) => Cause::Truncated,
            None if has("Signature size is 0") => Cause::Unsigned,
            None => Cause::Truncated,
        };
        let cause = if has("certificate is not yet valid") {
            if is_clock_set { Cause::NotYetValid } else { Cause::ClockUnset }
        } else if has("certificate has expired") {
            Cause::Expired
        } else if has("unable to get local issuer certificate")
            || has("self-signed certificate")
            || has("self signed certificate")
            || has("unable to verify the first certificate")
            || has("unable to get issuer certificate")
        {
            Cause::WrongKey
        } else if has("format 'plain' not") {
            Cause::PlainFormat
        } else if has("Compatible mismatch") {
            Cause::WrongCompatible
        } else if has("too small for image")
            || has("No space left on device")
            || has("does not fit")
        {
            Cause::TooLarge
        } else if has("HTTP") || has("Failed to stream bundle") || has("Failed to download bundle")
        {
            Cause::Unreachable
        } else if has("no valid CMS") && shape == Some(Shape::More) {
            Cause::Corrupted
        } else if has("Invalid bundle format") {
            end()
        } else if has("signature verification failed")
            || has("failed to parse signature")
            || has("Failed to load manifest")
            || has("Input/output error")
            || has("Failed mounting bundle")
            || has("Failed to check bundle")
        {
            Cause::Corrupted
        } else {
            Cause::Other
        };
        Self::new(cause, words(cause, said))
    }
}

/// What people are told.
fn words(cause: Cause, said: &str) -> String {
    let said = said.trim().trim_end_matches('.');
    match cause {
        Cause::Unsigned => "Nobody has signed it: only signed updates are installed.".into(),
        Cause::WrongKey => {
            "It is signed by somebody whose updates this machine does not take.".into()
        }
        Cause::Expired => {
            "The certificate it was signed with has expired: it has to be signed anew.".into()
        }
        Cause::NotYetValid => {
            "The certificate it was signed with is not valid yet: is this machine’s clock right?"
                .into()
        }
        Cause::ClockUnset => {
            "This machine’s clock has not been set, so that nobody can tell whether the \
            signature is valid. Give it network time, and try again."
                .into()
        }
        Cause::WrongCompatible => format!("It is for another kind of machine ({said})."),
        Cause::TooLarge => format!("It does not fit the slot ({said})."),
        Cause::PlainFormat => {
            "It is of the format “plain”, which is not checked while it is installed: make \
            it as “verity”."
                .into()
        }
        Cause::Corrupted => {
            format!("It is damaged: its bytes are not those that were signed ({said}).")
        }
        Cause::Truncated => {
            "Its end, where the signature is, is missing or damaged: get it once more.".into()
        }
        Cause::NoBundle => "This is no update: a RAUC bundle was expected.".into(),
        Cause::Unreachable => format!("It cannot be read from its address ({said})."),
        Cause::Interrupted | Cause::RolledBack | Cause::Other => format!("RAUC says: {said}."),
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    #[test]
    fn what_rauc_says_is_understood() {
        let of = |said: &str| Refusal::of(said, Some(Shape::More), true).cause;
        let failed = |why: &str| format!("signature verification failed: Verify error: {why}");
        for (said, cause) in [
            (failed("certificate has expired"), Cause::Expired),
            (failed("certificate is not yet valid"), Cause::NotYetValid),
            (failed("unable to get local issuer certificate"), Cause::WrongKey),
            (failed("self-signed certificate in certificate chain"), Cause::WrongKey),
            ("signature verification failed: bad signature".into(), Cause::Corrupted),
            ("Bundle format 'plain' not allowed".into(), Cause::PlainFormat),
            ("Compatible mismatch: Expected 'a' but …".into(), Cause::WrongCompatible),
            ("Slot (1 bytes) is too small for image (2 bytes).".into(), Cause::TooLarge),
            (
                "Invalid bundle format: Signature size (9) exceeds bundle size".into(),
                Cause::Truncated,
            ),
            ("Failed to stream bundle http://a/b: HTTP 404".into(), Cause::Unreachable),
            ("the moon is full".into(), Cause::Other),
        ] {
            assert_eq!(of(&said), cause, "{said}");
        }
        let other = Refusal::of("the moon is full", None, true);
        assert_eq!(other.message, "RAUC says: the moon is full.");
    }

    #[test]
    fn a_clock_in_1970_is_blamed_rather_than_the_bundle() {
        let said = "signature verification failed: Verify error: certificate is not yet valid";
        let refusal = Refusal::of(said, Some(Shape::More), false);
        assert_eq!(refusal.cause, Cause::ClockUnset);
        assert!(refusal.message.contains("clock has not been set"), "{refusal}");
    }

    #[test]
    fn a_file_without_a_signature_is_told_by_its_shape() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bundle");
        let of = |length: usize, used: u64, magic: &[u8]| {
            let mut bytes = vec![0; length];
            if length >= 48 {
                bytes[..4].copy_from_slice(magic);
                bytes[40..48].copy_from_slice(&used.to_le_bytes());
            }
            std::fs::write(&file, bytes).unwrap();
            Shape::of(&file).unwrap()
        };
        assert_eq!(of(0, 0, b""), Shape::NoBundle);
        assert_eq!(of(8192, 5000, b"PK\x03\x04"), Shape::NoBundle);
        assert_eq!(of(8192, u64::MAX, b"hsqs"), Shape::NoBundle);
        assert_eq!(of(8191, 5000, b"hsqs"), Shape::Short);
        assert_eq!(of(8192, 5000, b"hsqs"), Shape::Bare);
        assert_eq!(of(9000, 5000, b"hsqs"), Shape::More);
        let said = "Invalid bundle format: Signature size is 0";
        assert_eq!(Refusal::of(said, Some(Shape::Bare), true).cause, Cause::Unsigned);
        assert_eq!(Refusal::of(said, Some(Shape::Short), true).cause, Cause::Truncated);
        assert_eq!(Refusal::of(said, Some(Shape::NoBundle), true).cause, Cause::NoBundle);
    }
}
