//! Text in the system's fonts, shaped by cosmic-text. The fonts are found once, at first need.

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use cosmic_text::{
    Attrs, Buffer, Family, FontSystem, LayoutRun, Metrics, Shaping, SwashCache, SwashContent, Wrap,
};
use prismatron_core::text::Align;

use super::{Block, aligned};

/// Height of a line in font sizes.
const LINE: f32 = 1.2;

/// Room beside a line for what letters reach over, in line heights.
const OVERHANG: f32 = 0.06;

fn system() -> MutexGuard<'static, FontSystem> {
    static SYSTEM: LazyLock<Mutex<FontSystem>> = LazyLock::new(|| Mutex::new(FontSystem::new()));
    SYSTEM.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sorted, each once.
pub(super) fn families() -> Vec<String> {
    let system = system();
    let names = system.db().faces().filter_map(|face| face.families.first());
    let mut names: Vec<String> = names.map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a font of this name is installed.
pub(super) fn has(family: &str) -> bool {
    let system = system();
    system.db().faces().any(|face| face.families.iter().any(|(name, _)| name == family))
}

fn shaped(system: &mut FontSystem, text: &str, family: Option<&str>, line: f32) -> Buffer {
    let mut buffer = Buffer::new(system, Metrics::new(line / LINE, line));
    buffer.set_wrap(Wrap::None);
    buffer.set_size(None, None);
    let family = family.map_or(Family::SansSerif, Family::Name);
    buffer.set_text(text, &Attrs::new().family(family), Shaping::Advanced, None);
    buffer.shape_until_scroll(system, false);
    buffer
}

/// Left and right end of a line's letters.
fn extent(run: &LayoutRun<'_>) -> (f32, f32) {
    let left = run.glyphs.iter().map(|glyph| glyph.x).reduce(f32::min).unwrap_or(0.0);
    let right = run.glyphs.iter().map(|glyph| glyph.x + glyph.w).reduce(f32::max).unwrap_or(0.0);
    (left, right)
}

fn size(buffer: &Buffer, line: f32) -> (f32, f32) {
    let widths = buffer.layout_runs().map(|run| {
        let (left, right) = extent(&run);
        right - left
    });
    let width = widths.fold(0.0, f32::max);
    let lines = buffer.layout_runs().count();
    (width + 2.0 * OVERHANG * line, lines as f32 * line)
}

pub(super) fn measure(text: &str, family: Option<&str>, line: f32) -> (f32, f32) {
    let mut system = system();
    size(&shaped(&mut system, text, family, line), line)
}

pub(super) fn set(text: &str, family: Option<&str>, line: f32, align: Align) -> Block {
    let mut system = system();
    let buffer = shaped(&mut system, text, family, line);
    let (width, height) = size(&buffer, line);
    let mut block = Block::new(width.ceil() as usize, height.ceil() as usize);
    let mut images = SwashCache::new();
    let margin = OVERHANG * line;
    for run in buffer.layout_runs() {
        let (left, right) = extent(&run);
        let start = margin + aligned(align, width - 2.0 * margin, right - left) - left;
        for glyph in run.glyphs {
            let placed = glyph.physical((start, run.line_y), 1.0);
            let Some(image) = images.get_image(&mut system, placed.cache_key) else { continue };
            let coverage = match image.content {
                SwashContent::Mask => image.data.clone(),
                SwashContent::Color | SwashContent::SubpixelMask => {
                    image.data.as_chunks::<4>().0.iter().map(|pixel| pixel[3]).collect()
                }
            };
            let letter = Block {
                width: image.placement.width as usize,
                height: image.placement.height as usize,
                coverage,
            };
            let left = (placed.x + image.placement.left) as isize;
            let top = (placed.y - image.placement.top) as isize;
            block.draw(&letter, left, top);
        }
    }
    block
}
