//! The end: what asks for it, and the last deadline over all its steps.

use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

/// Within this the program is gone, whatever hangs.
const DEADLINE: Duration = Duration::from_millis(4500);

/// Waits for SIGTERM or Ctrl-C.
///
/// # Errors
/// The signals cannot be listened to.
pub(crate) async fn asked() -> anyhow::Result<&'static str> {
    let mut term = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for Ctrl-C")?;
    Ok(tokio::select! {
        _ = term.recv() => "SIGTERM",
        _ = interrupt.recv() => "Ctrl-C",
    })
}

/// Starts the last deadline: a thread of its own, since the runtime itself may be what hangs.
pub(crate) fn arm_deadline() {
    std::thread::spawn(|| {
        std::thread::sleep(DEADLINE);
        tracing::error!("something did not stop in time, ending without it");
        std::process::exit(0);
    });
}
