//! Stars that come towards the viewer out of the dark.

use std::f32::consts::TAU;
use std::time::Duration;

use prismatron_core::effect::EffectSpec;
use prismatron_core::frame::Frame;
use prismatron_core::port::Generator;
use prismatron_core::unit::Size;

use super::noise::{hash, unit};
use super::params::{Params, colour, number};
use crate::light::{self, Encoder};

pub(super) const SPEC: EffectSpec = EffectSpec {
    name: "starfield",
    title: "Starfield",
    params: &[
        number("stars", "Number of stars", (10.0, 1000.0), 220.0, ""),
        number("speed", "Speed", (0.0, 5.0), 1.0, "×"),
        number("trails", "Length of trails", (0.0, 1.0), 0.4, ""),
        number("tints", "Difference of tints", (0.0, 1.0), 0.5, ""),
        colour("colour", "Colour", [255, 255, 255]),
    ],
};

/// Flights a star makes in a second.
const RATE: f64 = 0.12;
/// Most spots a trail is drawn with.
const SPOTS: f32 = 24.0;

pub(super) struct Starfield {
    size: Size,
    stars: Vec<Star>,
    speed: f64,
    trails: f32,
    light: Vec<[u16; 3]>,
}

struct Star {
    /// How far on its flight it is at the start.
    ahead: f64,
    colour: [f32; 3],
}

impl Starfield {
    pub(super) fn new(params: &Params<'_>, size: Size) -> Self {
        let tints = params.number("tints");
        let own = light::linear(params.colour("colour")).map(f32::from);
        let stars = (0..params.number("stars") as u32).map(|number| {
            // From orange to blue, most of them nearly white.
            let tint = (unit(hash(1, number, 0)) * 2.0 - 1.0).powi(3) * tints;
            let [r, g, b] = own;
            let colour = if tint < 0.0 {
                [r, g * (1.0 + 0.55 * tint), b * (1.0 + 0.9 * tint)]
            } else {
                [r * (1.0 - 0.8 * tint), g * (1.0 - 0.4 * tint), b]
            };
            Star { ahead: f64::from(unit(hash(2, number, 0))), colour }
        });
        Self {
            size,
            stars: stars.collect(),
            speed: f64::from(params.number("speed")) * RATE,
            trails: params.number("trails"),
            light: vec![[0; 3]; size.area()],
        }
    }
}

impl Generator for Starfield {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.resize(self.size);
        self.light.fill([0; 3]);
        let mut sky = Sky {
            width: self.size.width() as usize,
            height: self.size.height() as usize,
            light: &mut self.light,
        };
        let (width, height) = (self.size.width() as f32, self.size.height() as f32);
        let t = at.as_secs_f64() * self.speed;
        for (number, star) in self.stars.iter().enumerate() {
            let flown = t + star.ahead;
            let flight = flown.floor();
            let near = (flown - flight) as f32;
            // Each flight starts elsewhere; flights repeat after 2¹⁶.
            let flight = flight.rem_euclid(65536.0) as u32;
            let turn = unit(hash(3, number as u32, flight)) * TAU;
            let aside = 0.05 + 0.75 * unit(hash(4, number as u32, flight)).sqrt();
            let way = (aside * turn.cos() * width, aside * turn.sin() * height);
            let seen_from = |near: f32| {
                let closer = 0.34 / (1.04 - near);
                (width / 2.0 + way.0 * closer, height / 2.0 + way.1 * closer)
            };
            let trail = self.trails * 0.12 * near;
            let (head, tail) = (seen_from(near), seen_from(near - trail));
            let radius = ((0.002 + 0.014 * near * near) * height).max(0.5);
            let length = (head.0 - tail.0).abs().max((head.1 - tail.1).abs());
            let spots = (length / radius).clamp(1.0, SPOTS) as u32;
            let bright = (near * near * near * 1.6 + 0.02).min(1.0) * (near * 20.0).min(1.0);
            for spot in 0..spots {
                let back = spot as f32 / spots as f32;
                let place = (head.0 + (tail.0 - head.0) * back, head.1 + (tail.1 - head.1) * back);
                let left = bright * (1.0 - back) * (1.0 - back);
                sky.spot(place, radius * (1.0 - 0.4 * back), star.colour.map(|c| c * left));
            }
        }
        let encoder = Encoder::new();
        for (pixel, light) in frame.pixels_mut().as_chunks_mut::<3>().0.iter_mut().zip(&self.light)
        {
            *pixel = if *light == [0; 3] { [0; 3] } else { encoder.colour(*light) };
        }
    }
}

/// Light, the brightest of all that falls on a place: spots of a trail lie over each other.
struct Sky<'a> {
    width: usize,
    height: usize,
    light: &'a mut [[u16; 3]],
}

impl Sky<'_> {
    /// A round spot with a soft edge.
    fn spot(&mut self, (x, y): (f32, f32), radius: f32, colour: [f32; 3]) {
        let reach = radius + 0.7;
        // Floats below 0 become 0.
        let (left, right) = ((x - reach) as usize, ((x + reach + 1.0) as usize).min(self.width));
        let (top, bottom) = ((y - reach) as usize, ((y + reach + 1.0) as usize).min(self.height));
        if x + reach < 0.0 || y + reach < 0.0 || left >= right {
            return;
        }
        for row in top..bottom {
            let dy = row as f32 + 0.5 - y;
            let pixels = &mut self.light[row * self.width..][left..right];
            for (column, pixel) in pixels.iter_mut().enumerate() {
                let dx = (left + column) as f32 + 0.5 - x;
                let share = (radius + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
                for (most, channel) in pixel.iter_mut().zip(colour) {
                    *most = (*most).max((channel * share) as u16);
                }
            }
        }
    }
}
