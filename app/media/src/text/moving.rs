//! Texts that move. Nothing is set or allocated while they do.

use std::f32::consts::TAU;
use std::time::Duration;

use prismatron_core::frame::Frame;
use prismatron_core::port::Generator;
use prismatron_core::unit::Size;

use super::{Block, Ink, Shades, paint};

/// Runs from right to left over and over. Between whole pixels it is interpolated, or slow texts would
/// stutter.
pub(super) struct Scroll {
    block: Block,
    shades: Shades,
    size: Size,
    /// Pixels a second.
    speed: f64,
}

impl Scroll {
    /// `speed` is in frame widths a second.
    pub(super) fn new(block: Block, shades: Shades, size: Size, speed: f32) -> Self {
        let speed = f64::from(speed.clamp(0.01, 10.0)) * f64::from(size.width());
        Self { block, shades, size, speed }
    }
}

impl Generator for Scroll {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.resize(self.size);
        frame.fill(self.shades[0]);
        let (width, height) = (self.size.width() as usize, self.size.height() as usize);
        let way = (width + self.block.width) as f64;
        // The first column of the frame shows this place of the text.
        let place = (at.as_secs_f64() * self.speed) % way - width as f64;
        let whole = place.floor();
        let second = ((place - whole) * 256.0) as u32;
        let first = 256 - second;
        // Floats below 0 become 0: the text begins within the frame, or the frame within the text.
        let (skipped, start) = (whole as usize, (-whole - 1.0) as usize);
        let entering = whole < 0.0;

        let (above, hidden) = (
            height.saturating_sub(self.block.height) / 2,
            self.block.height.saturating_sub(height) / 2,
        );
        let rows = frame.pixels_mut().chunks_exact_mut(width * 3).skip(above);
        let lines = self.block.coverage.chunks_exact(self.block.width.max(1)).skip(hidden);
        for (row, line) in rows.zip(lines) {
            let mut pixels = row.as_chunks_mut::<3>().0.iter_mut().skip(start);
            // The column before the first letter shows its edge as it comes in.
            if entering && let Some(pixel) = pixels.next() {
                *pixel = self.shades
                    [(line.first().map_or(0, |c| u32::from(*c)) * second / 256) as usize];
            }
            let rights = line.iter().skip(skipped + 1).map(|c| u32::from(*c)).chain([0]);
            let lefts = line.iter().skip(skipped).map(|c| u32::from(*c));
            for ((pixel, left), right) in pixels.zip(lefts).zip(rights) {
                *pixel = self.shades[((left * first + right * second) / 256) as usize];
            }
        }
    }
}

/// Comes and goes in place.
pub(super) struct Fade {
    block: Block,
    ink: Ink,
    size: Size,
    period: f32,
}

impl Fade {
    /// `period` is in seconds, from dark to dark.
    pub(super) fn new(block: Block, ink: Ink, size: Size, period: f32) -> Self {
        Self { block, ink, size, period: period.clamp(0.2, 60.0) }
    }
}

impl Generator for Fade {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.resize(self.size);
        let turn = (at.as_secs_f64() / f64::from(self.period)).fract() as f32;
        let seen = (1.0 - (turn * TAU).cos()) / 2.0;
        // Squared it is even to the eye, not to a light meter.
        paint(&self.block, &self.ink.at(seen * seen), frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).unwrap()
    }

    fn reds(frame: &Frame) -> Vec<u8> {
        frame.pixels().as_chunks::<3>().0.iter().map(|p| p[0]).collect()
    }

    #[test]
    fn scrolls_in_on_the_right_and_out_on_the_left() {
        let block = Block { width: 2, height: 1, coverage: vec![255; 2] };
        let shades = Ink::new([255; 3], [0; 3]).full();
        // Four pixels wide, one pixel a second: round in six seconds.
        let mut scroll = Scroll::new(block, shades, size(4, 1), 0.25);
        let mut frame = Frame::new(size(4, 1));
        let mut at = |seconds: f64| {
            scroll.render(Duration::from_secs_f64(seconds), &mut frame);
            reds(&frame)
        };
        assert_eq!(at(0.0), [0, 0, 0, 0]);
        assert_eq!(at(1.0), [0, 0, 0, 255]);
        assert_eq!(at(3.0), [0, 255, 255, 0]);
        assert_eq!(at(5.0), [255, 0, 0, 0]);
        assert_eq!(at(9.0), [0, 255, 255, 0]);
        let half = at(2.5);
        assert!(half[0] == 0 && half[1] == half[3] && (180..196).contains(&half[1]), "{half:?}");
        assert_eq!(half[2], 255);
    }

    #[test]
    fn tall_texts_are_cut_off_above_and_below() {
        let block = Block { width: 1, height: 5, coverage: vec![1, 2, 255, 4, 5] };
        let mut scroll = Scroll::new(block, Ink::new([255; 3], [0; 3]).full(), size(1, 1), 1.0);
        let mut frame = Frame::new(size(1, 1));
        scroll.render(Duration::from_secs(1), &mut frame);
        assert_eq!(reds(&frame), [255]);
    }

    #[test]
    fn fades_from_dark_to_dark() {
        let block = Block { width: 1, height: 1, coverage: vec![255] };
        let mut fade = Fade::new(block, Ink::new([255, 0, 0], [0; 3]), size(1, 1), 2.0);
        let mut frame = Frame::new(size(1, 1));
        let mut at = |millis| {
            fade.render(Duration::from_millis(millis), &mut frame);
            reds(&frame)[0]
        };
        assert_eq!((at(0), at(1000), at(2000)), (0, 255, 0));
        assert_eq!(at(500), at(1500));
        assert!((100..160).contains(&at(500)));
    }
}
