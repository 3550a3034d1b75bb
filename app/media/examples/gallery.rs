//! Draws every effect with its defaults, and a text in each way of moving, at several times, as one PNG for
//! each: `cargo run --release -p prismatron-media --example gallery -- FOLDER`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use image::RgbImage;
use prismatron_core::effect::Effect;
use prismatron_core::frame::Frame;
use prismatron_core::id::MediaId;
use prismatron_core::media::{Fit, MediaInfo};
use prismatron_core::playlist::Content;
use prismatron_core::port::{MediaLocator, OpenRequest, Opener, Source};
use prismatron_core::text::{Align, Motion, Text};
use prismatron_core::unit::Size;
use prismatron_media::{Limits, Media, effects, fonts};

const TIMES: [f32; 6] = [0.0, 0.5, 2.0, 5.0, 9.0, 3600.0];

struct NoFiles;

impl MediaLocator for NoFiles {
    fn locate(&self, _: MediaId) -> Option<(PathBuf, MediaInfo)> {
        None
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("name a folder to draw into")?;
    let folder = Path::new(&folder);
    let media = Media::new(Arc::new(NoFiles), Limits::default());
    for spec in effects() {
        let effect = Effect { name: spec.name.into(), params: BTreeMap::new() };
        sheet(&media, &Content::Effect(effect))?.save(folder.join(format!("{}.png", spec.name)))?;
    }
    let motions = [Motion::Static, Motion::Scroll { speed: 0.2 }, Motion::Fade { period: 3.0 }];
    for (number, motion) in motions.into_iter().enumerate() {
        let text = Text {
            text: "Prismatron\nGrüße, Łódź!".into(),
            font: fonts().into_iter().find(|_| number > 0),
            size: 0.25,
            colour: [255, 200, 80],
            background: [0, 0, 30],
            align: Align::Centre,
            motion,
        };
        sheet(&media, &Content::Text(text))?.save(folder.join(format!("text-{number}.png")))?;
    }
    Ok(())
}

/// Frames side by side, three in a row.
fn sheet(media: &Media, content: &Content) -> Result<RgbImage, Box<dyn Error>> {
    let detail = Size::new(160, 96)?;
    let request = OpenRequest { content, fit: Fit::Cover, canvas: Size::CANVAS, detail };
    let mut sheet = RgbImage::new(3 * 164, 2 * 100);
    let mut source = media.open(request)?;
    for (number, at) in (0i64..).zip(TIMES) {
        let mut frame = Frame::new(detail);
        match &mut source {
            Source::Still(still) => frame = still.clone(),
            Source::Generated { generator, .. } => {
                generator.render(Duration::from_secs_f32(at), &mut frame);
            }
            Source::Stream { .. } => return Err("effects and texts are not streams".into()),
        }
        let tile =
            RgbImage::from_raw(160, 96, frame.pixels().to_vec()).ok_or("a frame is whole")?;
        let (x, y) = (number % 3 * 164, number / 3 * 100);
        image::imageops::replace(&mut sheet, &tile, x, y);
    }
    Ok(sheet)
}
