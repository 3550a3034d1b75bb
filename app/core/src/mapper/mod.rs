//! From pixels to LEDs.

mod area;
mod light;
mod span;
#[cfg(target_arch = "x86_64")]
mod vbmi;

pub use self::area::AreaMapper;
use crate::frame::{Frame, LedFrame};

/// A way of computing LEDs from a frame. Made for one wall and one frame size; tables are built then, not
/// in [`Mapper::map`], which allocates nothing.
pub trait Mapper: Send {
    /// Computes every LED's linear-light value from a frame of the size the mapper was made for. `leds` has
    /// one entry for each LED of the wall.
    fn map(&mut self, frame: &Frame, leds: &mut LedFrame);
}
