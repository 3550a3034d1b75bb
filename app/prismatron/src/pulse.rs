//! The signs of life that systemd's watchdog is fed by: rounds of the engine and of every output, and an
//! answer of the page.

use std::net::SocketAddr;
use std::time::Duration;

use prismatron_engine as engine;
use prismatron_output::StatusBoard;
use prismatron_system::{Life, Sign, Watchdog};
use prismatron_web::{Places, client};

/// Longest wait for the page's answer.
const ANSWER: Duration = Duration::from_secs(4);

/// Whose signs are taken.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) engine: engine::Handle,
    pub(crate) outputs: StatusBoard,
    /// Where the page listens.
    pub(crate) page: SocketAddr,
    pub(crate) places: Places,
}

/// Feeds the watchdog, if systemd has set one. Never ends.
pub(crate) async fn feed(parts: Parts) {
    let Some(watchdog) = Watchdog::detect() else { return };
    let patience = (watchdog.every() * 4 / 5).min(ANSWER);
    watchdog.feed(|| signs(&parts, patience)).await;
}

async fn signs(parts: &Parts, patience: Duration) -> Vec<Sign> {
    let rounds = parts.engine.counters().rounds;
    let player = Sign { of: "player".into(), life: Life::Rounds { thread: 0, count: rounds } };
    let outputs = parts.outputs.pulses().into_iter().map(|pulse| Sign {
        of: format!("output “{}”", pulse.name),
        life: Life::Rounds { thread: pulse.thread, count: pulse.rounds },
    });
    let mut signs: Vec<Sign> = std::iter::once(player).chain(outputs).collect();
    let answer = ask(parts.page, patience).await;
    // A crowd that takes every place must not be able to darken the wall.
    if answer.is_ok() || !parts.places.are_taken() {
        signs.push(Sign { of: "page".into(), life: Life::Answer(answer) });
    }
    signs
}

/// Whether the page answers that it works.
async fn ask(page: SocketAddr, patience: Duration) -> Result<(), String> {
    match client::health(page, patience).await {
        Ok(health) if health["status"] != "failing" => Ok(()),
        Ok(_) => Err("it says that it does not work".into()),
        Err(error) => Err(format!("{:#}", anyhow::Error::from(error))),
    }
}
