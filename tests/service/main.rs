//! The service on a machine with a real systemd: what `app/dist` says, held to it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

mod admin;
mod brute_force;
mod bystanders;
mod controllers;
mod diagnostics;
mod guide;
mod hardening;
mod health;
mod instances;
mod life;
mod limits;
mod logs;
mod multicast;
mod package;
mod passwd;
mod polkit;
mod rauc;
mod sandbox;
mod system;
mod tls;
mod unplugged;
mod video;

use prismatron_tests::api::Api;
use prismatron_tests::ddp::{Display, Shown};
use prismatron_tests::machine::Machine;
use serde_json::json;

/// The unit.
const UNIT: &str = "prismatron.service";

/// LEDs of [`WALL`].
const LEDS: usize = 64;

/// A matrix of 8×8 whose controller is at the loopback's own address.
const WALL: &str = r#"(
    layout: (canvas: (320, 192), pieces: [Matrix(columns: 8, rows: 8)]),
    outputs: [(hosts: ["127.0.0.1"])],
)"#;

/// A booted machine with its display, which has light, and the service's API.
fn playing() -> (Machine, Display, Api) {
    let machine = Machine::installed();
    machine.write("/etc/prismatron/prismatron.ron", WALL);
    let mut display = machine.display("127.0.0.1", LEDS);
    machine.boot();
    machine.wait_for(UNIT, "ActiveState", "active");
    display.wait_for("light", |shown| !shown.is_black());
    let api = machine.api();
    (machine, display, api)
}

/// Plays one colour for an hour.
fn play(machine: &Machine, api: &Api, colour: &str) {
    machine.in_network(|| {
        api.play(&json!([{
            "content": {"type": "effect", "effect": "solid", "params": {"colour": colour}},
            "duration_seconds": 3600,
            "transition": {"type": "cut", "duration_seconds": 0},
        }]))
    });
}

/// Plays red and waits until it is shown.
fn play_red(machine: &Machine, display: &mut Display, api: &Api) {
    play(machine, api, "#ff0000");
    display.wait_for("red", is_red);
}

/// Waits until another process than this is the unit's, and ready.
fn wait_for_another(machine: &Machine, unit: &str, before: &str) {
    machine.wait_until("another process", || {
        // At once, since one after the other they may be of two states.
        let state = machine.show(unit, "ActiveState,MainPID");
        let has = |value: &str| state.lines().any(|line| line == value);
        has("active") && !has(before) && !has("0")
    });
}

fn is_red(shown: &Shown) -> bool {
    shown.rgb(0) == [255, 0, 0]
}
