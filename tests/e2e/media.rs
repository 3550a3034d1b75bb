//! Media made by the real ffmpeg, and the LED values they give at known times.

use std::path::{Path, PathBuf};

use prismatron_tests::appliance::{Appliance, Start};
use prismatron_tests::ddp::Display;
use prismatron_tests::media::{colours, ffmpeg};
use serde_json::json;

use crate::{LEDS, is_primary, small_wall, solid};

fn wall() -> (Display, Appliance) {
    let display = Display::new(LEDS);
    let start = Start::with(small_wall(&format!("(hosts: [{:?}])", display.address())));
    let appliance = Appliance::start(&start);
    (display, appliance)
}

/// Plays a file of one second each of red, green and blue, stands it still at a time in each, and reads
/// the wall.
fn shows_each_colour_at_its_time(name: &str, more: &[&str]) {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join(name);
    colours(&file, more);
    let (mut display, appliance) = wall();
    let media = appliance.upload_media(&file);
    let known = appliance.get(&format!("/api/media/{media}"));
    let duration = known["duration_seconds"].as_f64().unwrap();
    assert!((2.9..3.1).contains(&duration), "{known}");
    appliance.play(&json!([{
        "content": {"type": "media", "media": media},
        "duration_seconds": 3600,
        "transition": {"type": "cut", "duration_seconds": 0},
    }]));
    appliance.wait_for("playing", |status| status["player"]["playlist"]["name"] == "test");
    appliance.send("POST", "/api/control/pause", &json!({}));
    // The second run through is asked for too: an item longer than its media starts over.
    for (at, channel) in [(1.5, 1), (0.5, 0), (2.5, 2), (3.5, 0), (4.5, 1)] {
        appliance.send("POST", "/api/control/seek", &json!({"position_seconds": at}));
        display.wait_for(&format!("channel {channel} at {at} s"), |shown| {
            (0..LEDS).all(|led| is_primary(shown.rgb(led), channel))
        });
    }
    // And as it runs by itself.
    appliance.send("POST", "/api/control/seek", &json!({"position_seconds": 0}));
    appliance.send("POST", "/api/control/play", &json!({}));
    for channel in [0, 1, 2] {
        display.wait_for("the next colour", |shown| is_primary(shown.rgb(0), channel));
    }
}

#[test]
fn an_mp4_shows_each_colour_at_its_time() {
    shows_each_colour_at_its_time("colours.mp4", &["-c:v", "libx264", "-pix_fmt", "yuv420p"]);
}

#[test]
fn a_webm_shows_each_colour_at_its_time() {
    shows_each_colour_at_its_time(
        "colours.webm",
        &["-c:v", "libvpx", "-b:v", "2M", "-deadline", "realtime"],
    );
}

#[test]
fn a_gif_shows_each_colour_at_its_time() {
    shows_each_colour_at_its_time("colours.gif", &[]);
}

#[test]
fn an_apng_shows_each_colour_at_its_time() {
    shows_each_colour_at_its_time("colours.apng", &["-plays", "0", "-f", "apng"]);
}

#[test]
fn a_still_falls_on_the_leds_it_covers() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("halves.png");
    let halves = "color=red:s=160x192:d=1[a];color=blue:s=160x192:d=1[b];[a][b]hstack";
    ffmpeg(&["-filter_complex", halves, "-frames:v", "1"], &file);
    let (mut display, appliance) = wall();
    let media = appliance.upload_media(&file);
    appliance.play(&json!([{"content": {"type": "media", "media": media}}]));
    display.wait_for("red on the left, blue on the right", |shown| {
        (0..LEDS).all(|led| is_primary(shown.rgb(led), if led % 8 < 4 { 0 } else { 2 }))
    });
}

#[test]
fn what_is_not_media_is_refused_and_playback_goes_on() {
    let folder = tempfile::TempDir::new().unwrap();
    let good = folder.path().join("good.png");
    ffmpeg(&["-f", "lavfi", "-i", "testsrc=s=640x480:d=1", "-frames:v", "1"], &good);
    let whole = std::fs::read(&good).unwrap();
    let (mut display, appliance) = wall();
    appliance.play(&json!([solid("#00ff00", 3600.0)]));
    display.wait_for("green", |shown| is_primary(shown.rgb(0), 1));

    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    // A PNG that claims 60,000 × 60,000 pixels.
    let mut bomb = whole.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let crc = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&crc.to_be_bytes());
    let refused = [
        write("cut.png", &whole[..whole.len() / 2]),
        write("words.jpg", b"these are words"),
        write("bomb.png", &bomb),
        write("noise.mp4", &whole.iter().rev().copied().collect::<Vec<_>>()),
        write("empty.gif", b""),
    ];
    appliance.wait_for("the shipped media", |_| {
        appliance.get("/api/media")["media"].as_array().unwrap().len() == 2
    });
    let before = appliance.get("/api/media");
    for file in &refused {
        let (status, problem) = appliance.upload(file);
        assert_eq!(status, 422, "{}: {problem}", file.display());
        assert!(problem["detail"].as_str().unwrap().len() > 10, "{problem}");
    }
    assert_eq!(appliance.get("/api/media"), before);
    let left = |folder| names_in(&appliance.data_dir().join(folder));
    assert_eq!(left("uploads"), ["lock"], "nothing but the lock is left");
    assert!(left("media/transit").is_empty(), "{:?}", left("media/transit"));
    assert_eq!(appliance.get("/api/status")["player"]["mode"], "playing");
    display.wait_for("green still", |shown| is_primary(shown.rgb(0), 1));
}

#[test]
fn a_file_that_is_gone_is_skipped_marked_and_shown() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("gone.png");
    ffmpeg(&["-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-frames:v", "1"], &file);
    let (mut display, appliance) = wall();
    let media = appliance.upload_media(&file);
    for entry in std::fs::read_dir(appliance.data_dir().join("media")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with(&media) && path.extension().is_some_and(|e| e == "png") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let id = appliance.play(&json!([
        {"content": {"type": "media", "media": media}},
        solid("#0000ff", 3600.0),
    ]));
    display.wait_for("the item behind it", |shown| is_primary(shown.rgb(0), 2));
    let status = appliance.get("/api/status");
    assert_eq!(status["player"]["problems"].as_array().unwrap().len(), 1, "{status:#}");
    let playlist = appliance.get(&format!("/api/playlists/{id}"));
    assert!(playlist["items"][0]["problem"].is_string(), "{playlist:#}");
    assert!(playlist["items"][1]["problem"].is_null());
}

#[test]
fn without_ffmpeg_everything_but_video_works_and_the_page_says_what_to_install() {
    let folder = tempfile::TempDir::new().unwrap();
    let still = folder.path().join("still.png");
    let video = folder.path().join("video.mp4");
    ffmpeg(&["-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-frames:v", "1"], &still);
    ffmpeg(&["-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-pix_fmt", "yuv420p"], &video);
    let mut display = Display::new(LEDS);
    let mut start = Start::with(small_wall(&format!("(hosts: [{:?}])", display.address())));
    start.env.push(("PATH".into(), folder.path().display().to_string()));
    let appliance = Appliance::start(&start);

    let notices = appliance.get("/api/status")["notices"].to_string();
    assert!(notices.contains("ffmpeg") && notices.contains("install"), "{notices}");
    let (status, problem) = appliance.upload(Path::new(&video));
    assert_eq!(status, 422);
    assert!(problem["detail"].as_str().unwrap().contains("ffmpeg"), "{problem}");
    let media = appliance.upload_media(&still);
    appliance.play(&json!([{"content": {"type": "media", "media": media}}]));
    display.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// CRC-32 as PNG has it (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
