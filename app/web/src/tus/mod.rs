//! The tus 1.0.0 resumable upload protocol (<https://tus.io/protocols/resumable-upload>): reading its
//! headers. Pure functions on bytes from outside; the requests themselves are in `routes::uploads`.

mod checksum;
mod metadata;

pub use checksum::checksum;
pub use metadata::{Metadata, metadata};

use axum::http::{HeaderMap, HeaderName, header};

pub(crate) const VERSION: &str = "1.0.0";
/// What of the protocol's extensions is there.
pub(crate) const EXTENSIONS: &str = "creation,checksum,expiration,termination";
pub(crate) const CHECKSUMS: &str = "sha1,crc32";
pub(crate) const CONTENT_TYPE: &str = "application/offset+octet-stream";

pub(crate) const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(crate) const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub(crate) const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub(crate) const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub(crate) const TUS_CHECKSUMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub(crate) const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(crate) const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(crate) const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(crate) const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
pub(crate) const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
/// Ours: which file of the library a finished upload has become.
pub(crate) const MEDIA: HeaderName = HeaderName::from_static("prismatron-media");

/// Why a request does not follow the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TusError {
    /// Another version of the protocol.
    #[error("Tus-Resumable must be {VERSION}")]
    Version,
    /// Not the media type of an upload's bytes.
    #[error("Content-Type must be {CONTENT_TYPE}")]
    ContentType,
    /// No usable length.
    #[error("Upload-Length must be a number of bytes; a deferred length is not supported")]
    Length,
    /// No usable offset.
    #[error("Upload-Offset must be a number of bytes")]
    Offset,
    /// Metadata that cannot be read.
    #[error("Upload-Metadata: {0}")]
    Metadata(&'static str),
    /// A checksum that cannot be read or used.
    #[error("Upload-Checksum: {0}")]
    Checksum(&'static str),
}

/// Holds the version a client asks for against ours.
pub(crate) fn check_version(headers: &HeaderMap) -> Result<(), TusError> {
    let version = headers.get(TUS_RESUMABLE).ok_or(TusError::Version)?;
    if version == VERSION { Ok(()) } else { Err(TusError::Version) }
}

/// How long an upload will be.
pub(crate) fn length(headers: &HeaderMap) -> Result<u64, TusError> {
    number(headers, &UPLOAD_LENGTH).ok_or(TusError::Length)
}

/// Where the bytes of a request belong.
pub(crate) fn offset(headers: &HeaderMap) -> Result<u64, TusError> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
    if !media.is_some_and(|media| media.trim().eq_ignore_ascii_case(CONTENT_TYPE)) {
        return Err(TusError::ContentType);
    }
    number(headers, &UPLOAD_OFFSET).ok_or(TusError::Offset)
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    // `parse` would take a sign.
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
