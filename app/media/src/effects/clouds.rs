//! Clouds that drift and change.

use std::time::Duration;

use prismatron_core::effect::EffectSpec;
use prismatron_core::frame::Frame;
use prismatron_core::port::Generator;
use prismatron_core::unit::Size;

use super::noise::{Octave, PERIOD};
use super::palette::Palette;
use super::params::{Params, colour, number};

pub(super) const SPEC: EffectSpec = EffectSpec {
    name: "clouds",
    title: "Noise clouds",
    params: &[
        colour("sky", "Sky", [0, 40, 140]),
        colour("haze", "Haze", [60, 130, 215]),
        colour("cloud", "Clouds", [255, 250, 240]),
        number("cover", "Cover", (0.0, 1.0), 0.5, ""),
        number("speed", "Speed", (0.0, 10.0), 1.0, "×"),
        number("scale", "Size of the clouds", (0.2, 5.0), 1.0, "×"),
    ],
};

/// Of the four octaves: cells in a height, share, and how fast they drift and change in cells a second.
const OCTAVES: [(f32, f32, f64, f64); 4] = [
    (1.1, 0.62, 0.060, 0.040),
    (2.5, 0.30, 0.150, 0.075),
    (5.3, 0.15, 0.350, 0.150),
    (11.0, 0.08, 0.800, 0.300),
];

pub(super) struct Clouds {
    size: Size,
    palette: Palette,
    octaves: [Octave; 4],
    speed: f64,
    /// Cells of the first octave in a pixel.
    step: f32,
    bias: f32,
    row: Vec<f32>,
}

impl Clouds {
    pub(super) fn new(params: &Params<'_>, size: Size) -> Self {
        let width = size.width() as usize;
        let step = 1.0 / (size.height() as f32 * params.number("scale"));
        let colours = ["sky", "sky", "haze", "cloud", "cloud"].map(|name| params.colour(name));
        Self {
            size,
            palette: Palette::run(&colours),
            octaves: std::array::from_fn(|i| {
                Octave::new(i as u32 + 40, width, step * OCTAVES[i].0)
            }),
            speed: f64::from(params.number("speed")),
            step,
            bias: params.number("cover"),
            row: vec![0.0; width],
        }
    }
}

impl Generator for Clouds {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.resize(self.size);
        let t = at.as_secs_f64() * self.speed;
        let wrapped = |rate: f64| (t * rate).rem_euclid(PERIOD as f64) as f32;
        for (octave, (_, _, drift, _)) in self.octaves.iter_mut().zip(OCTAVES) {
            octave.shift(wrapped(drift));
        }
        let rows = frame.pixels_mut().chunks_exact_mut(self.size.width() as usize * 3);
        for (y, pixels) in rows.enumerate() {
            self.row.fill(self.bias);
            for (octave, (cells, share, _, change)) in self.octaves.iter_mut().zip(OCTAVES) {
                octave.add(y as f32 * self.step * cells, wrapped(change), share, &mut self.row);
            }
            for (pixel, value) in pixels.as_chunks_mut::<3>().0.iter_mut().zip(&self.row) {
                *pixel = self.palette.at(*value);
            }
        }
    }
}
