//! The operating system around the program.

use std::time::Instant;

use humantime::format_rfc3339_seconds;
use prismatron_system::{Action, Pending, Supervisor as DomainSupervisor};

use crate::app::App;
use crate::wire::system::{AcceptedAction, FailedAction, PendingAction, Supervisor, System};

/// The operating system around the program.
pub(crate) fn system(app: &App) -> System {
    let state = app.system.state().borrow().clone();
    System {
        supervisor: match state.supervisor {
            DomainSupervisor::Systemd => Supervisor::Systemd,
            DomainSupervisor::Nobody => Supervisor::None,
        },
        unit: state.unit.as_deref().map(String::from),
        restart: (&state.restart).into(),
        reboot: (&state.reboot).into(),
        poweroff: (&state.power_off).into(),
        data_partition: app.data_partition.state().map(Into::into),
        pending: state.pending.as_ref().map(pending),
        failure: state.failure.map(|failure| FailedAction {
            action: failure.action.into(),
            reason: failure.reason.to_string(),
            at: format_rfc3339_seconds(failure.at).to_string(),
        }),
    }
}

/// What is going to be done.
pub(crate) fn accepted(request: &Pending) -> AcceptedAction {
    let what = match request.action {
        Action::Restart => "Prismatron restarts",
        Action::Reboot => "The machine reboots",
        Action::PowerOff => "The machine is switched off",
    };
    let pending = pending(request);
    let message = match pending.seconds_left.ceil() {
        0.0 => format!("{what} now."),
        1.0 => format!("{what} in 1 second."),
        seconds => format!("{what} in {seconds} seconds."),
    };
    AcceptedAction { status: "accepted", message, pending }
}

fn pending(request: &Pending) -> PendingAction {
    PendingAction {
        action: request.action.into(),
        who: request.who.to_string(),
        stage: request.stage.into(),
        seconds_left: request.due.saturating_duration_since(Instant::now()).as_secs_f64(),
    }
}
