//! Updates: real bundles, looked at by the real program of RAUC; and installed, over a real D-Bus daemon, by an object that has
//! the interface which RAUC's introspection describes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

#[path = "../daemon/mod.rs"]
mod daemon;

mod bundles;
mod imitation;
mod installing;
mod introspection;
mod refused;
mod world;
