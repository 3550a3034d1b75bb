//! The appliance's own hardware: LEDs on SPI, a relay for their supply, a lamp, a button, contacts, sensors, a display
//! and a fan.
//!
//! Drivers know the traits of `embedded-hal` only: on the machine they run on `linux-embedded-hal` ([`Linux`]), in
//! tests on imitations that hold them to each transaction. A device that is missing or fails is a [`Finding`] with
//! what to look at, and is tried again; it is never a reason not to start.
//!
//! [`Board`] has two threads, one for lines and one for sensors. What follows from all of it is the [`Outlook`]: how
//! bright the wall may be, as a *shade*, and whether the LEDs have power. Presses of the button are told to whoever
//! owns the player. [`encode`] has the bits of LEDs on SPI.
//!
//! Terms: a *line* is one of a GPIO chip's; *active* is the level at which what hangs on it is on.

#[cfg(test)]
mod bench;
mod board;
mod bus;
mod button;
mod current;
mod display;
pub mod encode;
mod error;
mod fan;
mod hardware;
mod heat;
mod kept;
mod lamp;
mod light;
mod linux;
mod outlook;
mod panel;
mod probe;
mod sensors;
mod steady;
mod strips;
mod supply;
mod sysfs;
mod time;
mod trial;

pub use board::{Board, Handle, Leaving, Presses};
pub use button::Press;
pub use error::BoardError;
pub use hardware::Hardware;
pub use lamp::Pattern;
pub use linux::Linux;
pub use outlook::{Finding, Outlook};
pub use probe::{Found, probe};
pub use sensors::{Scene, measure_current, measure_light};
pub use strips::Strips;
pub use supply::{Power, switch_off};
pub use trial::{pulse, watch};
