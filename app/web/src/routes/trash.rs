//! Files that were deleted and can be brought back.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use prismatron_core::id::MediaId;

use crate::app::App;
use crate::extract::Id;
use crate::problem::Problem;
use crate::view;
use crate::wire::media::{Media, Trash};

/// Files that were deleted and can be brought back
#[utoipa::path(get, path = "/api/trash", tag = "trash", responses(
    (status = 200, description = "The latest first.", body = Trash),
))]
pub(super) async fn list(State(app): State<App>) -> Json<Trash> {
    Json(view::trash(&app))
}

/// Brings a file back, to where playlists know it
#[utoipa::path(post, path = "/api/trash/{id}/restore", tag = "trash",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, description = "The file.", body = Media)))]
pub(super) async fn restore(
    State(app): State<App>,
    Id(id): Id<MediaId>,
) -> Result<Json<Media>, Problem> {
    let entry = app.store.bring_back_media(id).await?;
    Ok(Json(view::media(&app, &entry)))
}

/// Deletes a file for good
#[utoipa::path(delete, path = "/api/trash/{id}", tag = "trash",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn purge(
    State(app): State<App>,
    Id(id): Id<MediaId>,
) -> Result<StatusCode, Problem> {
    app.store.purge_media(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes all of them for good
#[utoipa::path(delete, path = "/api/trash", tag = "trash", responses(
    (status = 204, description = "They are gone."),
))]
pub(super) async fn empty(State(app): State<App>) -> Result<StatusCode, Problem> {
    let library = app.library();
    for deleted in library.deleted() {
        app.store.purge_media(deleted.entry.id).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
