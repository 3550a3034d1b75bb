//! Pictures with times of their own: GIF, APNG and animated WebP, decoded one after the other as they are
//! asked for. A loop starts the file again; only one composed picture is ever held.

mod apng;
mod canvas;
mod gif;
mod webp;

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::{Path, PathBuf};
use std::time::Duration;

use prismatron_core::frame::Frame;
use prismatron_core::media::{Fit, MediaInfo, MediaKind};
use prismatron_core::port::{Decoder, MediaError, MediaFault};
use prismatron_core::unit::Size;

use crate::content::PictureFormat;
use crate::fitting::{Fitter, Picture};
use crate::limits::Limits;
use crate::refusal;
use crate::still::refuse;
use crate::structure;

/// One run through an animation's pictures.
pub(crate) trait Reel: Send {
    /// Size of every picture.
    fn size(&self) -> Size;

    /// Composes the next picture and says how long it is shown; `None` at the end of the run.
    fn advance(&mut self) -> Result<Option<Duration>, MediaError>;

    /// What was composed last.
    fn picture(&self) -> Picture<'_>;

    /// How often the animation runs, `None` for ever; known once the first picture is composed.
    fn loops(&self) -> Option<u32>;
}

/// Opens an animation at its start.
pub(crate) fn open(
    path: &Path,
    format: PictureFormat,
    limits: &Limits,
) -> Result<Box<dyn Reel>, MediaError> {
    let file = BufReader::new(File::open(path).map_err(|error| refusal::io(&error))?);
    Ok(match format {
        PictureFormat::Gif => Box::new(gif::Gif::new(file, limits)?),
        PictureFormat::Png => Box::new(apng::Apng::new(file, limits)?),
        PictureFormat::WebP => Box::new(webp::WebP::new(file, limits)?),
        PictureFormat::Jpeg | PictureFormat::Bmp => {
            let reason = format!("a {} does not move", format.title());
            return Err(MediaError::new(MediaFault::Unsupported, reason));
        }
    })
}

/// Plays a whole run; `None` where there is only one picture, a still.
pub(crate) fn probe(
    path: &Path,
    format: PictureFormat,
    limits: &Limits,
) -> Result<Option<MediaInfo>, MediaError> {
    let mut file = BufReader::new(File::open(path).map_err(|error| refusal::io(&error))?);
    let moves = match format {
        PictureFormat::Gif => true,
        PictureFormat::Png => {
            let chunks = structure::png(&mut file).map_err(|flaw| refuse(format.title(), flaw))?;
            chunks.frames.is_some_and(|frames| frames > 1)
        }
        PictureFormat::WebP => {
            structure::riff(&mut file).map_err(|flaw| refuse(format.title(), flaw))?;
            file.rewind().map_err(|error| refusal::io(&error))?;
            webp::moves(file)?
        }
        PictureFormat::Jpeg | PictureFormat::Bmp => false,
    };
    if !moves {
        return Ok(None);
    }
    let mut reel = open(path, format, limits)?;
    let size = reel.size();
    let mut duration = Duration::ZERO;
    let (mut frames, mut pixels) = (0u32, 0u64);
    while let Some(shown) = reel.advance()? {
        frames += 1;
        pixels += size.area() as u64;
        duration += shown;
        limits.check_animation(pixels)?;
    }
    Ok(match frames {
        0 => return Err(refusal::damaged(format.title(), "it has no picture")),
        1 => None,
        _ => Some(MediaInfo {
            kind: MediaKind::Animation,
            format: if format == PictureFormat::Png { "apng" } else { format.short() }.into(),
            size,
            duration: Some(duration),
            fps: None,
            loops: reel.loops(),
        }),
    })
}

/// How long a picture is shown that asks for `delay`. Browsers take ten milliseconds and less for a mistake,
/// and so do the authors of such files by now.
fn shown_for(delay: Duration) -> Duration {
    if delay <= Duration::from_millis(10) { Duration::from_millis(100) } else { delay }
}

/// Plays an animation's runs on the canvas.
pub(crate) struct Animation {
    path: PathBuf,
    format: PictureFormat,
    limits: Limits,
    loops: Option<u32>,
    reel: Box<dyn Reel>,
    fitter: Fitter,
    /// Runs that are over.
    runs: u32,
    /// When the next picture is to be shown, from the start of the first run.
    next: Duration,
    /// When the present run began.
    began: Duration,
    /// A seek has composed this picture already; it is shown at this time.
    composed: Option<Duration>,
}

impl Animation {
    pub(crate) fn open(
        path: &Path,
        format: PictureFormat,
        loops: Option<u32>,
        (canvas, fit): (Size, Fit),
        limits: &Limits,
    ) -> Result<Self, MediaError> {
        Ok(Self {
            path: path.into(),
            format,
            limits: limits.clone(),
            loops,
            reel: open(path, format, limits)?,
            fitter: Fitter::new(fit, canvas),
            runs: 0,
            next: Duration::ZERO,
            began: Duration::ZERO,
            composed: None,
        })
    }

    /// Composes the next picture of any run and says when it is shown.
    fn compose(&mut self) -> Result<Option<Duration>, MediaError> {
        loop {
            if let Some(shown) = self.reel.advance()? {
                let at = self.next;
                self.next += shown;
                return Ok(Some(at));
            }
            if self.next == self.began {
                return Err(refusal::damaged(self.format.title(), "it has no picture"));
            }
            self.runs = self.runs.saturating_add(1);
            if self.loops.is_some_and(|loops| self.runs >= loops) {
                return Ok(None);
            }
            self.began = self.next;
            self.reel = open(&self.path, self.format, &self.limits)?;
        }
    }
}

impl Decoder for Animation {
    fn next(&mut self, frame: &mut Frame) -> Result<Option<Duration>, MediaError> {
        let at = match self.composed.take() {
            Some(at) => at,
            None => match self.compose()? {
                Some(at) => at,
                None => return Ok(None),
            },
        };
        self.fitter.fit(self.reel.picture(), frame)?;
        Ok(Some(at))
    }

    fn seek(&mut self, at: Duration) -> Result<(), MediaError> {
        if at < self.next {
            self.reel = open(&self.path, self.format, &self.limits)?;
            (self.runs, self.began, self.next) = (0, Duration::ZERO, Duration::ZERO);
        }
        self.composed = None;
        while self.next <= at {
            let before = self.runs;
            self.composed = self.compose()?;
            if self.composed.is_none() {
                // Past the end: there is nothing more to show.
                return Ok(());
            }
            if self.runs > before {
                self.skip_runs(at);
            }
        }
        Ok(())
    }
}

impl Animation {
    /// Leaps over whole runs that end before `at`: they are counted, not decoded. At least one run is over,
    /// and the first picture of the next is composed.
    fn skip_runs(&mut self, at: Duration) {
        let length = self.began / self.runs.max(1);
        let left = at.saturating_sub(self.began).as_nanos() / length.as_nanos().max(1);
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        let left = self.loops.map_or(left, |loops| left.min(loops.saturating_sub(self.runs + 1)));
        let leap = length.saturating_mul(left);
        self.runs += left;
        self.began += leap;
        self.next += leap;
        self.composed = self.composed.map(|at| at + leap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hasty_pictures_are_shown_as_browsers_do() {
        assert_eq!(shown_for(Duration::ZERO), Duration::from_millis(100));
        assert_eq!(shown_for(Duration::from_millis(10)), Duration::from_millis(100));
        assert_eq!(shown_for(Duration::from_millis(20)), Duration::from_millis(20));
    }
}
