//! Playlists as a whole.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use prismatron_core::effect::EffectSpec;
use prismatron_core::id::{ItemId, PlaylistId};
use prismatron_core::playlist::{Content, Playlist as DomainPlaylist};
use prismatron_engine::Command;
use prismatron_store::{Imported, StoredPlaylist, document};

use crate::app::App;
use crate::extract::{self, Id, IfMatch, OptionalJson, Raw, etag, missing};
use crate::problem::Problem;
use crate::routes::download::attachment;
use crate::routes::items;
use crate::wire::player::Player;
use crate::wire::playlist::{
    Activation, ImportedPlaylist, NewPlaylist, Playlist, PlaylistChange, PlaylistList,
    WholePlaylist,
};
use crate::{view, wire};

/// All playlists
#[utoipa::path(get, path = "/api/playlists", tag = "playlists", responses(
    (status = 200, description = "By name, without their items.", body = PlaylistList),
))]
pub(super) async fn list(State(app): State<App>) -> Json<PlaylistList> {
    let playlists = app.playlists().iter().map(|stored| view::summary(&app, stored)).collect();
    Json(PlaylistList { playlists })
}

/// Makes an empty playlist
#[utoipa::path(post, path = "/api/playlists", tag = "playlists", request_body = NewPlaylist,
    responses((status = 201, description = "The playlist.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn create(
    State(app): State<App>,
    extract::Json(NewPlaylist { name }): extract::Json<NewPlaylist>,
) -> Result<impl IntoResponse, Problem> {
    let stored = app.store.create_playlist(wire::name("name", &name)?).await?;
    Ok((StatusCode::CREATED, answer(&app, &stored)))
}

/// A playlist with its items
#[utoipa::path(get, path = "/api/playlists/{id}", tag = "playlists",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, description = "The playlist.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn read(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
) -> Result<impl IntoResponse, Problem> {
    Ok(answer(&app, &*find(&app, id)?))
}

/// Sets a playlist whole, also one that was deleted
///
/// Its items are new ones. What cannot be played, such as a media file that is not there, is kept, and skipped.
#[utoipa::path(put, path = "/api/playlists/{id}", tag = "playlists",
    params(
        ("id" = String, Path, description = "Its id."),
        ("If-Match" = Option<String>, Header, description = "The revision that is replaced."),
    ),
    request_body = WholePlaylist,
    responses((status = 200, description = "The playlist now.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn set(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
    known: IfMatch,
    extract::Json(whole): extract::Json<WholePlaylist, { document::MAX_BYTES }>,
) -> Result<impl IntoResponse, Problem> {
    let mut playlist = DomainPlaylist {
        id,
        name: wire::name("name", &whole.name)?,
        items: Vec::new(),
        order: whole.order.map(Into::into).unwrap_or_default(),
        repeat: whole.repeat.map(Into::into).unwrap_or_default(),
    };
    if whole.items.len() > DomainPlaylist::MAX_ITEMS {
        let most = DomainPlaylist::MAX_ITEMS;
        return Err(wire::Invalid::new("items", format!("may be {most} at most")).into());
    }
    for mut item in items::read(whole.items)? {
        item.id = items::unused(&playlist)?;
        playlist.items.push(item);
    }
    let _held = app.playlist_edit.lock().await;
    let before = app.playlists().get(id).map(|stored| stored.revision);
    match (before, &known) {
        (Some(revision), _) => known.check(revision)?,
        (None, IfMatch::Revisions(_)) => return Err(missing::<PlaylistId>(id)),
        (None, IfMatch::Any) => {}
    }
    let stored = app.store.set_playlist(playlist, before).await?;
    follow(&app, &stored).await?;
    Ok(answer(&app, &stored))
}

/// Changes name, order or repeat
#[utoipa::path(patch, path = "/api/playlists/{id}", tag = "playlists",
    params(
        ("id" = String, Path, description = "Its id."),
        ("If-Match" = Option<String>, Header, description = "The revision the change is made to."),
    ),
    request_body = PlaylistChange,
    responses((status = 200, description = "The playlist now.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn change(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
    known: IfMatch,
    extract::Json(change): extract::Json<PlaylistChange>,
) -> Result<impl IntoResponse, Problem> {
    let name = change.name.map(|name| wire::name("name", &name)).transpose()?;
    let stored = edit(&app, id, &known, |playlist| {
        if let Some(name) = name {
            playlist.name = name;
        }
        if let Some(order) = change.order {
            playlist.order = order.into();
        }
        if let Some(repeat) = change.repeat {
            playlist.repeat = repeat.into();
        }
        Ok(())
    })
    .await?;
    Ok(answer(&app, &stored))
}

/// Deletes a playlist; if it is active, the wall goes dark
#[utoipa::path(delete, path = "/api/playlists/{id}", tag = "playlists",
    params(
        ("id" = String, Path, description = "Its id."),
        ("If-Match" = Option<String>, Header, description = "The revision that is deleted."),
    ),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn delete(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
    known: IfMatch,
) -> Result<StatusCode, Problem> {
    let _held = app.playlist_edit.lock().await;
    let revision = find(&app, id)?.revision;
    known.check(revision)?;
    app.store.delete_playlist(id, Some(revision)).await?;
    if is_active(&app, id) {
        app.engine.send(Command::Deactivate).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Plays a playlist, from its first item or another
#[utoipa::path(post, path = "/api/playlists/{id}/activate", tag = "playlists",
    params(("id" = String, Path, description = "Its id.")),
    request_body = Option<Activation>,
    responses((status = 200, description = "What plays now.", body = Player)))]
pub(super) async fn activate(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
    OptionalJson(Activation { item }): OptionalJson<Activation>,
) -> Result<Json<Player>, Problem> {
    let item: Option<ItemId> = item.map(|item| wire::id("item", &item)).transpose()?;
    let _held = app.playlist_edit.lock().await;
    let playlist = find(&app, id)?.playlist.clone();
    if let Some(item) = item
        && !playlist.items.iter().any(|other| other.id == item)
    {
        return Err(missing::<ItemId>(item));
    }
    let state = app.engine.send(Command::Activate { playlist, item }).await?;
    app.change_settings(move |settings| settings.active = Some(id), |_| None).await?;
    Ok(Json(view::player(&app, &state)))
}

/// A playlist as a file, to be kept or taken elsewhere
///
/// Media are not in it, only what they are known again by.
#[utoipa::path(get, path = "/api/playlists/{id}/file", tag = "playlists",
    params(("id" = String, Path, description = "Its id.")),
    responses((status = 200, description = "The file.", content_type = "application/octet-stream")))]
pub(super) async fn export(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
) -> Result<impl IntoResponse, Problem> {
    let name = format!("{}.playlist.ron", find(&app, id)?.playlist.name);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, attachment(&name)),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ];
    Ok((headers, app.store.export_playlist(id).await?))
}

/// Makes another playlist of such a file
///
/// Also one of another machine: media files are found again by length and CRC-32.
#[utoipa::path(post, path = "/api/playlists/import", tag = "playlists",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "What came of it.", body = ImportedPlaylist,
        headers(("ETag" = String, description = "The playlist's revision.")))))]
pub(super) async fn import(
    State(app): State<App>,
    Raw(bytes): Raw<{ document::MAX_BYTES }>,
) -> Result<impl IntoResponse, Problem> {
    let Imported { stored, missing_media } = app.store.import_playlist(bytes.into()).await?;
    let playlist = view::playlist(&app, &stored);
    let tag = etag(stored.revision);
    Ok((StatusCode::CREATED, tag, Json(ImportedPlaylist { playlist, missing_media })))
}

/// The playlist with this id.
pub(super) fn find(app: &App, id: PlaylistId) -> Result<Arc<StoredPlaylist>, Problem> {
    app.playlists().get(id).cloned().ok_or_else(|| missing::<PlaylistId>(id))
}

/// A playlist as an answer, with its tag.
pub(super) fn answer(app: &App, stored: &StoredPlaylist) -> impl IntoResponse + use<> {
    (etag(stored.revision), Json(view::playlist(app, stored)))
}

fn is_active(app: &App, id: PlaylistId) -> bool {
    app.player().playlist.is_some_and(|(active, _)| active == id)
}

/// Changes a playlist, keeps it, and has the engine follow if it is active.
pub(super) async fn edit(
    app: &App,
    id: PlaylistId,
    known: &IfMatch,
    edit: impl FnOnce(&mut DomainPlaylist) -> Result<(), Problem>,
) -> Result<Arc<StoredPlaylist>, Problem> {
    let _held = app.playlist_edit.lock().await;
    let before = find(app, id)?;
    known.check(before.revision)?;
    let mut playlist = before.playlist.clone();
    edit(&mut playlist)?;
    let stored = app.store.save_playlist(playlist, Some(before.revision)).await?;
    follow(app, &stored).await?;
    Ok(stored)
}

/// Has the engine play a playlist as it is now, if it is active.
async fn follow(app: &App, stored: &StoredPlaylist) -> Result<(), Problem> {
    if is_active(app, stored.playlist.id) {
        app.engine.send(Command::Update(stored.playlist.clone())).await?;
    }
    Ok(())
}

/// Holds what an item plays against the library and the catalogue.
pub(super) fn check(app: &App, content: &Content) -> Result<(), Problem> {
    match content {
        Content::Media(id) if app.library().get(*id).is_none() => {
            Err(Problem::not_acceptable_value(format!("there is no media file {id}")))
        }
        Content::Effect(effect) => Ok(EffectSpec::check(app.effects, effect).map(|_| ())?),
        _ => Ok(()),
    }
}
