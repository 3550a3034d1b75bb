//! Three colours that flow into each other along slow waves.

use std::time::Duration;

use prismatron_core::effect::EffectSpec;
use prismatron_core::frame::Frame;
use prismatron_core::port::Generator;
use prismatron_core::unit::Size;

use super::palette::Palette;
use super::params::{Params, colour, number};
use super::wave::{Sine, turn};

pub(super) const SPEC: EffectSpec = EffectSpec {
    name: "gradient",
    title: "Gradient flow",
    params: &[
        colour("first", "First colour", [255, 60, 0]),
        colour("second", "Second colour", [190, 0, 160]),
        colour("third", "Third colour", [0, 60, 255]),
        number("speed", "Speed", (0.0, 5.0), 1.0, "×"),
        number("angle", "Direction", (0.0, 360.0), 35.0, "°"),
        number("length", "Way from colour to colour", (0.1, 5.0), 0.7, "heights"),
        number("waves", "Height of the waves", (0.0, 1.0), 0.45, ""),
    ],
};

pub(super) struct Gradient {
    size: Size,
    palette: Palette,
    sine: Sine,
    speed: f64,
    /// Part of the round a step to the right and a step down are.
    step: (f32, f32),
    waves: f32,
    /// The waves across, over twice the width, for rows to take from where they lean to.
    across: Vec<f32>,
}

impl Gradient {
    pub(super) fn new(params: &Params<'_>, size: Size) -> Self {
        let angle = params.number("angle").to_radians();
        let step = 1.0 / (3.0 * params.number("length") * size.height() as f32);
        Self {
            size,
            palette: Palette::circle(&["first", "second", "third"].map(|name| params.colour(name))),
            sine: Sine::new(),
            speed: f64::from(params.number("speed")),
            step: (step * angle.cos(), step * angle.sin()),
            waves: params.number("waves") * 0.22,
            across: vec![0.0; 2 * size.width() as usize + 2],
        }
    }
}

impl Generator for Gradient {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.resize(self.size);
        let (sine, waves) = (self.sine, self.waves);
        let t = at.as_secs_f64() * self.speed;
        let height = self.size.height() as f32;
        let (near, far) = (turn(t, 0.05), turn(t, -0.031));
        for (x, value) in self.across.iter_mut().enumerate() {
            let place = x as f32 / height;
            *value = waves * (sine.at(place * 0.55 + near) + 0.4 * sine.at(place * 1.3 + far));
        }
        let flow = turn(t, -0.04) + 2.0;
        let width = self.size.width() as usize;
        for (y, row) in frame.pixels_mut().chunks_exact_mut(width * 3).enumerate() {
            let place = y as f32 / height;
            let wave = sine.at(place * 0.7 - near + 0.3) + 0.4 * sine.at(place * 1.7 - far);
            let mut line = flow + y as f32 * self.step.1 + waves * wave;
            // Rows lean to and fro, or the waves would make a grid.
            let lean = (0.5 + 0.5 * sine.at(place * 0.45 + far)) * width as f32;
            let (whole, part) = (lean as usize, lean.fract());
            let waves = self.across[whole.min(width)..].windows(2);
            for (pixel, wave) in row.as_chunks_mut::<3>().0.iter_mut().zip(waves) {
                *pixel = self.palette.round(line + wave[0] + (wave[1] - wave[0]) * part);
                line += self.step.0;
            }
        }
    }
}
