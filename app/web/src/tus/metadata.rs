//! `Upload-Metadata`: pairs of a key and a base64 value, separated by commas.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::TusError;

/// Longest header and most pairs that are looked at.
const LONGEST: usize = 8192;
const MOST_PAIRS: usize = 32;

/// What a client says of the file it uploads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// What the file is called there.
    pub filename: Option<String>,
}

/// Reads the header. `name` counts as `filename`, as some clients call it so; other keys are read past.
///
/// # Errors
/// The header is too long or not of its form.
pub fn metadata(header: &[u8]) -> Result<Metadata, TusError> {
    let error = |reason| Err(TusError::Metadata(reason));
    if header.len() > LONGEST {
        return error("too long");
    }
    let Ok(header) = str::from_utf8(header) else {
        return error("not ASCII");
    };
    let (mut filename, mut name) = (None, None);
    for (count, pair) in
        header.split(',').map(str::trim).filter(|pair| !pair.is_empty()).enumerate()
    {
        if count == MOST_PAIRS {
            return error("too many pairs");
        }
        // A key without a value is allowed.
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        if !key.is_ascii() {
            return error("a key is not ASCII");
        }
        let Ok(value) = STANDARD.decode(value.trim()) else {
            return error("a value is not base64");
        };
        let place = match key {
            "filename" => &mut filename,
            "name" => &mut name,
            _ => continue,
        };
        if place.is_some() {
            return error("a key is there twice");
        }
        let Ok(value) = String::from_utf8(value) else {
            return error("a name is not UTF-8");
        };
        *place = Some(value);
    }
    Ok(Metadata { filename: filename.or(name) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_found_among_other_pairs() {
        let read = |text: &str| metadata(text.as_bytes()).map(|metadata| metadata.filename);
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("filename Y2F0LmdpZg=="), Ok(Some("cat.gif".into())));
        assert_eq!(read("filetype aQ==,is_confidential, filename Y2F0"), Ok(Some("cat".into())));
        assert_eq!(read("name Y2F0"), Ok(Some("cat".into())));
        assert_eq!(read("name Y2F0,filename Y2F0LmdpZg=="), Ok(Some("cat.gif".into())));
        for wrong in ["filename *", "filename Y2F0,filename Y2F0", "filename gA==", "ä Y2F0"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(read(&"a ".repeat(5000)).is_err());
        assert!(read(&"a,".repeat(40)).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = metadata(&bytes);
        }

        #[test]
        fn any_name_is_read_back(name in ".{0,100}") {
            let header = format!("filename {}", STANDARD.encode(&name));
            let expected = Metadata { filename: Some(name) };
            prop_assert_eq!(metadata(header.as_bytes()), Ok(expected));
        }
    }
}
