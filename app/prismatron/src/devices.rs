//! The appliance's own hardware beside the show: what lamp and display tell, how bright it lets the wall be, and what
//! its button does, which goes the way of everybody's commands and stands in the audit log as theirs do.

use std::time::Duration;

use prismatron_board::{Board, Leaving, Linux, Outlook, Pattern, Press, Presses, Scene};
use prismatron_core::board::BoardSpec;
use prismatron_core::unit::{Brightness, Milliamps};
use prismatron_engine::{self as engine, Command, Dimmer, Ending, Mode};
use prismatron_output::{OutputState, StatusBoard};
use prismatron_store::{self as store, AuditEvent};
use prismatron_system::update::{self, StageName};
use prismatron_system::{self as system, Action, PageAddress};
use prismatron_web::SafeMode;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::listen;

/// How often lamp and display are told how it goes.
const TELL: Duration = Duration::from_millis(500);
/// Who has pressed the button, as the audit log says.
const WHO: &str = "front button";

/// The board, where one is configured.
pub(crate) struct Devices(Option<(Board, Presses)>);

impl Devices {
    /// Starts it, its lamp blinking and its supply on the way. A device that cannot be had is no error.
    ///
    /// # Errors
    /// No thread can be had.
    pub(crate) fn start(spec: &BoardSpec) -> anyhow::Result<Self> {
        if *spec == BoardSpec::default() {
            return Ok(Self(None));
        }
        if !spec.lines().is_empty() {
            tracing::info!("{}", Linux.lines_by());
        }
        let runtime = system::own_runtime_directory();
        let (board, presses) = Board::start(spec, Linux, runtime.as_deref())?;
        board.handle().tell(Scene { lamp: Pattern::Starting, ..Scene::default() });
        Ok(Self(Some((board, presses))))
    }

    /// Waits until LEDs have power, within bounds, and tells how bright the wall may be. What cannot be found out in
    /// that time keeps nothing dark.
    pub(crate) async fn ready(&self) -> Brightness {
        let Some((board, _)) = &self.0 else { return Brightness::FULL };
        board.ready().await;
        board.handle().outlook().borrow().shade.unwrap_or(Brightness::FULL)
    }

    /// What is known of it.
    pub(crate) fn outlook(&self) -> Option<watch::Receiver<Outlook>> {
        self.0.as_ref().map(|(board, _)| board.handle().outlook())
    }

    /// Has it take part in the show.
    pub(crate) fn serve(self, front: Front) -> Serving {
        let Some((board, presses)) = self.0 else { return Serving(None) };
        let shading = shade(board.handle().outlook(), front.engine.clone());
        let tasks = vec![
            tokio::spawn(shading),
            tokio::spawn(front.clone().tell(board.handle())),
            tokio::spawn(front.obey(presses)),
        ];
        Serving(Some((board, tasks)))
    }
}

/// The board while it takes part.
pub(crate) struct Serving(Option<(Board, Vec<JoinHandle<()>>)>);

impl Serving {
    /// Takes the LEDs' power away, for an end that waits for nobody.
    pub(crate) fn cut(&self) -> impl FnOnce() + Send + 'static {
        let board = self.0.as_ref().map(|(board, _)| board.handle());
        move || {
            if let Some(board) = board {
                board.cut();
            }
        }
    }

    /// Ends it, when the last frame has gone out.
    pub(crate) async fn stop(self, ending: Ending) {
        let Some((board, tasks)) = self.0 else { return };
        for task in tasks {
            task.abort();
        }
        let leaving = match ending {
            Ending::Black => Leaving::Dark,
            Ending::Hold => Leaving::AsItIs,
        };
        // A panic has been reported by the panic.
        let _ = tokio::task::spawn_blocking(move || board.stop(leaving)).await;
    }
}

/// Has the wall be as bright as the board lets it. Ends with the board.
async fn shade(mut outlook: watch::Receiver<Outlook>, engine: engine::Handle) {
    let mut told = None;
    loop {
        let shade = outlook.borrow_and_update().shade;
        if let Some(shade) = shade.filter(|shade| told != Some(*shade)) {
            match engine.send(Command::Dim(Dimmer::Board, shade)).await {
                Ok(_) => told = Some(shade),
                Err(error) => tracing::debug!("the brightness does not follow: {error}"),
            }
        }
        if outlook.changed().await.is_err() {
            return;
        }
    }
}

/// What is at the front of the cabinet, and whom it speaks for.
#[derive(Clone)]
pub(crate) struct Front {
    pub(crate) engine: engine::Handle,
    pub(crate) outputs: StatusBoard,
    pub(crate) store: store::Handle,
    pub(crate) system: system::Handle,
    pub(crate) update: update::Handle,
    pub(crate) safe_mode: SafeMode,
    pub(crate) page: PageAddress,
}

impl Front {
    /// Tells lamp and display how it goes, over and over. Never ends.
    async fn tell(self, board: prismatron_board::Handle) {
        let mut looks = interval(TELL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let (lamp, estimate) = (self.pattern(), self.estimate());
            board.tell(Scene { lamp, lines: self.lines(), estimate });
        }
    }

    fn pattern(&self) -> Pattern {
        let state = self.engine.state();
        let states: Vec<OutputState> =
            self.outputs.snapshot().iter().map(|output| output.state).collect();
        pattern(&Seen {
            player_runs: state.has_changed().is_ok(),
            is_safe_mode: self.safe_mode.is_on(),
            is_pending: self.system.state().borrow().pending.is_some(),
            update: self.update.state().borrow().stage.name(),
            has_sent: state.borrow().first_frame_sent,
            outputs: &states,
        })
    }

    /// What all LEDs draw, where every output has a power limit to reckon by.
    fn estimate(&self) -> Option<Milliamps> {
        let outputs = self.outputs.snapshot();
        let on = outputs.iter().filter(|output| output.state != OutputState::Off).count();
        let power = self.engine.power();
        let sum = || power.iter().fold(0, |sum: u32, one| sum.saturating_add(one.current.0));
        (on > 0 && power.len() == on).then(|| Milliamps(sum()))
    }

    /// What the display shows.
    fn lines(&self) -> Vec<String> {
        let PageAddress { scheme, listening } = self.page;
        let address = listen::reachable(listening);
        let state = self.engine.state().borrow().clone();
        let what = match (state.mode, &state.playlist) {
            _ if self.safe_mode.is_on() => "Safe mode".to_owned(),
            (_, None) => "Nothing to play".to_owned(),
            (Mode::Playing, Some((_, name))) if state.message.is_some() => {
                format!("Cannot play {name}")
            }
            (Mode::Playing, Some((_, name))) => format!("Playing {name}"),
            (Mode::Paused, Some((_, name))) => format!("Paused {name}"),
            (Mode::Stopped, Some(_)) => "Stopped".to_owned(),
        };
        let mut lines = vec![format!("{scheme}://"), address.to_string(), what];
        let accounts = self.store.accounts();
        let code = accounts.borrow().claim_code().map(|code| format!("claim {code}"));
        lines.extend(code);
        lines
    }

    /// Does what presses ask for. Ends with the board.
    async fn obey(self, mut presses: Presses) {
        while let Some(press) = presses.recv().await {
            let (action, done) = match press {
                Press::Short => ("next item", self.next().await),
                Press::Long => ("restart", self.restart().await),
                Press::VeryLong if self.safe_mode.is_on() => {
                    ("safe mode off", self.leave_safe_mode().await)
                }
                Press::VeryLong => ("safe mode on", self.enter_safe_mode().await),
            };
            if let Err(error) = &done {
                tracing::warn!("{WHO}: {action}: {error:#}");
            }
            self.store.audit().record(AuditEvent::Request {
                who: WHO.into(),
                from: "board".into(),
                action: action.into(),
                detail: done.as_ref().err().map(|error| format!("{error:#}")).unwrap_or_default(),
                // As the page would have been answered.
                status: if done.is_ok() { 200 } else { 409 },
            });
        }
    }

    async fn next(&self) -> anyhow::Result<()> {
        self.engine.send(Command::Next).await?;
        Ok(())
    }

    async fn restart(&self) -> anyhow::Result<()> {
        // Nobody waits for an answer.
        self.system.request(Action::Restart, Duration::ZERO, WHO).await?;
        Ok(())
    }

    async fn enter_safe_mode(&self) -> anyhow::Result<()> {
        self.safe_mode.enter(&self.store, &self.engine, &format!("the {WHO}")).await
    }

    async fn leave_safe_mode(&self) -> anyhow::Result<()> {
        self.safe_mode.leave(&self.store).await?;
        self.engine.send(Command::Play).await?;
        Ok(())
    }
}

/// What the lamp's pattern follows from.
struct Seen<'a> {
    player_runs: bool,
    is_safe_mode: bool,
    /// A restart, reboot or power off is.
    is_pending: bool,
    /// Where an update stands.
    update: StageName,
    has_sent: bool,
    outputs: &'a [OutputState],
}

fn pattern(seen: &Seen<'_>) -> Pattern {
    let on = || seen.outputs.iter().filter(|state| **state != OutputState::Off);
    let is_dark = on().count() > 0 && on().all(|state| *state == OutputState::Failing);
    match seen {
        Seen { player_runs: false, .. } => Pattern::Fault,
        Seen { is_pending: true, .. } | Seen { update: StageName::Installing, .. } => {
            Pattern::Updating
        }
        Seen { is_safe_mode: true, .. } => Pattern::SafeMode,
        _ if is_dark => Pattern::Fault,
        Seen { has_sent: false, .. } => Pattern::Starting,
        _ => Pattern::Playing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lamp_tells_the_worst() {
        use OutputState::{Failing, Off, Sending, Waiting};
        let well = Seen {
            player_runs: true,
            is_safe_mode: false,
            is_pending: false,
            update: StageName::Idle,
            has_sent: true,
            outputs: &[Sending, Failing, Off],
        };
        assert_eq!(pattern(&well), Pattern::Playing);
        assert_eq!(pattern(&Seen { outputs: &[], ..well }), Pattern::Playing);
        assert_eq!(pattern(&Seen { outputs: &[Failing, Off], ..well }), Pattern::Fault);
        assert_eq!(
            pattern(&Seen { has_sent: false, outputs: &[Waiting], ..well }),
            Pattern::Starting
        );
        let safe = Seen { is_safe_mode: true, outputs: &[Failing], ..well };
        assert_eq!(pattern(&safe), Pattern::SafeMode);
        assert_eq!(pattern(&Seen { is_pending: true, ..safe }), Pattern::Updating);
        assert_eq!(pattern(&Seen { update: StageName::Installing, ..well }), Pattern::Updating);
        // The reboot may be days away.
        let waits = Seen { update: StageName::WaitingForReboot, ..well };
        assert_eq!(pattern(&waits), Pattern::Playing);
        assert_eq!(pattern(&Seen { player_runs: false, is_pending: true, ..safe }), Pattern::Fault);
    }
}
