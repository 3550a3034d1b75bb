//! What handlers take out of a request, refused with a problem document where it cannot be had.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use http_body_util::BodyExt;
use prismatron_core::id::{
    AccountId, IdError, ItemId, MediaId, PlaylistId, SnapshotId, TokenId, UploadId,
};
use serde::de::DeserializeOwned;

use crate::access::Identity;
use crate::problem::Problem;

/// Longest JSON document.
const JSON_LIMIT: usize = 1 << 20;
/// Longest JSON document of a layout: a large wall may be given point by point.
const LAYOUT_LIMIT: usize = 64 << 20;
/// So much more than may be is read and dropped: a client that sends all before it listens hears why it was
/// refused, rather than that the connection broke.
const SPILL: usize = 8 << 20;
/// How long a document may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);

/// A JSON document of at most `LIMIT` bytes.
pub(crate) struct Json<T, const LIMIT: usize = JSON_LIMIT>(pub(crate) T);

/// A JSON document that may be as long as a layout.
pub(crate) type LongJson<T> = Json<T, LAYOUT_LIMIT>;

impl<S: Sync, T: DeserializeOwned, const LIMIT: usize> FromRequest<S> for Json<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body must be JSON, with Content-Type: application/json",
            ));
        }
        parse(&read(request, LIMIT).await?).map(Self)
    }
}

/// A JSON document, or no body at all for the default.
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if request.headers().contains_key(header::CONTENT_TYPE) {
            return Json::<T>::from_request(request, state).await.map(|Json(value)| Self(value));
        }
        if request.body().is_end_stream() || read(request, JSON_LIMIT).await?.is_empty() {
            return Ok(Self(T::default()));
        }
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "the body must be JSON, with Content-Type: application/json",
        ))
    }
}

/// A file of at most `LIMIT` bytes.
pub(crate) struct Raw<const LIMIT: usize>(pub(crate) Bytes);

impl<S: Sync, const LIMIT: usize> FromRequest<S> for Raw<LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        read(request, LIMIT).await.map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
    let media = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/json")
}

async fn read(request: Request, limit: usize) -> Result<Bytes, Problem> {
    let too_long = || {
        let detail = format!("the body may have {limit} bytes at most");
        Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
    };
    let mut body = request.into_body();
    let declared = body.size_hint().lower();
    if declared > limit.saturating_add(SPILL) as u64 {
        return too_long();
    }
    let fits = declared <= limit as u64;
    let reading = async {
        let (mut bytes, mut length) = (BytesMut::new(), 0);
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            length += data.len();
            if length > limit.saturating_add(SPILL) {
                break;
            }
            if fits && length <= limit {
                bytes.extend_from_slice(&data);
            }
        }
        Ok::<_, axum::Error>((bytes, length))
    };
    match tokio::time::timeout(ARRIVAL, reading).await {
        Ok(Ok((bytes, length))) if length <= limit => Ok(bytes.freeze()),
        Ok(Ok(_)) => too_long(),
        Ok(Err(error)) => Err(Problem::bad_request(format!("the body broke off: {error}"))),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body took longer than {} seconds", ARRIVAL.as_secs()),
        )),
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut document = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut document).map_err(|error| {
        let path = error.path().to_string();
        let reason = error.inner();
        let detail = if path == "." { reason.to_string() } else { format!("{path}: {reason}") };
        if reason.is_data() {
            Problem::not_acceptable_value(detail)
        } else {
            Problem::bad_request(format!("the body is not JSON: {detail}"))
        }
    })?;
    document
        .end()
        .map_err(|error| Problem::bad_request(format!("the body is not JSON: {error}")))?;
    Ok(value)
}

/// What comes after the `?`.
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(value)| Self(value))
            .map_err(|error| Problem::bad_request(error.body_text()))
    }
}

/// An id in an address.
pub(crate) trait Named: FromStr<Err = IdError> {
    /// What has such an id.
    const WHAT: &'static str;
}

impl Named for MediaId {
    const WHAT: &'static str = "media file";
}

impl Named for PlaylistId {
    const WHAT: &'static str = "playlist";
}

impl Named for ItemId {
    const WHAT: &'static str = "item";
}

impl Named for UploadId {
    const WHAT: &'static str = "upload";
}

impl Named for SnapshotId {
    const WHAT: &'static str = "backup";
}

impl Named for AccountId {
    const WHAT: &'static str = "account";
}

impl Named for TokenId {
    const WHAT: &'static str = "token";
}

/// That there is nothing of this kind with this id.
pub(crate) fn missing<T: Named>(id: impl fmt::Display) -> Problem {
    Problem::not_found(format!("there is no {} {id}", T::WHAT))
}

fn id<T: Named>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| missing::<T>(format_args!("“{text}”")))
}

/// The one id in an address.
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: Named> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = path::<String, S>(parts, state).await?;
        id(&text).map(Self)
    }
}

/// The two ids in an address.
pub(crate) struct Ids<A, B>(pub(crate) A, pub(crate) B);

impl<S: Send + Sync, A: Named, B: Named> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((first, second)) = path::<(String, String), S>(parts, state).await?;
        Ok(Self(id(&first)?, id(&second)?))
    }
}

async fn path<T: DeserializeOwned + Send, S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
) -> Result<Path<T>, Problem> {
    Path::from_request_parts(parts, state)
        .await
        .map_err(|error| Problem::bad_request(error.body_text()))
}

impl<S: Sync> FromRequestParts<S> for Identity {
    // Others make identities, and problems are ours alone.
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let identity = parts.extensions.get::<Self>().cloned();
        identity.ok_or_else(|| Problem::sign_in_first().into_response())
    }
}

/// `If-Match`: which revisions a change may be made to.
pub(crate) enum IfMatch {
    /// Any.
    Any,
    /// One of these; what is no revision of ours is left out.
    Revisions(Vec<u64>),
}

impl IfMatch {
    /// Whether a change may be made to this revision.
    pub(crate) fn check(&self, revision: u64) -> Result<(), Problem> {
        match self {
            Self::Any => Ok(()),
            Self::Revisions(all) if all.contains(&revision) => Ok(()),
            Self::Revisions(_) => {
                Err(Problem::stale(format!("it has been changed since: it is at {revision} now")))
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(header) = parts.headers.get(header::IF_MATCH) else { return Ok(Self::Any) };
        let text = header.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self::Any);
        }
        let revision = |tag: &str| tag.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok();
        Ok(Self::Revisions(text.split(',').filter_map(revision).collect()))
    }
}

/// The tag of a revision.
pub(crate) fn etag(revision: u64) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{revision}\""))]
}
