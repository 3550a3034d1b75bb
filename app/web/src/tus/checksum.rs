//! `Upload-Checksum`: an algorithm and the base64 of the sum of a request's bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prismatron_store::Checksum;

use super::TusError;

/// Reads the header.
///
/// # Errors
/// Another algorithm than SHA-1 and CRC-32, or not a sum of its length.
pub fn checksum(header: &[u8]) -> Result<Checksum, TusError> {
    let text = str::from_utf8(header).map_err(|_| TusError::Checksum("not ASCII"))?;
    let (algorithm, sum) =
        text.trim().split_once(' ').ok_or(TusError::Checksum("must be an algorithm and a sum"))?;
    let mut bytes = [0; 24];
    let length = STANDARD
        .decode_slice(sum.trim(), &mut bytes)
        .map_err(|_| TusError::Checksum("the sum is not base64 or too long"))?;
    let sum = &bytes[..length];
    match algorithm {
        "sha1" => sum.try_into().map(Checksum::Sha1).map_err(|_| "a SHA-1 sum has 20 bytes"),
        "crc32" => sum
            .try_into()
            .map(|sum| Checksum::Crc32(u32::from_be_bytes(sum)))
            .map_err(|_| "a CRC-32 sum has 4 bytes"),
        _ => Err("the algorithm must be sha1 or crc32"),
    }
    .map_err(TusError::Checksum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sums_are_read() {
        assert_eq!(
            checksum(b"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="),
            Ok(Checksum::Sha1([
                0x2a, 0xae, 0x6c, 0x35, 0xc9, 0x4f, 0xcf, 0xb4, 0x15, 0xdb, 0xe9, 0x5f, 0x40, 0x8b,
                0x9c, 0xe9, 0x1e, 0xe8, 0x46, 0xed,
            ]))
        );
        assert_eq!(checksum(b"crc32 y/Q5Jg=="), Ok(Checksum::Crc32(0xcbf4_3926)));
        for wrong in ["", "sha1", "md5 y/Q5Jg==", "crc32 y/Q5", "sha1 y/Q5Jg==", "crc32 *"] {
            assert!(checksum(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = checksum(&bytes);
        }

        #[test]
        fn any_sum_is_read_back(sum: u32) {
            let header = format!("crc32 {}", STANDARD.encode(sum.to_be_bytes()));
            prop_assert_eq!(checksum(header.as_bytes()), Ok(Checksum::Crc32(sum)));
        }
    }
}
