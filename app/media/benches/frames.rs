//! What a frame costs: every effect at the size a wall of 80×40 LEDs draws it, and a photo from file to
//! canvas.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use image::RgbImage;
use prismatron_core::effect::Effect;
use prismatron_core::frame::Frame;
use prismatron_core::id::MediaId;
use prismatron_core::media::{Fit, MediaInfo};
use prismatron_core::playlist::Content;
use prismatron_core::port::{MediaLocator, OpenRequest, Opener, Prober, Source};
use prismatron_core::unit::Size;
use prismatron_media::{Limits, Media, Probe, effects};

struct One(Option<(PathBuf, MediaInfo)>);

impl MediaLocator for One {
    fn locate(&self, _: MediaId) -> Option<(PathBuf, MediaInfo)> {
        self.0.clone()
    }
}

fn generated(c: &mut Criterion) {
    let media = Media::new(Arc::new(One(None)), Limits::default());
    let Ok(detail) = Size::new(160, 96) else { return };
    let mut group = c.benchmark_group("effect 160x96");
    for spec in effects() {
        let effect = Effect { name: spec.name.into(), params: BTreeMap::new() };
        let content = Content::Effect(effect);
        let request =
            OpenRequest { content: &content, fit: Fit::Cover, canvas: Size::CANVAS, detail };
        let Ok(Source::Generated { mut generator, size }) = media.open(request) else { continue };
        let (mut frame, mut at) = (Frame::new(size), Duration::ZERO);
        group.bench_function(spec.name, |b| {
            b.iter(|| {
                generator.render(at, &mut frame);
                at += Duration::from_millis(16);
                black_box(frame.pixels()[0])
            });
        });
    }
}

fn photo(c: &mut Criterion) {
    let path = std::env::temp_dir().join(format!("prismatron-bench-{}.jpg", std::process::id()));
    let photo = RgbImage::from_fn(1920, 1080, |x, y| {
        image::Rgb([(x / 8) as u8, (y / 5) as u8, ((x * y) >> 12) as u8 ^ (x as u8 & 15)])
    });
    let probe = Probe::new(Limits::default());
    if let Err(error) = photo.save(&path) {
        eprintln!("the photo cannot be written to {}: {error}", path.display());
        return;
    }
    if let Ok(info) = probe.probe(&path) {
        let media =
            Media::new(Arc::new(One(Some((path.clone(), info.clone())))), Limits::default());
        let content = Content::Media(MediaId(1));
        let request = OpenRequest {
            content: &content,
            fit: Fit::Cover,
            canvas: Size::CANVAS,
            detail: Size::CANVAS,
        };
        c.bench_function("open 2 Mpx jpeg", |b| b.iter(|| media.open(black_box(request)).is_ok()));
        c.bench_function("probe 2 Mpx jpeg", |b| b.iter(|| probe.probe(black_box(&path)).is_ok()));
        c.bench_function("thumbnail 2 Mpx jpeg", |b| {
            b.iter(|| probe.thumbnail(black_box(&path), &info).is_ok());
        });
    }
    let _ = std::fs::remove_file(&path);
}

criterion_group!(benches, generated, photo);
criterion_main!(benches);
