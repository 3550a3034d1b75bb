//! The area average: an LED shows the mean of the light that falls on its footprint.
//!
//! LEDs are taken in *bands*, consecutive ones whose footprints cover the same rows: a row of a matrix is a
//! band; an LED with no such neighbour is a band of its own. The light of a band's rows is first added up
//! down every column that any of its LEDs needs, once for rows that count wholly and once for each that
//! counts in part. Then each LED adds up its own columns, which are few by then.
//!
//! The light of whole pixels is added up in whole numbers, hence exactly; only what is weighed is not.

use super::Mapper;
use super::light::{Light, Rows};
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
    /// In number order, as the LEDs are in them.
    bands: Vec<Band>,
    /// Pixels of a row that a band's LEDs need, from one and up to another; band after band, and within a
    /// band in order and apart from each other.
    ranges: Vec<(u16, u16)>,
    leds: Vec<Columns>,
    light: Light,
    /// Where the light of a band is added up: for each pixel of a row, down rows that count alike; the
    /// parts of [`Span::parts`] apart from each other.
    sums: [Vec<[u32; 3]>; Span::PARTS],
}

/// Consecutive LEDs with the same rows.
#[derive(Debug, Clone)]
struct Band {
    rows: Span,
    /// How many ranges.
    ranges: u32,
    /// How many LEDs.
    leds: u32,
}

/// What an LED takes of its band's rows.
#[derive(Debug, Clone, Copy)]
struct Columns {
    span: Span,
    /// One divided by the pixels the footprint covers, 0 for none.
    share: f32,
}

impl AreaMapper {
    /// Tables for a wall and frames of a size.
    pub fn new(wall: &Wall, frame: Size) -> Self {
        let light = Light::new();
        let (mut bands, mut ranges): (Vec<Band>, _) = (Vec::new(), Vec::new());
        let mut leds = Vec::with_capacity(wall.leds.len());
        for led in &wall.leds {
            let (canvas, footprint) = (wall.canvas, led.footprint);
            let span = Span::new(led.centre.0, footprint.0, canvas.width(), frame.width());
            let rows = Span::new(led.centre.1, footprint.1, canvas.height(), frame.height());
            match bands.last_mut() {
                Some(band) if band.rows == rows => band.leds += 1,
                _ => bands.push(Band { rows, ranges: 0, leds: 1 }),
            }
            let area = span.length() * rows.length();
            let share = if area > 0.0 { area.recip() } else { 0.0 };
            leds.push(Columns { span, share });
        }
        let mut rest = &leds[..];
        for band in &mut bands {
            let (of_band, after) = rest.split_at(band.leds as usize);
            let joined = join(of_band.iter().map(|led| led.span.range()).collect(), light.step());
            band.ranges = joined.len() as u32;
            ranges.extend(joined);
            rest = after;
        }
        let sums = std::array::from_fn(|_| vec![[0; 3]; frame.width() as usize]);
        Self { frame, bands, ranges, leds, light, sums }
    }
}

/// Puts ranges of pixels in order, and those together that overlap or meet, or that take no more steps of so
/// many bytes with the gap between them than without it.
fn join(mut ranges: Vec<(u16, u16)>, step: usize) -> Vec<(u16, u16)> {
    let steps = |from: u16, to: u16| (usize::from(to - from) * 3).div_ceil(step);
    ranges.retain(|(from, to)| from < to);
    ranges.sort_unstable();
    ranges.dedup_by(|&mut (from, to), (first, last)| {
        let joins = from <= *last || steps(*first, to) <= steps(*first, *last) + steps(from, to);
        if joins {
            *last = to.max(*last);
        }
        joins
    });
    ranges
}

impl Mapper for AreaMapper {
    /// A frame of another size than the mapper was made for is taken as black.
    fn map(&mut self, frame: &Frame, leds: &mut LedFrame) {
        if frame.size() != self.frame {
            leds.fill([0; 3]);
            return;
        }
        let width = self.frame.width() as usize;
        let (mut ranges, mut columns, mut leds) = (&self.ranges[..], &self.leds[..], &mut leds[..]);
        for band in &self.bands {
            let (band_ranges, band_columns, band_leds);
            let count = (band.leds as usize).min(leds.len());
            (band_ranges, ranges) = ranges.split_at(band.ranges as usize);
            (band_columns, columns) = columns.split_at(count);
            (band_leds, leds) = leds.split_at_mut(count);

            let mut weights = [0.0; Span::PARTS];
            let mut parts = 0;
            for ((first, count, weight), sums) in band.rows.parts().zip(&mut self.sums) {
                for &(from, to) in band_ranges {
                    let (from, to) = (usize::from(from), usize::from(to));
                    let bytes = frame.pixels().get((first * width + from) * 3..).unwrap_or(&[]);
                    let rows = Rows { bytes, stride: width * 3, count };
                    self.light.sum(rows, sums[from..to].as_flattened_mut());
                }
                weights[parts] = f64::from(weight);
                parts += 1;
            }

            for (led, columns) in band_leds.iter_mut().zip(band_columns) {
                let mut total = [0.0; 3];
                for (sums, weight) in self.sums.iter().zip(&weights[..parts]) {
                    add(&mut total, columns.light(sums), *weight);
                }
                let share = f64::from(columns.share);
                *led = total.map(|light| (light * share + 0.5) as u16);
            }
        }
    }
}

impl Columns {
    /// As many pixels as can be added up in 32 bits, whatever is on them and however many rows.
    const RUN: usize = (u32::MAX / u16::MAX as u32 / Size::MAX_SIDE) as usize;

    /// The light of these columns, of the sums for each pixel of a row.
    fn light(&self, sums: &[[u32; 3]]) -> [f64; 3] {
        let (first, whole) = (usize::from(self.span.first), usize::from(self.span.whole));
        let (runs, rest) = sums[first..first + whole].as_chunks::<{ Self::RUN }>();
        let mut light = add_run(rest);
        for run in runs {
            add(&mut light, add_run(run), 1.0);
        }
        if self.span.before > 0.0 {
            add(&mut light, sums[first - 1].map(f64::from), f64::from(self.span.before));
        }
        if self.span.after > 0.0 {
            add(&mut light, sums[first + whole].map(f64::from), f64::from(self.span.after));
        }
        light
    }
}

/// The light of up to [`Columns::RUN`] pixels.
fn add_run(run: &[[u32; 3]]) -> [f64; 3] {
    let mut sum = [0; 3];
    for pixel in run {
        for (sum, light) in sum.iter_mut().zip(pixel) {
            *sum += light;
        }
    }
    sum.map(f64::from)
}

/// Adds weight times some light.
fn add(total: &mut [f64; 3], light: [f64; 3], weight: f64) {
    for (total, light) in total.iter_mut().zip(light) {
        *total += light * weight;
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
        // LEDs of one width and of two, with and without parts of pixels.
        for layout in [layout(150, 4), layout(100, 3), layout(8, 2)] {
            let wall = layout.resolve().unwrap();
            for frame in [size(300, 12), size(299, 11), size(150, 9)] {
                assert_agrees(&wall, &noise(frame, 5));
            }
        }
    }

    #[test]
    fn ranges_join_where_that_costs_nothing() {
        let joined = |ranges: &[(u16, u16)], step| join(ranges.to_vec(), step);
        assert_eq!(joined(&[(4, 6), (0, 0), (0, 4), (6, 6), (5, 9)], 1), [(0, 9)]);
        assert_eq!(joined(&[(20, 30), (0, 12), (2, 3)], 1), [(0, 12), (20, 30)]);
        // Nine bytes are two steps of eight, as three and three are; thirty are four.
        assert_eq!(joined(&[(0, 1), (2, 3)], 8), [(0, 3)]);
        assert_eq!(joined(&[(0, 1), (9, 10)], 8), [(0, 1), (9, 10)]);
        assert_eq!(joined(&[(0, 1), (9, 10)], 64), [(0, 10)]);
    }

    #[test]
    fn the_most_light_there_is_fits() {
        let mut frame = Frame::new(size(20, Size::MAX_SIDE));
        frame.fill([255; 3]);
        let wall = one((10.0, 10.0), (20.0, 20.0), size(20, 20));
        assert_eq!(mapped(&wall, &frame), [[65535; 3]]);
    }

    fn leds() -> impl Strategy<Value = Vec<Led>> {
        let side = || prop_oneof![0.02f32..1.5, 1.0f32..60.0, (1u8..40).prop_map(f32::from)];
        let place = || prop_oneof![-20.0f32..120.0, (0u8..100).prop_map(f32::from)];
        // Some beside each other on the same rows: close together, far apart, in any order.
        let columns = prop::collection::vec((place(), side()), 1..6);
        let band = (columns, place(), side()).prop_map(|(columns, y, height)| {
            let led = move |(x, width)| Led { centre: (x, y), footprint: (width, height) };
            columns.into_iter().map(led).collect::<Vec<_>>()
        });
        prop::collection::vec(band, 1..6).prop_map(|bands| bands.concat())
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
