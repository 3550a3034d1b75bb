//! Playlists and what their items are called.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use prismatron_core::effect::EffectSpec;
use prismatron_core::id::ItemId;
use prismatron_core::media::MediaKind;
use prismatron_core::playlist::{Content, Item as DomainItem};
use prismatron_engine::PlayerState;
use prismatron_store::{Library, StoredPlaylist};

use crate::app::App;
use crate::wire::playlist::{Item, Playlist, PlaylistSummary};

/// Most characters of a text that make its title.
const TITLE: usize = 60;

/// A playlist with its items.
pub(crate) fn playlist(app: &App, stored: &StoredPlaylist) -> Playlist {
    let (library, state) = (app.library(), app.player());
    let playlist = &stored.playlist;
    let active = is_active(&state, stored);
    let nothing = BTreeMap::new();
    let broken = if active { &*state.broken } else { &nothing };
    Playlist {
        id: playlist.id.to_string(),
        name: playlist.name.clone(),
        order: playlist.order.into(),
        repeat: playlist.repeat.into(),
        active,
        revision: stored.revision,
        items: playlist
            .items
            .iter()
            .map(|item| Item {
                id: item.id.to_string(),
                title: title(&item.content, &library, app.effects),
                problem: problem(item, &library, app.effects, broken),
                content: item.content.clone().into(),
                duration_seconds: item.duration.map(|time| time.as_secs_f64()),
                fit: item.fit.into(),
                transition: item.transition.into(),
            })
            .collect(),
    }
}

/// A playlist without its items.
pub(crate) fn summary(app: &App, stored: &StoredPlaylist) -> PlaylistSummary {
    let library = app.library();
    let playlist = &stored.playlist;
    let duration: Option<Duration> =
        playlist.items.iter().map(|item| duration(item, &library)).sum();
    PlaylistSummary {
        id: playlist.id.to_string(),
        name: playlist.name.clone(),
        items: playlist.items.len(),
        duration_seconds: duration.map(|time| time.as_secs_f64()),
        order: playlist.order.into(),
        repeat: playlist.repeat.into(),
        active: is_active(&app.player(), stored),
    }
}

fn is_active(state: &PlayerState, stored: &StoredPlaylist) -> bool {
    state.playlist.as_ref().is_some_and(|(id, _)| *id == stored.playlist.id)
}

/// A few words for people.
pub(super) fn title(content: &Content, library: &Library, effects: &[EffectSpec]) -> String {
    match content {
        Content::Media(id) => library
            .get(*id)
            .map_or_else(|| "(no longer in the library)".into(), |entry| entry.name.clone()),
        Content::Text(text) => {
            let line = text.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            line.trim().chars().take(TITLE).collect()
        }
        Content::Effect(effect) => effects
            .iter()
            .find(|spec| spec.name == effect.name)
            .map_or_else(|| effect.name.clone(), |spec| spec.title.into()),
    }
}

/// Why an item cannot be played: what the player ran into, or what can be told beforehand.
fn problem(
    item: &DomainItem,
    library: &Library,
    effects: &[EffectSpec],
    broken: &BTreeMap<ItemId, Arc<str>>,
) -> Option<String> {
    if let Some(reason) = broken.get(&item.id) {
        return Some(reason.to_string());
    }
    match &item.content {
        Content::Media(id) if library.get(*id).is_none() => {
            Some("the file is no longer in the library".into())
        }
        Content::Effect(effect) => {
            EffectSpec::check(effects, effect).err().map(|error| error.to_string())
        }
        _ => None,
    }
}

/// How long an item is on, where that can be told without opening it.
fn duration(item: &DomainItem, library: &Library) -> Option<Duration> {
    if item.duration.is_some() {
        return item.duration;
    }
    let Content::Media(id) = item.content else { return Some(DomainItem::DEFAULT_DURATION) };
    let info = &library.get(id)?.info;
    match (info.kind, info.loops) {
        (MediaKind::Still, _) => Some(DomainItem::DEFAULT_DURATION),
        (MediaKind::Video, _) => info.duration,
        (MediaKind::Animation, Some(loops)) => info.duration?.checked_mul(loops),
        (MediaKind::Animation, None) => None,
    }
}
