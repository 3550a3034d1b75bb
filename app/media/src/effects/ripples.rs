//! Drops on water: rings run out from where they fall and cross each other.

use std::time::Duration;

use prismatron_core::effect::EffectSpec;
use prismatron_core::frame::Frame;
use prismatron_core::port::Generator;
use prismatron_core::unit::Size;

use super::noise::{hash, unit};
use super::palette::Palette;
use super::params::{Params, colour, number};
use super::wave::low_bits;

pub(super) const SPEC: EffectSpec = EffectSpec {
    name: "ripples",
    title: "Ripples",
    params: &[
        colour("depth", "Depth", [0, 5, 35]),
        colour("water", "Water", [0, 60, 130]),
        colour("crest", "Crests", [150, 245, 255]),
        number("drops", "Drops", (0.2, 8.0), 1.6, "/s"),
        number("speed", "Speed of the rings", (0.1, 2.0), 0.42, "heights/s"),
        number("length", "Distance of the rings", (0.05, 0.5), 0.16, "heights"),
    ],
};

/// Seconds a drop's rings are seen.
const LIFE: f64 = 4.0;
/// Rings of a drop.
const RINGS: f32 = 3.0;
const STEPS: usize = 512;

pub(super) struct Ripples {
    size: Size,
    palette: Palette,
    drops: f64,
    /// Pixels a second.
    speed: f32,
    /// Width of all rings of a drop, in pixels.
    band: f32,
    /// Height of the water across the rings, from the innermost to the outermost.
    profile: Box<[f32; STEPS]>,
    water: Vec<f32>,
}

impl Ripples {
    pub(super) fn new(params: &Params<'_>, size: Size) -> Self {
        let height = size.height() as f32;
        let profile = std::array::from_fn(|step| {
            let place = step as f32 / (STEPS - 1) as f32;
            // Highest in front, calmer behind.
            let swell = place * place * (1.0 - place) * 27.0 / 4.0;
            swell * (place * RINGS * std::f32::consts::TAU).sin()
        });
        let colours = ["depth", "water", "crest"].map(|name| params.colour(name));
        Self {
            size,
            palette: Palette::run(&colours),
            drops: f64::from(params.number("drops")),
            speed: params.number("speed") * height,
            band: (params.number("length") * RINGS * height).max(1.0),
            profile: Box::new(profile),
            water: vec![0.0; size.area()],
        }
    }

    /// Adds the rings of one drop.
    fn ring(&mut self, (x, y): (f32, f32), radius: f32, height: f32) {
        let (width, outer, inner) = (self.size.width() as usize, radius, radius - self.band);
        let per_pixel = STEPS as f32 / self.band;
        let top = (y - outer).max(0.0) as usize;
        let bottom = ((y + outer + 1.0).max(0.0) as usize).min(self.size.height() as usize);
        for row in top..bottom {
            let dy = row as f32 - y;
            let reach = (outer * outer - dy * dy).max(0.0).sqrt();
            let hole = if inner > 0.0 { (inner * inner - dy * dy).max(0.0).sqrt() } else { 0.0 };
            let column = |x: f32| (x.max(0.0) as usize).min(width);
            let spans = [
                (column(x - reach), column(x - hole + 1.0)),
                (column(x + hole), column(x + reach + 1.0)),
            ];
            // The middle belongs to one of the two only.
            let spans = [spans[0], (spans[1].0.max(spans[0].1), spans[1].1)];
            let water = &mut self.water[row * width..][..width];
            for (left, right) in spans {
                let first = left as f32 - x;
                let pixels = water.get_mut(left..right).unwrap_or_default();
                for (column, water) in pixels.iter_mut().enumerate() {
                    let dx = first + column as f32;
                    let place = ((dx * dx + dy * dy).sqrt() - inner) * per_pixel;
                    // At both ends of the rings the water is level.
                    let step = low_bits(place.clamp(0.0, (STEPS - 1) as f32));
                    *water += self.profile[step & (STEPS - 1)] * height;
                }
            }
        }
    }
}

impl Generator for Ripples {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.resize(self.size);
        let (width, height) = (self.size.width() as f32, self.size.height() as f32);
        for (y, row) in self.water.chunks_exact_mut(width as usize).enumerate() {
            row.fill(0.30 + 0.16 * y as f32 / height);
        }
        let t = at.as_secs_f64();
        let newest = (t * self.drops).floor() as i64;
        let oldest = ((t - LIFE) * self.drops).floor() as i64;
        for number in oldest..=newest {
            let key = number as u32;
            let (fallen, size) = (unit(hash(11, key, 0)), unit(hash(12, key, 0)));
            let age = t - (number as f64 + f64::from(fallen)) / self.drops;
            if !(0.0..LIFE).contains(&age) {
                continue;
            }
            let place = (unit(hash(13, key, 0)) * width, unit(hash(14, key, 0)) * height);
            let left = 1.0 - (age / LIFE) as f32;
            let young = (age as f32 * 3.0).min(1.0);
            self.ring(place, age as f32 * self.speed, (0.55 + 0.45 * size) * left * left * young);
        }
        for (pixel, water) in frame.pixels_mut().as_chunks_mut::<3>().0.iter_mut().zip(&self.water)
        {
            *pixel = self.palette.at(*water);
        }
    }
}
