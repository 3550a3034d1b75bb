//! Single pictures: decoded whole, turned as their EXIF says, laid onto the canvas.

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader};
use prismatron_core::frame::Frame;
use prismatron_core::media::{Fit, MediaInfo, MediaKind};
use prismatron_core::port::{MediaError, MediaFault};
use prismatron_core::unit::Size;

use crate::content::PictureFormat;
use crate::fitting::{Fitter, Picture};
use crate::limits::Limits;
use crate::refusal;
use crate::structure::{self, Flaw};

/// A decoded picture, not yet turned.
pub(crate) struct Still {
    image: DynamicImage,
    orientation: Orientation,
    format: PictureFormat,
}

impl Still {
    /// Decodes a whole picture file; of an animation, its first picture.
    pub(crate) fn open(
        path: &Path,
        format: PictureFormat,
        limits: &Limits,
    ) -> Result<Self, MediaError> {
        let what = format.title();
        let file = File::open(path).map_err(|error| refusal::io(&error))?;
        let length = file.metadata().map_err(|error| refusal::io(&error))?.len();
        if length > limits.max_picture_bytes() {
            let reason = format!("the {what} is too large a file: {length} bytes");
            return Err(MediaError::new(MediaFault::TooLarge, reason));
        }
        let mut file = BufReader::new(file);
        whole(&mut file, format)?;
        file.rewind().map_err(|error| refusal::io(&error))?;

        let mut reader = ImageReader::with_format(file, format.image());
        let mut memory = image::Limits::default();
        memory.max_alloc = Some(limits.max_picture_memory());
        reader.limits(memory);
        let broken = |error| refusal::image(what, &error);
        let mut decoder = reader.into_decoder().map_err(broken)?;
        let (width, height) = decoder.dimensions();
        limits.check(u64::from(width), u64::from(height))?;
        // A picture with damaged EXIF is shown as it lies.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        let image = DynamicImage::from_decoder(decoder).map_err(broken)?;
        let image = match image {
            image @ (DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_)) => image,
            image if image.color().has_alpha() => image.into_rgba8().into(),
            image => image.into_rgb8().into(),
        };
        Ok(Self { image, orientation, format })
    }

    pub(crate) fn info(&self) -> Result<MediaInfo, MediaError> {
        let (mut width, mut height) = (self.image.width(), self.image.height());
        if turned(self.orientation) {
            (width, height) = (height, width);
        }
        let size =
            Size::new(width, height).map_err(|e| MediaError::new(MediaFault::TooLarge, e))?;
        Ok(MediaInfo {
            kind: MediaKind::Still,
            format: self.format.short().into(),
            size,
            duration: None,
            fps: None,
            loops: Some(1),
        })
    }

    /// The picture on a canvas. It is turned when it is already small.
    pub(crate) fn onto(&self, canvas: Size, fit: Fit) -> Result<Frame, MediaError> {
        let lying = if turned(self.orientation) { flipped(canvas) } else { canvas };
        let mut frame = Frame::new(lying);
        let picture = Picture {
            width: self.image.width() as usize,
            height: self.image.height() as usize,
            channels: usize::from(self.image.color().channel_count()),
            pixels: self.image.as_bytes(),
        };
        Fitter::new(fit, lying).fit(picture, &mut frame)?;
        if self.orientation == Orientation::NoTransforms {
            return Ok(frame);
        }
        let pixels = frame.pixels().to_vec();
        image::RgbImage::from_raw(lying.width(), lying.height(), pixels)
            .map(|lying| {
                let mut image = DynamicImage::ImageRgb8(lying);
                image.apply_orientation(self.orientation);
                image.into_bytes()
            })
            .and_then(|pixels| Frame::from_pixels(canvas, pixels))
            .ok_or_else(|| refusal::damaged(self.format.title(), "its orientation makes no sense"))
    }
}

fn turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The same size lying on its side; both sides are in range as they were.
fn flipped(size: Size) -> Size {
    Size::new(size.height(), size.width()).unwrap_or(size)
}

/// Refuses what its decoder would forgive.
fn whole(file: &mut BufReader<File>, format: PictureFormat) -> Result<(), MediaError> {
    match format {
        PictureFormat::Jpeg => structure::jpeg(file),
        PictureFormat::Png => structure::png(file).map(|_| ()),
        PictureFormat::WebP => structure::riff(file),
        // Their decoders do not forgive it.
        PictureFormat::Bmp | PictureFormat::Gif => Ok(()),
    }
    .map_err(|flaw| refuse(format.title(), flaw))
}

/// The refusal of a flawed file.
pub(crate) fn refuse(what: &str, flaw: Flaw) -> MediaError {
    match flaw {
        Flaw::CutOff => refusal::cut_off(what),
        Flaw::Damaged(why) => refusal::damaged(what, why),
        Flaw::Io(error) => refusal::io(&error),
    }
}
