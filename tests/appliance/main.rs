//! The appliance, booted: the files that the image bakes in, on the partitions of the image, by its boot chain.
//!
//! A boot takes a minute, so each test shows on its boots what can be shown there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

mod arm64;
mod bundles;
mod data;
mod first_boot;
mod life;
mod power_cuts;
mod rollback;
mod tegra;
mod up;
mod update;

use prismatron_tests::ddp::Display;

/// LEDs of the wall as it is without a configuration.
const LEDS: usize = 3200;

/// A setup file whose only output is this display, on the computer that emulates the machine.
fn setup_for(display: &Display, more: &str) -> String {
    // QEMU's network has that computer at this address.
    let port = display.address().rsplit(':').next().unwrap().to_owned();
    format!("({more}\n    outputs: [(hosts: [\"10.0.2.2:{port}\"])],\n)\n")
}
