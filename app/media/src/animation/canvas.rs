//! What an animation's partial pictures are composed on: GIF89a's disposal methods, and APNG's disposal and
//! blending (PNG third edition, section 11.3.6.2), which are the same thing.

use prismatron_core::unit::Size;

use crate::fitting::Picture;

/// What becomes of a partial picture before the next is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disposal {
    Keep,
    Clear,
    Restore,
}

/// How a partial picture is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blend {
    /// It replaces what was there.
    Source,
    /// It is laid over what was there.
    Over,
}

/// Where a partial picture lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Red, green, blue and straight alpha; transparent at first.
pub(super) struct Canvas {
    size: Size,
    pixels: Vec<u8>,
    pending: Option<(Area, Disposal)>,
    saved: Vec<u8>,
}

impl Canvas {
    pub(super) fn new(size: Size) -> Self {
        Self { size, pixels: vec![0; size.area() * 4], pending: None, saved: Vec::new() }
    }

    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn picture(&self) -> Picture<'_> {
        Picture {
            width: self.size.width() as usize,
            height: self.size.height() as usize,
            channels: 4,
            pixels: &self.pixels,
        }
    }

    /// Disposes of the picture before and draws the next: `pixels` are `area.width` × `area.height` of four
    /// bytes. What reaches beyond the canvas is cut off.
    pub(super) fn draw(&mut self, area: Area, pixels: &[u8], blend: Blend, disposal: Disposal) {
        match self.pending.take() {
            Some((area, Disposal::Clear)) => self.rows(area).for_each(|row| row.fill(0)),
            Some((_, Disposal::Restore)) => self.pixels.copy_from_slice(&self.saved),
            _ => {}
        }
        if disposal == Disposal::Restore {
            self.saved.clear();
            self.saved.extend_from_slice(&self.pixels);
        }
        for (to, from) in self.rows(area).zip(pixels.chunks_exact((area.width * 4).max(1))) {
            match blend {
                Blend::Source => to.copy_from_slice(&from[..to.len()]),
                Blend::Over => {
                    for (to, from) in
                        to.as_chunks_mut::<4>().0.iter_mut().zip(from.as_chunks::<4>().0)
                    {
                        over(to, *from);
                    }
                }
            }
        }
        self.pending = Some((area, disposal));
    }

    fn rows(&mut self, area: Area) -> impl Iterator<Item = &mut [u8]> {
        let width = self.size.width() as usize;
        let left = area.left.min(width);
        let right = area.left.saturating_add(area.width).min(width);
        let rows = self.pixels.chunks_exact_mut(width * 4).skip(area.top).take(area.height);
        rows.map(move |row| &mut row[left * 4..right * 4])
    }
}

fn over(to: &mut [u8; 4], from: [u8; 4]) {
    match from[3] {
        0 => {}
        255 => *to = from,
        alpha => {
            let (above, below) =
                (u32::from(alpha) * 255, u32::from(to[3]) * (255 - u32::from(alpha)));
            let both = above + below;
            for channel in 0..3 {
                let sum = u32::from(from[channel]) * above + u32::from(to[channel]) * below;
                to[channel] = ((sum + both / 2) / both) as u8;
            }
            to[3] = ((both + 127) / 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];
    const NONE: [u8; 4] = [0; 4];

    fn canvas() -> Canvas {
        let mut canvas = Canvas::new(Size::new(2, 1).unwrap());
        canvas.draw(at(0, 2), &[RED, RED].concat(), Blend::Source, Disposal::Keep);
        canvas
    }

    fn at(left: usize, width: usize) -> Area {
        Area { left, top: 0, width, height: 1 }
    }

    #[test]
    fn disposal() {
        for (disposal, after) in [
            (Disposal::Keep, [RED, BLUE]),
            (Disposal::Clear, [RED, NONE]),
            (Disposal::Restore, [RED, RED]),
        ] {
            let mut canvas = canvas();
            canvas.draw(at(1, 1), &BLUE, Blend::Over, disposal);
            assert_eq!(canvas.pixels, [RED, BLUE].concat());
            canvas.draw(at(0, 1), &NONE, Blend::Over, Disposal::Keep);
            assert_eq!(canvas.pixels, after.concat(), "{disposal:?}");
        }
    }

    #[test]
    fn blending() {
        let half = [0, 0, 255, 128];
        let mut canvas = canvas();
        canvas.draw(at(0, 1), &half, Blend::Over, Disposal::Keep);
        canvas.draw(at(1, 1), &half, Blend::Source, Disposal::Keep);
        assert_eq!(canvas.pixels, [[127, 0, 128, 255], half].concat());
    }

    #[test]
    fn beyond_the_canvas_is_cut_off() {
        let mut canvas = canvas();
        let area = Area { left: 1, top: 0, width: 3, height: 2 };
        canvas.draw(area, &BLUE.repeat(6), Blend::Over, Disposal::Clear);
        assert_eq!(canvas.pixels, [RED, BLUE].concat());
        canvas.draw(
            Area { left: 9, top: 9, ..area },
            &BLUE.repeat(6),
            Blend::Source,
            Disposal::Keep,
        );
        assert_eq!(canvas.pixels, [RED, NONE].concat());
    }
}
