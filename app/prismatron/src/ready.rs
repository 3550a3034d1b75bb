//! Tells systemd when there is light, and how the show goes from then on.

use std::time::Duration;

use prismatron_engine::{self as engine, Mode, PlayerState};
use prismatron_output::{OutputState, OutputStatus, StatusBoard};
use prismatron_system::notify;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

/// A wall without network, or with a dead controller, is ready after this all the same.
const AT_MOST: Duration = Duration::from_secs(10);
/// How often the outputs are looked at before the first frame…
const LOOK: Duration = Duration::from_millis(20);
/// … and after it.
const LOOK_ON: Duration = Duration::from_secs(2);

/// Says that the start is done once there is light, then how it goes. Never ends.
pub(crate) async fn tell(engine: engine::Handle, outputs: StatusBoard) {
    let until = Instant::now() + AT_MOST;
    notify::status("Waiting for the first frame");
    tokio::select! {
        () = first_light(&outputs) => tracing::info!("light is on"),
        () = sleep_until(until) => tracing::warn!("not every output has sent a frame yet"),
    }
    let mut state = engine.state();
    let mut told = line(&state.borrow_and_update(), &outputs.snapshot());
    notify::ready(&told);
    let mut looks = interval(LOOK_ON);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            changed = state.changed() => if changed.is_err() {
                return notify::status("The player has stopped");
            },
            _ = looks.tick() => {}
        }
        let now = line(&state.borrow_and_update(), &outputs.snapshot());
        if now != told {
            notify::status(&now);
            told = now;
        }
    }
}

async fn first_light(outputs: &StatusBoard) {
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        if outputs.snapshot().iter().all(is_settled) {
            return;
        }
    }
}

/// Whether nothing is to be waited for: a frame has gone out, or none can.
fn is_settled(output: &OutputStatus) -> bool {
    match output.state {
        OutputState::Off | OutputState::Failing => true,
        OutputState::Waiting | OutputState::Sending => output.frames > 0,
    }
}

/// How it goes, in a line.
fn line(state: &PlayerState, outputs: &[OutputStatus]) -> String {
    let what = match (state.mode, &state.playlist) {
        (_, None) => "Nothing to play".to_owned(),
        (Mode::Playing, Some((_, name))) if state.message.is_some() => {
            format!("Nothing in “{name}” can be played")
        }
        (Mode::Playing, Some((_, name))) => format!("Playing “{name}”"),
        (Mode::Paused, Some((_, name))) => format!("Paused in “{name}”"),
        (Mode::Stopped, Some(_)) => "Stopped".to_owned(),
    };
    let on = outputs.iter().filter(|output| output.state != OutputState::Off).count();
    let sending = outputs.iter().filter(|output| output.state == OutputState::Sending).count();
    let left_out = state.failed_outputs.len();
    match on + left_out {
        0 => format!("{what}; no outputs"),
        all => format!("{what}; {sending} of {all} outputs sending"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(state: OutputState, frames: u64) -> OutputStatus {
        OutputStatus {
            name: "wall".into(),
            state,
            host: None,
            message: None,
            frames,
            datagrams: 0,
            bytes: 0,
            dropped_frames: 0,
            send_errors: 0,
            failovers: 0,
            alive: None,
            device: None,
        }
    }

    #[test]
    fn only_outputs_that_can_send_are_waited_for() {
        assert!(is_settled(&output(OutputState::Sending, 1)));
        assert!(is_settled(&output(OutputState::Failing, 0)));
        assert!(is_settled(&output(OutputState::Off, 0)));
        assert!(!is_settled(&output(OutputState::Waiting, 0)));
    }
}
