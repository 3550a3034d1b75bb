//! Pictures on their way to the wall.

use std::time::Duration;

use crate::unit::Size;

/// An 8-bit red, green, blue triple. In a [`Frame`] it is sRGB; towards an output it is linear light, as
/// an LED's pulse-width modulation is.
pub type Rgb8 = [u8; 3];

/// One colour per LED in wall order, linear light, 0 to 65535 a channel.
pub type LedFrame = Vec<[u16; 3]>;

/// An sRGB picture: rows from the top, three bytes a pixel (red, green, blue), no padding. Transparency
/// has been laid over black by whoever made it. Its size may be smaller than the canvas: a frame always
/// covers the whole canvas, however finely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    size: Size,
    pixels: Vec<u8>,
}

impl Frame {
    /// A black frame.
    pub fn new(size: Size) -> Self {
        Self { size, pixels: vec![0; size.area() * 3] }
    }

    /// A frame from its pixels, or `None` unless there are exactly three bytes for each.
    pub fn from_pixels(size: Size, pixels: Vec<u8>) -> Option<Self> {
        (pixels.len() == size.area() * 3).then_some(Self { size, pixels })
    }

    /// Width and height in pixels.
    pub fn size(&self) -> Size {
        self.size
    }

    /// All bytes, row by row.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// All bytes, to write.
    pub fn pixels_mut(&mut self) -> &mut [u8] {
        &mut self.pixels
    }

    /// Takes on another size, keeping the allocation where it is large enough. What it shows afterwards is
    /// unspecified unless the size was the same.
    pub fn resize(&mut self, size: Size) {
        self.size = size;
        self.pixels.resize(size.area() * 3, 0);
    }

    /// Makes every pixel the same colour.
    pub fn fill(&mut self, colour: Rgb8) {
        for pixel in self.pixels.as_chunks_mut::<3>().0 {
            *pixel = colour;
        }
    }
}

/// A frame and when it is to be shown, counted from the start of its media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimedFrame {
    /// Presentation time from the start of the media.
    pub pts: Duration,
    /// The picture.
    pub frame: Frame,
}
