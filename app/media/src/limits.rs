//! What is refused because it would cost too much, whatever a file's header says.

use prismatron_core::port::{MediaError, MediaFault};
use prismatron_core::unit::Size;

/// Most that a file may decode to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Most pixels of one picture.
    pub max_pixels: u64,
    /// Most pixels of all frames of an animation together: reading it whole takes time for each.
    pub max_animation_pixels: u64,
    /// Most pixels a second of a video as it is stored, before it is scaled.
    pub max_pixel_rate: u64,
}

impl Default for Limits {
    /// 64 Mpx a picture; 1 Gpx an animation (nine minutes at 320×240 and 25 fps); 2 Gpx/s of video (8K at
    /// 60 fps).
    fn default() -> Self {
        Self { max_pixels: 1 << 26, max_animation_pixels: 1 << 30, max_pixel_rate: 1 << 31 }
    }
}

impl Limits {
    /// Holds a picture's size against the limits.
    pub(crate) fn check(&self, width: u64, height: u64) -> Result<Size, MediaError> {
        let too_large = |why: String| {
            let reason = format!("the picture is too large: {width}×{height} pixels, {why}");
            MediaError::new(MediaFault::TooLarge, reason)
        };
        if width == 0 || height == 0 {
            let reason = format!("the picture has no pixels: {width}×{height}");
            return Err(MediaError::new(MediaFault::Broken, reason));
        }
        let side = u64::from(Size::MAX_SIDE);
        if width > side || height > side {
            return Err(too_large(format!("at most {side} on a side are accepted")));
        }
        if width * height > self.max_pixels {
            return Err(too_large(format!("at most {} in all are accepted", self.max_pixels)));
        }
        Size::new(width as u32, height as u32).map_err(|error| too_large(error.to_string()))
    }

    /// Holds what an animation's pictures have together against the limit.
    pub(crate) fn check_animation(&self, pixels: u64) -> Result<(), MediaError> {
        if pixels <= self.max_animation_pixels {
            return Ok(());
        }
        let reason = format!(
            "the animation is too long: its pictures have more than {} pixels together; \
             play it as a video instead",
            self.max_animation_pixels
        );
        Err(MediaError::new(MediaFault::TooLarge, reason))
    }

    /// Largest file that is read as a picture: what the largest picture takes uncompressed.
    pub(crate) fn max_picture_bytes(&self) -> u64 {
        self.max_pixels.saturating_mul(4).saturating_add(1 << 20)
    }

    /// Most memory a picture's decoder may take: sixteen bits in four channels and room to work.
    pub(crate) fn max_picture_memory(&self) -> u64 {
        self.max_pixels.saturating_mul(8).saturating_add(1 << 24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_square_is_just_accepted() {
        let limits = Limits::default();
        assert!(limits.check(8192, 8192).is_ok());
        let tight = Limits { max_pixels: 99, ..Limits::default() };
        assert_eq!(tight.check(10, 10).map_err(|e| e.fault), Err(MediaFault::TooLarge));
        assert_eq!(limits.check(8193, 1).map_err(|e| e.fault), Err(MediaFault::TooLarge));
        assert_eq!(limits.check(0, 5).map_err(|e| e.fault), Err(MediaFault::Broken));
        assert!(limits.check(u64::MAX, u64::MAX).is_err());
    }
}
