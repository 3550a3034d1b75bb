//! The page: files embedded in the program.

use std::collections::HashMap;
use std::io::Write;
use std::sync::LazyLock;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::Problem;

#[derive(RustEmbed)]
#[folder = "ui/"]
struct Files;

/// The files that get smaller by gzip, made so once: a phone at the foot of the wall has little of the wireless
/// network that also feeds it.
static PACKED: LazyLock<HashMap<String, Bytes>> = LazyLock::new(|| {
    let texts = Files::iter().filter(|name| !name.ends_with(".png"));
    texts.filter_map(|name| Some((name.to_string(), pack(&Files::get(&name)?.data)?))).collect()
});

fn pack(data: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).ok()?;
    Some(encoder.finish().ok()?.into())
}

/// A file of the page.
pub(crate) fn serve(method: &Method, path: &str, headers: &HeaderMap) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        let allow = [(header::ALLOW, "GET, HEAD")];
        return (allow, Problem::method_not_allowed()).into_response();
    }
    let name = match path {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    match (Files::get(name), media_type(name)) {
        (Some(file), Some(kind)) => {
            let packed = takes_gzip(headers).then(|| PACKED.get(name)).flatten();
            answer(file, packed.cloned(), kind, headers)
        }
        _ => Problem::not_found(format!("there is nothing at {path}")).into_response(),
    }
}

/// Whether a client takes gzip.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        parts.next() == Some("gzip")
            && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

fn answer(
    file: EmbeddedFile,
    packed: Option<Bytes>,
    kind: &'static str,
    headers: &HeaderMap,
) -> Response {
    let hash = URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash());
    let tag = format!("\"{hash}{}\"", if packed.is_some() { ".gzip" } else { "" });
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| known.split(',').any(|known| known.trim() == tag || known == "*"));
    let mut response = match packed {
        _ if known => StatusCode::NOT_MODIFIED.into_response(),
        Some(packed) => {
            let head = [(header::CONTENT_TYPE, kind), (header::CONTENT_ENCODING, "gzip")];
            (head, Body::from(packed)).into_response()
        }
        None => ([(header::CONTENT_TYPE, kind)], Body::from(file.data)).into_response(),
    };
    let varies = HeaderValue::from_static("accept-encoding");
    response.headers_mut().insert(header::VARY, varies);
    // Kept, but asked about each time: an upgrade is seen at once.
    let caching = HeaderValue::from_static("no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, caching);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// `None` for what is not part of the page: notes and configuration beside it.
fn media_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}
