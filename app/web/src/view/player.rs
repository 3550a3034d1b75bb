//! The player.

use prismatron_engine::{Mode as EngineMode, PlayerState};

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
        item: state.item.as_ref().map(|item| CurrentItem {
            id: item.id.to_string(),
            index: item.index,
            title: title(app, item),
        }),
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
fn title(app: &App, item: &prismatron_engine::CurrentItem) -> String {
    let library = app.library();
    if let Some(entry) = item.media.and_then(|id| library.get(id)) {
        return entry.name.clone();
    }
    app.playlists()
        .iter()
        .flat_map(|stored| &stored.playlist.items)
        .find(|stored| stored.id == item.id)
        .map_or_else(
            || item.title.to_string(),
            |item| super::playlist::title(&item.content, &library, app.effects),
        )
}
