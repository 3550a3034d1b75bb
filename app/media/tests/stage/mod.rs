//! Where files are made and played for tests.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use prismatron_core::frame::{Frame, Rgb8};
use prismatron_core::id::MediaId;
use prismatron_core::media::{Fit, MediaInfo};
use prismatron_core::playlist::Content;
use prismatron_core::port::{
    Decoder, MediaError, MediaLocator, OpenRequest, Opener, Prober, Source,
};
use prismatron_core::unit::Size;
use prismatron_media::{Limits, Media, Probe};
use tempfile::TempDir;

pub(crate) const RED: Rgb8 = [255, 0, 0];
pub(crate) const GREEN: Rgb8 = [0, 255, 0];
pub(crate) const BLUE: Rgb8 = [0, 0, 255];

pub(crate) struct Stage {
    pub(crate) folder: TempDir,
}

struct One(PathBuf, MediaInfo);

impl MediaLocator for One {
    fn locate(&self, _: MediaId) -> Option<(PathBuf, MediaInfo)> {
        Some((self.0.clone(), self.1.clone()))
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs ffmpeg to make a file.
    pub(crate) fn ffmpeg(&self, arguments: &[&str], name: &str) -> PathBuf {
        let path = self.path(name);
        let mut file = std::ffi::OsString::from("file:");
        file.push(&path);
        let output = Command::new("ffmpeg")
            .args(["-v", "error", "-nostdin", "-y"])
            .args(arguments)
            .arg(file)
            .output()
            .expect("these tests need ffmpeg: apt install ffmpeg");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        path
    }

    /// The file without its end.
    pub(crate) fn cut(&self, path: &Path, keep: f64) -> PathBuf {
        let bytes = std::fs::read(path).unwrap();
        let name = format!("cut-{}", path.file_name().unwrap().to_string_lossy());
        self.write(&name, &bytes[..(bytes.len() as f64 * keep) as usize])
    }
}

pub(crate) fn size(width: u32, height: u32) -> Size {
    Size::new(width, height).unwrap()
}

pub(crate) fn probe(path: &Path) -> Result<MediaInfo, MediaError> {
    Probe::new(Limits::default()).probe(path)
}

pub(crate) fn open_as(
    path: &Path,
    info: MediaInfo,
    canvas: Size,
    fit: Fit,
) -> Result<Source, MediaError> {
    let media = Media::new(Arc::new(One(path.into(), info)), Limits::default());
    let content = Content::Media(MediaId(1));
    media.open(OpenRequest { content: &content, fit, canvas, detail: canvas })
}

pub(crate) fn open(path: &Path, canvas: Size, fit: Fit) -> Source {
    open_as(path, probe(path).unwrap(), canvas, fit).unwrap()
}

pub(crate) fn still(path: &Path, canvas: Size, fit: Fit) -> Frame {
    match open(path, canvas, fit) {
        Source::Still(frame) => frame,
        _ => panic!("{} is not a still", path.display()),
    }
}

/// The decoder and its duration.
pub(crate) fn stream(path: &Path, canvas: Size, fit: Fit) -> (Box<dyn Decoder>, Option<Duration>) {
    match open(path, canvas, fit) {
        Source::Stream { decoder, duration, size } => {
            assert_eq!(size, canvas);
            (decoder, duration)
        }
        _ => panic!("{} is not a stream", path.display()),
    }
}

/// Times in milliseconds and colours in the middle of the next frames.
pub(crate) fn play(decoder: &mut dyn Decoder, most: usize) -> Vec<(u128, Rgb8)> {
    let mut frame = Frame::new(size(1, 1));
    let mut played = Vec::new();
    while played.len() < most
        && let Some(at) = decoder.next(&mut frame).unwrap()
    {
        played.push((at.as_millis(), middle(&frame)));
    }
    played
}

pub(crate) fn pixel(frame: &Frame, x: u32, y: u32) -> Rgb8 {
    let at = (y * frame.size().width() + x) as usize * 3;
    frame.pixels()[at..at + 3].try_into().unwrap()
}

pub(crate) fn middle(frame: &Frame) -> Rgb8 {
    pixel(frame, frame.size().width() / 2, frame.size().height() / 2)
}

pub(crate) fn near(a: Rgb8, b: Rgb8, by: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= by)
}

/// How far something played.
pub(crate) struct Played {
    pub(crate) frames: usize,
    pub(crate) error: Option<MediaError>,
}

/// Plays to the end or to the first error.
pub(crate) fn play_out(source: Result<Source, MediaError>, frame: &mut Frame) -> Played {
    let mut decoder = match source {
        Ok(Source::Stream { decoder, .. }) => decoder,
        Ok(_) => panic!("not a stream"),
        Err(error) => return Played { frames: 0, error: Some(error) },
    };
    let mut frames = 0;
    loop {
        match decoder.next(frame) {
            Ok(Some(_)) => frames += 1,
            Ok(None) => return Played { frames, error: None },
            Err(error) => return Played { frames, error: Some(error) },
        }
    }
}
