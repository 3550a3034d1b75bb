//! Resumable uploads, tus 1.0.0: creation, checksum, expiration, termination.
//!
//! Bytes go frame by frame from the connection to the store's writer, which waits for the disk: nothing is
//! collected. Whatever arrived before a connection broke is kept and counts. Updates to the system are uploaded so too, at
//! addresses of their own (`update`): neither is found at the other's.

use std::time::SystemTime;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use http_body_util::BodyExt;
use prismatron_core::id::UploadId;
use prismatron_store::{NewUpload, Purpose, StoreError, UploadStatus, UploadWriter};

use crate::app::App;
use crate::arrivals::Arrival;
use crate::extract::Id;
use crate::problem::Problem;
use crate::tus;
use crate::writers::Writing;

/// Adds to every answer what the protocol asks for.
pub(super) async fn mark(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(tus::TUS_RESUMABLE, HeaderValue::from_static(tus::VERSION));
    if response.status() == StatusCode::PRECONDITION_FAILED {
        let version = HeaderValue::from_static(tus::VERSION);
        response.headers_mut().insert(tus::TUS_VERSION, version);
    }
    response
}

/// What of tus there is
#[utoipa::path(options, path = "/api/uploads", tag = "uploads", responses(
    (status = 204, description = "In the headers.", headers(
        ("Tus-Version" = String), ("Tus-Extension" = String),
        ("Tus-Checksum-Algorithm" = String), ("Tus-Max-Size" = Option<u64>),
    )),
))]
pub(super) async fn options(State(app): State<App>) -> Response {
    let headers = AppendHeaders([
        (tus::TUS_VERSION, tus::VERSION),
        (tus::TUS_EXTENSION, tus::EXTENSIONS),
        (tus::TUS_CHECKSUMS, tus::CHECKSUMS),
    ]);
    let most = app.store.storage().quota.map(|quota| [(tus::TUS_MAX_SIZE, quota.to_string())]);
    match most {
        Some(most) => (StatusCode::NO_CONTENT, headers, most).into_response(),
        None => (StatusCode::NO_CONTENT, headers).into_response(),
    }
}

/// Begins an upload; 413 or 507 where there is no room for it
#[utoipa::path(post, path = "/api/uploads", tag = "uploads",
    params(
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
        ("Upload-Length" = u64, Header, description = "Bytes in all."),
        ("Upload-Metadata" = Option<String>, Header, description = "`filename` in base64."),
    ),
    responses((status = 201, description = "It may begin.", headers(
        ("Location" = String, description = "Where its bytes go."),
        ("Upload-Expires" = String),
    ))))]
pub(super) async fn create(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let status = app.store.begin_upload(asked(&headers, Purpose::Media)?).await?;
    Ok(begun(&status, "/api/uploads"))
}

/// How far an upload has come
#[utoipa::path(head, path = "/api/uploads/{id}", tag = "uploads",
    params(
        ("id" = String, Path, description = "The upload's id."),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
    ),
    responses((status = 200, description = "In the headers.", headers(
        ("Upload-Offset" = u64), ("Upload-Length" = u64), ("Upload-Expires" = String),
        ("Prismatron-Media" = Option<String>, description = "The file it has become."),
    ))))]
pub(super) async fn offset(
    State(app): State<App>,
    Id(id): Id<UploadId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    tus::check_version(&headers)?;
    if let Some(arrival) = app.arrivals.find(id) {
        return Ok(arrived(arrival, StatusCode::OK));
    }
    let status = stand(&app, id, &headers, Purpose::Media).await?;
    if status.length == Some(status.offset) {
        // The connection broke between the last byte and the end.
        let arrival = finish(&app, id, status.offset, None).await?;
        return Ok(arrived(arrival, StatusCode::OK));
    }
    Ok(standing(&status))
}

/// Goes on with an upload
#[utoipa::path(patch, path = "/api/uploads/{id}", tag = "uploads",
    params(
        ("id" = String, Path, description = "The upload's id."),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
        ("Upload-Offset" = u64, Header, description = "Where the bytes belong."),
        ("Upload-Checksum" = Option<String>, Header,
            description = "`sha1` or `crc32` and the sum of these bytes in base64."),
    ),
    request_body(content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "Taken.", headers(
            ("Upload-Offset" = u64), ("Upload-Expires" = Option<String>),
            ("Prismatron-Media" = Option<String>, description = "The file it has become."),
        )),
        (status = 460, description = "The bytes do not match their checksum.",
            content_type = "application/problem+json", body = Problem),
    ))]
pub(super) async fn append(
    State(app): State<App>,
    Id(id): Id<UploadId>,
    request: Request,
) -> Result<Response, Problem> {
    let writer = write(&app, id, request, Purpose::Media).await?;
    if let Some(length) = writer.length().filter(|length| *length == writer.offset()) {
        let arrival = finish(&app, id, length, Some(writer)).await?;
        return Ok(arrived(arrival, StatusCode::NO_CONTENT));
    }
    writer.finish().await?;
    Ok(appended(&app.store.upload(id).await?))
}

/// Gives an upload up
#[utoipa::path(delete, path = "/api/uploads/{id}", tag = "uploads",
    params(
        ("id" = String, Path, description = "The upload's id."),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
    ),
    responses((status = 204, description = "Its bytes are gone.")))]
pub(super) async fn terminate(
    State(app): State<App>,
    Id(id): Id<UploadId>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    find(&app, id, &headers, Purpose::Media).await?;
    app.store.abort_upload(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The file that is to be uploaded.
pub(super) fn asked(headers: &HeaderMap, purpose: Purpose) -> Result<NewUpload, Problem> {
    tus::check_version(headers)?;
    let length = tus::length(headers)?;
    let metadata = headers.get(tus::UPLOAD_METADATA);
    let raw = metadata.map(HeaderValue::as_bytes).unwrap_or_default();
    let name = tus::metadata(raw)?.filename.unwrap_or_default();
    if length == 0 {
        return Err(Problem::not_acceptable_value("an empty file is of no use"));
    }
    let metadata = String::from_utf8_lossy(raw).into_owned();
    Ok(NewUpload { purpose, length: Some(length), name, metadata })
}

/// That it may begin, with the address its bytes go to.
pub(super) fn begun(status: &UploadStatus, folder: &str) -> Response {
    let headers = AppendHeaders([
        (header::LOCATION, format!("{folder}/{}", status.id)),
        expiry(status.expires),
    ]);
    (StatusCode::CREATED, headers).into_response()
}

/// An upload that is for this, however far it is.
pub(super) async fn find(
    app: &App,
    id: UploadId,
    headers: &HeaderMap,
    purpose: Purpose,
) -> Result<UploadStatus, Problem> {
    tus::check_version(headers)?;
    let status = app.store.upload(id).await?;
    if status.purpose != purpose {
        return Err(StoreError::NoSuchUpload(id).into());
    }
    Ok(status)
}

/// Ends whatever writes to an upload, and tells how far it is then.
pub(super) async fn stand(
    app: &App,
    id: UploadId,
    headers: &HeaderMap,
    purpose: Purpose,
) -> Result<UploadStatus, Problem> {
    find(app, id, headers, purpose).await?;
    app.writers.clear(id).await;
    Ok(app.store.settle_upload(id).await?)
}

/// How far an upload is, as the protocol tells it.
pub(super) fn standing(status: &UploadStatus) -> Response {
    let mut response = AppendHeaders([
        (tus::UPLOAD_OFFSET, status.offset.to_string()),
        (tus::UPLOAD_LENGTH, status.length.unwrap_or_default().to_string()),
        expiry(status.expires),
    ])
    .into_response();
    if let Ok(metadata) = HeaderValue::from_str(&status.metadata)
        && !metadata.is_empty()
    {
        response.headers_mut().insert(tus::UPLOAD_METADATA, metadata);
    }
    response
}

/// Writes the bytes of a request; they count once what is returned has finished.
pub(super) async fn write(
    app: &App,
    id: UploadId,
    request: Request,
    purpose: Purpose,
) -> Result<UploadWriter, Problem> {
    let headers = request.headers();
    tus::check_version(headers)?;
    let offset = tus::offset(headers)?;
    let checksum = headers.get(tus::UPLOAD_CHECKSUM);
    let checksum = checksum.map(|sum| tus::checksum(sum.as_bytes())).transpose()?;
    let status = find(app, id, headers, purpose).await?;
    let length = status.length.unwrap_or(u64::MAX);
    let coming = http_body::Body::size_hint(request.body()).lower();
    if offset.saturating_add(coming) > length {
        return Err(StoreError::BeyondLength { upload: id, length }.into());
    }
    let writer = app.store.open_upload(id, offset, checksum).await?;
    let mut run = Run { writer, writing: app.writers.enter(id) };
    run.take(request.into_body()).await?;
    Ok(run.writer)
}

/// That bytes were taken, and how far the upload is.
pub(super) fn appended(status: &UploadStatus) -> Response {
    let offset = (tus::UPLOAD_OFFSET, status.offset.to_string());
    (StatusCode::NO_CONTENT, AppendHeaders([offset, expiry(status.expires)])).into_response()
}

/// A request that is writing. Whichever way it ends, what it has is handed in before it is said to be gone.
struct Run {
    writer: UploadWriter,
    writing: Writing,
}

impl Run {
    async fn take(&mut self, mut body: Body) -> Result<(), Problem> {
        loop {
            let frame = tokio::select! {
                frame = body.frame() => frame,
                () = self.writing.leave.cancelled() => {
                    return Err(Problem::conflict("the upload went on with another request"));
                }
            };
            let Some(frame) = frame else { return Ok(()) };
            let frame = frame
                .map_err(|error| Problem::bad_request(format!("the bytes broke off: {error}")))?;
            if let Ok(bytes) = frame.into_data() {
                self.writer.write(&bytes).await?;
            }
        }
    }
}

/// Makes media of a complete upload.
async fn finish(
    app: &App,
    id: UploadId,
    length: u64,
    writer: Option<UploadWriter>,
) -> Result<Arrival, Problem> {
    if let Some(writer) = writer {
        writer.finish().await?;
    }
    let entry = app.store.finish_upload(id).await?;
    let arrival = Arrival { upload: id, media: entry.id, length };
    app.arrivals.add(arrival);
    Ok(arrival)
}

fn arrived(Arrival { media, length, .. }: Arrival, status: StatusCode) -> Response {
    let headers = AppendHeaders([
        (tus::UPLOAD_OFFSET, length.to_string()),
        (tus::UPLOAD_LENGTH, length.to_string()),
        (tus::MEDIA, media.to_string()),
    ]);
    (status, headers).into_response()
}

fn expiry(at: SystemTime) -> (HeaderName, String) {
    (tus::UPLOAD_EXPIRES, httpdate::fmt_http_date(at))
}
