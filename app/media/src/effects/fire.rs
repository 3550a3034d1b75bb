//! Flames: noise that rises faster than it changes, thinner the higher it comes.

use std::time::Duration;

use prismatron_core::effect::EffectSpec;
use prismatron_core::frame::{Frame, Rgb8};
use prismatron_core::port::Generator;
use prismatron_core::unit::Size;

use super::noise::{Octave, PERIOD};
use super::palette::Palette;
use super::params::{Params, choice, number};
use super::wave::{Sine, turn};

pub(super) const SPEC: EffectSpec = EffectSpec {
    name: "fire",
    title: "Fire",
    params: &[
        choice("palette", "Colours", &["wood", "gas", "copper", "violet"]),
        number("height", "Height of the flames", (0.2, 2.0), 1.0, "heights"),
        number("speed", "Speed", (0.1, 4.0), 1.0, "×"),
        number("scale", "Size of the flames", (0.3, 3.0), 1.0, "×"),
    ],
};

/// Of the three octaves: cells in a height across and upwards, share, and how fast they rise and change in
/// cells a second.
const OCTAVES: [(f32, f32, f32, f64, f64); 3] =
    [(2.2, 1.2, 0.55, 1.1, 0.35), (4.7, 2.4, 0.34, 2.8, 0.8), (9.5, 5.0, 0.18, 6.5, 1.6)];

/// Rows that lean alike: a lean of less than a third of a pixel more is not seen, and takes time.
const LEANING: usize = 4;

pub(super) struct Fire {
    size: Size,
    palette: Palette,
    octaves: [Octave; 3],
    sine: Sine,
    speed: f64,
    height: f32,
    scale: f32,
    row: Vec<f32>,
}

fn colours(name: &str) -> &'static [Rgb8] {
    match name {
        "gas" => {
            &[[0, 0, 0], [0, 0, 30], [0, 20, 140], [0, 100, 255], [90, 220, 255], [240, 255, 255]]
        }
        "copper" => {
            &[[0, 0, 0], [0, 25, 5], [0, 110, 30], [20, 220, 90], [170, 255, 140], [250, 255, 230]]
        }
        "violet" => &[
            [0, 0, 0],
            [25, 0, 40],
            [110, 0, 150],
            [230, 20, 190],
            [255, 140, 200],
            [255, 240, 250],
        ],
        _ => &[[0, 0, 0], [40, 0, 0], [170, 15, 0], [255, 85, 0], [255, 185, 30], [255, 245, 190]],
    }
}

impl Fire {
    pub(super) fn new(params: &Params<'_>, size: Size) -> Self {
        let width = size.width() as usize;
        let scale = params.number("scale");
        let step = 1.0 / (size.height() as f32 * scale);
        Self {
            size,
            palette: Palette::run(colours(params.choice("palette"))),
            octaves: std::array::from_fn(|i| {
                Octave::new(i as u32 + 80, width, step * OCTAVES[i].0)
            }),
            sine: Sine::new(),
            speed: f64::from(params.number("speed")),
            height: params.number("height"),
            scale,
            row: vec![0.0; width],
        }
    }
}

impl Generator for Fire {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.resize(self.size);
        let t = at.as_secs_f64() * self.speed;
        let wrapped = |rate: f64| (t * rate).rem_euclid(PERIOD as f64) as f32;
        let sway = turn(t, 0.4);
        let height = self.size.height() as f32;
        let rows = frame.pixels_mut().chunks_exact_mut(self.size.width() as usize * 3);
        for (y, pixels) in rows.enumerate() {
            // 0 at the bottom, 1 at the top of the flames.
            let up = (height - y as f32 - 0.5) / height / self.height;
            if y % LEANING == 0 {
                let lean = 0.05 * up * self.sine.at(up * 0.8 - sway) / self.scale;
                for (octave, (across, ..)) in self.octaves.iter_mut().zip(OCTAVES) {
                    octave.shift((lean + 1.0) * across);
                }
            }
            // Glowing at the foot, torn apart further up, nothing in the end.
            let heat = 0.98 - 0.92 * up - 0.25 * up * up;
            let rough = 0.45 + 0.75 * up.min(1.0);
            self.row.fill(heat);
            for (octave, (_, upwards, share, rise, change)) in self.octaves.iter_mut().zip(OCTAVES)
            {
                let place = wrapped(rise) - up * self.height * upwards / self.scale;
                octave.add(place, wrapped(change), share * rough, &mut self.row);
            }
            for (pixel, value) in pixels.as_chunks_mut::<3>().0.iter_mut().zip(&self.row) {
                *pixel = self.palette.at(*value);
            }
        }
    }
}
