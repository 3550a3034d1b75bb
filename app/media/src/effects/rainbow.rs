//! A rainbow that sweeps over the wall.

use std::time::Duration;

use prismatron_core::effect::EffectSpec;
use prismatron_core::frame::{Frame, Rgb8};
use prismatron_core::port::Generator;
use prismatron_core::unit::Size;

use super::palette::Palette;
use super::params::{Params, number};
use super::wave::turn;

pub(super) const SPEC: EffectSpec = EffectSpec {
    name: "rainbow",
    title: "Rainbow sweep",
    params: &[
        number("speed", "Speed", (-2.0, 2.0), 0.15, "rainbows/s"),
        number("angle", "Direction", (0.0, 360.0), 25.0, "°"),
        number("width", "Width of a rainbow", (0.1, 8.0), 1.6, "heights"),
        number("saturation", "Saturation", (0.0, 1.0), 1.0, ""),
    ],
};

/// Places are parts of 2³² of a rainbow: adding goes round by itself.
pub(super) struct Rainbow {
    size: Size,
    palette: Palette,
    across: u32,
    down: u32,
    speed: f64,
}

impl Rainbow {
    pub(super) fn new(params: &Params<'_>, size: Size) -> Self {
        let saturation = params.number("saturation");
        let fade = |colour: &Rgb8| {
            let white = 255.0 * (1.0 - saturation);
            colour.map(|channel| (f32::from(channel) * saturation + white) as u8)
        };
        let colours: Vec<_> = Palette::named("rainbow").iter().map(fade).collect();
        let angle = f64::from(params.number("angle")).to_radians();
        let step = 1.0 / f64::from(params.number("width")) / f64::from(size.height());
        Self {
            size,
            palette: Palette::wheel(&colours),
            across: part(step * angle.cos()),
            down: part(step * angle.sin()),
            speed: -f64::from(params.number("speed")),
        }
    }
}

fn part(turns: f64) -> u32 {
    (turns.rem_euclid(1.0) * (1u64 << 32) as f64) as u32
}

impl Generator for Rainbow {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.resize(self.size);
        let mut line = part(turn(at.as_secs_f64(), self.speed).into());
        for row in frame.pixels_mut().chunks_exact_mut(self.size.width() as usize * 3) {
            let mut place = line;
            for pixel in row.as_chunks_mut::<3>().0 {
                *pixel = self.palette.turned(place);
                place = place.wrapping_add(self.across);
            }
            line = line.wrapping_add(self.down);
        }
    }
}
