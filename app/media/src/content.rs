//! What kind of file the first bytes show.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::ImageFormat;
use prismatron_core::port::{MediaError, MediaFault};

use crate::refusal;

/// A picture format that is decoded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PictureFormat {
    Png,
    Jpeg,
    WebP,
    Bmp,
    Gif,
}

impl PictureFormat {
    /// As `MediaInfo` has it.
    pub(crate) fn short(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::WebP => "webp",
            Self::Bmp => "bmp",
            Self::Gif => "gif",
        }
    }

    /// As people say it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Png => "PNG picture",
            Self::Jpeg => "JPEG picture",
            Self::WebP => "WebP picture",
            Self::Bmp => "BMP picture",
            Self::Gif => "GIF picture",
        }
    }

    pub(crate) fn image(self) -> ImageFormat {
        match self {
            Self::Png => ImageFormat::Png,
            Self::Jpeg => ImageFormat::Jpeg,
            Self::WebP => ImageFormat::WebP,
            Self::Bmp => ImageFormat::Bmp,
            Self::Gif => ImageFormat::Gif,
        }
    }
}

/// What a file's first bytes show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    Empty,
    Picture(PictureFormat),
    /// A picture or document that is known and not played; how people call it.
    Known(&'static str),
    /// Nothing that is known here; ffmpeg may know.
    Other,
}

/// Looks at the first bytes of a file.
pub(crate) fn of_file(path: &Path) -> Result<Content, MediaError> {
    let mut head = [0; 64];
    let mut file = File::open(path).map_err(|error| refusal::io(&error))?;
    let mut length = 0;
    while length < head.len() {
        match file.read(&mut head[length..]) {
            Ok(0) => break,
            Ok(n) => length += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(refusal::io(&error)),
        }
    }
    Ok(of_head(&head[..length]))
}

fn of_head(head: &[u8]) -> Content {
    if head.is_empty() {
        return Content::Empty;
    }
    if let Ok(format) = image::guess_format(head) {
        return match format {
            ImageFormat::Png => Content::Picture(PictureFormat::Png),
            ImageFormat::Jpeg => Content::Picture(PictureFormat::Jpeg),
            ImageFormat::WebP => Content::Picture(PictureFormat::WebP),
            ImageFormat::Bmp => Content::Picture(PictureFormat::Bmp),
            ImageFormat::Gif => Content::Picture(PictureFormat::Gif),
            ImageFormat::Tiff => Content::Known("TIFF picture"),
            ImageFormat::Avif => Content::Known("AVIF picture"),
            ImageFormat::Ico => Content::Known("icon"),
            ImageFormat::Hdr => Content::Known("Radiance picture"),
            ImageFormat::OpenExr => Content::Known("OpenEXR picture"),
            ImageFormat::Pnm => Content::Known("PNM picture"),
            ImageFormat::Dds => Content::Known("DDS picture"),
            ImageFormat::Qoi => Content::Known("QOI picture"),
            ImageFormat::Farbfeld => Content::Known("farbfeld picture"),
            _ => Content::Known("picture of this kind"),
        };
    }
    if head.get(4..8) == Some(b"ftyp") {
        let brand = head.get(8..12).unwrap_or_default();
        if [b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc"]
            .iter()
            .any(|b| b.as_slice() == brand)
        {
            return Content::Known("HEIC picture");
        }
    }
    if head.starts_with(b"%PDF-") {
        return Content::Known("PDF document");
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"<svg") || text.starts_with(b"<?xml") {
        return Content::Known("SVG or XML document");
    }
    Content::Other
}

/// The refusal of a file that is known and not played.
pub(crate) fn unsupported(what: &str) -> MediaError {
    let advice = if what.ends_with("picture") { ": save it as PNG or JPEG" } else { "" };
    MediaError::new(MediaFault::Unsupported, format!("a {what} cannot be played{advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        let cases: [(&[u8], Content); 9] = [
            (b"", Content::Empty),
            (b"\x89PNG\r\n\x1a\n", Content::Picture(PictureFormat::Png)),
            (b"\xff\xd8\xff\xe0", Content::Picture(PictureFormat::Jpeg)),
            (b"GIF89a", Content::Picture(PictureFormat::Gif)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Content::Picture(PictureFormat::WebP)),
            (b"RIFF\x10\0\0\0AVI LIST", Content::Other),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Content::Known("HEIC picture")),
            (b"\0\0\0\x18ftypisom\0\0\0\0", Content::Other),
            (b"<svg xmlns=", Content::Known("SVG or XML document")),
        ];
        for (head, content) in cases {
            assert_eq!(of_head(head), content, "{head:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_something(head: Vec<u8>) {
            of_head(&head);
        }
    }
}
