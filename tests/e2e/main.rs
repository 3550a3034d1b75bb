//! The real program from end to end: media in, light out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

mod accounts;
mod board;
mod health;
mod keeping;
mod media;
mod monitoring;
mod outputs;
mod start;
mod stop;
mod systemd;
mod tls;
mod watchdog;

/// A configuration with an 8×8 matrix on a canvas of 320×192 and this output.
fn small_wall(output: &str) -> String {
    format!(
        "(layout: (canvas: (320, 192), pieces: [Matrix(columns: 8, rows: 8)]), outputs: [{output}])"
    )
}

/// LEDs of [`small_wall`].
const LEDS: usize = 64;

/// An effect item of one colour.
fn solid(colour: &str, seconds: f64) -> serde_json::Value {
    serde_json::json!({
        "content": {"type": "effect", "effect": "solid", "params": {"colour": colour}},
        "duration_seconds": seconds,
        "transition": {"type": "cut", "duration_seconds": 0},
    })
}

/// Whether an LED shows a primary colour: full there, dark elsewhere, within what video coding costs.
fn is_primary(led: [u8; 3], channel: usize) -> bool {
    led.iter().enumerate().all(|(i, &v)| if i == channel { v > 235 } else { v < 12 })
}
