//! The player: which item is on, which of its pictures is due, how one item gives way to the next, and what
//! every LED is told for it.
//!
//! One thread owns the [`Player`], which is synchronous and knows no clock but the times it is given.
//! Commands go in through a bounded queue, state comes out through a watch that changes only when something
//! did. What takes long happens elsewhere: sources are opened ahead on threads of their own, where streams
//! are then decoded too.
//!
//! The way of the light: source → frame → mapper → LED values → transition (between LED values, in linear
//! light) → colour → for each output its slice, its power limit, its sink. Once an item plays, none of that
//! allocates.
//!
//! Terms: a *scene* is an item that is open and has a clock of its own; *play time* is time that passes
//! only while playing; a *rig* is a wall with all that is computed for it once, and its sinks.

mod census;
mod command;
mod engine;
mod error;
mod meters;
mod player;
mod preview;
mod rehearsal;
mod rig;
mod scene;
mod schedule;
mod source;
#[cfg(test)]
mod stage;
mod state;
mod stream;
mod wake;
mod workshop;

pub use command::{Command, Dimmer};
pub use engine::{Ending, Engine, EngineSetup, Handle};
pub use error::EngineError;
pub use meters::{EngineCounters, Failure, Failures, OutputPower};
pub use player::{Pace, Player, Sign};
pub use preview::Preview;
pub use rehearsal::Rehearsal;
pub use state::{CurrentItem, Mode, PlayerState, Position};
