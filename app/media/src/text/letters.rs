//! The bundled letters: Noto Sans Mono, bold, 32 pixels high, for Latin alphabets. A letter it has not is a
//! question mark.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};
use prismatron_core::text::Align;

use super::{Block, aligned};

const WEIGHT: FontWeight = FontWeight::Bold;
const HEIGHT: RasterHeight = RasterHeight::Size32;

/// Whether every letter of a text is there.
pub(super) fn covers(text: &str) -> bool {
    text.chars().all(|c| c.is_control() || get_raster(c, WEIGHT, HEIGHT).is_some())
}

pub(super) fn measure(text: &str, line: f32) -> (f32, f32) {
    let (width, height) = native(text);
    let scale = line / HEIGHT.val() as f32;
    (width as f32 * scale, height as f32 * scale)
}

fn native(text: &str) -> (usize, usize) {
    let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    (longest * get_raster_width(WEIGHT, HEIGHT), text.lines().count() * HEIGHT.val())
}

pub(super) fn set(text: &str, line: f32, align: Align) -> Block {
    let (width, height) = native(text);
    let mut block = Block::new(width, height);
    let advance = get_raster_width(WEIGHT, HEIGHT);
    for (number, line) in text.lines().enumerate() {
        let own = (line.chars().count() * advance) as f32;
        let left = aligned(align, width as f32, own) as usize;
        for (place, letter) in line.chars().enumerate() {
            let raster = get_raster(letter, WEIGHT, HEIGHT).or(get_raster('?', WEIGHT, HEIGHT));
            let Some(raster) = raster else { continue };
            let at = left + place * advance;
            for (y, row) in raster.rows().enumerate() {
                let start = (number * HEIGHT.val() + y) * width + at;
                block.coverage[start..start + row.len()].copy_from_slice(row);
            }
        }
    }
    scaled(block, line / HEIGHT.val() as f32)
}

fn scaled(block: Block, scale: f32) -> Block {
    let side = |side: usize| (side as f32 * scale).round() as usize;
    let (width, height) = (side(block.width), side(block.height));
    let mut to = Block::new(width, height);
    if width == 0 || height == 0 {
        return to;
    }
    let filter = if scale < 1.0 { FilterType::Hamming } else { FilterType::Bilinear };
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter));
    let from: Vec<U8> = block.coverage.into_iter().map(U8::new).collect();
    let mut pixels = vec![U8::default(); width * height];
    let from = TypedImageRef::new(block.width as u32, block.height as u32, &from);
    let into = TypedImage::from_pixels_slice(width as u32, height as u32, &mut pixels);
    // Neither can fail: the buffers have been made to measure.
    if let (Ok(from), Ok(mut into)) = (from, into)
        && Resizer::new().resize_typed(&from, &mut into, &options).is_ok()
    {
        to.coverage = pixels.into_iter().map(|pixel| pixel.0).collect();
    }
    to
}
