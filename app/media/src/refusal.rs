//! Errors of files and decoders in words for people.

use std::io;

use image::ImageError;
use prismatron_core::port::{MediaError, MediaFault};

/// The file system's answer.
pub(crate) fn io(error: &io::Error) -> MediaError {
    match error.kind() {
        io::ErrorKind::NotFound => MediaError::new(MediaFault::Missing, "the file is not there"),
        io::ErrorKind::UnexpectedEof => cut_off("file"),
        _ => MediaError::new(MediaFault::Io, format!("the file cannot be read: {error}")),
    }
}

/// The file ends before what it holds does.
pub(crate) fn cut_off(what: &str) -> MediaError {
    MediaError::new(MediaFault::Broken, format!("the {what} is cut off: its end is missing"))
}

/// The file does not hold what it should.
pub(crate) fn damaged(what: &str, why: impl std::fmt::Display) -> MediaError {
    let why = why.to_string();
    if ["eof", "end of file", "fill whole buffer"].iter().any(|w| why.to_lowercase().contains(w)) {
        return cut_off(what);
    }
    MediaError::new(MediaFault::Broken, format!("the {what} is damaged: {why}"))
}

/// A decoder of the image crate gave up.
pub(crate) fn image(what: &str, error: &ImageError) -> MediaError {
    match error {
        ImageError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => cut_off(what),
        ImageError::IoError(error) => io(error),
        ImageError::Limits(_) => MediaError::new(
            MediaFault::TooLarge,
            format!("the {what} would take more memory than is allowed"),
        ),
        ImageError::Unsupported(error) => {
            MediaError::new(MediaFault::Unsupported, format!("this {what} cannot be read: {error}"))
        }
        other => damaged(what, other),
    }
}
