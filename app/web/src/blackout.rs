//! The blackout: all light taken away by whoever runs the show, until somebody gives it back, over restarts too.

use prismatron_core::unit::Brightness;
use prismatron_store::{Handle, StoreError};

/// The name it is stored under.
const STATE: &str = "blackout";

/// How much light there may be to begin with.
///
/// What does not read is no reason to stay dark.
pub async fn kept(store: &Handle) -> Brightness {
    let on = store.load_state::<bool>(STATE).await.unwrap_or_else(|error| {
        tracing::warn!("whether it was dark is not known: {error}");
        None
    });
    light(on.unwrap_or(false))
}

/// Keeps whether it is on.
pub(crate) async fn keep(store: &Handle, on: bool) -> Result<(), StoreError> {
    store.save_state(STATE, &on).await
}

/// How much light it leaves.
pub(crate) fn light(on: bool) -> Brightness {
    if on { Brightness::BLACK } else { Brightness::FULL }
}
