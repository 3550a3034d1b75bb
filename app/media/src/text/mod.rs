//! Words on the wall: set once when they are opened, then only shifted or mixed.
//!
//! Letters are drawn as coverage, 0 to 255 a pixel, and mixed with the background in linear light. A picture
//! in a font (an emoji) is shown as its silhouette.

mod installed;
mod letters;
mod moving;

use prismatron_core::frame::{Frame, Rgb8};
use prismatron_core::port::Source;
use prismatron_core::text::{Align, Motion, Text};
use prismatron_core::unit::Size;

use self::moving::{Fade, Scroll};
use crate::light::{self, Encoder};

/// Most pixels of text that are kept: a page of large letters would take gigabytes, so it is drawn coarser.
const MOST_PIXELS: f64 = 16e6;

/// Family names of the installed fonts, sorted. The first call reads the system's fonts.
pub fn fonts() -> Vec<String> {
    installed::families()
}

/// Coverage of letters, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    width: usize,
    height: usize,
    coverage: Vec<u8>,
}

impl Block {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, coverage: vec![0; width * height] }
    }

    /// Lays another block over this one; what reaches beyond is cut off.
    fn draw(&mut self, other: &Self, left: isize, top: isize) {
        let (above, left_out) = (beyond(top), beyond(left));
        let rows = self.coverage.chunks_exact_mut(self.width.max(1)).skip(beyond(-top));
        let lines = other.coverage.chunks_exact(other.width.max(1)).skip(above);
        for (row, line) in rows.zip(lines) {
            let pixels = row.iter_mut().skip(beyond(-left));
            for (to, from) in pixels.zip(line.iter().skip(left_out)) {
                *to = (*to).max(*from);
            }
        }
    }
}

/// How far a place lies before 0.
fn beyond(place: isize) -> usize {
    if place < 0 { place.unsigned_abs() } else { 0 }
}

/// Where something `inner` wide stands in something `outer` wide.
fn aligned(align: Align, outer: f32, inner: f32) -> f32 {
    match align {
        Align::Left => 0.0,
        Align::Centre => (outer - inner) / 2.0,
        Align::Right => outer - inner,
    }
}

/// What sets a text: an installed font, or the bundled letters.
enum Setter<'a> {
    Installed { family: Option<&'a str> },
    Bundled,
}

impl<'a> Setter<'a> {
    /// The font that was asked for; the bundled letters where it is not installed. Where those have not all
    /// the letters of the text, any installed fonts that do.
    fn choose(text: &'a Text) -> Self {
        match text.font.as_deref() {
            Some(family) if installed::has(family) => Self::Installed { family: Some(family) },
            _ if letters::covers(&text.text) || installed::families().is_empty() => Self::Bundled,
            _ => Self::Installed { family: None },
        }
    }

    /// Width and height of the text with lines of this height.
    fn measure(&self, text: &str, line: f32) -> (f32, f32) {
        match self {
            Self::Installed { family } => installed::measure(text, *family, line),
            Self::Bundled => letters::measure(text, line),
        }
    }

    fn set(&self, text: &str, line: f32, align: Align) -> Block {
        match self {
            Self::Installed { family } => installed::set(text, *family, line, align),
            Self::Bundled => letters::set(text, line, align),
        }
    }
}

/// Sets the text for frames of this size.
pub(crate) fn open(text: &Text, detail: Size) -> Source {
    let words: String = text.text.chars().take(Text::MAX_CHARS).collect();
    let words = words.replace('\t', "    ");
    let setter = Setter::choose(text);
    match text.motion {
        Motion::Static => {
            let mut frame = Frame::new(detail);
            let ink = Ink::new(text.colour, text.background);
            paint(&standing(&setter, &words, text, detail), &ink.full(), &mut frame);
            Source::Still(frame)
        }
        Motion::Fade { period } => {
            let block = standing(&setter, &words, text, detail);
            let fade = Fade::new(block, Ink::new(text.colour, text.background), detail, period);
            Source::Generated { generator: Box::new(fade), size: detail }
        }
        Motion::Scroll { speed } => {
            let size = affordable(&setter, &words, text, detail);
            let block = setter.set(&words, line_height(text, size), text.align);
            let ink = Ink::new(text.colour, text.background);
            let scroll = Scroll::new(block, ink.full(), size, speed);
            Source::Generated { generator: Box::new(scroll), size }
        }
    }
}

fn line_height(text: &Text, size: Size) -> f32 {
    (text.size.clamp(0.01, 2.0) * size.height() as f32).max(4.0)
}

/// The text on a whole frame, made smaller where it would not fit.
fn standing(setter: &Setter<'_>, words: &str, text: &Text, size: Size) -> Block {
    let (width, height) = (size.width() as f32, size.height() as f32);
    let line = line_height(text, size);
    let (across, down) = setter.measure(words, line);
    let shrink = (width / across.max(1.0)).min(height / down.max(1.0)).min(1.0);
    // Rounding up may cost a pixel beside the measured width.
    let line = if shrink < 1.0 { (line * shrink * 0.99).max(1.0) } else { line };
    let block = setter.set(words, line, text.align);
    let left = aligned(text.align, width, block.width as f32).round() as isize;
    let top = ((height - block.height as f32) / 2.0).round() as isize;
    let mut whole = Block::new(size.width() as usize, size.height() as usize);
    whole.draw(&block, left, top);
    whole
}

/// The size to draw at so that the whole text can be kept.
fn affordable(setter: &Setter<'_>, words: &str, text: &Text, size: Size) -> Size {
    let (across, down) = setter.measure(words, line_height(text, size));
    let scale = (MOST_PIXELS / (f64::from(across) * f64::from(down)).max(1.0)).sqrt();
    if scale >= 1.0 {
        return size;
    }
    let side = |side: u32| ((f64::from(side) * scale) as u32).max(1);
    Size::new(side(size.width()), side(size.height())).unwrap_or(size)
}

/// The colours between background and letters.
struct Ink {
    letters: [u16; 3],
    background: [u16; 3],
}

/// Colours by coverage.
type Shades = [Rgb8; 256];

impl Ink {
    fn new(letters: Rgb8, background: Rgb8) -> Self {
        Self { letters: light::linear(letters), background: light::linear(background) }
    }

    fn full(&self) -> Shades {
        self.at(1.0)
    }

    /// With letters of this strength, 0 to 1.
    fn at(&self, strength: f32) -> Shades {
        let encoder = Encoder::new();
        std::array::from_fn(|coverage| {
            let share = coverage as f32 / 255.0 * strength;
            encoder.colour(light::mix(self.background, self.letters, share))
        })
    }
}

/// Paints coverage of a whole frame.
fn paint(block: &Block, shades: &Shades, frame: &mut Frame) {
    for (pixel, coverage) in
        frame.pixels_mut().as_chunks_mut::<3>().0.iter_mut().zip(&block.coverage)
    {
        *pixel = shades[usize::from(*coverage)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Text {
        Text {
            text: words.into(),
            font: None,
            size: 0.3,
            colour: [255, 255, 255],
            background: [0, 0, 40],
            align: Align::Centre,
            motion: Motion::Static,
        }
    }

    fn still(text: &Text, width: u32, height: u32) -> Frame {
        match open(text, Size::new(width, height).unwrap()) {
            Source::Still(frame) => frame,
            _ => panic!("a standing text is a still"),
        }
    }

    /// The share of lit pixels in each third of the width.
    fn thirds(frame: &Frame) -> [usize; 3] {
        let width = frame.size().width() as usize;
        let mut lit = [0; 3];
        for (i, pixel) in frame.pixels().as_chunks::<3>().0.iter().enumerate() {
            lit[i % width * 3 / width] += usize::from(pixel[0] > 100);
        }
        lit
    }

    #[test]
    fn letters_stand_where_they_are_aligned() {
        for font in [None, fonts().first().cloned()] {
            for (align, third) in [(Align::Left, 0), (Align::Centre, 1), (Align::Right, 2)] {
                let frame = still(&Text { align, font: font.clone(), ..text("Hi") }, 180, 60);
                let lit = thirds(&frame);
                assert!(lit[third] > 20, "{font:?} {align:?} {lit:?}");
                let elsewhere: usize = lit.iter().sum::<usize>() - lit[third];
                assert_eq!(elsewhere, 0, "{font:?} {align:?} {lit:?}");
            }
        }
    }

    #[test]
    fn lines_are_aligned_within_the_text() {
        let frame = still(&Text { align: Align::Right, ..text("MMMMMMMM\nM") }, 160, 60);
        let rows = frame.pixels().chunks_exact(160 * 3);
        let lit_left = |row: &[u8]| row[..240].as_chunks::<3>().0.iter().any(|p| p[0] > 100);
        let lower: Vec<_> = rows.skip(30).map(lit_left).collect();
        assert!(!lower.contains(&true), "the short line reaches the left half");
    }

    #[test]
    fn what_is_too_wide_is_made_smaller() {
        for font in [None, fonts().first().cloned()] {
            let frame =
                still(&Text { font, size: 1.0, ..text("Rather a long line of words") }, 200, 50);
            let lit = thirds(&frame);
            assert!(lit.iter().all(|&n| n > 10), "{lit:?}");
            let edge = |x: usize| frame.pixels().chunks_exact(600).any(|row| row[x * 3] > 100);
            assert!(!edge(0) && !edge(199), "cut off at the side");
        }
    }

    #[test]
    fn empty_and_endless_texts() {
        let frame = still(&text(""), 20, 10);
        assert!(frame.pixels().as_chunks::<3>().0.iter().all(|p| *p == [0, 0, 40]));
        let endless = Text {
            motion: Motion::Scroll { speed: 1.0 },
            size: 1.0,
            ..text(&"W".repeat(Text::MAX_CHARS))
        };
        let Source::Generated { size, .. } = open(&endless, Size::new(4000, 2400).unwrap()) else {
            panic!("a running text is generated");
        };
        assert!(size.height() < 200 && size.height() > 50, "{size}");
    }

    #[test]
    fn letters_that_are_not_bundled_come_from_any_font() {
        if fonts().is_empty() {
            return;
        }
        let frame = still(&text("Жж"), 100, 50);
        assert!(thirds(&frame)[1] > 20);
    }
}
