//! The board's two threads, and the way to them: lines, which are looked at every few milliseconds, must not wait for
//! a sensor that hangs.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use prismatron_core::board::{BoardSpec, Darkening, SupplySpec};
use prismatron_core::unit::Brightness;
use tokio::sync::{mpsc as presses, watch};

use crate::button::Press;
use crate::error::BoardError;
use crate::hardware::{Hardware, Switch};
use crate::outlook::{Finding, Outlook};
use crate::panel::{Panel, Round};
use crate::sensors::{Measured, Scene, Sensors};
use crate::supply::{Note, Power};
use crate::time::since_boot;

/// From one look at lines to the next, with a button or contacts and without.
const LOOK: Duration = Duration::from_millis(10);
const LOOK_SELDOM: Duration = Duration::from_millis(50);
/// From one look at sensors to the next.
const MEASURE: Duration = Duration::from_millis(250);
/// How long an end waits for lines, and for sensors.
const LINES_END: Duration = Duration::from_millis(500);
const SENSORS_END: Duration = Duration::from_millis(300);
/// From a cut until the supply is off, at most.
const CUT: Duration = Duration::from_millis(200);
/// A sensor that has not come back after so long hangs.
const HANG: Duration = Duration::from_secs(10);
/// Presses that nobody has taken yet.
const PRESSES: usize = 8;
/// Longest wait for what lets there be light, beyond what the supply takes.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the LEDs' supply is left as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// Off.
    Dark,
    /// As it is: the program is back at once.
    AsItIs,
}

/// The running board. When it is dropped the supply goes off.
pub struct Board {
    lines: Option<Running>,
    sensors: Option<Running>,
    handle: Handle,
    patience: Duration,
}

struct Running {
    end: Sender<Leaving>,
    ended: Receiver<()>,
}

/// The way to a running board; clones lead to the same.
#[derive(Debug, Clone)]
pub struct Handle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    scene: Mutex<Scene>,
    parts: Mutex<Parts>,
    is_cut: AtomicBool,
    outlook: watch::Sender<Outlook>,
}

/// What each thread has said last.
#[derive(Debug, Clone, Default)]
struct Parts {
    round: Option<Round>,
    measured: Option<Measured>,
    /// When the sensors' thread began the round it is in.
    measuring_since: Option<Duration>,
}

/// Presses of the button.
pub type Presses = presses::Receiver<Press>;

impl Board {
    /// Starts it: from now on the supply is on its way. `runtime` is a folder that is kept from one start to the next,
    /// in memory.
    ///
    /// # Errors
    /// No thread can be had. A device that cannot be had is no error.
    pub fn start<H: Hardware>(
        spec: &BoardSpec,
        hardware: H,
        runtime: Option<&Path>,
    ) -> Result<(Self, Presses), BoardError> {
        let hardware = Arc::new(hardware);
        let shared = Arc::new(Shared {
            scene: Mutex::default(),
            parts: Mutex::default(),
            is_cut: AtomicBool::new(false),
            outlook: watch::Sender::new(combine(&Parts::default(), Duration::ZERO)),
        });
        let (pressed, presses) = presses::channel(PRESSES);
        let panel = Panel::new(Arc::clone(&hardware), spec.clone(), Note::in_folder(runtime));
        let lines = spawn("board", {
            let shared = Arc::clone(&shared);
            move |ending| look_at_lines(panel, &shared, &pressed, &ending)
        })?;
        let sensors = Sensors::new(hardware, spec.clone());
        let sensors = spawn("sensors", {
            let shared = Arc::clone(&shared);
            move |ending| look_at_sensors(sensors, &shared, &ending)
        })?;
        let takes = |supply: &SupplySpec| supply.off_at_least() + supply.settle();
        let patience = spec.supply.as_ref().map_or(Duration::ZERO, takes) + PATIENCE;
        let (lines, sensors) = (Some(lines), Some(sensors));
        Ok((Self { lines, sensors, handle: Handle(shared), patience }, presses))
    }

    /// The way to it.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Waits until LEDs have power and it is known how bright they may be, or for as long as that can take.
    pub async fn ready(&self) {
        let mut outlook = self.handle.outlook();
        let is_ready = |outlook: &Outlook| outlook.power == Power::On && outlook.shade.is_some();
        if tokio::time::timeout(self.patience, outlook.wait_for(is_ready)).await.is_err() {
            tracing::warn!("the LEDs have no power yet, or it is not known how bright they may be");
        }
    }

    /// Ends it. The last frame must have gone out. May take as long as a sensor that hangs is waited for.
    pub fn stop(mut self, leaving: Leaving) {
        self.end(leaving);
    }

    fn end(&mut self, leaving: Leaving) {
        let both = [(self.lines.take(), LINES_END), (self.sensors.take(), SENSORS_END)];
        for (running, patience) in both {
            let Some(Running { end, ended }) = running else { continue };
            let _ = end.send(leaving);
            if matches!(ended.recv_timeout(patience), Err(RecvTimeoutError::Timeout)) {
                tracing::warn!("a device of the board hangs and is left behind");
            }
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        self.end(Leaving::Dark);
    }
}

impl Handle {
    /// What is known, now and whenever it changes.
    pub fn outlook(&self) -> watch::Receiver<Outlook> {
        self.0.outlook.subscribe()
    }

    /// Switches the supply off for good, and waits a moment for that: for an end that waits for nobody.
    pub fn cut(&self) {
        self.0.is_cut.store(true, Ordering::Relaxed);
        let until = Instant::now() + CUT;
        while self.0.outlook.borrow().power != Power::Off && Instant::now() < until {
            thread::sleep(LOOK);
        }
    }

    /// Tells the board how it goes.
    pub fn tell(&self, scene: Scene) {
        *lock(&self.0.scene) = scene;
    }
}

impl Shared {
    fn say(&self, change: impl FnOnce(&mut Parts)) {
        let mut parts = lock(&self.parts);
        change(&mut parts);
        let outlook = combine(&parts, since_boot());
        self.outlook.send_if_modified(|published| {
            let is_new = *published != outlook;
            *published = outlook;
            is_new
        });
    }

    /// What is wanted of the supply, as far as sensors have a say.
    fn supply(&self) -> Switch {
        if self.is_cut.load(Ordering::Relaxed) {
            return Switch::Off;
        }
        let measured = lock(&self.parts).measured.as_ref().and_then(|measured| measured.darkening);
        if measured == Some(Darkening::PowerOff) { Switch::Off } else { Switch::On }
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What follows from what both threads have said.
fn combine(parts: &Parts, now: Duration) -> Outlook {
    let (round, measured) = (parts.round.as_ref(), parts.measured.as_ref());
    let power = round.map_or(Power::Coming, |round| round.power);
    let darkening =
        round.and_then(|r| r.darkening).max(measured.and_then(|measured| measured.darkening));
    let is_dark = darkening.is_some() || power != Power::On;
    let shade = match measured.and_then(|measured| measured.shade) {
        _ if is_dark && round.is_some() => Brightness::try_from(0.0).ok(),
        shade => shade.filter(|_| round.is_some()),
    };
    let findings = round.map(|round| &round.findings).into_iter();
    let findings = findings.chain(measured.map(|measured| &measured.findings));
    let busy = parts.measuring_since.map_or(Duration::ZERO, |since| now.saturating_sub(since));
    let hangs = (busy >= HANG).then(|| {
        let message = "a sensor, display or fan has not answered for long, and those behind it are not seen to: its \
                       bus hangs. Look at its wires; taking its power away for a moment frees it";
        Finding::new("sensors", message)
    });
    Outlook {
        shade,
        power,
        findings: findings.flatten().cloned().chain(hangs).collect(),
        seen: measured.map(|measured| measured.seen.clone()).unwrap_or_default(),
    }
}

fn spawn(
    name: &'static str,
    run: impl FnOnce(Receiver<Leaving>) + Send + 'static,
) -> Result<Running, BoardError> {
    let (end, ending) = mpsc::channel();
    let (running, ended) = mpsc::channel::<()>();
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let _running = running;
            tracing::info_span!("board").in_scope(|| run(ending));
        })
        .map_err(|error| BoardError::Thread(error.to_string()))?;
    Ok(Running { end, ended })
}

fn look_at_lines<H: Hardware>(
    mut panel: Panel<H>,
    shared: &Shared,
    pressed: &presses::Sender<Press>,
    ending: &Receiver<Leaving>,
) {
    let every = if panel.has_inputs() { LOOK } else { LOOK_SELDOM };
    loop {
        let lamp = lock(&shared.scene).lamp;
        let round = panel.round(since_boot(), shared.supply(), lamp);
        if let Some(press) = round.press {
            // Nobody takes them any more, or all too many: it can be pressed again.
            let _ = pressed.try_send(press);
        }
        shared.say(|parts| parts.round = Some(round));
        match ending.recv_timeout(every) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Leaving::AsItIs) => return panel.leave_on(),
            Ok(Leaving::Dark) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn look_at_sensors<H: Hardware>(
    mut sensors: Sensors<H>,
    shared: &Shared,
    ending: &Receiver<Leaving>,
) {
    loop {
        let (scene, now) = (lock(&shared.scene).clone(), since_boot());
        shared.say(|parts| parts.measuring_since = Some(now));
        let measured = sensors.round(now, &scene);
        shared.say(|parts| (parts.measured, parts.measuring_since) = (Some(measured), None));
        if !matches!(ending.recv_timeout(MEASURE), Err(RecvTimeoutError::Timeout)) {
            return sensors.finish();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use prismatron_core::board::{Level, LineId, LineSpec};

    use super::*;
    use crate::bench::Bench;

    fn spec() -> BoardSpec {
        let line = LineSpec { chip: "c".into(), line: LineId::Offset(1), active: Level::High };
        let supply = SupplySpec { line, off_at_least_ms: 0, settle_ms: 0 };
        BoardSpec { supply: Some(supply), ..BoardSpec::default() }
    }

    #[tokio::test]
    async fn the_supply_is_on_while_it_runs_and_off_however_it_ends() {
        let bench = Bench::default();
        let (board, _presses) = Board::start(&spec(), bench.clone(), None).unwrap();
        board.ready().await;
        assert!(bench.is_high(1));
        let outlook = board.handle().outlook().borrow().clone();
        assert_eq!((outlook.power, outlook.shade), (Power::On, Some(Brightness::FULL)));
        board.stop(Leaving::Dark);
        assert!(!bench.is_high(1));

        let (board, _presses) = Board::start(&spec(), bench.clone(), None).unwrap();
        board.ready().await;
        drop(board);
        assert!(!bench.is_high(1));

        let (board, _presses) = Board::start(&spec(), bench.clone(), None).unwrap();
        board.ready().await;
        board.stop(Leaving::AsItIs);
        assert!(bench.is_high(1));
    }

    #[tokio::test]
    async fn a_cut_takes_the_power_and_is_not_taken_back() {
        let bench = Bench::default();
        let (board, _presses) = Board::start(&spec(), bench.clone(), None).unwrap();
        board.ready().await;
        let handle = board.handle();
        tokio::task::spawn_blocking(move || handle.cut()).await.unwrap();
        assert!(!bench.is_high(1));
        board.stop(Leaving::AsItIs);
        assert!(!bench.is_high(1));
    }

    #[test]
    fn a_bus_that_hangs_is_told() {
        let since = Duration::from_secs(5);
        let parts = Parts { measuring_since: Some(since), ..Parts::default() };
        assert_eq!(combine(&parts, since + HANG - Duration::from_millis(1)).findings, []);
        assert_eq!(combine(&parts, since + HANG).findings[0].subject, "sensors");
    }

    #[test]
    fn nothing_is_known_at_first_and_whatever_is_dark_is_black() {
        let round = |power, darkening| Round { power, press: None, darkening, findings: vec![] };
        let half = Brightness::try_from(0.5).unwrap();
        let measured =
            |darkening| Measured { shade: Some(half), darkening, findings: vec![], seen: vec![] };
        let black = Brightness::try_from(0.0).ok();
        let shade = |round, measured| {
            combine(&Parts { round, measured, measuring_since: None }, Duration::ZERO).shade
        };
        assert_eq!(shade(None, Some(measured(None))), None);
        assert_eq!(shade(Some(round(Power::On, None)), None), None);
        let on = || Some(round(Power::On, None));
        assert_eq!(shade(on(), Some(measured(None))), Some(half));
        assert_eq!(shade(on(), Some(measured(Some(Darkening::Black)))), black);
        assert_eq!(
            shade(Some(round(Power::On, Some(Darkening::Black))), Some(measured(None))),
            black
        );
        assert_eq!(shade(Some(round(Power::Coming, None)), Some(measured(None))), black);
    }
}
