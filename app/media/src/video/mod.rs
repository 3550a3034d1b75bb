//! Video, by an installed ffmpeg in a child process.
//!
//! ffmpeg is given a path after `file:`, so that no name is taken for an option or another protocol; it may
//! open nothing but files, and only containers from a list, because a play list that claims to be a video
//! would make it read any other file. It scales to the canvas and brings the frames to a constant rate, so
//! that a frame's time follows from its number.

mod facts;
mod filter;
mod rate;

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use facts::{Facts, FactsError};
use prismatron_core::frame::Frame;
use prismatron_core::media::{Fit, MediaInfo, MediaKind};
use prismatron_core::port::{Decoder, MediaError, MediaFault};
use prismatron_core::unit::Size;

use self::rate::Rate;
use crate::child::{Child, Fault};
use crate::ffmpeg::Tools;
use crate::limits::Limits;
use crate::refusal;
use crate::still::refuse;
use crate::structure;

/// Containers ffmpeg may open, by its names for them.
const CONTAINERS: &str = "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,av1,ivf,flv,live_flv,\
                          asf,ogg,nut,mxf,dv,3gp,3g2,yuv4mpegpipe,wtv,rm";

/// How long nothing may come from ffmpeg before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(15);

/// Most that ffprobe has to say of one stream.
const MOST_FACTS: usize = 1 << 20;

/// Finds out what a video is: what its container says, that the file is not shorter than it should be, and
/// that its first frame can be decoded.
pub(crate) fn probe(path: &Path, limits: &Limits) -> Result<MediaInfo, MediaError> {
    let tools = Tools::find()?;
    let facts = ask(&tools, path)?;
    let (width, height) = facts.shown;
    limits.check(facts.stored.0.into(), facts.stored.1.into())?;
    let size = limits.check(width.into(), height.into())?;
    let pixels = u64::from(facts.stored.0) * u64::from(facts.stored.1);
    if facts.fps.is_some_and(|fps| pixels as f64 * f64::from(fps) > limits.max_pixel_rate as f64) {
        let reason = format!(
            "the video is too large: {width}×{height} at {} fps is more than {} pixels a second",
            facts.fps.unwrap_or_default(),
            limits.max_pixel_rate
        );
        return Err(MediaError::new(MediaFault::TooLarge, reason));
    }
    whole(path)?;
    let info = MediaInfo {
        kind: MediaKind::Video,
        format: facts.codec,
        size,
        duration: facts.duration,
        fps: facts.fps,
        loops: Some(1),
    };
    sample(path, Duration::ZERO, Size::new(16, 16).unwrap_or(size))?;
    Ok(info)
}

fn ask(tools: &Tools, path: &Path) -> Result<Facts, MediaError> {
    let mut arguments = arguments(&["-hide_banner", "-loglevel", "error"]);
    arguments.extend(input(path));
    let wanted = ["-select_streams", "V:0", "-show_streams", "-show_format", "-of", "json"];
    arguments.extend(wanted.map(OsString::from));
    let mut child = Child::start(&tools.ffprobe, &arguments)?;
    let output = child.read_all(MOST_FACTS, PATIENCE);
    let output = output.and_then(|output| child.finish(PATIENCE).map(|status| (output, status)));
    let (output, status) = output.map_err(|fault| give_up("ffprobe", &fault))?;
    let words = child.words(path);
    if !status.success() {
        // Nothing but this is said of what is in no format at all.
        let unknown = words.is_empty() || words == "Invalid data found when processing input";
        if !unknown && !words.contains("not on whitelist") {
            let reason = format!("the file is not a whole video: {words}");
            return Err(MediaError::new(MediaFault::Broken, reason));
        }
        whole(path)?;
        let reason = "this is not a kind of file that can be played";
        return Err(MediaError::new(MediaFault::Unsupported, reason));
    }
    Facts::parse(&output).map_err(|error| match error {
        // A file that ends within its header tells of nothing yet.
        FactsError::NoVideo => {
            whole(path).err().unwrap_or_else(|| MediaError::new(MediaFault::Unsupported, error))
        }
        FactsError::NoSize | FactsError::Unreadable(_) if words.is_empty() => {
            MediaError::new(MediaFault::Broken, error)
        }
        _ => MediaError::new(MediaFault::Broken, format!("{error}: {words}")),
    })
}

/// Holds the container's sizes against the file's: ffmpeg would play what is there and stop.
fn whole(path: &Path) -> Result<(), MediaError> {
    let mut file = BufReader::new(File::open(path).map_err(|error| refusal::io(&error))?);
    let mut head = [0; 12];
    if file.read_exact(&mut head).is_err() {
        return Ok(());
    }
    match &head {
        [b'R', b'I', b'F', b'F', ..] => structure::riff(file),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => structure::matroska(file),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => structure::boxes(file),
        _ => Ok(()),
    }
    .map_err(|flaw| refuse("video", flaw))
}

/// One frame at about a time, on a canvas of this size.
pub(crate) fn sample(path: &Path, at: Duration, canvas: Size) -> Result<Frame, MediaError> {
    let tools = Tools::find()?;
    let filter = filter::chain(Fit::Stretch, canvas, None);
    let mut arguments = decoding(path, at, &filter);
    arguments.splice(arguments.len() - 1.., ["-frames:v", "1", "pipe:1"].map(OsString::from));
    let mut child = Child::start(&tools.ffmpeg, &arguments)?;
    let mut frame = Frame::new(canvas);
    let filled =
        child.fill(frame.pixels_mut(), PATIENCE).map_err(|fault| give_up("ffmpeg", &fault))?;
    if filled < frame.pixels().len() {
        child.finish(PATIENCE).map_err(|fault| give_up("ffmpeg", &fault))?;
        return Err(undecoded(&child.words(path)));
    }
    Ok(frame)
}

/// Plays a video on the canvas.
pub(crate) struct Video {
    tools: Tools,
    path: PathBuf,
    filter: String,
    canvas: Size,
    rate: Rate,
    duration: Option<Duration>,
    child: Option<Child>,
    /// Number of the next frame.
    next: u64,
}

impl Video {
    pub(crate) fn open(
        path: &Path,
        info: &MediaInfo,
        (canvas, fit): (Size, Fit),
    ) -> Result<Self, MediaError> {
        let rate = Rate::playing(info.fps);
        let mut video = Self {
            tools: Tools::find()?,
            path: path.into(),
            filter: filter::chain(fit, canvas, Some(rate)),
            canvas,
            rate,
            duration: info.duration,
            child: None,
            next: 0,
        };
        // Missing files and programs show now; decoding is under way when the first frame is asked for.
        if !path.is_file() {
            return Err(MediaError::new(MediaFault::Missing, "the file is not there"));
        }
        video.start()?;
        Ok(video)
    }

    fn start(&mut self) -> Result<&mut Child, MediaError> {
        // Frames are taken from a quarter before the time of the wanted one: times in files are rounded, and
        // one just before its due time would be dropped, and all after it be one late.
        let at = self.rate.time_of(self.next).saturating_sub(self.rate.period() / 4);
        let child = Child::start(&self.tools.ffmpeg, &decoding(&self.path, at, &self.filter))?;
        Ok(self.child.insert(child))
    }

    /// How ffmpeg came to its end, once it gives no more frames.
    fn ended(&mut self, child: &mut Child) -> Result<(), MediaError> {
        let status = child.finish(PATIENCE).map_err(|fault| give_up("ffmpeg", &fault))?;
        let words = child.words(&self.path);
        let reached = self.rate.time_of(self.next);
        // Players agree to disagree by a few frames on how long a video is.
        let short = self
            .duration
            .is_some_and(|whole| reached + (whole / 20).max(Duration::from_millis(500)) < whole);
        if self.next == 0 || !status.success() {
            return Err(undecoded(&words));
        }
        if short && !words.is_empty() {
            let at = reached.as_secs_f32();
            let reason = format!("the video is damaged from {at:.1} s on: {words}");
            return Err(MediaError::new(MediaFault::Broken, reason));
        }
        Ok(())
    }
}

impl Decoder for Video {
    fn next(&mut self, frame: &mut Frame) -> Result<Option<Duration>, MediaError> {
        frame.resize(self.canvas);
        let mut child = match self.child.take() {
            Some(child) => child,
            None if self.next == 0 => {
                self.start()?;
                return self.next(frame);
            }
            None => return Ok(None),
        };
        let wanted = frame.pixels().len();
        match child.fill(frame.pixels_mut(), PATIENCE) {
            Ok(filled) if filled == wanted => {
                let at = self.rate.time_of(self.next);
                self.next += 1;
                self.child = Some(child);
                Ok(Some(at))
            }
            Ok(_) => self.ended(&mut child).map(|()| None),
            Err(fault) => Err(give_up("ffmpeg", &fault)),
        }
    }

    fn seek(&mut self, at: Duration) -> Result<(), MediaError> {
        self.child = None;
        self.next = self.rate.frame_at(at);
        self.start().map(|_| ())
    }
}

fn arguments(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// The input, with what it may be and may open.
fn input(path: &Path) -> [OsString; 6] {
    let mut file = OsString::from("file:");
    file.push(path);
    ["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS, "-i"]
        .map(OsString::from)
        .into_iter()
        .chain([file])
        .collect::<Vec<_>>()
        .try_into()
        .unwrap_or_default()
}

/// Decodes from a time on to standard output.
fn decoding(path: &Path, at: Duration, filter: &str) -> Vec<OsString> {
    let mut all = arguments(&["-hide_banner", "-loglevel", "error", "-nostdin", "-threads", "2"]);
    if !at.is_zero() {
        all.extend(["-ss".into(), format!("{:.6}", at.as_secs_f64()).into()]);
    }
    all.extend(input(path));
    all.extend(arguments(&[
        "-map",
        "0:V:0",
        "-an",
        "-sn",
        "-dn",
        "-filter_threads",
        "1",
        "-vf",
        filter,
    ]));
    all.extend(arguments(&["-f", "rawvideo", "-pix_fmt", "rgb24", "-threads", "1", "pipe:1"]));
    all
}

fn undecoded(words: &str) -> MediaError {
    let why = if words.is_empty() { "ffmpeg finds no frame in it" } else { words };
    MediaError::new(MediaFault::Broken, format!("the video cannot be decoded: {why}"))
}

fn give_up(program: &str, fault: &Fault) -> MediaError {
    match fault {
        Fault::Silent => {
            let reason =
                format!("{program} was stopped: nothing came from it for {} s", PATIENCE.as_secs());
            MediaError::new(MediaFault::Broken, reason)
        }
        Fault::Io(error) => {
            MediaError::new(MediaFault::Io, format!("{program} cannot be read from: {error}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_an_option_or_a_protocol() {
        for name in ["-i.mp4", "http://x/y", "concat:a|b", "a\nb"] {
            let all = decoding(Path::new(name), Duration::ZERO, "null");
            let at = all.iter().position(|word| word == "-i").unwrap();
            assert_eq!(all[at + 1], OsString::from(format!("file:{name}")));
            assert_eq!(all.iter().filter(|word| word.to_string_lossy().contains(name)).count(), 1);
        }
    }
}
