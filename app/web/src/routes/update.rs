//! Updates of the whole system: uploaded, inspected, installed, booted, and gone back from.
//!
//! A bundle is uploaded as media are, by tus, at addresses of its own; or RAUC reads it from a server. What comes of each
//! request, the state tells: all of them are accepted, and take their time.

use axum::Extension;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use prismatron_core::id::UploadId;
use prismatron_store::{Purpose, StoreError};
use prismatron_system::update::{After, Stage};

use super::uploads;
use crate::access::Identity;
use crate::access::guard::Note;
use crate::app::App;
use crate::extract::{self, Id, OptionalJson};
use crate::problem::Problem;
use crate::view;
use crate::wire::update::{Install, RebootTime, Update, UpdateChange, UpdateSource, reboot_time};

/// Where an update stands
#[utoipa::path(get, path = "/api/system/update", tag = "update", responses(
    (status = 200, description = "The state.", body = Update),
))]
pub(super) async fn read(State(app): State<App>) -> Json<Update> {
    Json(view::update(&app))
}

/// Inspects a bundle on a server
///
/// What comes of it, the state tells. RAUC reads of it what it needs, now and when it installs.
#[utoipa::path(post, path = "/api/system/update", tag = "update", request_body = UpdateSource, responses(
    (status = 202, description = "It is being inspected.", body = Update),
    (status = 409, description = "Something else is going on."),
    (status = 503, description = "There is no RAUC."),
))]
pub(super) async fn inspect(
    State(app): State<App>,
    extract::Json(source): extract::Json<UpdateSource>,
) -> Result<Response, Problem> {
    app.update.inspect(source.url()?).await?;
    Ok(accepted(&app, "inspects an update on a server"))
}

/// Changes how updates are made
#[utoipa::path(patch, path = "/api/system/update", tag = "update", request_body = UpdateChange,
    responses((status = 200, description = "The state.", body = Update)))]
pub(super) async fn change(
    State(app): State<App>,
    extract::Json(UpdateChange { dim }): extract::Json<UpdateChange>,
) -> Result<Json<Update>, Problem> {
    app.update.set_dim(dim).await?;
    Ok(read(State(app)).await)
}

/// Takes an update back, or forgets a failure that was read
///
/// What was installed stays in its slot, and what runs is next again. While it is being installed that is not possible:
/// RAUC has no way to stop half-way.
#[utoipa::path(delete, path = "/api/system/update", tag = "update", responses(
    (status = 200, description = "The state.", body = Update),
    (status = 409, description = "There is nothing, or it cannot be taken back."),
))]
pub(super) async fn cancel(
    State(app): State<App>,
    identity: Identity,
) -> Result<Json<Update>, Problem> {
    app.update.cancel(identity.label()).await?;
    Ok(read(State(app)).await)
}

/// Installs what was inspected
///
/// A backup of what was composed is kept first. Playback goes on; the machine is neither rebooted nor switched off
/// meanwhile.
#[utoipa::path(post, path = "/api/system/update/install", tag = "update", request_body = Install, responses(
    (status = 202, description = "RAUC has begun.", body = Update),
    (status = 409, description = "Nothing was inspected, or a reboot is pending."),
    (status = 507, description = "What has to be kept first could not be."),
))]
pub(super) async fn install(
    State(app): State<App>,
    identity: Identity,
    OptionalJson(Install { reboot, reboot_at }): OptionalJson<Install>,
) -> Result<Response, Problem> {
    let then = match (reboot, reboot_at) {
        (true, Some(_)) => {
            return Err(Problem::not_acceptable_value("either reboot or reboot_at, not both"));
        }
        (true, None) => After::Reboot,
        (false, None) => After::Wait,
        (false, Some(at)) => After::RebootAt(time(&app, "reboot_at", &at)?),
    };
    app.update.install(then, identity.label()).await?;
    Ok(accepted(&app, "installs an update"))
}

/// Reboots into what was installed, soon or at a time
#[utoipa::path(post, path = "/api/system/update/reboot", tag = "update", request_body = RebootTime, responses(
    (status = 202, description = "It is settled.", body = Update),
    (status = 409, description = "Nothing waits for a reboot, or something else is pending."),
))]
pub(super) async fn reboot(
    State(app): State<App>,
    identity: Identity,
    OptionalJson(RebootTime { at }): OptionalJson<RebootTime>,
) -> Result<Response, Problem> {
    let at = at.map(|at| time(&app, "at", &at)).transpose()?;
    app.update.reboot(at, identity.label()).await?;
    Ok(accepted(&app, "settles the reboot into an update"))
}

/// Goes back to the other slot, as it is, by a reboot
#[utoipa::path(post, path = "/api/system/update/rollback", tag = "update", responses(
    (status = 202, description = "The machine reboots soon.", body = Update),
    (status = 409, description = "There is nothing to go back to, or something else is going on."),
))]
pub(super) async fn roll_back(
    State(app): State<App>,
    identity: Identity,
) -> Result<Response, Problem> {
    app.update.roll_back(identity.label()).await?;
    Ok(accepted(&app, "goes back to the other slot"))
}

/// Confirms what runs by hand: the health gate waits no more
#[utoipa::path(post, path = "/api/system/update/confirm", tag = "update", responses(
    (status = 200, description = "The state.", body = Update),
    (status = 507, description = "The health gate cannot be told."),
))]
pub(super) async fn confirm(
    State(app): State<App>,
    identity: Identity,
) -> Result<Json<Update>, Problem> {
    app.update.confirm(identity.label()).await?;
    Ok(read(State(app)).await)
}

/// What of tus there is
#[utoipa::path(options, path = "/api/system/update/uploads", tag = "update", responses(
    (status = 204, description = "In the headers.", headers(
        ("Tus-Version" = String), ("Tus-Extension" = String),
        ("Tus-Checksum-Algorithm" = String), ("Tus-Max-Size" = Option<u64>),
    )),
))]
pub(super) async fn options(state: State<App>) -> Response {
    uploads::options(state).await
}

/// Begins to upload a bundle; 413 or 507 where there is no room for it
///
/// It takes the place of one that was not installed.
#[utoipa::path(post, path = "/api/system/update/uploads", tag = "update",
    params(
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
        ("Upload-Length" = u64, Header, description = "Bytes in all."),
        ("Upload-Metadata" = Option<String>, Header, description = "`filename` in base64."),
    ),
    responses(
        (status = 201, description = "It may begin.", headers(
            ("Location" = String, description = "Where its bytes go."),
            ("Upload-Expires" = String),
        )),
        (status = 409, description = "Something else is going on."),
    ))]
pub(super) async fn create(
    State(app): State<App>,
    identity: Identity,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let new = uploads::asked(&headers, Purpose::Update)?;
    let status = match app.store.begin_upload(new.clone()).await {
        Err(StoreError::Quota { needed, left } | StoreError::NoRoom { needed, left })
            if make_room(&app, needed - left, &identity).await =>
        {
            app.store.begin_upload(new).await?
        }
        begun => begun?,
    };
    if let Err(error) = app.update.receive(status.id, status.name.clone()).await {
        app.store.abort_upload(status.id).await?;
        return Err(error.into());
    }
    Ok(uploads::begun(&status, "/api/system/update/uploads"))
}

/// How far it has come
#[utoipa::path(head, path = "/api/system/update/uploads/{id}", tag = "update",
    params(
        ("id" = String, Path, description = "The upload's id."),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
    ),
    responses((status = 200, description = "In the headers.", headers(
        ("Upload-Offset" = u64), ("Upload-Length" = u64), ("Upload-Expires" = String),
    ))))]
pub(super) async fn offset(
    State(app): State<App>,
    Id(id): Id<UploadId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let status = uploads::stand(&app, id, &headers, Purpose::Update).await?;
    if status.is_complete() {
        received(&app, id).await?;
    }
    Ok(uploads::standing(&status))
}

/// Goes on with it; when all of it is there, it is inspected
#[utoipa::path(patch, path = "/api/system/update/uploads/{id}", tag = "update",
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
        )),
        (status = 460, description = "The bytes do not match their checksum.",
            content_type = "application/problem+json", body = Problem),
    ))]
pub(super) async fn append(
    State(app): State<App>,
    Id(id): Id<UploadId>,
    request: Request,
) -> Result<Response, Problem> {
    let writer = uploads::write(&app, id, request, Purpose::Update).await?;
    writer.finish().await?;
    let status = app.store.upload(id).await?;
    if status.is_complete() {
        received(&app, id).await?;
    }
    Ok(uploads::appended(&status))
}

/// Gives it up
#[utoipa::path(delete, path = "/api/system/update/uploads/{id}", tag = "update",
    params(
        ("id" = String, Path, description = "The upload's id."),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`."),
    ),
    responses(
        (status = 204, description = "Its bytes are gone."),
        (status = 409, description = "It is being installed."),
    ))]
pub(super) async fn terminate(
    State(app): State<App>,
    Id(id): Id<UploadId>,
    identity: Identity,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    uploads::find(&app, id, &headers, Purpose::Update).await?;
    app.writers.clear(id).await;
    let is_in_use = app.update.state().borrow().stage.upload() == Some(id);
    if is_in_use {
        // Its bytes go with that.
        app.update.cancel(identity.label()).await?;
    } else {
        app.store.abort_upload(id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Gives up the upload whose place a new one takes, where that makes room for so many bytes more.
async fn make_room(app: &App, bytes: u64, identity: &Identity) -> bool {
    let stage = app.update.state().borrow().stage.clone();
    let (Stage::Receiving { .. } | Stage::Inspected(_), Some(old)) = (&stage, stage.upload())
    else {
        return false;
    };
    let old = app.store.upload(old).await.ok().and_then(|old| old.length);
    // What is being installed by now cannot be cancelled.
    old >= Some(bytes) && app.update.cancel(identity.label()).await.is_ok()
}

/// All of it is there. Said again, by somebody who has lost the answer, it changes nothing.
async fn received(app: &App, id: UploadId) -> Result<(), Problem> {
    let is_awaited = matches!(
        app.update.state().borrow().stage,
        Stage::Receiving { upload, .. } if upload == id
    );
    if is_awaited {
        app.update.received(id).await?;
    }
    Ok(())
}

fn time(app: &App, field: &str, text: &str) -> Result<std::time::SystemTime, Problem> {
    Ok(reboot_time(field, text, app.access.today())?)
}

fn accepted(app: &App, what: &'static str) -> Response {
    let note = Extension(Note::detail(what));
    (StatusCode::ACCEPTED, note, Json(view::update(app))).into_response()
}
