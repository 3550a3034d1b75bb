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
pub mod ddp;
pub mod guide;
pub mod machine;
pub mod media;
pub mod qemu;
pub mod systemd;
pub mod terminal;
