//! Pictures of any size and shape onto the canvas, in linear light.
//!
//! A large picture is first reduced by whole factors while it is turned into light (a plain average, to no
//! less than the size it ends at), so that the resampler and the memory it takes stay small.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U16x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use prismatron_core::colour::srgb_table;
use prismatron_core::frame::Frame;
use prismatron_core::media::Fit;
use prismatron_core::port::MediaError;
use prismatron_core::unit::Size;

use crate::light::Encoder;
use crate::refusal;

/// Bytes of a decoded sRGB picture, rows from the top without padding.
#[derive(Clone, Copy)]
pub(crate) struct Picture<'a> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// 3 for red, green, blue; 4 with straight alpha.
    pub(crate) channels: usize,
    pub(crate) pixels: &'a [u8],
}

/// Puts pictures onto a canvas; its buffers are kept from one picture to the next.
pub(crate) struct Fitter {
    fit: Fit,
    canvas: Size,
    resizer: Resizer,
    light: Vec<U16x3>,
    sums: Vec<[u32; 3]>,
    placed: Vec<U16x3>,
}

/// The largest factor a picture is reduced by in one go; sums of so many 16-bit values fit 32 bits.
const MOST_REDUCED: usize = 128;

impl Fitter {
    pub(crate) fn new(fit: Fit, canvas: Size) -> Self {
        Self {
            fit,
            canvas,
            resizer: Resizer::new(),
            light: Vec::new(),
            sums: Vec::new(),
            placed: Vec::new(),
        }
    }

    /// Lays the picture over black on the whole of a canvas-sized frame.
    pub(crate) fn fit(
        &mut self,
        picture: Picture<'_>,
        frame: &mut Frame,
    ) -> Result<(), MediaError> {
        let shape = place(self.fit, (picture.width, picture.height), self.canvas);
        let reduce = |from: f64, to: usize| ((from / to as f64) as usize).clamp(1, MOST_REDUCED);
        let (kx, ky) = (reduce(shape.crop.2, shape.size.0), reduce(shape.crop.3, shape.size.1));
        let (width, height) = (picture.width.div_ceil(kx), picture.height.div_ceil(ky));
        self.lighten(picture, kx, ky);
        self.placed.resize(shape.size.0 * shape.size.1, U16x3::default());

        let (kx, ky) = (kx as f64, ky as f64);
        let (left, top, across, down) = shape.crop;
        // Edges that rounding has pushed out by less than a pixel's thousandth would be refused.
        let (left, top) = ((left / kx).max(0.0), (top / ky).max(0.0));
        let across = (across / kx).min(width as f64 - left);
        let down = (down / ky).min(height as f64 - top);
        let enlarged = across < shape.size.0 as f64 || down < shape.size.1 as f64;
        let filter = if enlarged { FilterType::Bilinear } else { FilterType::Hamming };
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(filter))
            .crop(left, top, across, down);
        let broken = |error: &dyn std::fmt::Display| refusal::damaged("picture", error);
        let from = TypedImageRef::new(width as u32, height as u32, &self.light)
            .map_err(|error| broken(&error))?;
        let (to_width, to_height) = (shape.size.0 as u32, shape.size.1 as u32);
        let mut to = TypedImage::from_pixels_slice(to_width, to_height, &mut self.placed)
            .map_err(|error| broken(&error))?;
        self.resizer.resize_typed(&from, &mut to, &options).map_err(|error| broken(&error))?;

        self.write(&shape, frame);
        Ok(())
    }

    /// Turns the picture into light over black, each `kx`×`ky` pixels into one.
    fn lighten(&mut self, picture: Picture<'_>, kx: usize, ky: usize) {
        let table = srgb_table();
        // Channel by channel here and below: `map` of arrays is a call, and these run for every pixel.
        let channel = |value: u8| u32::from(table[usize::from(value)]);
        let light = |[r, g, b]: [u8; 3]| [channel(r), channel(g), channel(b)];
        match picture.channels {
            3 => self.reduce(picture, kx, ky, light),
            _ => self.reduce(picture, kx, ky, |[r, g, b, alpha]: [u8; 4]| match u32::from(alpha) {
                255 => light([r, g, b]),
                alpha => {
                    let [r, g, b] = light([r, g, b]);
                    let over_black = |channel: u32| (channel * alpha + 127) / 255;
                    [over_black(r), over_black(g), over_black(b)]
                }
            }),
        }
    }

    fn reduce<const N: usize>(
        &mut self,
        picture: Picture<'_>,
        kx: usize,
        ky: usize,
        light: impl Fn([u8; N]) -> [u32; 3],
    ) {
        self.light.clear();
        let width = picture.width.div_ceil(kx);
        self.light.reserve(width * picture.height.div_ceil(ky));
        let pixels = picture.pixels.as_chunks::<N>().0;
        if kx == 1 && ky == 1 {
            self.light.extend(pixels.iter().map(|pixel| {
                let [r, g, b] = light(*pixel);
                U16x3::new([r as u16, g as u16, b as u16])
            }));
            return;
        }
        self.sums.resize(width, [0; 3]);
        for rows in pixels.chunks(picture.width * ky) {
            self.sums.fill([0; 3]);
            for row in rows.chunks_exact(picture.width) {
                for (pixels, sum) in row.chunks(kx).zip(&mut self.sums) {
                    for pixel in pixels {
                        let [r, g, b] = light(*pixel);
                        *sum = [sum[0] + r, sum[1] + g, sum[2] + b];
                    }
                }
            }
            let high = (rows.len() / picture.width) as u32;
            for (x, [r, g, b]) in self.sums.iter().enumerate() {
                let count = high * (picture.width - x * kx).min(kx) as u32;
                let mean = [(r / count) as u16, (g / count) as u16, (b / count) as u16];
                self.light.push(U16x3::new(mean));
            }
        }
    }

    /// Writes the placed light as sRGB and black around it.
    fn write(&self, shape: &Placing, frame: &mut Frame) {
        frame.resize(self.canvas);
        let whole = shape.size.0 * shape.size.1 == self.canvas.area();
        if !whole {
            frame.fill([0; 3]);
        }
        let encoder = Encoder::new();
        let stride = self.canvas.width() as usize * 3;
        let rows = frame.pixels_mut().chunks_exact_mut(stride).skip(shape.at.1);
        for (row, light) in rows.zip(self.placed.chunks_exact(shape.size.0)) {
            let pixels = row[shape.at.0 * 3..].as_chunks_mut::<3>().0;
            for (pixel, light) in pixels.iter_mut().zip(light) {
                *pixel = encoder.colour(light.0);
            }
        }
    }
}

/// Which part of a picture goes where on the canvas.
#[derive(Debug, PartialEq)]
struct Placing {
    /// Left, top, width and height in the picture.
    crop: (f64, f64, f64, f64),
    /// Width and height on the canvas.
    size: (usize, usize),
    /// Left and top on the canvas.
    at: (usize, usize),
}

fn place(fit: Fit, picture: (usize, usize), canvas: Size) -> Placing {
    let (width, height) = (picture.0 as f64, picture.1 as f64);
    let (across, down) = (canvas.width() as usize, canvas.height() as usize);
    let (x, y) = (across as f64 / width, down as f64 / height);
    let whole = (0.0, 0.0, width, height);
    match fit {
        Fit::Stretch => Placing { crop: whole, size: (across, down), at: (0, 0) },
        Fit::Cover => {
            let scale = x.max(y);
            let (w, h) = ((across as f64 / scale).min(width), (down as f64 / scale).min(height));
            let crop = ((width - w) / 2.0, (height - h) / 2.0, w, h);
            Placing { crop, size: (across, down), at: (0, 0) }
        }
        Fit::Contain => {
            let (w, h) = contained(picture, (across, down));
            Placing { crop: whole, size: (w, h), at: ((across - w) / 2, (down - h) / 2) }
        }
    }
}

/// The largest size of the picture's shape within the other, at least a pixel.
pub(crate) fn contained(picture: (usize, usize), within: (usize, usize)) -> (usize, usize) {
    let scale = (within.0 as f64 / picture.0 as f64).min(within.1 as f64 / picture.1 as f64);
    let side =
        |of: usize, most: usize| ((of as f64 * scale).round() as usize).clamp(1, most.max(1));
    (side(picture.0, within.0), side(picture.1, within.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canvas(width: u32, height: u32) -> Size {
        Size::new(width, height).unwrap()
    }

    fn fitted(fit: Fit, to: Size, width: usize, pixels: &[u8], channels: usize) -> Frame {
        let height = pixels.len() / channels / width;
        let mut frame = Frame::new(canvas(1, 1));
        Fitter::new(fit, to).fit(Picture { width, height, channels, pixels }, &mut frame).unwrap();
        frame
    }

    #[test]
    fn shapes() {
        let size = canvas(80, 40);
        let cover = place(Fit::Cover, (100, 100), size);
        assert_eq!(cover.crop, (0.0, 25.0, 100.0, 50.0));
        let contain = place(Fit::Contain, (100, 100), size);
        assert_eq!((contain.size, contain.at), ((40, 40), (20, 0)));
        let line = place(Fit::Contain, (8000, 1), size);
        assert_eq!(line.size, (80, 1));
    }

    #[test]
    fn averages_in_linear_light() {
        // Half black, half white, pixel by pixel, is half the light: sRGB 188, not 128.
        let pixels: Vec<u8> =
            (0..64 * 64).flat_map(|i| [if (i + i / 64) % 2 == 0 { 0 } else { 255 }; 3]).collect();
        let frame = fitted(Fit::Stretch, canvas(2, 2), 64, &pixels, 3);
        for value in frame.pixels() {
            assert!(value.abs_diff(188) <= 1, "{:?}", frame.pixels());
        }
    }

    #[test]
    fn transparency_is_over_black() {
        let frame = fitted(Fit::Stretch, canvas(3, 3), 1, &[255, 255, 255, 0], 4);
        assert!(frame.pixels().iter().all(|&v| v == 0));
        let frame = fitted(Fit::Stretch, canvas(3, 3), 1, &[255, 255, 255, 128], 4);
        assert!(frame.pixels().iter().all(|v| v.abs_diff(188) <= 1), "{:?}", frame.pixels());
    }

    #[test]
    fn contain_leaves_black_beside() {
        let frame = fitted(Fit::Contain, canvas(30, 10), 5, &[200; 75], 3);
        let row = &frame.pixels()[..90];
        assert!(row[..30].iter().chain(&row[60..]).all(|&v| v == 0));
        assert!(row[30..60].iter().all(|&v| v == 200), "{row:?}");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        #[test]
        fn one_colour_stays_that_colour(
            fit in proptest::sample::select(vec![Fit::Cover, Fit::Stretch]),
            (width, height) in (1usize..200, 1usize..200),
            (to_width, to_height) in (1u32..60, 1u32..60),
            colour: [u8; 3],
        ) {
            let pixels: Vec<u8> = colour.repeat(width * height);
            let frame = fitted(fit, canvas(to_width, to_height), width, &pixels, 3);
            for pixel in frame.pixels().as_chunks::<3>().0 {
                for (a, b) in pixel.iter().zip(&colour) {
                    proptest::prop_assert!(a.abs_diff(*b) <= 1, "{:?} {:?}", pixel, colour);
                }
            }
        }
    }
}
