//! Updates of the whole system.

use humantime::format_rfc3339_seconds;
use prismatron_system::update::{Installing, Next, Source, Stage, StageName, UpdateState};
use std::time::SystemTime;

use crate::app::App;
use crate::wire::system::{Ability, UpdateSummary};
use crate::wire::update::{Bundle, Failure, LastUpdate, NextSlot, Progress, Slot, Update};

/// Where an update stands.
pub(crate) fn update(app: &App) -> Update {
    let state = app.update.state().borrow().clone();
    let (mut source, mut bundle, mut next, mut failure) = (None, None, None, None);
    match &state.stage {
        Stage::Idle => {}
        Stage::Receiving { name, .. } => source = Some(name.clone()),
        Stage::Inspecting(from) => source = Some(from.to_string()),
        Stage::Inspected(known) | Stage::Installing(Installing { bundle: Some(known), .. }) => {
            source = Some(Source::to_string(&known.source));
            bundle = Some(Bundle::from(known));
        }
        Stage::Installing(Installing { bundle: None, .. }) => {}
        Stage::WaitingForReboot { next: chosen, at } => {
            next = Some(slot(chosen, *at, state.waits.as_deref()));
        }
        Stage::Confirming(chosen) => next = Some(slot(chosen, None, None)),
        Stage::Failed(failed) => {
            failure = Some(Failure {
                cause: failed.refusal.cause.into(),
                message: failed.refusal.message.clone(),
                version: failed.version.clone(),
                at: format_rfc3339_seconds(failed.at).to_string(),
            });
        }
    }
    Update {
        ability: (&state.ability).into(),
        stage: state.stage.name().into(),
        cancel: cancel(&state),
        source,
        bundle,
        progress: state.progress.map(|progress| Progress {
            percent: progress.percent,
            message: progress.message,
            stuck: state.is_stuck,
        }),
        next,
        failure,
        running: state.slots.as_ref().map(|slots| Slot::from(&slots.booted)),
        other: state.slots.as_ref().map(|slots| Slot::from(&slots.other)),
        last: state.last.as_ref().map(LastUpdate::from),
        dim: state.dim,
    }
}

/// What everybody is told of it.
pub(crate) fn summary(app: &App) -> UpdateSummary {
    let state = app.update.state();
    let state = state.borrow();
    UpdateSummary {
        stage: state.stage.name().into(),
        percent: state.progress.as_ref().map(|progress| progress.percent),
    }
}

fn cancel(state: &UpdateState) -> Ability {
    match state.stage.cancel() {
        Ok(_) => Ability { possible: true, reason: None },
        Err(_) if state.stage.name() == StageName::Idle => {
            Ability { possible: false, reason: None }
        }
        Err(error) => Ability { possible: false, reason: Some(error.to_string()) },
    }
}

fn slot(next: &Next, at: Option<SystemTime>, waits: Option<&str>) -> NextSlot {
    NextSlot {
        slot: next.slot.clone(),
        version: next.version.clone(),
        errand: next.errand.into(),
        reboot_at: at.map(|at| format_rfc3339_seconds(at).to_string()),
        waits: waits.map(str::to_owned),
    }
}
