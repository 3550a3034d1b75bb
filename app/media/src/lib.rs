//! Files, words and formulas to frames: fills the core's ports [`Opener`] and [`Prober`].
//!
//! A file is judged by its content, never by its name. What a probe has passed is whole and within
//! [`Limits`]; opening checks again, because files rot and change. Stills and animations are decoded in
//! this process by the image-rs decoders, video by an installed `ffmpeg` in a child process.
//!
//! Scaling and laying over black are done in linear light; a frame is sRGB again.
//!
//! Terms: a *run* is one pass through an animation or a video; the *canvas* and the *detail* size are the
//! core's.
//!
//! [`Opener`]: prismatron_core::port::Opener
//! [`Prober`]: prismatron_core::port::Prober

mod animation;
mod child;
mod content;
mod effects;
mod ffmpeg;
mod fitting;
mod light;
mod limits;
mod opener;
mod probe;
mod refusal;
mod still;
pub mod structure;
mod text;
pub mod video;

pub use effects::effects;
pub use ffmpeg::{FfmpegState, ffmpeg};
pub use limits::Limits;
pub use opener::Media;
pub use probe::Probe;
pub use text::fonts;
