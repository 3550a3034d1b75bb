//! Files of the library.

use prismatron_core::media::MediaKind as DomainKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

super::mirror! {
    /// How a file plays.
    MediaKind = DomainKind {
        /// One picture.
        Still,
        /// Pictures with times of their own and a loop count.
        Animation,
        /// A film.
        Video,
    }
}

/// A file of the library.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Media {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: MediaKind,
    /// Short format name: `png`, `gif`, `h264` …
    pub(crate) format: String,
    /// In pixels, as shown.
    pub(crate) width: u32,
    /// In pixels, as shown.
    pub(crate) height: u32,
    /// One run through; null for a still, and where unknown.
    #[schema(required = true)]
    pub(crate) duration_seconds: Option<f64>,
    /// Average frames per second of a video.
    #[schema(required = true)]
    pub(crate) fps: Option<f32>,
    /// Size of the file.
    pub(crate) bytes: u64,
    /// CRC-32 of the file (ISO-HDLC), eight hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{8}$")]
    pub(crate) crc32: String,
    /// When it came into the library, RFC 3339.
    #[schema(format = DateTime)]
    pub(crate) added: String,
    /// Why it could not be played when that was last tried in this run, if it could not.
    #[schema(required = true)]
    pub(crate) problem: Option<String>,
}

/// Files that were deleted and can be brought back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Trash {
    /// The latest first.
    pub(crate) media: Vec<DeletedMedia>,
    /// All of them together; counted in what the library takes.
    pub(crate) bytes: u64,
}

/// A file that was deleted and can be brought back.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedMedia {
    pub(crate) media: Media,
    /// When it was deleted, RFC 3339.
    #[schema(format = DateTime)]
    pub(crate) deleted: String,
    /// When it goes for good, RFC 3339; sooner where an upload needs the room.
    #[schema(format = DateTime)]
    pub(crate) until: String,
}

/// Files of the library.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MediaList {
    pub(crate) media: Vec<Media>,
}

/// What is to change of a file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MediaChange {
    pub(crate) name: String,
}

/// Files sent by a form. Described only: the bytes are streamed.
#[derive(ToSchema)]
#[allow(dead_code, reason = "a schema")]
pub(crate) struct MediaForm {
    /// The file; may be repeated.
    #[schema(content_media_type = "application/octet-stream")]
    file: String,
}
