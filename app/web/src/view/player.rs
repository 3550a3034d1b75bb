//! The player.

use prismatron_core::playlist::Content;
use prismatron_engine::{CurrentItem as EngineItem, Mode as EngineMode, PlayerState};

use crate::app::App;
use crate::wire::identify::Identifying;
use crate::wire::player::{ActivePlaylist, CurrentItem, ItemProblem, Mode, Player};

/// What is playing.
pub(crate) fn player(app: &App, state: &PlayerState) -> Player {
    let counters = app.engine.counters();
    Player {
        mode: match state.mode {
            EngineMode::Playing => Mode::Playing,
            EngineMode::Paused => Mode::Paused,
            EngineMode::Stopped => Mode::Stopped,
        },
        playlist: state
            .playlist
            .as_ref()
            .map(|(id, name)| ActivePlaylist { id: id.to_string(), name: name.to_string() }),
        item: state.item.as_ref().map(|item| current(app, state, item)),
        position_seconds: state.position(app.engine.now()).as_secs_f64(),
        duration_seconds: state.duration.map(|time| time.as_secs_f64()),
        frames: counters.frames,
        late_frames: counters.late,
        leds: app.wall().leds.len(),
        test_pattern: identifying(app, state),
        brightness: state.colour.brightness.get(),
        blackout: state.blackout,
        problems: state
            .broken
            .iter()
            .map(|(item, reason)| ItemProblem {
                item: item.to_string(),
                reason: reason.to_string(),
            })
            .collect(),
    }
}

/// Whether a test pattern is shown.
pub(crate) fn identifying(app: &App, state: &PlayerState) -> Identifying {
    let left = state.sign.map(|until| until.saturating_sub(app.engine.now()));
    Identifying { seconds_left: left.map(|left| left.as_secs_f64()) }
}

/// The engine knows the id of a file and the name of an effect; people know them otherwise.
fn current(app: &App, state: &PlayerState, item: &EngineItem) -> CurrentItem {
    let (library, playlists) = (app.library(), app.playlists());
    let active = state.playlist.as_ref().and_then(|(id, _)| playlists.get(*id));
    let items = active.map(|stored| &stored.playlist.items[..]).unwrap_or_default();
    let content = items.iter().find(|stored| stored.id == item.id).map(|item| &item.content);
    let title = match (item.media.and_then(|id| library.get(id)), content) {
        (Some(entry), _) => entry.name.clone(),
        (None, Some(content)) => super::playlist::title(content, &library, app.effects),
        (None, None) => item.title.to_string(),
    };
    let effect = match content {
        Some(Content::Effect(effect)) => Some(effect.name.clone()),
        _ => None,
    };
    CurrentItem { id: item.id.to_string(), index: item.index, title, effect }
}
