//! The area average: an LED shows the mean of the light that falls on its footprint.
//!
//! LEDs are taken in *bands*, consecutive ones whose footprints cover the same rows and as many whole
//! columns: a row of a matrix is a band, and is read as it lies in memory. An LED with no such neighbour is a
//! band of its own.

use super::Mapper;
use super::light::{Light, Rows, Sum};
use super::span::Span;
use crate::frame::{Frame, LedFrame};
use crate::layout::Wall;
use crate::unit::Size;

/// Averages the linear light of the pixels under each LED's footprint; a pixel that is covered in part
/// counts in part. A footprint that stands out over the canvas is cut off there; one that is wholly outside
/// is black.
#[derive(Debug, Clone)]
pub struct AreaMapper {
    frame: Size,
    /// In number order, as the LEDs are in all that follows.
    bands: Vec<Band>,
    /// First column that is covered wholly.
    firsts: Vec<u16>,
    /// What else there is to know of the columns.
    edges: Vec<Edges>,
    light: Light,
    work: Work,
}

/// Consecutive LEDs with the same rows and as many whole columns.
#[derive(Debug, Clone, PartialEq)]
struct Band {
    rows: Span,
    /// Whole columns.
    width: u16,
    /// How many LEDs, at most [`Band::LONGEST`].
    count: u16,
}

/// Columns of a footprint that are covered in part.
#[derive(Debug, Clone, Copy)]
struct Edges {
    /// Part of the column before the whole ones, and of the one after.
    before: f32,
    after: f32,
    /// One divided by the pixels the footprint covers, 0 for none.
    share: f32,
}

/// Where the light of one band is added up.
#[derive(Debug, Clone)]
struct Work {
    /// Of rows that count alike.
    part: Vec<Sum>,
    /// Of all rows.
    total: Vec<Sum>,
}

impl Band {
    /// The sums of so many LEDs stay in the nearest cache.
    const LONGEST: u16 = 128;
}

impl AreaMapper {
    /// Tables for a wall and frames of a size.
    pub fn new(wall: &Wall, frame: Size) -> Self {
        let count = wall.leds.len();
        let mut bands: Vec<Band> = Vec::new();
        let (mut firsts, mut edges) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for led in &wall.leds {
            let (canvas, footprint) = (wall.canvas, led.footprint);
            let columns = Span::new(led.centre.0, footprint.0, canvas.width(), frame.width());
            let rows = Span::new(led.centre.1, footprint.1, canvas.height(), frame.height());
            let width = columns.whole;
            match bands.last_mut() {
                Some(band)
                    if band.rows == rows && band.width == width && band.count < Band::LONGEST =>
                {
                    band.count += 1;
                }
                _ => bands.push(Band { rows, width, count: 1 }),
            }
            let area = columns.length() * rows.length();
            let share = if area > 0.0 { area.recip() } else { 0.0 };
            firsts.push(columns.first);
            edges.push(Edges { before: columns.before, after: columns.after, share });
        }
        let longest = bands.iter().map(|band| usize::from(band.count)).max().unwrap_or_default();
        let sums = vec![[0.0; 3]; longest];
        let work = Work { part: sums.clone(), total: sums };
        Self { frame, bands, firsts, edges, light: Light::new(), work }
    }
}

impl Mapper for AreaMapper {
    /// A frame of another size than the mapper was made for is taken as black.
    fn map(&mut self, frame: &Frame, leds: &mut LedFrame) {
        if frame.size() != self.frame {
            leds.fill([0; 3]);
            return;
        }
        let stride = self.frame.width() as usize * 3;
        let (mut firsts, mut edges, mut leds) = (&self.firsts[..], &self.edges[..], &mut leds[..]);
        for band in &self.bands {
            let count = usize::from(band.count).min(leds.len());
            let band_leds;
            (band_leds, leds) = leds.split_at_mut(count);
            let (band_firsts, band_edges);
            (band_firsts, firsts) = firsts.split_at(count);
            (band_edges, edges) = edges.split_at(count);
            let total = &mut self.work.total[..count];
            let part = &mut self.work.part[..count];
            total.fill([0.0; 3]);
            for (first, rows, weight) in band.rows.parts() {
                let pixels = frame.pixels().get(first * stride..).unwrap_or_default();
                let rows = Rows { pixels, stride, count: rows };
                part.fill([0.0; 3]);
                self.light.add(rows, band.width, band_firsts, part);
                for ((&first, edges), part) in band_firsts.iter().zip(band_edges).zip(&mut *part) {
                    edges.add(&self.light, rows, first, band.width, part);
                }
                for (total, part) in total.iter_mut().zip(&*part) {
                    add_part(total, weight, part);
                }
            }
            for ((led, sum), edges) in band_leds.iter_mut().zip(total).zip(band_edges) {
                let share = f64::from(edges.share);
                *led = sum.map(|light| (light * share + 0.5) as u16);
            }
        }
    }
}

impl Edges {
    /// Adds the columns that are covered in part.
    fn add(&self, light: &Light, rows: Rows<'_>, first: u16, width: u16, sum: &mut Sum) {
        let mut add = |column: u16, weight: f32| {
            let mut part = [[0.0; 3]];
            light.add(rows, 1, &[column], &mut part);
            add_part(sum, weight, &part[0]);
        };
        if self.before > 0.0 {
            add(first - 1, self.before);
        }
        if self.after > 0.0 {
            add(first + width, self.after);
        }
    }
}

/// Adds weight times a sum to a sum.
fn add_part(total: &mut Sum, weight: f32, part: &Sum) {
    for (total, part) in total.iter_mut().zip(part) {
        *total += part * f64::from(weight);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::colour::srgb_to_linear;
    use crate::layout::{Along, Corner, Layout, Led, Matrix, Piece};

    fn size(width: u32, height: u32) -> Size {
        Size::new(width, height).unwrap()
    }

    fn mapped(wall: &Wall, frame: &Frame) -> LedFrame {
        let mut leds = vec![[7; 3]; wall.leds.len()];
        AreaMapper::new(wall, frame.size()).map(frame, &mut leds);
        leds
    }

    fn one(centre: (f32, f32), footprint: (f32, f32), canvas: Size) -> Wall {
        Wall { canvas, leds: vec![Led { centre, footprint }] }
    }

    #[test]
    fn a_colour_stays_that_colour() {
        let wall = Layout::default().resolve().unwrap();
        for frame in [Size::CANVAS, wall.detail(), size(80, 40), size(33, 7), size(1000, 500)] {
            for value in [0, 1, 13, 128, 254, 255] {
                let mut frame = Frame::new(frame);
                frame.fill([value, 255 - value, value]);
                let light = [value, 255 - value, value].map(srgb_to_linear);
                assert!(mapped(&wall, &frame).iter().all(|led| *led == light), "{value}");
            }
        }
    }

    #[test]
    fn averages_light_not_srgb() {
        let mut frame = Frame::new(size(2, 1));
        frame.pixels_mut()[..3].fill(255);
        let wall = one((1.0, 0.5), (2.0, 1.0), frame.size());
        assert_eq!(mapped(&wall, &frame), [[32768; 3]]);
    }

    #[test]
    fn a_pixel_covered_in_part_counts_in_part() {
        let frame = Frame::from_pixels(size(3, 1), vec![255, 0, 0, 0, 255, 0, 0, 0, 255]).unwrap();
        let wall = one((1.5, 0.5), (2.0, 1.0), frame.size());
        assert_eq!(mapped(&wall, &frame), [[16384, 32768, 16384]]);
    }

    #[test]
    fn outside_the_canvas_is_black_and_half_outside_is_not() {
        let mut frame = Frame::new(size(10, 10));
        frame.fill([255; 3]);
        let black = one((-20.0, 5.0), (10.0, 10.0), size(100, 100));
        assert_eq!(mapped(&black, &frame), [[0; 3]]);
        let white = one((0.0, 100.0), (10.0, 10.0), size(100, 100));
        assert_eq!(mapped(&white, &frame), [[65535; 3]]);
    }

    #[test]
    fn a_frame_of_another_size_is_black() {
        let wall = Layout::default().resolve().unwrap();
        let mut frame = Frame::new(size(4, 4));
        frame.fill([255; 3]);
        let mut leds = vec![[7; 3]; 3200];
        AreaMapper::new(&wall, size(8, 8)).map(&frame, &mut leds);
        assert!(leds.iter().all(|led| *led == [0; 3]));
    }

    /// The definition, pixel by pixel: how much of each is covered, and its light.
    fn by_definition(led: &Led, canvas: Size, frame: &Frame) -> [f64; 3] {
        let size = frame.size();
        let scale_x = f64::from(size.width()) / f64::from(canvas.width());
        let scale_y = f64::from(size.height()) / f64::from(canvas.height());
        let covered = |pixel: usize, centre: f32, length: f32, scale: f64| {
            let (centre, half) = (f64::from(centre), f64::from(length) / 2.0);
            let start = ((centre - half) * scale).max(pixel as f64);
            let end = ((centre + half) * scale).min(pixel as f64 + 1.0);
            (end - start).max(0.0)
        };
        let mut sum = [0.0; 3];
        let mut area = 0.0;
        for (row, pixels) in frame.pixels().chunks(size.width() as usize * 3).enumerate() {
            let height = covered(row, led.centre.1, led.footprint.1, scale_y);
            for (column, pixel) in pixels.chunks(3).enumerate() {
                let weight = height * covered(column, led.centre.0, led.footprint.0, scale_x);
                area += weight;
                for (sum, &value) in sum.iter_mut().zip(pixel) {
                    let encoded = f64::from(value) / 255.0;
                    *sum += weight
                        * if encoded <= 0.04045 {
                            encoded / 12.92
                        } else {
                            ((encoded + 0.055) / 1.055).powf(2.4)
                        };
                }
            }
        }
        sum.map(|sum| if area > 0.0 { sum / area * 65535.0 } else { 0.0 })
    }

    fn assert_agrees(wall: &Wall, frame: &Frame) {
        for (led, light) in wall.leds.iter().zip(mapped(wall, frame)) {
            let exact = by_definition(led, wall.canvas, frame);
            for (exact, light) in exact.iter().zip(light) {
                // Half a step from the table, half from rounding, and a little for edges in 32 bits.
                assert!((exact - f64::from(light)).abs() < 1.1, "{led:?} {exact} {light}");
            }
        }
    }

    fn noise(size: Size, seed: u64) -> Frame {
        let mut frame = Frame::new(size);
        let mut state = seed | 1;
        for value in frame.pixels_mut() {
            // An xorshift generator (Marsaglia, 2003): any noise will do.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *value = state as u8;
        }
        frame
    }

    #[test]
    fn bands_of_a_matrix_agree_with_the_definition() {
        let layout = |columns, rows| Layout {
            canvas: size(300, 12),
            pieces: vec![Piece::Matrix(Matrix {
                origin: (0.0, 0.0),
                extent: None,
                columns,
                rows,
                start: Corner::BottomRight,
                along: Along::Rows,
                serpentine: true,
            })],
        };
        // Rows longer than a band, of one width and of two, with and without parts of pixels.
        for layout in [layout(150, 4), layout(100, 3), layout(8, 2)] {
            let wall = layout.resolve().unwrap();
            for frame in [size(300, 12), size(299, 11), size(150, 9)] {
                assert_agrees(&wall, &noise(frame, 5));
            }
        }
    }

    fn leds() -> impl Strategy<Value = Vec<Led>> {
        let side = || prop_oneof![0.02f32..1.5, 1.0f32..60.0, (1u8..40).prop_map(f32::from)];
        let place = || prop_oneof![-20.0f32..120.0, (0u8..100).prop_map(f32::from)];
        let led = ((place(), place()), (side(), side()));
        prop::collection::vec(led, 1..12).prop_map(|leds| {
            leds.into_iter().map(|(centre, footprint)| Led { centre, footprint }).collect()
        })
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(
            leds in leds(),
            canvas in (1u32..120, 1u32..120),
            frame in (1u32..70, 1u32..70),
            seed: u64,
        ) {
            let wall = Wall { canvas: size(canvas.0, canvas.1), leds };
            assert_agrees(&wall, &noise(size(frame.0, frame.1), seed));
        }
    }
}
