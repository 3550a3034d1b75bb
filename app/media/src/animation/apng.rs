//! Animated PNG, by the `png` crate.

use std::io::{BufRead, Seek};
use std::time::Duration;

use png::{BlendOp, ColorType, Decoder, DisposeOp, Reader, Transformations};
use prismatron_core::port::{MediaError, MediaFault};
use prismatron_core::unit::Size;

use super::canvas::{Area, Blend, Canvas, Disposal};
use super::{Reel, shown_for};
use crate::fitting::Picture;
use crate::limits::Limits;
use crate::refusal;

pub(super) struct Apng<R: BufRead + Seek> {
    reader: Reader<R>,
    canvas: Canvas,
    part: Vec<u8>,
    wide: Vec<u8>,
    left: u32,
    loops: Option<u32>,
}

impl<R: BufRead + Seek> Apng<R> {
    pub(super) fn new(file: R, limits: &Limits) -> Result<Self, MediaError> {
        let memory = usize::try_from(limits.max_picture_memory()).unwrap_or(usize::MAX);
        let mut decoder = Decoder::new_with_limits(file, png::Limits { bytes: memory });
        decoder
            .set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
        let info = decoder.read_header_info().map_err(|error| broken(&error))?;
        let size = limits.check(u64::from(info.width), u64::from(info.height))?;
        let reader = decoder.read_info().map_err(|error| broken(&error))?;
        let control = reader.info().animation_control;
        let control = control.ok_or_else(|| refusal::damaged("PNG picture", "it does not move"))?;
        Ok(Self {
            reader,
            canvas: Canvas::new(size),
            part: vec![0; size.area() * 4],
            wide: Vec::new(),
            left: control.num_frames,
            loops: (control.num_plays > 0).then_some(control.num_plays),
        })
    }
}

impl<R: BufRead + Seek + Send> Reel for Apng<R> {
    fn size(&self) -> Size {
        self.canvas.size()
    }

    fn advance(&mut self) -> Result<Option<Duration>, MediaError> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut output = self.reader.next_frame(&mut self.part).map_err(|error| broken(&error))?;
        if self.reader.info().frame_control.is_none() {
            // The default picture of this file is for those who cannot see it move.
            output = self.reader.next_frame(&mut self.part).map_err(|error| broken(&error))?;
        }
        let control = self.reader.info().frame_control;
        let control =
            control.ok_or_else(|| refusal::damaged("PNG picture", "a picture has no time"))?;
        self.left -= 1;
        let area = Area {
            left: control.x_offset as usize,
            top: control.y_offset as usize,
            width: output.width as usize,
            height: output.height as usize,
        };
        let part = &self.part[..output.buffer_size()];
        let part = match output.color_type {
            ColorType::Rgba => part,
            ColorType::GrayscaleAlpha => {
                let grey = part.as_chunks::<2>().0;
                self.wide.clear();
                self.wide.extend(grey.iter().flat_map(|&[grey, alpha]| [grey, grey, grey, alpha]));
                &self.wide
            }
            other => return Err(refusal::damaged("PNG picture", format!("{other:?} was decoded"))),
        };
        let blend = match control.blend_op {
            BlendOp::Source => Blend::Source,
            BlendOp::Over => Blend::Over,
        };
        let disposal = match control.dispose_op {
            DisposeOp::None => Disposal::Keep,
            DisposeOp::Background => Disposal::Clear,
            DisposeOp::Previous => Disposal::Restore,
        };
        self.canvas.draw(area, part, blend, disposal);
        let den = if control.delay_den == 0 { 100 } else { u32::from(control.delay_den) };
        Ok(Some(shown_for(Duration::from_secs(u64::from(control.delay_num)) / den)))
    }

    fn picture(&self) -> Picture<'_> {
        self.canvas.picture()
    }

    fn loops(&self) -> Option<u32> {
        self.loops
    }
}

fn broken(error: &png::DecodingError) -> MediaError {
    match error {
        png::DecodingError::IoError(error) => refusal::io(error),
        png::DecodingError::LimitsExceeded => MediaError::new(
            MediaFault::TooLarge,
            "the PNG picture would take more memory than is allowed",
        ),
        other => refusal::damaged("PNG picture", other),
    }
}
