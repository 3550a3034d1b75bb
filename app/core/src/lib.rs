//! The domain of Prismatron, pure: what a frame, a wall of LEDs, a playlist and an output *are*, and the
//! rules that hold for them. Nothing here touches a file, a socket, a thread or the operating system's
//! clock; what must be done out there is named as a trait in [`port`] and done by another crate.
//!
//! Terms: the *canvas* is the rectangle, in pixels, that media are fitted to and LEDs are placed on; a
//! *frame* is an sRGB picture of it; an *LED frame* is one linear-light colour per LED; the *wall* is
//! all LEDs in number order.
//!
//! `serde` is derived here for the stored and configured form only. The HTTP API has types of its own.

pub mod board;
pub mod colour;
pub mod effect;
pub mod frame;
pub mod id;
pub mod layout;
pub mod mapper;
pub mod media;
pub mod order;
pub mod output;
pub mod pattern;
pub mod playlist;
pub mod port;
pub mod power;
pub mod recovery;
pub mod role;
pub mod schedule;
pub mod text;
pub mod transition;
pub mod unit;
