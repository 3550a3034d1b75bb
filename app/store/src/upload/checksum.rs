//! Checksums that a sender gives along with its bytes.

use sha1::{Digest, Sha1};

/// What the bytes of one writer must add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// SHA-1, as the tus protocol asks for.
    Sha1([u8; 20]),
    /// CRC-32 (IEEE 802.3).
    Crc32(u32),
}

impl Checksum {
    /// The algorithms' names in the tus protocol.
    pub const ALGORITHMS: [&str; 2] = ["sha1", "crc32"];

    /// A checksum from its algorithm's name and its bytes, a CRC most significant byte first; `None` where
    /// the algorithm is not known or the length not right.
    pub fn new(algorithm: &str, digest: &[u8]) -> Option<Self> {
        match algorithm {
            "sha1" => digest.try_into().ok().map(Self::Sha1),
            "crc32" => digest.try_into().ok().map(|bytes| Self::Crc32(u32::from_be_bytes(bytes))),
            _ => None,
        }
    }
}

/// Adds up bytes to hold against a checksum.
pub(super) enum Check {
    Sha1(Box<Sha1>, [u8; 20]),
    Crc32(crc32fast::Hasher, u32),
}

impl Check {
    pub(super) fn new(expected: Checksum) -> Self {
        match expected {
            Checksum::Sha1(digest) => Self::Sha1(Box::default(), digest),
            Checksum::Crc32(sum) => Self::Crc32(crc32fast::Hasher::new(), sum),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher, _) => hasher.update(bytes),
            Self::Crc32(hasher, _) => hasher.update(bytes),
        }
    }

    pub(super) fn holds(self) -> bool {
        match self {
            Self::Sha1(hasher, expected) => <[u8; 20]>::from(hasher.finalize()) == expected,
            Self::Crc32(hasher, expected) => hasher.finalize() == expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_sums() {
        // FIPS 180 and the CRC catalogue's check value.
        let sha1 = [
            0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50,
            0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d,
        ];
        for (algorithm, digest, bytes) in [
            ("sha1", sha1.as_slice(), b"abc".as_slice()),
            ("crc32", &[0xcb, 0xf4, 0x39, 0x26], b"123456789"),
        ] {
            let mut check = Check::new(Checksum::new(algorithm, digest).unwrap());
            check.update(&bytes[..2]);
            check.update(&bytes[2..]);
            assert!(check.holds(), "{algorithm}");
        }
        assert_eq!(Checksum::new("md5", &[0; 16]), None);
        assert_eq!(Checksum::new("sha1", &[0; 19]), None);
    }
}
