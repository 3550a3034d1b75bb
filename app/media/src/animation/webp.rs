//! Animated WebP, by the `image-webp` crate, which composes the pictures itself.

use std::io::{BufRead, Seek};
use std::time::Duration;

use image_webp::{DecodingError, LoopCount, WebPDecoder};
use prismatron_core::port::{MediaError, MediaFault};
use prismatron_core::unit::Size;

use super::{Reel, shown_for};
use crate::fitting::Picture;
use crate::limits::Limits;
use crate::refusal;

pub(super) struct WebP<R> {
    decoder: WebPDecoder<R>,
    size: Size,
    channels: usize,
    pixels: Vec<u8>,
}

/// Whether the file has more than one picture.
pub(super) fn moves<R: BufRead + Seek>(file: R) -> Result<bool, MediaError> {
    let decoder = WebPDecoder::new(file).map_err(|error| broken(&error))?;
    Ok(decoder.is_animated() && decoder.num_frames() > 1)
}

impl<R: BufRead + Seek> WebP<R> {
    pub(super) fn new(file: R, limits: &Limits) -> Result<Self, MediaError> {
        let mut decoder = WebPDecoder::new(file).map_err(|error| broken(&error))?;
        let memory = usize::try_from(limits.max_picture_memory()).unwrap_or(usize::MAX);
        decoder.set_memory_limit(memory);
        if !decoder.is_animated() {
            return Err(refusal::damaged("WebP picture", "it does not move"));
        }
        let (width, height) = decoder.dimensions();
        let size = limits.check(u64::from(width), u64::from(height))?;
        let channels = if decoder.has_alpha() { 4 } else { 3 };
        Ok(Self { decoder, size, channels, pixels: vec![0; size.area() * channels] })
    }
}

impl<R: BufRead + Seek + Send> Reel for WebP<R> {
    fn size(&self) -> Size {
        self.size
    }

    fn advance(&mut self) -> Result<Option<Duration>, MediaError> {
        match self.decoder.read_frame(&mut self.pixels) {
            Ok(millis) => Ok(Some(shown_for(Duration::from_millis(u64::from(millis))))),
            Err(DecodingError::NoMoreFrames) => Ok(None),
            Err(error) => Err(broken(&error)),
        }
    }

    fn picture(&self) -> Picture<'_> {
        Picture {
            width: self.size.width() as usize,
            height: self.size.height() as usize,
            channels: self.channels,
            pixels: &self.pixels,
        }
    }

    fn loops(&self) -> Option<u32> {
        match self.decoder.loop_count() {
            LoopCount::Forever => None,
            LoopCount::Times(times) => Some(u32::from(times.get())),
        }
    }
}

fn broken(error: &DecodingError) -> MediaError {
    match error {
        DecodingError::IoError(error) => refusal::io(error),
        DecodingError::MemoryLimitExceeded => MediaError::new(
            MediaFault::TooLarge,
            "the WebP picture would take more memory than is allowed",
        ),
        other => refusal::damaged("WebP picture", other),
    }
}
