//! Video through the installed ffmpeg: colours at known times, seeking, hostile names and damaged files, and
//! that no process is left behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends there")]

mod stage;

use std::path::{Path, PathBuf};
use std::time::Duration;

use prismatron_core::frame::{Frame, Rgb8};
use prismatron_core::media::{Fit, MediaKind};
use prismatron_core::port::{MediaFault, Prober};
use prismatron_media::{FfmpegState, Limits, Probe, ffmpeg};
use stage::{BLUE, GREEN, RED, Stage, middle, near, open_as, pixel, play, probe, size, stream};

/// A second each of red, green and blue.
const SHOW: [Rgb8; 3] = [RED, GREEN, BLUE];

fn video(stage: &Stage, name: &str, rate: &str, options: &[&str]) -> PathBuf {
    let source = |colour: &str| format!("color={colour}:s=160x96:r={rate}:d=1");
    let sources = [source("red"), source("0x00ff00"), source("blue")];
    let mut arguments = Vec::new();
    for source in &sources {
        arguments.extend(["-f", "lavfi", "-i", source]);
    }
    arguments.extend(["-filter_complex", "concat=n=3", "-pix_fmt", "yuv420p"]);
    arguments.extend(options);
    stage.ffmpeg(&arguments, name)
}

fn is_like(seen: Rgb8, colour: Rgb8) -> bool {
    near(seen, colour, 12)
}

#[test]
fn ffmpeg_is_here() {
    assert!(
        matches!(ffmpeg(), FfmpegState::Present { .. }),
        "these tests need ffmpeg: apt install ffmpeg"
    );
}

#[test]
fn every_container_shows_its_colours_in_time() {
    let stage = Stage::new();
    for (name, options) in [
        ("x.mp4", &["-c:v", "libx264", "-f", "mp4"][..]),
        ("x.mov", &["-c:v", "libx264", "-f", "mov"]),
        ("x.m4v", &["-c:v", "mpeg4", "-q:v", "2", "-f", "mp4"]),
        ("x.mkv", &["-c:v", "libx264", "-f", "matroska"]),
        ("x.webm", &["-c:v", "libvpx", "-b:v", "2M", "-f", "webm"]),
        ("x.avi", &["-c:v", "mpeg4", "-q:v", "2", "-f", "avi"]),
        ("x.ts", &["-c:v", "mpeg2video", "-q:v", "2", "-f", "mpegts"]),
    ] {
        let path = video(&stage, name, "25", options);
        let info = probe(&path).unwrap();
        assert_eq!((info.kind, info.size), (MediaKind::Video, size(160, 96)), "{name}");
        assert_eq!(info.fps, Some(25.0), "{name}");
        let duration = info.duration.unwrap().as_secs_f64();
        assert!((duration - 3.0).abs() < 0.1, "{name} {duration}");
        let (mut decoder, whole) = stream(&path, size(80, 48), Fit::Cover);
        assert_eq!(whole, info.duration);
        let played = play(&mut *decoder, 1000);
        assert!(played.len().abs_diff(75) <= 1, "{name} {}", played.len());
        for (number, (at, seen)) in played.iter().enumerate() {
            assert_eq!(*at, number as u128 * 40, "{name}");
            let second = (*at / 1000).min(2) as usize;
            assert!(is_like(*seen, SHOW[second]), "{name} at {at}: {seen:?}");
        }
    }
}

#[test]
fn broken_rates_stay_exact() {
    let stage = Stage::new();
    let path = video(&stage, "x.mp4", "30000/1001", &["-c:v", "libx264"]);
    let (mut decoder, _) = stream(&path, size(16, 16), Fit::Stretch);
    let played = play(&mut *decoder, 1000);
    assert_eq!(played[30].0, 1001);
    assert!(played.len().abs_diff(90) <= 1, "{}", played.len());
    let path = video(&stage, "fast.mp4", "120", &["-c:v", "libx264"]);
    let (mut decoder, _) = stream(&path, size(16, 16), Fit::Stretch);
    assert!(play(&mut *decoder, 1000).len().abs_diff(180) <= 1);
}

#[test]
fn seeking_is_exact() {
    let stage = Stage::new();
    for (name, options) in [
        // One key frame for all, so that a seek must decode its way; and times rounded to milliseconds.
        ("x.mp4", &["-c:v", "libx264", "-g", "1000"][..]),
        ("x.mkv", &["-c:v", "libx264", "-g", "20"]),
    ] {
        let path = video(&stage, name, "30", options);
        let (mut decoder, _) = stream(&path, size(40, 24), Fit::Cover);
        for (at, shown, colour) in [
            (2500, 2500, BLUE),
            (1000, 1000, GREEN),
            (999, 966, RED),
            (1999, 1966, GREEN),
            (2000, 2000, BLUE),
            (0, 0, RED),
        ] {
            decoder.seek(Duration::from_millis(at)).unwrap();
            let played = play(&mut *decoder, 2);
            assert_eq!(played[0].0, shown, "{name} {at}");
            assert!(is_like(played[0].1, colour), "{name} {at}: {played:?}");
            assert_eq!(played[1].0, (shown * 3 + 100).div_ceil(100) * 100 / 3, "{name} {at}");
        }
        decoder.seek(Duration::from_millis(2900)).unwrap();
        assert!(play(&mut *decoder, 100).len() <= 4);
        decoder.seek(Duration::from_millis(500)).unwrap();
        let played = play(&mut *decoder, 1000);
        for (at, seen) in &played {
            assert!(is_like(*seen, SHOW[(*at / 1000).min(2) as usize]), "{name} {at} {seen:?}");
        }
        assert!(played.len().abs_diff(75) <= 1, "{name} {}", played.len());
    }
}

#[test]
fn fits() {
    let stage = Stage::new();
    let source = "color=red:s=100x200:r=10:d=0.3,pad=200:200:0:0:blue";
    let path =
        stage.ffmpeg(&["-f", "lavfi", "-i", source, "-c:v", "libx264rgb", "-qp", "0"], "x.mkv");
    let first = |canvas, fit| {
        let (mut decoder, _) = stream(&path, canvas, fit);
        let mut frame = Frame::new(size(1, 1));
        decoder.next(&mut frame).unwrap();
        frame
    };
    let contain = first(size(80, 40), Fit::Contain);
    assert!(is_like(pixel(&contain, 10, 20), [0; 3]));
    assert!(is_like(pixel(&contain, 30, 20), RED) && is_like(pixel(&contain, 50, 20), BLUE));
    assert!(is_like(pixel(&contain, 70, 20), [0; 3]));
    for fit in [Fit::Cover, Fit::Stretch] {
        let frame = first(size(80, 40), fit);
        assert!(
            is_like(pixel(&frame, 5, 3), RED) && is_like(pixel(&frame, 75, 36), BLUE),
            "{fit:?}"
        );
    }
    // Pixels twice as wide as high: 200×200 is shown as 400×200.
    let wide = stage
        .ffmpeg(&["-i", path.to_str().unwrap(), "-vf", "setsar=2", "-c:v", "libx264"], "wide.mkv");
    assert_eq!(probe(&wide).unwrap().size, size(400, 200));
    let (mut decoder, _) = stream(&wide, size(40, 40), Fit::Contain);
    let mut frame = Frame::new(size(1, 1));
    decoder.next(&mut frame).unwrap();
    assert!(is_like(pixel(&frame, 5, 5), [0; 3]) && is_like(pixel(&frame, 5, 20), RED));
}

#[test]
fn rotation_is_followed() {
    let stage = Stage::new();
    let plain = video(&stage, "x.mp4", "10", &["-c:v", "libx264"]);
    let turned = ["-display_rotation", "90", "-i", plain.to_str().unwrap(), "-c", "copy"];
    // Older versions of ffmpeg take it as metadata.
    let older = ["-i", plain.to_str().unwrap(), "-c", "copy", "-metadata:s:v:0", "rotate=90"];
    let path = std::panic::catch_unwind(|| stage.ffmpeg(&turned, "turned.mp4"))
        .unwrap_or_else(|_| stage.ffmpeg(&older, "turned.mp4"));
    assert_eq!(probe(&path).unwrap().size, size(96, 160));
}

#[test]
fn names_are_no_options() {
    let stage = Stage::new();
    let plain = video(&stage, "x.mp4", "10", &["-c:v", "libx264"]);
    for name in ["-i.mp4", "a\nb.mp4", "x|y.mp4", "%d.mp4", "concat:a.mp4", "no extension"] {
        let path = stage.path(name);
        std::fs::copy(&plain, &path).unwrap();
        let info = probe(&path).unwrap();
        let (mut decoder, _) = stream(&path, size(16, 16), Fit::Stretch);
        assert!(is_like(play(&mut *decoder, 1)[0].1, RED), "{name}");
        assert!(Probe::new(Limits::default()).thumbnail(&path, &info).is_ok(), "{name}");
    }
}

#[test]
fn what_is_cut_off_is_refused_with_a_reason() {
    let stage = Stage::new();
    let fast = ["-c:v", "libx264", "-movflags", "+faststart"];
    for (name, options) in [
        ("x.mp4", &["-c:v", "libx264"][..]),
        ("fast.mp4", &fast),
        ("x.mkv", &["-c:v", "libx264"]),
        ("x.webm", &["-c:v", "libvpx"]),
        ("x.avi", &["-c:v", "mpeg4"]),
    ] {
        let path = video(&stage, name, "25", options);
        for keep in [0.02, 0.5, 0.95] {
            let refused = probe(&stage.cut(&path, keep)).unwrap_err();
            assert_eq!(refused.fault, MediaFault::Broken, "{name} {keep} {refused}");
            assert!(refused.reason.len() > 20, "{name} {keep} {refused}");
        }
    }
    let path = video(&stage, "y.mp4", "25", &["-c:v", "libx264"]);
    let refused = probe(&stage.cut(&path, 0.5)).unwrap_err();
    assert!(refused.reason.contains("moov"), "ffmpeg's own words are missing: {refused}");
}

#[test]
fn a_file_that_rots_is_an_error_when_it_is_played() {
    let stage = Stage::new();
    let path = video(&stage, "x.mp4", "25", &["-c:v", "libx264", "-movflags", "+faststart"]);
    let info = probe(&path).unwrap();
    let cut = stage.cut(&path, 0.6);
    let mut frame = Frame::new(size(16, 16));
    for broken in [stage.write("garbage", &[0x55; 4000]), cut] {
        let stage::Played { frames, error } =
            stage::play_out(open_as(&broken, info.clone(), size(16, 16), Fit::Cover), &mut frame);
        let error = error.unwrap_or_else(|| panic!("{} played {frames} frames", broken.display()));
        assert_eq!(error.fault, MediaFault::Broken);
        assert!(error.reason.len() > 30, "{error}");
    }
    let gone = open_as(&stage.path("gone"), info, size(16, 16), Fit::Cover).err().unwrap();
    assert_eq!(gone.fault, MediaFault::Missing);
}

#[test]
fn sound_alone_is_refused() {
    let stage = Stage::new();
    let path =
        stage.ffmpeg(&["-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", "-f", "mp4"], "x.mp4");
    assert_eq!(probe(&path).unwrap_err().fault, MediaFault::Unsupported);
    let path = stage.ffmpeg(&["-f", "lavfi", "-i", "sine=d=1"], "x.wav");
    assert_eq!(probe(&path).unwrap_err().fault, MediaFault::Unsupported);
}

#[test]
fn large_videos_are_refused() {
    let stage = Stage::new();
    let path = video(&stage, "x.mp4", "25", &["-c:v", "libx264"]);
    let tight = |limits: Limits| Probe::new(limits).probe(&path).unwrap_err();
    let refused = tight(Limits { max_pixels: 160 * 96 - 1, ..Limits::default() });
    assert_eq!(refused.fault, MediaFault::TooLarge, "{refused}");
    let refused = tight(Limits { max_pixel_rate: 160 * 96 * 24, ..Limits::default() });
    assert_eq!(refused.fault, MediaFault::TooLarge, "{refused}");
}

#[test]
fn thumbnails_show_a_tenth() {
    let stage = Stage::new();
    let path = video(&stage, "x.mp4", "25", &["-c:v", "libx264"]);
    let probe = Probe::new(Limits::default());
    let jpeg = probe.thumbnail(&path, &probe.probe(&path).unwrap()).unwrap();
    let thumbnail = image::load_from_memory(&jpeg).unwrap().to_rgb8();
    assert_eq!(thumbnail.dimensions(), (160, 96));
    assert!(is_like(thumbnail.get_pixel(80, 48).0, RED));
}

/// Processes that have this file open or in their arguments.
fn players(path: &Path) -> Vec<String> {
    let wanted = path.to_str().unwrap();
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let arguments = std::fs::read(entry.path().join("cmdline")).ok()?;
            let arguments = String::from_utf8_lossy(&arguments).into_owned();
            arguments.contains(wanted).then_some(arguments)
        })
        .collect()
}

#[test]
fn nothing_is_left_behind() {
    let stage = Stage::new();
    let source = "testsrc=s=320x240:r=15:d=60";
    let path = stage.ffmpeg(&["-f", "lavfi", "-i", source, "-c:v", "mpeg4"], "long.mp4");
    let (mut decoder, _) = stream(&path, size(320, 240), Fit::Cover);
    let mut frame = Frame::new(size(1, 1));
    decoder.next(&mut frame).unwrap();
    assert_ne!(middle(&frame), [1, 2, 3]);
    assert_eq!(players(&path).len(), 1);
    decoder.seek(Duration::from_secs(30)).unwrap();
    decoder.next(&mut frame).unwrap();
    assert_eq!(players(&path).len(), 1, "{:?}", players(&path));
    drop(decoder);
    assert_eq!(players(&path), Vec::<String>::new());
}
