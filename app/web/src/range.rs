//! `Range` of a download (RFC 9110, section 14): one range of bytes.

/// What part of a file is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it: no range, one of a kind or number that is not served, or none at all.
    Whole,
    /// From `first` to `last`, both included, counted from 0; not empty and within the file.
    Bytes {
        /// First byte.
        first: u64,
        /// Last byte.
        last: u64,
    },
    /// Nothing of the file lies in the range.
    Beyond,
}

/// Reads the header for a file of `length` bytes. What cannot be read is no range, as the RFC has it.
pub fn part(header: &[u8], length: u64) -> Part {
    read(header, length).unwrap_or(Part::Whole)
}

fn read(header: &[u8], length: u64) -> Option<Part> {
    let (unit, range) = str::from_utf8(header).ok()?.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let part = match (first, last) {
        ("", last) => {
            let count = number(last)?;
            if count == 0 || length == 0 {
                return Some(Part::Beyond);
            }
            Part::Bytes { first: length.saturating_sub(count), last: length - 1 }
        }
        (first, last) => {
            let first = number(first)?;
            let last = if last.is_empty() { u64::MAX } else { number(last)? };
            if last < first {
                return None;
            }
            if first >= length {
                return Some(Part::Beyond);
            }
            Part::Bytes { first, last: last.min(length - 1) }
        }
    };
    Some(part)
}

fn number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()))
        .then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_of_the_rfc() {
        let bytes = |first, last| Part::Bytes { first, last };
        assert_eq!(part(b"bytes=0-499", 10_000), bytes(0, 499));
        assert_eq!(part(b"bytes=-500", 10_000), bytes(9500, 9999));
        assert_eq!(part(b"bytes=9500-", 10_000), bytes(9500, 9999));
        assert_eq!(part(b"bytes=-500", 20), bytes(0, 19));
        assert_eq!(part(b"bytes=0-99999999999999999999999", 20), bytes(0, 19));
        assert_eq!(part(b"bytes=20-", 20), Part::Beyond);
        assert_eq!(part(b"bytes=-0", 20), Part::Beyond);
        assert_eq!(part(b"bytes=0-", 0), Part::Beyond);
        for whole in ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "items=0-1", "bytes=0-1,3-4"] {
            assert_eq!(part(whole.as_bytes(), 20), Part::Whole, "{whole}");
        }
    }

    proptest! {
        #[test]
        fn a_range_lies_within_the_file(
            header in "bytes=[0-9]{0,20}-[0-9]{0,20}",
            length: u64,
        ) {
            if let Part::Bytes { first, last } = part(header.as_bytes(), length) {
                prop_assert!(first <= last && last < length);
            }
        }

        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..80), length: u64) {
            let _ = part(&bytes, length);
        }
    }
}
