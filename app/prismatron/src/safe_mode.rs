//! Whether this start plays anything: not where it was asked not to, nor after two crashes in a row.

use std::sync::Arc;

use prismatron_store as store;
use prismatron_system::Ladder;
use prismatron_web::{Cause, SafeMode};
use tokio::time::sleep;

use crate::log::LogFile;

/// So many lines of the log say what happened.
const LINES: usize = 40;

/// Whether safe mode is on, and why.
pub(crate) async fn find(
    by_command_line: bool,
    store: &store::Handle,
    ladder: Option<&Arc<Ladder>>,
    log: &LogFile,
) -> SafeMode {
    let by_request = store.load_state::<bool>(Cause::STATE).await.ok().flatten().unwrap_or(false);
    let crashes = ladder.filter(|ladder| ladder.is_safe_mode_due());
    let reason = match crashes {
        _ if by_command_line => Some("It was started with --safe-mode.".to_owned()),
        _ if by_request => Some("It was asked for before the restart.".to_owned()),
        Some(ladder) => Some(format!(
            "It has just ended unexpectedly {} times in a row, each within {} minutes.",
            ladder.unclean_ends(),
            Ladder::SETTLED.as_secs() / 60
        )),
        None => None,
    };
    let cause = reason.map(|reason| {
        let log = crashes.map(|_| log.tail(LINES)).unwrap_or_default();
        tracing::warn!("safe mode: nothing plays. {reason}");
        Cause { reason, log }
    });
    let ladder = ladder.cloned();
    SafeMode::new(cause, move || {
        tracing::info!("safe mode is left");
        if let Some(ladder) = &ladder {
            ladder.forget();
        }
    })
}

/// Forgets what was before once this run has lasted.
pub(crate) async fn settle(ladder: Arc<Ladder>) {
    sleep(Ladder::SETTLED).await;
    ladder.forget();
}
