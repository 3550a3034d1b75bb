//! A file's bytes and its thumbnail, streamed from the disk.

use std::io::SeekFrom;
use std::path::Path;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_RANGE, RANGE,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use prismatron_core::id::MediaId;
use prismatron_store::MediaEntry;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use crate::app::App;
use crate::extract::{Id, missing};
use crate::problem::Problem;
use crate::range::{Part, part};

/// Read at once.
const BUFFER: usize = 64 << 10;

/// A small picture of a file
#[utoipa::path(get, path = "/api/media/{id}/thumbnail", tag = "media",
    params(("id" = String, Path, description = "The file's id.")),
    responses((status = 200, description = "A JPEG.", content_type = "image/jpeg")))]
pub(super) async fn thumbnail(
    State(app): State<App>,
    Id(id): Id<MediaId>,
) -> Result<Response, Problem> {
    let path = app.store.thumbnail_path(id);
    let path = path.ok_or_else(|| Problem::not_found(format!("there is no thumbnail of {id}")))?;
    let (file, length) = open(&path).await?;
    // What an id stands for never changes.
    let headers = [
        (CONTENT_TYPE, "image/jpeg".to_owned()),
        (CACHE_CONTROL, "private, max-age=86400".to_owned()),
        (CONTENT_LENGTH, length.to_string()),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}

/// The file itself, as it came, whole or in part
#[utoipa::path(get, path = "/api/media/{id}/file", tag = "media",
    params(
        ("id" = String, Path, description = "The file's id."),
        ("Range" = Option<String>, Header, description = "One range of bytes."),
    ),
    responses(
        (status = 200, description = "The file.", content_type = "application/octet-stream"),
        (status = 206, description = "A part of it.", content_type = "application/octet-stream"),
        (status = 416, description = "Nothing of it lies in the range."),
    ))]
pub(super) async fn file(
    State(app): State<App>,
    Id(id): Id<MediaId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let library = app.library();
    let entry = library.get(id).ok_or_else(|| missing::<MediaId>(id))?;
    let path = app.store.media_path(id).ok_or_else(|| missing::<MediaId>(id))?;
    let (mut file, length) = open(&path).await?;
    let tag = format!("\"{:08x}-{}\"", entry.crc32, entry.bytes);
    let part = match headers.get(RANGE) {
        Some(range)
            if headers.get(IF_RANGE).is_none_or(|known| known.as_bytes() == tag.as_bytes()) =>
        {
            part(range.as_bytes(), length)
        }
        _ => Part::Whole,
    };
    let common = [
        (CONTENT_TYPE, media_type(entry).to_owned()),
        (CONTENT_DISPOSITION, attachment(&entry.name)),
        // Whatever is in the file, a browser shows none of it as ours.
        (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (CACHE_CONTROL, "private, no-cache".to_owned()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (ETAG, tag),
    ];
    Ok(match part {
        Part::Whole => {
            let body = Body::from_stream(ReaderStream::with_capacity(file, BUFFER));
            (common, [(CONTENT_LENGTH, length.to_string())], body).into_response()
        }
        Part::Beyond => {
            let range = [(CONTENT_RANGE, format!("bytes */{length}"))];
            let detail = format!("the file has {length} bytes");
            (range, Problem::new(StatusCode::RANGE_NOT_SATISFIABLE, detail)).into_response()
        }
        Part::Bytes { first, last } => {
            file.seek(SeekFrom::Start(first)).await.map_err(|error| unreadable(&path, &error))?;
            let count = last - first + 1;
            let range = [
                (CONTENT_RANGE, format!("bytes {first}-{last}/{length}")),
                (CONTENT_LENGTH, count.to_string()),
            ];
            let body = Body::from_stream(ReaderStream::with_capacity(file.take(count), BUFFER));
            (StatusCode::PARTIAL_CONTENT, common, range, body).into_response()
        }
    })
}

async fn open(path: &Path) -> Result<(File, u64), Problem> {
    let opened = async {
        let file = File::open(path).await?;
        let length = file.metadata().await?.len();
        Ok((file, length))
    };
    opened.await.map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    tracing::warn!(path = %path.display(), "could not read: {error}");
    if error.kind() == std::io::ErrorKind::NotFound {
        Problem::not_found("the file is not on the disk any more")
    } else {
        Problem::internal(error)
    }
}

fn media_type(entry: &MediaEntry) -> &'static str {
    match entry.info.format.as_str() {
        "png" | "apng" => "image/png",
        "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "bmp" => "image/bmp",
        _ => "application/octet-stream",
    }
}

/// `Content-Disposition` that has a browser save the file under its name (RFC 6266): plain for old clients,
/// in full for all others.
pub(super) fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " ._-()".contains(c) { c } else { '_' })
        .collect();
    let mut full = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            full.push(char::from(byte));
        } else {
            full.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_given_twice() {
        assert_eq!(
            attachment("Käse \"1\".png"),
            "attachment; filename=\"K_se _1_.png\"; filename*=UTF-8''K%C3%A4se%20%221%22.png"
        );
    }

    proptest! {
        #[test]
        fn any_name_makes_a_header(name in ".*") {
            prop_assert!(HeaderValue::from_str(&attachment(&name)).is_ok());
        }
    }
}
