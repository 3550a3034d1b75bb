//! The wall: where its LEDs are and who tells them.

use prismatron_core::layout::Layout as DomainLayout;
use prismatron_core::output::OutputSpec;
use prismatron_output::OutputState as BoardState;

use crate::app::App;
use crate::wire::layout::{Layout, NewLayout, Source};
use crate::wire::output::{Output, OutputList, OutputState, OutputStatus};

fn source(is_set: bool, is_configured: bool) -> Source {
    match (is_set, is_configured) {
        (true, _) => Source::Page,
        (false, true) => Source::Config,
        (false, false) => Source::Default,
    }
}

/// The layout in force.
fn layout_in_force(app: &App) -> DomainLayout {
    let set = app.settings().layout.clone();
    set.unwrap_or_else(|| app.defaults().layout.clone())
}

/// The outputs in force.
fn outputs_in_force(app: &App) -> Vec<OutputSpec> {
    let set = app.settings().outputs.clone();
    set.unwrap_or_else(|| app.defaults().outputs.clone())
}

/// Where the LEDs are.
pub(crate) fn layout(app: &App) -> Layout {
    let is_set = app.settings().layout.is_some();
    let layout = layout_in_force(app);
    let canvas = layout.canvas.into();
    Layout {
        source: source(is_set, app.defaults().layout_configured),
        canvas,
        leds: app.wall().leds.len(),
        pieces: NewLayout::from(layout).pieces,
    }
}

/// All outputs, and how they fare.
pub(crate) fn outputs(app: &App) -> OutputList {
    let is_set = app.settings().outputs.is_some();
    let specs = outputs_in_force(app);
    let statuses = output_statuses(app);
    OutputList {
        source: source(is_set, app.defaults().outputs_configured),
        outputs: specs
            .into_iter()
            .map(|spec| {
                let status = statuses.iter().find(|(name, _)| *name == spec.name);
                let status = status.map_or_else(|| unseen(spec.enabled), |(_, s)| s.clone());
                Output::new(spec, status)
            })
            .collect(),
    }
}

/// How each output fares, by name, in the order they are configured.
pub(crate) fn output_statuses(app: &App) -> Vec<(String, OutputStatus)> {
    let board = app.outputs.snapshot();
    let power = app.engine.power();
    let failed = app.player().failed_outputs;
    outputs_in_force(app)
        .into_iter()
        .map(|spec| {
            let mut status = board
                .iter()
                .find(|status| status.name == spec.name)
                .map_or_else(|| unseen(spec.enabled), from_board);
            if let Some(reason) = failed.get(&spec.name) {
                status.state = OutputState::Failing;
                status.message = Some(reason.to_string());
            }
            if let Some(power) = power.iter().find(|power| *power.output == *spec.name) {
                status.current_ma = Some(power.current.0);
                status.limited = power.limited;
            }
            (spec.name, status)
        })
        .collect()
}

fn unseen(enabled: bool) -> OutputStatus {
    OutputStatus {
        state: if enabled { OutputState::Waiting } else { OutputState::Off },
        host: None,
        message: None,
        frames: 0,
        datagrams: 0,
        bytes: 0,
        dropped_frames: 0,
        send_errors: 0,
        failovers: 0,
        alive: None,
        device: None,
        current_ma: None,
        limited: false,
    }
}

fn from_board(status: &prismatron_output::OutputStatus) -> OutputStatus {
    OutputStatus {
        state: match status.state {
            BoardState::Off => OutputState::Off,
            BoardState::Waiting => OutputState::Waiting,
            BoardState::Sending => OutputState::Sending,
            BoardState::Failing => OutputState::Failing,
        },
        host: status.host.clone(),
        message: status.message.clone(),
        frames: status.frames,
        datagrams: status.datagrams,
        bytes: status.bytes,
        dropped_frames: status.dropped_frames,
        send_errors: status.send_errors,
        failovers: status.failovers,
        alive: status.alive,
        device: status.device.clone(),
        current_ma: None,
        limited: false,
    }
}
