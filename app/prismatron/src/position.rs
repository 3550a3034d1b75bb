//! Keeps where playback stands, so that a restart goes on there, even one nobody announced.

use std::time::Duration;

use prismatron_engine::{self as engine, Position};
use prismatron_store as store;
use prismatron_web::SafeMode;

/// The name it is stored under.
const STATE: &str = "position";
/// How often a position that only runs on is written.
const EVERY: Duration = Duration::from_secs(10);

/// Where playback stood when it was last written.
///
/// A position that does not read is no reason not to start.
pub(crate) async fn load(store: &store::Handle) -> Option<Position> {
    store.load_state(STATE).await.unwrap_or_else(|error| {
        tracing::warn!("the position is not known: {error}");
        None
    })
}

/// Writes where playback stands. Not in safe mode, which stands still where the show was: the next start
/// without it goes on from there.
#[derive(Clone)]
pub(crate) struct Keeper {
    pub(crate) store: store::Handle,
    pub(crate) safe_mode: SafeMode,
}

impl Keeper {
    /// Writes it at once.
    pub(crate) async fn save(&self, position: &Position) {
        if self.safe_mode.is_on() {
            return;
        }
        if let Err(error) = self.store.save_state(STATE, position).await {
            // The store tells of a disk that takes nothing, once.
            tracing::debug!("the position is not kept: {error}");
        }
    }

    /// Writes it at every change of item or mode, and now and then while it runs on. Never ends.
    pub(crate) async fn keep(self, engine: engine::Handle) {
        let mut state = engine.state();
        let mut written = None;
        loop {
            let position = engine.position();
            if position.is_some() && position != written {
                if let Some(position) = &position {
                    self.save(position).await;
                }
                written = position;
            }
            let mut due = std::pin::pin!(tokio::time::sleep(EVERY));
            loop {
                tokio::select! {
                    () = &mut due => break,
                    changed = state.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        if another_place(written.as_ref(), engine.position().as_ref()) {
                            break;
                        }
                    }
                }
            }
        }
    }
}

/// Whether more than time has passed between two positions.
fn another_place(old: Option<&Position>, new: Option<&Position>) -> bool {
    let place = |position: &Position| (position.playlist, position.item, position.mode);
    old.map(place) != new.map(place)
}
