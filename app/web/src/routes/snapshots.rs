//! Backups of what was composed: kept here, taken away, and brought back, here or elsewhere.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use humantime::format_rfc3339_seconds;
use prismatron_core::id::SnapshotId;
use prismatron_engine::{Command, Mode};
use prismatron_store::{Occasion, document};

use crate::app::App;
use crate::extract::{Id, Raw};
use crate::problem::Problem;
use crate::routes::download::attachment;
use crate::wire::snapshot::{Restored, Snapshot, SnapshotList};

/// All backups that are kept
///
/// One is taken each day that changed something, one before another is restored, and one before an update. The oldest go.
#[utoipa::path(get, path = "/api/snapshots", tag = "snapshots", responses(
    (status = 200, description = "The latest first.", body = SnapshotList),
))]
pub(super) async fn list(State(app): State<App>) -> Result<Json<SnapshotList>, Problem> {
    let snapshots = app.store.snapshots().await?;
    Ok(Json(SnapshotList { snapshots: snapshots.iter().map(Snapshot::from).collect() }))
}

/// Takes a backup
///
/// Of settings, layout, outputs and playlists, and of the names of accounts. Media are not in it.
#[utoipa::path(post, path = "/api/snapshots", tag = "snapshots", responses(
    (status = 201, description = "What was taken.", body = Snapshot),
))]
pub(super) async fn take(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let taken = app.store.take_snapshot(Occasion::Asked).await?;
    Ok((StatusCode::CREATED, Json(Snapshot::from(&taken))))
}

/// A backup as a file, to be kept elsewhere
#[utoipa::path(get, path = "/api/snapshots/{id}", tag = "snapshots",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, description = "The file.", content_type = "application/octet-stream")))]
pub(super) async fn download(
    State(app): State<App>,
    Id(id): Id<SnapshotId>,
) -> Result<Response, Problem> {
    let bytes = app.store.read_snapshot(id).await?;
    let all = app.store.snapshots().await?;
    let taken = all.iter().find(|info| info.id == id).map(|info| info.taken());
    let taken = taken.map(|taken| format_rfc3339_seconds(taken).to_string().replace(':', "-"));
    let name = format!("prismatron-{}.ron", taken.unwrap_or_else(|| id.to_string()));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, attachment(&name)),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    Ok((headers, bytes).into_response())
}

/// Deletes a backup
#[utoipa::path(delete, path = "/api/snapshots/{id}", tag = "snapshots",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete(
    State(app): State<App>,
    Id(id): Id<SnapshotId>,
) -> Result<StatusCode, Problem> {
    app.store.delete_snapshot(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Goes back to a backup
///
/// What is there now is a backup then.
#[utoipa::path(post, path = "/api/snapshots/{id}/restore", tag = "snapshots",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, description = "What came of it.", body = Restored)))]
pub(super) async fn restore(
    State(app): State<App>,
    Id(id): Id<SnapshotId>,
) -> Result<Json<Restored>, Problem> {
    let bytes = app.store.read_snapshot(id).await?;
    go_back(&app, bytes).await
}

/// Restores a backup from its file
///
/// Also one of another machine: media files are found again by length and CRC-32. A file that is no backup, or a
/// damaged one, changes nothing.
#[utoipa::path(post, path = "/api/snapshots/restore", tag = "snapshots",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, description = "What came of it.", body = Restored)))]
pub(super) async fn restore_file(
    State(app): State<App>,
    Raw(bytes): Raw<{ document::MAX_BYTES }>,
) -> Result<Json<Restored>, Problem> {
    go_back(&app, bytes.into()).await
}

async fn go_back(app: &App, bytes: Vec<u8>) -> Result<Json<Restored>, Problem> {
    let (_lists, _settings) = (app.playlist_edit.lock().await, app.settings_edit.lock().await);
    let restored = app.store.restore(bytes).await?;
    let settings = app.settings();
    app.engine.send(Command::SetColour(app.colour(&settings))).await?;
    app.engine.send(app.set_wall(&settings)).await?;
    let before = app.player();
    let active = settings.active.and_then(|id| app.playlists().get(id).cloned());
    match active.map(|stored| stored.playlist.clone()) {
        None => drop(app.engine.send(Command::Deactivate).await?),
        Some(playlist) if before.playlist.is_some_and(|(id, _)| id == playlist.id) => {
            app.engine.send(Command::Update(playlist)).await?;
        }
        Some(playlist) => {
            app.engine.send(Command::Activate { playlist, item: None }).await?;
            // Somebody wants it dark, or safe mode does.
            if before.mode == Mode::Stopped {
                app.engine.send(Command::Stop).await?;
            }
        }
    }
    Ok(Json(restored.into()))
}
