//! Plasma: waves along four directions, one of them round a wandering centre, add up to a colour.

use std::time::Duration;

use prismatron_core::effect::EffectSpec;
use prismatron_core::frame::Frame;
use prismatron_core::port::Generator;
use prismatron_core::unit::Size;

use super::palette::Palette;
use super::params::{Params, choice, number};
use super::wave::{Sine, turn};

pub(super) const SPEC: EffectSpec = EffectSpec {
    name: "plasma",
    title: "Plasma",
    params: &[
        choice("palette", "Colours", &["aurora", "lava", "ocean", "forest", "candy", "rainbow"]),
        number("speed", "Speed", (0.0, 5.0), 1.0, "×"),
        number("scale", "Size of the waves", (0.2, 5.0), 1.0, "×"),
    ],
};

pub(super) struct Plasma {
    size: Size,
    palette: Palette,
    sine: Sine,
    speed: f64,
    /// Heights in a pixel, by the scale.
    step: f32,
    across: Vec<f32>,
    diagonal: Vec<f32>,
    rings: Vec<f32>,
}

impl Plasma {
    pub(super) fn new(params: &Params<'_>, size: Size) -> Self {
        let (width, height) = (size.width() as usize, size.height() as usize);
        Self {
            size,
            palette: Palette::circle(Palette::named(params.choice("palette"))),
            sine: Sine::new(),
            speed: f64::from(params.number("speed")),
            step: 1.0 / height as f32 / params.number("scale"),
            across: vec![0.0; width],
            diagonal: vec![0.0; width + height],
            rings: vec![0.0; width],
        }
    }
}

impl Generator for Plasma {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.resize(self.size);
        let (sine, step) = (self.sine, self.step);
        let t = at.as_secs_f64() * self.speed;
        let phase = |rate: f64| turn(t, rate);
        let (right, slant, down) = (phase(0.11), phase(-0.07), phase(0.09));
        for (x, value) in self.across.iter_mut().enumerate() {
            let x = x as f32 * step;
            *value = sine.at(x * 0.9 + right) + 0.5 * sine.at(x * 2.1 - slant);
        }
        for (place, value) in self.diagonal.iter_mut().enumerate() {
            *value = sine.at(place as f32 * step * 0.8 + slant);
        }
        let (width, height) = (self.size.width() as f32 * step, self.size.height() as f32 * step);
        let centre = (
            width * (0.5 + 0.4 * sine.at(phase(0.031))),
            height * (0.5 + 0.4 * sine.at(phase(0.043))),
        );
        let (outwards, drift) = (phase(-0.13), phase(0.02));
        let rows = frame.pixels_mut().chunks_exact_mut(self.size.width() as usize * 3);
        for (y, row) in rows.enumerate() {
            let place = y as f32 * step;
            let level = sine.at(place * 1.1 + down) + 0.5 * sine.at(place * 2.3 - right);
            let aside = (place - centre.1) * (place - centre.1);
            // In two passes, as the first then works on several pixels at a time.
            for (x, value) in self.rings.iter_mut().enumerate() {
                let dx = x as f32 * step - centre.0;
                *value = (dx * dx + aside).sqrt() * 1.2 + outwards;
            }
            let columns = self.across.iter().zip(&self.diagonal[y..]).zip(&self.rings);
            for (pixel, ((across, diagonal), ring)) in
                row.as_chunks_mut::<3>().0.iter_mut().zip(columns)
            {
                let sum = across + diagonal + level + sine.at(*ring);
                *pixel = self.palette.round(sum * 0.16 + drift);
            }
        }
    }
}
