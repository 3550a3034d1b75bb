//! The cabinet's hardware by a real kernel: chips of lines and sensors that Linux simulates, behind its own interfaces, and
//! the service by its unit.
//!
//! A line that nobody drives has the level it is pulled to, as on a board. A boot takes half a minute, so each test shows on
//! its own what can be shown there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

mod lines;
mod sensors;

use std::time::{Duration, Instant};

use prismatron_tests::api::Api;
use prismatron_tests::ddp::Display;
use prismatron_tests::qemu::{Cabinet, PATIENCE};
use serde_json::json;

/// LEDs of the wall.
const LEDS: usize = 8;

/// Starts the service with a cabinet and this display, which shows something then.
fn start(cabinet: &Cabinet, display: &mut Display, board: &str) -> Api {
    // QEMU's network has this computer at this address.
    let port = display.address().rsplit(':').next().unwrap().to_owned();
    let config = format!(
        r#"(
    listen: "0.0.0.0:8080",
    fps: 5.0,
    layout: (canvas: (320, 192), pieces: [Matrix(columns: 4, rows: 2)]),
    outputs: [(hosts: ["10.0.2.2:{port}"])],
    board: ({board}),
)"#
    );
    cabinet.put("/etc/prismatron/prismatron.ron", &config);
    cabinet.shell("systemctl start prismatron.service");
    let api = cabinet.api();
    display.wait_for("light", |shown| !shown.is_black());
    api
}

/// Plays colours, each for an hour.
fn play(api: &Api, colours: &[&str]) {
    let item = |colour: &&str| {
        json!({
            "content": {"type": "effect", "effect": "solid", "params": {"colour": colour}},
            "duration_seconds": 3600,
            "transition": {"type": "cut", "duration_seconds": 0},
        })
    };
    api.play(&colours.iter().map(item).collect());
}

/// Waits until something holds.
///
/// # Panics
/// It never does.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "never {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
