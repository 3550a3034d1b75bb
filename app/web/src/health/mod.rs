//! Whether all is well: looked at every half minute, and again whenever somebody asks.
//!
//! What the machine and its disk say is read by [`keep_watch`] in the background, since a sick device holds its
//! readers up; everything else is in memory and taken as it is at that moment. [`judge`] makes findings of both,
//! and the [`Chart`] remembers since when each of them holds. What changes is logged, once.
//!
//! A finding never ends the program or has it restarted: only a player that has stopped is a failure as a whole.

mod chart;
mod judge;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use prismatron_core::recovery::Recovery;
use prismatron_store::StorageStatus;
use prismatron_system::{Gauges, Readings};
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::view;
use chart::Chart;
pub(crate) use chart::Since;
pub(crate) use judge::{Check, Finding, Verdict, Word};
use judge::{Facts, judge};

/// From one check to the next.
const EVERY: Duration = Duration::from_secs(30);
/// What was read so long ago says nothing any more: the reading of something hangs.
const STALE: Duration = Duration::from_secs(100);
/// Items that failed within this are told of.
const RECENT: Duration = Duration::from_secs(3600);

/// What is known of the health.
#[derive(Debug)]
pub(crate) struct Health {
    gauges: Gauges,
    taken: Mutex<Option<Taken>>,
    chart: Mutex<Chart>,
}

/// What the last check in the background has read.
#[derive(Debug, Clone)]
struct Taken {
    /// By the engine's clock.
    at: Duration,
    readings: Readings,
    storage: StorageStatus,
}

/// What came of an examination.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// Of everything.
    pub(crate) word: Word,
    /// Of each.
    pub(crate) verdicts: Vec<Verdict>,
    /// Since when each finding holds, in their order.
    pub(crate) since: Vec<Since>,
    /// How long ago machine and disk were read, once they have been.
    pub(crate) checked: Option<Duration>,
}

/// A way in which the program has tried to help itself, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remedy {
    pub(crate) kind: RemedyKind,
    pub(crate) count: Recovery,
}

/// What the program does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RemedyKind {
    ReopenOutput,
    NextHost,
    PruneUploads,
}

impl Health {
    pub(crate) fn new(gauges: Gauges) -> Self {
        Self { gauges, taken: Mutex::default(), chart: Mutex::default() }
    }

    fn taken(&self) -> MutexGuard<'_, Option<Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads machine and disk, and examines, over and over. Never ends.
pub(crate) async fn keep_watch(app: App) {
    let mut checks = interval(EVERY);
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        checks.tick().await;
        check(&app).await;
    }
}

async fn check(app: &App) {
    let (store, gauges) = (app.store.clone(), app.health.gauges.clone());
    let reading = tokio::task::spawn_blocking(move || {
        (gauges.read(store.data_dir(), SystemTime::now()), store.storage())
    });
    let Ok((readings, storage)) = reading.await else { return };
    let at = app.clock.now();
    *app.health.taken() = Some(Taken { at, readings, storage });
    let report = examine(app);
    let is_short = report
        .verdicts
        .iter()
        .any(|verdict| verdict.check == Check::Storage && verdict.word != Word::Ok);
    // Otherwise done every minute. A store that is closed has nothing to remove.
    if is_short && let Err(error) = app.store.expire_uploads().await {
        tracing::debug!("expired uploads are not looked for: {error}");
    }
}

/// Examines everything by what is known now.
pub(crate) fn examine(app: &App) -> Report {
    let now = app.clock.now();
    let taken = app.health.taken().clone();
    let age = taken.as_ref().map(|taken| now.saturating_sub(taken.at));
    let fresh = taken.as_ref().filter(|_| age.is_some_and(|age| age < STALE));
    let player = app.player();
    let found = app.store.findings().borrow().clone();
    let board = app.board.as_ref().map(|board| board.borrow().clone());
    let verdicts = judge(&Facts {
        // The sender of the state lives in the engine's thread.
        player_runs: app.engine.state().has_changed().is_ok(),
        stalled: player.message.as_deref(),
        outputs: &view::output_statuses(app),
        found: &found,
        failures: &app.engine.failures(RECENT),
        storage: fresh.map(|taken| &taken.storage),
        readings: fresh.map(|taken| &taken.readings),
        stale: age.filter(|age| *age >= STALE),
        board: board.as_ref(),
    });
    let worst = verdicts.iter().map(|verdict| verdict.word).max().unwrap_or(Word::Ok);
    let stopped = verdicts.iter().any(|v| v.check == Check::Player && v.word == Word::Failing);
    let word = match worst {
        _ if stopped => Word::Failing,
        Word::Ok | Word::Unknown => Word::Ok,
        Word::Degraded | Word::Failing => Word::Degraded,
    };
    let mut chart = app.health.chart.lock().unwrap_or_else(PoisonError::into_inner);
    let since = chart.note(&verdicts, now);
    Report { word, verdicts, since, checked: age }
}

/// What the machine said last, where that is not too long ago.
pub(crate) fn readings(app: &App) -> Option<Readings> {
    let taken = app.health.taken().clone()?;
    (app.clock.now().saturating_sub(taken.at) < STALE).then_some(taken.readings)
}

/// What the program has done by itself since the start.
pub(crate) fn remedies(app: &App) -> [Remedy; 3] {
    [
        Remedy { kind: RemedyKind::ReopenOutput, count: app.outputs.reopened() },
        Remedy { kind: RemedyKind::NextHost, count: app.outputs.next_host() },
        Remedy { kind: RemedyKind::PruneUploads, count: app.store.pruned_uploads() },
    ]
}
