//! What the tests stand on: the running program, and the other ends of its wires.
//!
//! The receivers are written from the protocols' own descriptions and share no code with the encoders.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

pub mod api;
pub mod appliance;
pub mod artnet;
pub mod chance;
pub mod ddp;
pub mod file_server;
pub mod guide;
pub mod instead;
pub mod machine;
pub mod media;
pub mod qemu;
mod said;
pub mod systemd;
pub mod terminal;
pub mod tus;
pub mod usb_i2c;
pub mod volatile_disk;

/// Whether tests that take long are run too (`tests/run --all`); says so where this one is not.
pub fn in_all(test: &str) -> bool {
    let is_in = std::env::var_os("PRISMATRON_ALL").is_some();
    if !is_in {
        println!("SKIPPED: {test}: it takes long: tests/run --all runs it");
    }
    is_in
}
