//! Names people give, which are shown and never used as paths.

use crate::error::StoreError;

/// Most characters of a playlist's or media file's name.
pub(crate) const MAX_CHARS: usize = 200;

/// Whether a character does something to the text around it rather than being read: controls, line
/// separators and the marks that turn the direction of writing.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Makes a display name of whatever a client calls its file: the last part of a path, without characters
/// that are not seen, cut to 200 characters; `unnamed` where nothing is left.
pub fn display_name(given: &str) -> String {
    let last = given.trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|c| !is_unseen(*c)).collect();
    let cut: String = seen.trim().chars().take(MAX_CHARS).collect();
    match cut.trim_end() {
        "" => "unnamed".into(),
        name => name.into(),
    }
}

/// Holds a name that people typed against the rules; returns it without blanks around it.
pub(crate) fn check(given: &str) -> Result<String, StoreError> {
    check_short(given, MAX_CHARS)
}

/// [`check`] for a name of so many characters at most.
pub(crate) fn check_short(given: &str, most: usize) -> Result<String, StoreError> {
    let invalid = |reason: String| Err(StoreError::Invalid { what: "the name".into(), reason });
    let name = given.trim();
    if name.is_empty() {
        return invalid("must not be empty".into());
    }
    if name.chars().count() > most {
        return invalid(format!("must not have more than {most} characters"));
    }
    if name.chars().any(is_unseen) {
        return invalid("must not have control characters".into());
    }
    Ok(name.to_owned())
}

/// The extension of a media file: its usual one where the format has one, otherwise the one it came with
/// where that is harmless.
pub(crate) fn extension(format: &str, name: &str) -> String {
    let usual = match format {
        "png" | "apng" => Some("png"),
        "jpeg" | "jpg" => Some("jpg"),
        "gif" | "webp" | "bmp" => Some(format),
        _ => None,
    };
    let harmless = |text: &str| {
        let text = text.to_ascii_lowercase();
        let plain =
            (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        // `<id>.ron` is the sidecar's name.
        (plain && text != "ron").then_some(text)
    };
    usual
        .map(str::to_owned)
        .or_else(|| name.rsplit_once('.').and_then(|(_, extension)| harmless(extension)))
        .or_else(|| harmless(format))
        .unwrap_or_else(|| "bin".into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_becomes_its_last_part() {
        assert_eq!(display_name("../../etc/passwd"), "passwd");
        assert_eq!(display_name("C:\\fakepath\\cat.gif"), "cat.gif");
        assert_eq!(display_name("a/\u{0}\n"), "unnamed");
        assert_eq!(display_name("invoice\u{202e}gpj.exe"), "invoicegpj.exe");
    }

    #[test]
    fn extensions_never_clash_with_sidecars() {
        assert_eq!(extension("jpeg", "x.exe"), "jpg");
        assert_eq!(extension("h264", "Film.MKV"), "mkv");
        assert_eq!(extension("h264", "film.ron"), "h264");
        assert_eq!(extension("ron", "film.ron"), "bin");
        assert_eq!(extension("mov,mp4", "film.a/b"), "bin");
    }

    proptest! {
        #[test]
        fn every_display_name_passes_the_check(given in "\\PC*|.*") {
            let name = display_name(&given);
            prop_assert_eq!(check(&name).ok(), Some(name));
        }
    }
}
