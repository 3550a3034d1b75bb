//! GIF, APNG and animated WebP: their pictures, times and loops, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends there")]

mod stage;

use std::borrow::Cow;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use prismatron_core::frame::Rgb8;
use prismatron_core::media::{Fit, MediaKind};
use prismatron_core::port::{MediaFault, Prober};
use prismatron_media::{Limits, Probe};
use stage::{BLUE, GREEN, RED, Stage, near, play, probe, size, stream};

/// Colours with the hundredths of a second they are shown.
const SHOW: [(Rgb8, u16); 3] = [(RED, 20), (GREEN, 5), (BLUE, 30)];

fn gif(path: &Path, show: &[(Rgb8, u16)], repeat: Option<gif::Repeat>) {
    let palette: Vec<u8> = [RED, GREEN, BLUE, [0; 3]].concat();
    let file = File::create(path).unwrap();
    let mut encoder = gif::Encoder::new(file, 40, 20, &palette).unwrap();
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).unwrap();
    }
    for (number, (colour, delay)) in show.iter().enumerate() {
        let index = [RED, GREEN, BLUE].iter().position(|c| c == colour).unwrap() as u8;
        // The first covers all; the others only the middle.
        let (left, width) = if number == 0 { (0, 40) } else { (10, 20) };
        encoder
            .write_frame(&gif::Frame {
                delay: *delay,
                left,
                width,
                height: 20,
                buffer: Cow::Owned(vec![index; usize::from(width) * 20]),
                ..gif::Frame::default()
            })
            .unwrap();
    }
}

fn apng(path: &Path, plays: u32) {
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), 40, 20);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_animated(SHOW.len() as u32, plays).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for (number, (colour, delay)) in SHOW.iter().enumerate() {
        let (left, width) = if number == 0 { (0, 40) } else { (10, 20) };
        if number > 0 {
            writer.set_frame_dimension(width, 20).unwrap();
            writer.set_frame_position(left, 0).unwrap();
        }
        writer.set_frame_delay(*delay, 100).unwrap();
        writer.write_image_data(&colour.repeat(width as usize * 20)).unwrap();
    }
    writer.finish().unwrap();
}

fn webp(stage: &Stage) -> PathBuf {
    stage.ffmpeg(
        &[
            "-f",
            "lavfi",
            "-i",
            "color=red:s=64x32:r=5:d=0.4,format=rgb24",
            "-f",
            "lavfi",
            "-i",
            "color=blue:s=64x32:r=5:d=0.6,format=rgb24",
            "-filter_complex",
            "concat=n=2",
            "-c:v",
            "libwebp_anim",
            "-lossless",
            "1",
            "-loop",
            "2",
            "-f",
            "webp",
        ],
        "x.webp",
    )
}

/// Plays three runs at most and holds them against the show.
fn holds(path: &Path, runs: usize) {
    let (mut decoder, _) = stream(path, size(20, 10), Fit::Cover);
    let played = play(&mut *decoder, runs * SHOW.len());
    let mut at = 0;
    for (number, (time, seen)) in played.iter().enumerate() {
        let (colour, delay) = SHOW[number % SHOW.len()];
        assert_eq!(*time, at, "picture {number}");
        assert!(near(*seen, colour, 1), "picture {number}: {seen:?}");
        at += u128::from(delay) * 10;
    }
    assert_eq!(played.len(), runs * SHOW.len());
}

#[test]
fn gif_plays_as_often_as_it_says() {
    let stage = Stage::new();
    for (repeat, loops) in [
        (None, Some(1)),
        (Some(gif::Repeat::Finite(2)), Some(3)),
        (Some(gif::Repeat::Infinite), None),
    ] {
        let path = stage.path("x.png");
        gif(&path, &SHOW, repeat);
        let info = probe(&path).unwrap();
        assert_eq!((info.kind, &*info.format), (MediaKind::Animation, "gif"));
        assert_eq!((info.duration, info.loops), (Some(Duration::from_millis(550)), loops));
        holds(&path, loops.unwrap_or(4) as usize);
        let (mut decoder, duration) = stream(&path, size(20, 10), Fit::Cover);
        assert_eq!(duration, loops.map(|loops| Duration::from_millis(550) * loops));
        let most = 30;
        let expected = loops.map_or(most, |loops| loops as usize * 3);
        assert_eq!(play(&mut *decoder, most).len(), expected);
    }
}

#[test]
fn apng_plays_as_often_as_it_says() {
    let stage = Stage::new();
    for (plays, loops) in [(1, Some(1)), (2, Some(2)), (0, None)] {
        let path = stage.path("x.jpg");
        apng(&path, plays);
        let info = probe(&path).unwrap();
        assert_eq!((info.kind, &*info.format), (MediaKind::Animation, "apng"));
        assert_eq!((info.duration, info.loops), (Some(Duration::from_millis(550)), loops));
        holds(&path, loops.unwrap_or(4) as usize);
    }
}

#[test]
fn an_apng_of_another_hand() {
    let stage = Stage::new();
    let path = stage.ffmpeg(
        &["-f", "lavfi", "-i", "testsrc=s=64x48:r=10:d=1", "-plays", "0", "-f", "apng"],
        "x",
    );
    let info = probe(&path).unwrap();
    assert_eq!((info.kind, info.loops), (MediaKind::Animation, None));
    assert_eq!(info.duration, Some(Duration::from_secs(1)));
    let (mut decoder, _) = stream(&path, size(64, 48), Fit::Cover);
    let times: Vec<_> = play(&mut *decoder, 12).iter().map(|(at, _)| *at).collect();
    assert_eq!(times, (0..12).map(|n| n * 100).collect::<Vec<_>>());
}

#[test]
fn webp_plays_as_often_as_it_says() {
    let stage = Stage::new();
    let path = webp(&stage);
    let info = probe(&path).unwrap();
    assert_eq!((info.kind, &*info.format, info.loops), (MediaKind::Animation, "webp", Some(2)));
    assert_eq!(info.duration, Some(Duration::from_secs(1)));
    let (mut decoder, _) = stream(&path, size(20, 10), Fit::Cover);
    let played = play(&mut *decoder, 100);
    for (at, seen) in &played {
        let expected = if at % 1000 < 400 { RED } else { BLUE };
        assert!(near(*seen, expected, 3), "{at} {seen:?}");
    }
    assert!(played.iter().any(|(at, _)| *at == 1000), "{played:?}");
    assert!(played.iter().all(|(at, _)| *at < 2000), "{played:?}");
}

#[test]
fn hasty_gifs_are_slowed_down() {
    let stage = Stage::new();
    let path = stage.path("x");
    gif(&path, &[(RED, 0), (GREEN, 1), (BLUE, 2)], None);
    let (mut decoder, _) = stream(&path, size(20, 10), Fit::Cover);
    let times: Vec<_> = play(&mut *decoder, 9).iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [0, 100, 200]);
    assert_eq!(probe(&path).unwrap().duration, Some(Duration::from_millis(220)));
}

#[test]
fn a_gif_of_one_picture_is_a_still() {
    let stage = Stage::new();
    let path = stage.path("x");
    gif(&path, &SHOW[..1], Some(gif::Repeat::Infinite));
    assert_eq!(probe(&path).unwrap().kind, MediaKind::Still);
}

#[test]
fn seeking() {
    let stage = Stage::new();
    let endless = stage.path("endless");
    gif(&endless, &SHOW, Some(gif::Repeat::Infinite));
    let twice = stage.path("twice");
    apng(&twice, 2);
    for path in [&endless, &twice] {
        let (mut decoder, _) = stream(path, size(20, 10), Fit::Cover);
        for (at, shown, colour) in [
            (0, 0, RED),
            (199, 0, RED),
            (200, 200, GREEN),
            (600, 550, RED),
            (549, 250, BLUE),
            (0, 0, RED),
            (780, 750, GREEN),
            (1099, 800, BLUE),
        ] {
            decoder.seek(Duration::from_millis(at)).unwrap();
            let played = play(&mut *decoder, 1);
            assert_eq!(played[0].0, shown, "{} at {at}", path.display());
            assert!(near(played[0].1, colour, 1), "{} at {at}: {played:?}", path.display());
        }
        decoder.seek(Duration::from_millis(250)).unwrap();
        let times: Vec<_> = play(&mut *decoder, 3).iter().map(|(at, _)| *at).collect();
        assert_eq!(times, [250, 550, 750]);
    }
    let (mut decoder, _) = stream(&endless, size(20, 10), Fit::Cover);
    // A million runs on: counted, not played.
    decoder.seek(Duration::from_millis(550_000_000 + 210)).unwrap();
    let played = play(&mut *decoder, 2);
    assert_eq!((played[0].0, played[1].0), (550_000_200, 550_000_250));
    assert!(near(played[0].1, GREEN, 1));
    let (mut decoder, _) = stream(&twice, size(20, 10), Fit::Cover);
    decoder.seek(Duration::from_secs(9)).unwrap();
    assert_eq!(play(&mut *decoder, 1), []);
}

#[test]
fn what_is_cut_off_is_refused() {
    let stage = Stage::new();
    let (first, second) = (stage.path("x.gif"), stage.path("x.png"));
    gif(&first, &SHOW, None);
    apng(&second, 0);
    for path in [first, second, webp(&stage)] {
        for keep in [0.4, 0.7, 0.95] {
            let refused = probe(&stage.cut(&path, keep)).unwrap_err();
            assert_eq!(refused.fault, MediaFault::Broken, "{} {keep}: {refused}", path.display());
        }
    }
}

#[test]
fn endless_pictures_are_refused() {
    let stage = Stage::new();
    let path = stage.path("x");
    gif(&path, &SHOW, None);
    let tight = Probe::new(Limits { max_animation_pixels: 1700, ..Limits::default() });
    let refused = tight.probe(&path).unwrap_err();
    assert_eq!(refused.fault, MediaFault::TooLarge);
    assert!(refused.reason.contains("1700"), "{refused}");
    let tight = Probe::new(Limits { max_pixels: 700, ..Limits::default() });
    assert_eq!(tight.probe(&path).unwrap_err().fault, MediaFault::TooLarge);
}

#[test]
fn pictures_far_larger_than_what_they_are_cut_to_are_counted_whole() {
    let stage = Stage::new();
    let path = stage.path("x");
    let mut encoder = gif::Encoder::new(File::create(&path).unwrap(), 4, 4, &[0; 3]).unwrap();
    for _ in 0..3 {
        let buffer = Cow::Owned(vec![0; 100 * 100]);
        encoder
            .write_frame(&gif::Frame { width: 100, height: 100, buffer, ..gif::Frame::default() })
            .unwrap();
    }
    drop(encoder);
    let limits = |max_animation_pixels| Limits { max_animation_pixels, ..Limits::default() };
    assert_eq!(Probe::new(limits(30_000)).probe(&path).unwrap().size, size(4, 4));
    let refused = Probe::new(limits(29_999)).probe(&path).unwrap_err();
    assert_eq!(refused.fault, MediaFault::TooLarge);
    assert!(refused.reason.contains("29999"), "{refused}");
}

#[test]
fn thumbnails_show_the_first_picture() {
    let stage = Stage::new();
    let path = stage.path("x");
    gif(&path, &SHOW, None);
    let probe = Probe::new(Limits::default());
    let jpeg = probe.thumbnail(&path, &probe.probe(&path).unwrap()).unwrap();
    let thumbnail = image::load_from_memory(&jpeg).unwrap().to_rgb8();
    assert_eq!(thumbnail.dimensions(), (40, 20));
    assert!(near(thumbnail.get_pixel(20, 10).0, RED, 4));
}
