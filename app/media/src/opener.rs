//! From what a playlist names to what can be played.

use std::path::Path;
use std::sync::Arc;

use prismatron_core::id::MediaId;
use prismatron_core::media::{MediaInfo, MediaKind};
use prismatron_core::playlist::Content as Named;
use prismatron_core::port::{MediaError, MediaFault, MediaLocator, OpenRequest, Opener, Source};

use crate::animation::Animation;
use crate::content::{self, Content, PictureFormat};
use crate::limits::Limits;
use crate::still::Still;
use crate::video::Video;
use crate::{effects, text};

/// Opens files of the library, texts and effects.
pub struct Media {
    locator: Arc<dyn MediaLocator>,
    limits: Limits,
}

impl Media {
    /// An opener that finds files through `locator` and holds them to `limits`.
    pub fn new(locator: Arc<dyn MediaLocator>, limits: Limits) -> Self {
        Self { locator, limits }
    }

    fn open_file(&self, id: MediaId, request: OpenRequest<'_>) -> Result<Source, MediaError> {
        let (path, info) = self.locator.locate(id).ok_or_else(|| {
            MediaError::new(MediaFault::Missing, "this is no longer in the library")
        })?;
        match info.kind {
            MediaKind::Still => {
                let still = Still::open(&path, picture_format(&path)?, &self.limits)?;
                still.onto(request.canvas, request.fit).map(Source::Still)
            }
            MediaKind::Animation => {
                let (format, onto) = (picture_format(&path)?, (request.canvas, request.fit));
                let animation = Animation::open(&path, format, info.loops, onto, &self.limits)?;
                Ok(stream(Box::new(animation), &info, request))
            }
            MediaKind::Video => {
                let video = Video::open(&path, &info, (request.canvas, request.fit))?;
                Ok(stream(Box::new(video), &info, request))
            }
        }
    }
}

impl Opener for Media {
    fn open(&self, request: OpenRequest<'_>) -> Result<Source, MediaError> {
        match request.content {
            Named::Media(id) => self.open_file(*id, request),
            Named::Text(words) => Ok(text::open(words, request.detail)),
            Named::Effect(effect) => effects::open(effect, request.detail),
        }
    }
}

fn stream(
    decoder: Box<dyn prismatron_core::port::Decoder>,
    info: &MediaInfo,
    request: OpenRequest<'_>,
) -> Source {
    let duration = info.duration.zip(info.loops).and_then(|(run, loops)| run.checked_mul(loops));
    Source::Stream { decoder, size: request.canvas, duration }
}

/// The format of a file that the probe had taken for a picture.
fn picture_format(path: &Path) -> Result<PictureFormat, MediaError> {
    match content::of_file(path)? {
        Content::Picture(format) => Ok(format),
        Content::Empty => Err(MediaError::new(MediaFault::Broken, "the file is empty")),
        Content::Known(_) | Content::Other => {
            Err(MediaError::new(MediaFault::Broken, "the file is not the picture it was"))
        }
    }
}
