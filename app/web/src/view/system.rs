//! The operating system around the program.

use std::time::Instant;

use humantime::format_rfc3339_seconds;
use prismatron_system::{
    Action, Machine as DomainMachine, Pending, Supervisor as DomainSupervisor,
};

use crate::app::App;
use crate::view::schedule::{instant, zone_name};
use crate::view::{output_statuses, update_summary};
use crate::wire::output::{OutputState, OutputStatus};
use crate::wire::system::{
    AcceptedAction, FailedAction, FirstStart, Machine, Memory, PendingAction, Supervisor, System,
    Temperature,
};

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
        update: update_summary(app),
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

/// What the machine is and how it fares.
pub(crate) fn machine(app: &App, machine: DomainMachine) -> Machine {
    let zone = app.zones.machine();
    Machine {
        host_name: machine.host_name,
        uptime_seconds: machine.uptime.as_secs(),
        addresses: machine.addresses.iter().map(ToString::to_string).collect(),
        temperatures: machine
            .temperatures
            .into_iter()
            .map(|heat| Temperature {
                sensor: heat.sensor,
                celsius: heat.celsius,
                hot_celsius: heat.hot,
                critical_celsius: heat.critical,
            })
            .collect(),
        memory: machine
            .memory
            .map(|memory| Memory { total_bytes: memory.total, available_bytes: memory.available }),
        time: instant(&zone, app.now()),
        time_zone: zone_name(&zone),
    }
}

/// How far the first start has come.
pub(crate) fn first_start(app: &App) -> FirstStart {
    let (settings, defaults) = (app.settings(), app.defaults());
    let shines = |(_, status): &(String, OutputStatus)| {
        status.state == OutputState::Sending && status.alive != Some(false)
    };
    FirstStart {
        claimed: app.access.accounts().is_claimed(),
        time_zone: app.schedule().schedule.time_zone.is_some(),
        layout: settings.layout.is_some() || defaults.layout_configured,
        outputs: settings.outputs.is_some() || defaults.outputs_configured,
        light: output_statuses(app).iter().any(shines),
    }
}

fn pending(request: &Pending) -> PendingAction {
    PendingAction {
        action: request.action.into(),
        who: request.who.to_string(),
        stage: request.stage.into(),
        seconds_left: request.due.saturating_duration_since(Instant::now()).as_secs_f64(),
    }
}
