//! The wall: where its LEDs are and who tells them.

use prismatron_core::layout::Layout as DomainLayout;
use prismatron_core::output::OutputSpec;
use prismatron_output::{FoundController, OutputState as BoardState};

use crate::app::App;
use crate::wire::layout::{Layout, NewLayout, Source};
use crate::wire::output::{
    Controller, ControllerList, Output, OutputList, OutputPower, OutputState, OutputStatus,
    PowerEstimate,
};

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

/// Controllers that have answered, with the outputs that send to them.
pub(crate) fn controllers(app: &App, found: Vec<FoundController>) -> ControllerList {
    let outputs = outputs_in_force(app);
    let controllers = found.into_iter().map(|found| {
        let FoundController { name, host, address, port } = found;
        let address = address.to_string();
        let is_it = |given: &String| {
            let given = given.rsplit_once(':').map_or(given.as_str(), |(host, _)| host);
            given == address || host.as_ref().is_some_and(|host| host.eq_ignore_ascii_case(given))
        };
        let output = outputs.iter().find(|spec| spec.hosts.iter().any(is_it));
        let output = output.map(|spec| spec.name.clone());
        Controller { name, host, address, port, output }
    });
    ControllerList { controllers: controllers.collect() }
}

/// What the LEDs would draw at most; `per_led` is in mA, for outputs that do not say.
pub(crate) fn power(app: &App, per_led: u32) -> PowerEstimate {
    let total = app.wall().leds.len();
    let brightness = f64::from(app.player().colour.brightness.get());
    let now = app.engine.power();
    let outputs: Vec<OutputPower> = outputs_in_force(app)
        .into_iter()
        .filter(|spec| spec.enabled)
        .map(|spec| {
            let leds = spec.leds.map_or(total, |range| range.within(total).len());
            let per_led = spec.power.map_or(per_led, |limit| limit.per_led.0);
            let budget = spec.power.map(|limit| limit.budget.0);
            let full = leds as u64 * u64::from(per_led);
            let asked = (full as f64 * brightness).ceil() as u64;
            OutputPower {
                leds,
                per_led_ma: per_led,
                full_ma: full,
                budget_ma: budget,
                most_ma: budget.map_or(asked, |budget| asked.min(budget.into())),
                now_ma: now.iter().find(|power| *power.output == *spec.name).map(|p| p.current.0),
                name: spec.name,
            }
        })
        .collect();
    PowerEstimate {
        full_ma: outputs.iter().map(|output| output.full_ma).sum(),
        most_ma: outputs.iter().map(|output| output.most_ma).sum(),
        outputs,
    }
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
