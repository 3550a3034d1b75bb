//! What a file is, found out by reading it.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use prismatron_core::frame::Frame;
use prismatron_core::media::{Fit, MediaInfo, MediaKind};
use prismatron_core::port::{MediaError, MediaFault, Prober};
use prismatron_core::unit::Size;

use crate::content::{self, Content};
use crate::fitting::{Fitter, contained};
use crate::limits::Limits;
use crate::still::Still;
use crate::{animation, refusal, video};

/// Largest thumbnail; what is smaller stays as it is.
const THUMBNAIL: (usize, usize) = (320, 192);
const QUALITY: u8 = 80;

/// Probes files within limits.
#[derive(Debug, Clone, Default)]
pub struct Probe {
    limits: Limits,
}

impl Probe {
    /// A prober that refuses what is beyond `limits`.
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }
}

impl Prober for Probe {
    fn probe(&self, file: &Path) -> Result<MediaInfo, MediaError> {
        match content::of_file(file)? {
            Content::Empty => Err(MediaError::new(MediaFault::Broken, "the file is empty")),
            Content::Known(what) => Err(content::unsupported(what)),
            Content::Other => video::probe(file, &self.limits),
            Content::Picture(format) => match animation::probe(file, format, &self.limits)? {
                Some(info) => Ok(info),
                // Turned and laid on a canvas, too: the whole way to the wall must be open.
                None => Still::open(file, format, &self.limits)?.info(),
            },
        }
    }

    fn thumbnail(&self, file: &Path, info: &MediaInfo) -> Result<Vec<u8>, MediaError> {
        let full = (info.size.width() as usize, info.size.height() as usize);
        let most = (THUMBNAIL.0.min(full.0), THUMBNAIL.1.min(full.1));
        let (width, height) = contained(full, most);
        let size = Size::new(width as u32, height as u32)
            .map_err(|error| MediaError::new(MediaFault::Broken, error))?;
        let frame = match (info.kind, content::of_file(file)?) {
            (MediaKind::Video, _) => {
                video::sample(file, info.duration.unwrap_or_default() / 10, size)?
            }
            (MediaKind::Still, Content::Picture(format)) => {
                Still::open(file, format, &self.limits)?.onto(size, Fit::Stretch)?
            }
            (MediaKind::Animation, Content::Picture(format)) => {
                let mut reel = animation::open(file, format, &self.limits)?;
                reel.advance()?;
                let mut frame = Frame::new(size);
                Fitter::new(Fit::Stretch, size).fit(reel.picture(), &mut frame)?;
                frame
            }
            _ => return Err(MediaError::new(MediaFault::Broken, "the file is not what it was")),
        };
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
            .write_image(frame.pixels(), size.width(), size.height(), ExtendedColorType::Rgb8)
            .map_err(|error| refusal::image("thumbnail", &error))?;
        Ok(jpeg)
    }
}
