//! Files of the library.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use prismatron_core::id::{MediaId, UploadId};
use prismatron_core::playlist::Content;
use prismatron_store::{NewUpload, StoreError};
use serde::Deserialize;

use crate::app::App;
use crate::extract::{self, Id, Params, missing};
use crate::problem::Problem;
use crate::routes::form::{Form, Part};
use crate::view;
use crate::wire::media::{Media, MediaChange, MediaForm, MediaList};

/// All files of the library
#[utoipa::path(get, path = "/api/media", tag = "media", responses(
    (status = 200, description = "By name.", body = MediaList),
))]
pub(super) async fn list(State(app): State<App>) -> Json<MediaList> {
    let library = app.library();
    let mut entries: Vec<_> = library.iter().collect();
    entries.sort_by_cached_key(|entry| entry.name.to_lowercase());
    Json(MediaList { media: entries.into_iter().map(|entry| view::media(&app, entry)).collect() })
}

/// Puts files into the library by a form, as `curl -F file=@x.png` sends it
///
/// Each file comes in whole or not at all; after one that is refused, no more are taken.
#[utoipa::path(post, path = "/api/media", tag = "media",
    request_body(content = MediaForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "What has come in.", body = MediaList)))]
pub(super) async fn upload(
    State(app): State<App>,
    request: Request,
) -> Result<(StatusCode, Json<MediaList>), Problem> {
    check_room(&app, request.headers())?;
    let mut form = Form::of(request).await?;
    let mut media = Vec::new();
    while let Some(mut part) = form.next().await? {
        if part.name() == Some("file") {
            media.push(take(&app, part).await?);
        } else {
            while part.chunk().await?.is_some() {}
        }
    }
    if media.is_empty() {
        return Err(Problem::bad_request("the form has no field “file”"));
    }
    Ok((StatusCode::CREATED, Json(MediaList { media })))
}

/// Refuses a form that cannot fit before any of it is taken. How long the files in it are, only their
/// bytes will tell: those are held against the limits as they come.
fn check_room(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    /// Of a form that is not the files' bytes.
    const FRAME: u64 = 64 << 10;
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let Some(length) = length.and_then(|length| length.parse::<u64>().ok()) else { return Ok(()) };
    let needed = length.saturating_sub(FRAME);
    let storage = app.store.storage();
    // What was deleted goes where there is no room otherwise.
    let deleted = app.library().deleted_bytes();
    if let Some(quota) = storage.quota {
        let left = quota.saturating_sub(storage.used.saturating_sub(deleted));
        if needed > left {
            return Err(StoreError::Quota { needed, left }.into());
        }
    }
    let left = storage.free.saturating_add(deleted).saturating_sub(storage.reserve);
    if needed > left {
        return Err(StoreError::NoRoom { needed, left }.into());
    }
    Ok(())
}

async fn take(app: &App, mut part: Part<'_>) -> Result<Media, Problem> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let new = NewUpload { name, ..NewUpload::default() };
    let upload = Unfinished::new(app, app.store.begin_upload(new).await?.id);
    let mut writer = app.store.open_upload(upload.id, 0, None).await?;
    while let Some(chunk) = part.chunk().await? {
        writer.write(&chunk).await?;
    }
    writer.finish().await?;
    let entry = app.store.finish_upload(upload.id).await?;
    upload.done();
    Ok(view::media(app, &entry))
}

/// An upload nobody else knows of: unless it is done, it is removed, even if the request goes away.
struct Unfinished {
    app: App,
    id: UploadId,
    done: bool,
}

impl Unfinished {
    fn new(app: &App, id: UploadId) -> Self {
        Self { app: app.clone(), id, done: false }
    }

    fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let runs = tokio::runtime::Handle::try_current().is_ok();
        if self.done || !runs {
            return;
        }
        let (store, id) = (self.app.store.clone(), self.id);
        self.app.tasks.spawn(async move {
            match store.abort_upload(id).await {
                // A refused file is gone already.
                Ok(()) | Err(StoreError::NoSuchUpload(_)) => {}
                Err(error) => tracing::warn!(%id, "could not remove an upload: {error}"),
            }
        });
    }
}

/// A file of the library
#[utoipa::path(get, path = "/api/media/{id}", tag = "media",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, description = "The file.", body = Media)))]
pub(super) async fn read(
    State(app): State<App>,
    Id(id): Id<MediaId>,
) -> Result<Json<Media>, Problem> {
    let library = app.library();
    let entry = library.get(id).ok_or_else(|| missing::<MediaId>(id))?;
    Ok(Json(view::media(&app, entry)))
}

/// Gives a file another name
#[utoipa::path(patch, path = "/api/media/{id}", tag = "media",
    params(("id" = String, Path, description = "Its id.")),
    request_body = MediaChange,
    responses((status = 200, description = "The file.", body = Media)))]
pub(super) async fn rename(
    State(app): State<App>,
    Id(id): Id<MediaId>,
    extract::Json(MediaChange { name }): extract::Json<MediaChange>,
) -> Result<Json<Media>, Problem> {
    let entry = app.store.rename_media(id, name).await?;
    Ok(Json(view::media(&app, &entry)))
}

#[derive(Deserialize)]
pub(super) struct DeleteParams {
    #[serde(default)]
    force: bool,
}

/// Deletes a file; one that playlists use only with `force`
///
/// It can be brought back from `/api/trash` for a week, unless an upload needs the room.
#[utoipa::path(delete, path = "/api/media/{id}", tag = "media",
    params(
        ("id" = String, Path, description = "Its id."),
        ("force" = Option<bool>, Query, description = "Delete it even where playlists use it."),
    ),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete(
    State(app): State<App>,
    Id(id): Id<MediaId>,
    Params(DeleteParams { force }): Params<DeleteParams>,
) -> Result<StatusCode, Problem> {
    // No playlist takes it up between the look and the deletion.
    let _held = app.playlist_edit.lock().await;
    let users = users(&app, id);
    if !force && !users.is_empty() {
        return Err(Problem::conflict(format!("it is used by {}", users.join(", "))));
    }
    app.store.delete_media(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Names of the playlists that use a file.
fn users(app: &App, id: MediaId) -> Vec<String> {
    app.playlists()
        .iter()
        .map(|stored| &stored.playlist)
        .filter(|playlist| playlist.items.iter().any(|item| item.content == Content::Media(id)))
        .map(|playlist| format!("“{}”", playlist.name))
        .collect()
}
