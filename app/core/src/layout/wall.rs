//! The LEDs once they are placed.

use super::Point;
use crate::unit::Size;

/// An LED on the canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Led {
    /// Its middle.
    pub centre: Point,
    /// Width and height of the rectangle around the centre whose light it shows.
    pub footprint: Point,
}

/// All LEDs in number order.
#[derive(Debug, Clone, PartialEq)]
pub struct Wall {
    /// The rectangle media are fitted to.
    pub canvas: Size,
    /// In number order.
    pub leds: Vec<Led>,
}

impl Wall {
    /// Pixels of a frame that the smallest footprint should have a side.
    const PIXELS_A_FOOTPRINT: f64 = 2.0;
    /// Shortest side of a frame worth drawing.
    const LEAST_SIDE: f64 = 16.0;

    /// Size of the frames that are as fine as this wall can show: of the canvas's shape and never larger,
    /// so that the smallest footprint is two pixels a side and the frame at least sixteen.
    pub fn detail(&self) -> Size {
        let (width, height) = (f64::from(self.canvas.width()), f64::from(self.canvas.height()));
        let smallest = self
            .leds
            .iter()
            .map(|led| led.footprint.0.min(led.footprint.1))
            .fold(f32::INFINITY, f32::min);
        let scale = (Self::PIXELS_A_FOOTPRINT / f64::from(smallest))
            .max(Self::LEAST_SIDE / width.min(height))
            .min(1.0);
        // A little is taken off first: a side that is whole but for rounding must not gain a pixel.
        let side = |full: f64| (full * scale - 1e-3).ceil().clamp(1.0, full) as u32;
        Size::new(side(width), side(height)).unwrap_or(self.canvas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;

    fn wall(canvas: (u32, u32), side: f32) -> Wall {
        let led = |side| Led { centre: (5.0, 5.0), footprint: (side, side + 1.0) };
        Wall { canvas: Size::try_from(canvas).unwrap(), leds: vec![led(50.0), led(side)] }
    }

    #[test]
    fn two_pixels_for_the_smallest_footprint() {
        let wall = Layout::default().resolve().unwrap();
        assert_eq!(wall.detail(), Size::new(160, 96).unwrap());
    }

    #[test]
    fn never_above_the_canvas() {
        assert_eq!(wall((640, 360), 0.5).detail(), Size::new(640, 360).unwrap());
        assert_eq!(wall((640, 360), 2.0).detail(), Size::new(640, 360).unwrap());
        assert_eq!(wall((8, 4), 20.0).detail(), Size::new(8, 4).unwrap());
    }

    #[test]
    fn sixteen_pixels_at_least_and_of_the_same_shape() {
        assert_eq!(wall((800, 400), 50.0).detail(), Size::new(32, 16).unwrap());
        let none = Wall { canvas: Size::CANVAS, leds: vec![] };
        assert_eq!(none.detail(), Size::new(27, 16).unwrap());
    }
}
