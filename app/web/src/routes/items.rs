//! Items of a playlist.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use prismatron_core::id::{ItemId, PlaylistId};
use prismatron_core::playlist::{Item, Playlist as DomainPlaylist};

use super::playlists::{answer, check, edit};
use crate::app::App;
use crate::extract::{self, Id, Ids, IfMatch, missing};
use crate::problem::Problem;
use crate::wire;
use crate::wire::Invalid;
use crate::wire::playlist::{ItemChange, ItemOrder, ItemSelection, NewItem, NewItems, Playlist};

/// Puts items into a playlist, at the end or before another
#[utoipa::path(post, path = "/api/playlists/{id}/items", tag = "playlists",
    params(
        ("id" = String, Path, description = "The playlist's id."),
        ("If-Match" = Option<String>, Header, description = "The revision the change is made to."),
    ),
    request_body = NewItems,
    responses((status = 201, description = "The playlist now.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn add(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
    known: IfMatch,
    extract::Json(NewItems { items, before }): extract::Json<NewItems>,
) -> Result<impl IntoResponse, Problem> {
    let before: Option<ItemId> = before.map(|id| wire::id("before", &id)).transpose()?;
    let mut new = read(items)?;
    for item in &new {
        check(&app, &item.content)?;
    }
    let stored = edit(&app, id, &known, |playlist| {
        let at = match before {
            Some(before) => position(playlist, before)?,
            None => playlist.items.len(),
        };
        for item in &mut new {
            item.id = unused(playlist)?;
        }
        playlist.items.splice(at..at, new);
        Ok(())
    })
    .await?;
    Ok((StatusCode::CREATED, answer(&app, &stored)))
}

/// Puts another item in the place of one, under the same id
#[utoipa::path(put, path = "/api/playlists/{id}/items/{item}", tag = "playlists",
    params(
        ("id" = String, Path, description = "The playlist's id."),
        ("item" = String, Path, description = "The item's id."),
        ("If-Match" = Option<String>, Header, description = "The revision the change is made to."),
    ),
    request_body = NewItem,
    responses((status = 200, description = "The playlist now.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn replace(
    State(app): State<App>,
    Ids(id, item): Ids<PlaylistId, ItemId>,
    known: IfMatch,
    extract::Json(new): extract::Json<NewItem>,
) -> Result<impl IntoResponse, Problem> {
    let new = new.into_item(item)?;
    let stored = edit(&app, id, &known, |playlist| {
        let at = position(playlist, item)?;
        // An item whose file has gone may still be given another duration.
        if playlist.items[at].content != new.content {
            check(&app, &new.content)?;
        }
        playlist.items[at] = new;
        Ok(())
    })
    .await?;
    Ok(answer(&app, &stored))
}

/// Takes an item out
#[utoipa::path(delete, path = "/api/playlists/{id}/items/{item}", tag = "playlists",
    params(
        ("id" = String, Path, description = "The playlist's id."),
        ("item" = String, Path, description = "The item's id."),
        ("If-Match" = Option<String>, Header, description = "The revision the change is made to."),
    ),
    responses((status = 200, description = "The playlist now.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn remove(
    State(app): State<App>,
    Ids(id, item): Ids<PlaylistId, ItemId>,
    known: IfMatch,
) -> Result<impl IntoResponse, Problem> {
    let stored = edit(&app, id, &known, |playlist| {
        let at = position(playlist, item)?;
        playlist.items.remove(at);
        Ok(())
    })
    .await?;
    Ok(answer(&app, &stored))
}

/// Changes some items in the same way; none where one of them is not there
#[utoipa::path(patch, path = "/api/playlists/{id}/items", tag = "playlists",
    params(
        ("id" = String, Path, description = "The playlist's id."),
        ("If-Match" = Option<String>, Header, description = "The revision the change is made to."),
    ),
    request_body = ItemChange,
    responses((status = 200, description = "The playlist now.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn change_some(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
    known: IfMatch,
    extract::Json(change): extract::Json<ItemChange>,
) -> Result<impl IntoResponse, Problem> {
    let items = selected(&change.items)?;
    let apply = change.checked()?;
    let stored = edit(&app, id, &known, |playlist| {
        for item in items {
            let at = position(playlist, item)?;
            apply(&mut playlist.items[at]);
        }
        Ok(())
    })
    .await?;
    Ok(answer(&app, &stored))
}

/// Takes some items out; none where one of them is not there
#[utoipa::path(post, path = "/api/playlists/{id}/items/remove", tag = "playlists",
    params(
        ("id" = String, Path, description = "The playlist's id."),
        ("If-Match" = Option<String>, Header, description = "The revision the change is made to."),
    ),
    request_body = ItemSelection,
    responses((status = 200, description = "The playlist now.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn remove_some(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
    known: IfMatch,
    extract::Json(ItemSelection { items }): extract::Json<ItemSelection>,
) -> Result<impl IntoResponse, Problem> {
    let items = selected(&items)?;
    let stored = edit(&app, id, &known, |playlist| {
        let there: BTreeSet<ItemId> = playlist.items.iter().map(|item| item.id).collect();
        if let Some(gone) = items.difference(&there).next() {
            return Err(missing::<ItemId>(gone));
        }
        playlist.items.retain(|item| !items.contains(&item.id));
        Ok(())
    })
    .await?;
    Ok(answer(&app, &stored))
}

/// Puts the items into another order; 409 unless it names each of them once
#[utoipa::path(put, path = "/api/playlists/{id}/order", tag = "playlists",
    params(
        ("id" = String, Path, description = "The playlist's id."),
        ("If-Match" = Option<String>, Header, description = "The revision the change is made to."),
    ),
    request_body = ItemOrder,
    responses((status = 200, description = "The playlist now.", body = Playlist,
        headers(("ETag" = String, description = "Its revision.")))))]
pub(super) async fn reorder(
    State(app): State<App>,
    Id(id): Id<PlaylistId>,
    known: IfMatch,
    extract::Json(ItemOrder { items }): extract::Json<ItemOrder>,
) -> Result<impl IntoResponse, Problem> {
    let order: Vec<ItemId> =
        items.iter().map(|id| wire::id("items", id)).collect::<Result<_, _>>()?;
    let stored = edit(&app, id, &known, |playlist| {
        let items = std::mem::take(&mut playlist.items);
        playlist.items = in_order(items, &order).ok_or_else(|| {
            Problem::conflict("the order must name each item of the playlist once")
        })?;
        Ok(())
    })
    .await?;
    Ok(answer(&app, &stored))
}

/// New items, which have no ids yet.
pub(super) fn read(items: Vec<NewItem>) -> Result<Vec<Item>, Invalid> {
    let read = |(index, item): (usize, NewItem)| {
        item.into_item(ItemId(0)).map_err(|error| error.within(format_args!("items[{index}]")))
    };
    items.into_iter().enumerate().map(read).collect()
}

fn selected(ids: &[String]) -> Result<BTreeSet<ItemId>, Invalid> {
    ids.iter().map(|id| wire::id("items", id)).collect()
}

fn position(playlist: &DomainPlaylist, item: ItemId) -> Result<usize, Problem> {
    let at = playlist.items.iter().position(|other| other.id == item);
    at.ok_or_else(|| missing::<ItemId>(item))
}

/// An id that no item of the playlist has.
pub(super) fn unused(playlist: &DomainPlaylist) -> Result<ItemId, Problem> {
    loop {
        let id = ItemId(getrandom::u64().map_err(|error| Problem::internal(&error))?);
        if !playlist.items.iter().any(|item| item.id == id) {
            return Ok(id);
        }
    }
}

/// The items in this order; `None` unless it is a permutation of them.
fn in_order(items: Vec<Item>, order: &[ItemId]) -> Option<Vec<Item>> {
    if order.len() != items.len() {
        return None;
    }
    let mut by_id: std::collections::HashMap<ItemId, Item> =
        items.into_iter().map(|item| (item.id, item)).collect();
    order.iter().map(|id| by_id.remove(id)).collect()
}
