//! GIF, by the `gif` crate.

use std::io::Read;
use std::num::NonZeroU64;
use std::time::Duration;

use gif::{ColorOutput, DecodeOptions, Decoder, DisposalMethod, MemoryLimit, Repeat};
use prismatron_core::port::MediaError;
use prismatron_core::unit::Size;

use super::canvas::{Area, Blend, Canvas, Disposal};
use super::{Reel, shown_for};
use crate::fitting::Picture;
use crate::limits::Limits;
use crate::refusal;

pub(super) struct Gif<R: Read> {
    decoder: Decoder<R>,
    canvas: Canvas,
    part: Vec<u8>,
    limits: Limits,
    /// Pixels decoded in this run: what is drawn may be far larger than the canvas it is cut to.
    pixels: u64,
}

impl<R: Read> Gif<R> {
    pub(super) fn new(file: R, limits: &Limits) -> Result<Self, MediaError> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        if let Some(bytes) = NonZeroU64::new(limits.max_picture_memory()) {
            options.set_memory_limit(MemoryLimit::Bytes(bytes));
        }
        let decoder = options.read_info(file).map_err(|error| broken(&error))?;
        let size = limits.check(u64::from(decoder.width()), u64::from(decoder.height()))?;
        let (canvas, limits) = (Canvas::new(size), limits.clone());
        Ok(Self { decoder, canvas, part: Vec::new(), limits, pixels: 0 })
    }
}

impl<R: Read + Send> Reel for Gif<R> {
    fn size(&self) -> Size {
        self.canvas.size()
    }

    fn advance(&mut self) -> Result<Option<Duration>, MediaError> {
        let Some(frame) = self.decoder.next_frame_info().map_err(|error| broken(&error))? else {
            return Ok(None);
        };
        let area = Area {
            left: usize::from(frame.left),
            top: usize::from(frame.top),
            width: usize::from(frame.width),
            height: usize::from(frame.height),
        };
        let size = self.limits.check(area.width as u64, area.height as u64)?;
        self.pixels += size.area() as u64;
        self.limits.check_animation(self.pixels)?;
        let disposal = match frame.dispose {
            DisposalMethod::Any | DisposalMethod::Keep => Disposal::Keep,
            DisposalMethod::Background => Disposal::Clear,
            DisposalMethod::Previous => Disposal::Restore,
        };
        let delay = Duration::from_millis(u64::from(frame.delay) * 10);
        self.part.resize(self.decoder.buffer_size(), 0);
        self.decoder.read_into_buffer(&mut self.part).map_err(|error| broken(&error))?;
        self.canvas.draw(area, &self.part, Blend::Over, disposal);
        Ok(Some(shown_for(delay)))
    }

    fn picture(&self) -> Picture<'_> {
        self.canvas.picture()
    }

    fn loops(&self) -> Option<u32> {
        match self.decoder.repeat() {
            Repeat::Infinite => None,
            // The extension counts what follows the first run.
            Repeat::Finite(again) => Some(u32::from(again) + 1),
        }
    }
}

fn broken(error: &gif::DecodingError) -> MediaError {
    match error {
        gif::DecodingError::Io(error) => refusal::io(error),
        other => refusal::damaged("GIF picture", other),
    }
}
