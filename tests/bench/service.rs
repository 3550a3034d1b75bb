//! Figures of the installed service on a machine with a real systemd, each beside what systemd itself takes
//! or scores there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench ends where it goes wrong"
)]

mod table;

use std::time::{Duration, Instant};

use prismatron_tests::ddp::{Display, Shown};
use prismatron_tests::machine::Machine;
use rustix::process::{Pid, Signal, kill_process};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use table::{heading, median, row};

const UNIT: &str = "prismatron.service";
/// A service of which systemd knows no more than it must.
const BARE: &str = "bare.service";
const LEDS: usize = 3200;
const RUNS: usize = 7;

fn main() {
    heading();
    let machine = Machine::installed();
    let wall =
        "(layout: (pieces: [Matrix(columns: 80, rows: 40)]), outputs: [(hosts: [\"127.0.0.1\"])])";
    machine.write("/etc/prismatron/prismatron.ron", wall);
    machine.write(
        &format!("/etc/systemd/system/{BARE}"),
        "[Service]\nExecStart=/bin/sleep infinity\nExecStopPost=/bin/true\n",
    );
    let mut display = machine.display("127.0.0.1", LEDS);
    machine.boot();
    crash(&machine, &mut display);
    exposure(&machine);
}

/// From SIGKILL to black on the wire; baseline: from SIGKILL to the end of `ExecStopPost=/bin/true`.
fn crash(machine: &Machine, display: &mut Display) {
    machine.wait_for(UNIT, "ActiveState", "active");
    let api = machine.api();
    let red = json!([{
        "content": {"type": "effect", "effect": "solid", "params": {"colour": "#ff0000"}},
        "duration_seconds": 3600,
        "transition": {"type": "cut", "duration_seconds": 0},
    }]);
    machine.in_network(|| api.play(&red));
    let (mut measured, mut baseline) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        // What earlier rounds have left must not be taken for this one's.
        while display.next(Duration::from_millis(1)).is_some() {}
        display.wait_for("red", |shown| shown.rgb(0) == [255, 0, 0]);
        let pid = process(machine, UNIT);
        let killed = Instant::now();
        kill_process(pid, Signal::KILL).unwrap();
        let black = display.wait_for("black", Shown::is_black);
        measured.push((black.at - killed).as_secs_f64() * 1e3);
        // So that neither safe mode nor the limit of starts is reached.
        machine.wait_for(UNIT, "ActiveState", "active");
        machine.run(&["systemctl", "stop", UNIT]);
        machine.run(&["systemctl", "reset-failed"]);
        machine.run(&["systemctl", "start", BARE]);
        let pid = process(machine, BARE);
        let killed = monotonic();
        kill_process(pid, Signal::KILL).unwrap();
        machine.wait_for(BARE, "ActiveState", "failed");
        let ended = machine.show(BARE, "InactiveEnterTimestampMonotonic");
        baseline.push(ended.parse::<f64>().unwrap() / 1e3 - killed);
        machine.run(&["systemctl", "start", UNIT]);
    }
    row("SIGKILL to black vs ExecStopPost=/bin/true", median(measured), median(baseline), "ms", "");
}

/// The main process of a unit, as it is called outside.
fn process(machine: &Machine, unit: &str) -> Pid {
    let pid = machine.outside(&machine.show(unit, "MainPID"));
    pid.parse().ok().and_then(Pid::from_raw).unwrap()
}

/// The clock of systemd's time stamps, in milliseconds.
fn monotonic() -> f64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// What `systemd-analyze security` finds, from 0 to 10; baseline: of a service that says nothing about it.
fn exposure(machine: &Machine) {
    machine.run(&["systemctl", "start", UNIT, BARE]);
    let score = |arguments: &[&str]| {
        let said =
            machine.run(&[&["systemd-analyze", "security", "--no-pager"], arguments].concat());
        let last = said.lines().rev().find(|line| line.contains("exposure level")).unwrap();
        let (_, level) = last.rsplit_once(": ").unwrap();
        level.split(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let offline =
        |folder: &str, unit: &str| score(&["--offline=true", &format!("{folder}/{unit}")]);
    let bare = offline("/etc/systemd/system", BARE);
    row(
        "exposure by its files vs a bare unit",
        offline("/usr/lib/systemd/system", UNIT),
        bare,
        "",
        "≤ 1.8",
    );
    row("exposure while it runs vs a bare unit", score(&[UNIT]), score(&[BARE]), "", "≤ 1.8");
}
