//! Stills of every format: known colours, orientation, fit, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends there")]

mod stage;

use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, RgbaImage};
use prismatron_core::media::{Fit, MediaKind};
use prismatron_core::port::{MediaFault, Prober};
use prismatron_media::{Limits, Probe};
use stage::{BLUE, GREEN, RED, Stage, middle, near, pixel, probe, size, still};

const FORMATS: [(ImageFormat, &str); 5] = [
    (ImageFormat::Png, "png"),
    (ImageFormat::Jpeg, "jpeg"),
    (ImageFormat::WebP, "webp"),
    (ImageFormat::Bmp, "bmp"),
    (ImageFormat::Gif, "gif"),
];

/// Red on the left, blue on the right.
fn halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| Rgb(if x < width / 2 { RED } else { BLUE }))
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    // GIF is written from four channels only.
    let image = DynamicImage::from(image.clone());
    let image = if format == ImageFormat::Gif { image.to_rgba8().into() } else { image };
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn every_format_shows_its_colours() {
    let stage = Stage::new();
    for (format, short) in FORMATS {
        // Names say nothing.
        let path = stage.write(&format!("{short}.txt"), &encoded(&halves(64, 32), format));
        let info = probe(&path).unwrap();
        assert_eq!((info.kind, &*info.format, info.size), (MediaKind::Still, short, size(64, 32)));
        assert_eq!((info.duration, info.loops), (None, Some(1)));
        let frame = still(&path, size(32, 16), Fit::Cover);
        assert!(near(pixel(&frame, 4, 8), RED, 3), "{short} {:?}", pixel(&frame, 4, 8));
        assert!(near(pixel(&frame, 28, 8), BLUE, 3), "{short} {:?}", pixel(&frame, 28, 8));
    }
}

#[test]
fn fits() {
    let stage = Stage::new();
    let path = stage.write("x", &encoded(&halves(80, 20), ImageFormat::Png));
    let contain = still(&path, size(20, 20), Fit::Contain);
    assert_eq!((pixel(&contain, 2, 2), pixel(&contain, 2, 10)), ([0; 3], RED));
    let cover = still(&path, size(20, 20), Fit::Cover);
    assert_eq!((pixel(&cover, 2, 2), pixel(&cover, 17, 17)), (RED, BLUE));
    let stretch = still(&path, size(20, 20), Fit::Stretch);
    assert_eq!((pixel(&stretch, 2, 2), pixel(&stretch, 17, 17)), (RED, BLUE));
}

#[test]
fn transparency_is_black() {
    let stage = Stage::new();
    let clear = RgbaImage::from_pixel(8, 8, image::Rgba([255, 255, 255, 0]));
    let path = stage.path("x");
    clear.save_with_format(&path, ImageFormat::Png).unwrap();
    assert_eq!(middle(&still(&path, size(4, 4), Fit::Cover)), [0; 3]);
}

#[test]
fn sixteen_bits_and_grey() {
    let stage = Stage::new();
    let path = stage.path("deep");
    let deep = image::ImageBuffer::from_pixel(8, 8, Rgb([65535u16, 32896, 0]));
    DynamicImage::ImageRgb16(deep).save_with_format(&path, ImageFormat::Png).unwrap();
    assert_eq!(middle(&still(&path, size(4, 4), Fit::Cover)), [255, 128, 0]);
    let path = stage.path("grey");
    let grey = image::GrayImage::from_pixel(8, 8, image::Luma([77]));
    grey.save_with_format(&path, ImageFormat::Png).unwrap();
    assert_eq!(middle(&still(&path, size(4, 4), Fit::Cover)), [77; 3]);
}

/// A JPEG with an EXIF segment that has nothing but an orientation.
fn oriented(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let jpeg = encoded(image, ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend((exif.len() as u16 + 2).to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

#[test]
fn exif_orientation_is_followed() {
    let stage = Stage::new();
    // The red half is stored on the left; by orientation it is seen on one of the four sides.
    let top = (16, 4);
    for (orientation, red, turned) in [
        (1, (4, 16), false),
        (2, (28, 16), false),
        (3, (28, 16), false),
        (4, (4, 16), false),
        (5, top, true),
        (6, top, true),
        (7, (16, 28), true),
        (8, (16, 28), true),
    ] {
        let bytes = oriented(&halves(64, 48), orientation);
        let path = stage.write(&format!("{orientation}.jpg"), &bytes);
        let expected = if turned { size(48, 64) } else { size(64, 48) };
        assert_eq!(probe(&path).unwrap().size, expected, "{orientation}");
        for fit in [Fit::Cover, Fit::Stretch] {
            let frame = still(&path, size(32, 32), fit);
            let seen = pixel(&frame, red.0, red.1);
            assert!(near(seen, RED, 4), "{orientation} {fit:?} {seen:?}");
            let seen = pixel(&frame, 31 - red.0, 31 - red.1);
            assert!(near(seen, BLUE, 4), "{orientation} {fit:?} {seen:?}");
        }
    }
}

#[test]
fn what_is_cut_off_is_refused() {
    let stage = Stage::new();
    let noisy =
        RgbImage::from_fn(90, 70, |x, y| Rgb([(x * 7) as u8, (y * 3) as u8, (x * y) as u8]));
    for (format, short) in FORMATS {
        let whole = stage.write(short, &encoded(&noisy, format));
        probe(&whole).unwrap();
        for keep in [0.1, 0.5, 0.9, 0.99] {
            let refused = probe(&stage.cut(&whole, keep)).unwrap_err();
            assert_eq!(refused.fault, MediaFault::Broken, "{short} {keep} {refused}");
            assert!(refused.reason.len() > 10, "{short} {keep} {refused}");
        }
    }
}

#[test]
fn damage_is_refused() {
    let stage = Stage::new();
    let mut bytes = encoded(&halves(64, 64), ImageFormat::Png);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    let refused = probe(&stage.write("x.png", &bytes)).unwrap_err();
    assert_eq!(refused.fault, MediaFault::Broken, "{refused}");
}

fn bomb() -> Vec<u8> {
    // A PNG of 60000×60000: header and end are whole, the data are next to nothing.
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = 60000u32.to_be_bytes().repeat(2);
    header.extend([8, 2, 0, 0, 0]);
    for (kind, data) in [(b"IHDR", &header[..]), (b"IDAT", b"\x78\x01"), (b"IEND", b"")] {
        bytes.extend((data.len() as u32).to_be_bytes());
        let start = bytes.len();
        bytes.extend(kind);
        bytes.extend(data);
        let crc = crc(&bytes[start..]);
        bytes.extend(crc.to_be_bytes());
    }
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ (0xedb8_8320 * (crc & 1)))
    })
}

#[test]
fn bombs_are_refused() {
    let stage = Stage::new();
    let refused = probe(&stage.write("bomb.png", &bomb())).unwrap_err();
    assert_eq!(refused.fault, MediaFault::TooLarge, "{refused}");

    let path = stage.write("x.png", &encoded(&halves(100, 100), ImageFormat::Png));
    let tight = Probe::new(Limits { max_pixels: 9999, ..Limits::default() });
    let refused = tight.probe(&path).unwrap_err();
    assert_eq!(refused.fault, MediaFault::TooLarge);
    assert!(refused.reason.contains("100×100") && refused.reason.contains("9999"), "{refused}");
}

#[test]
fn what_is_no_media_is_refused() {
    let stage = Stage::new();
    let fault = |name: &str, bytes: &[u8]| {
        let refused = probe(&stage.write(name, bytes)).unwrap_err();
        assert!(refused.reason.len() > 10, "{refused}");
        refused.fault
    };
    assert_eq!(fault("empty.png", b""), MediaFault::Broken);
    assert_eq!(fault("note.mp4", b"Dear diary, this is only text.\n"), MediaFault::Broken);
    assert_eq!(fault("note.txt", b"Dear diary, this is only text.\n"), MediaFault::Unsupported);
    assert_eq!(fault("x.png", b"#!/bin/sh\necho hello\n"), MediaFault::Unsupported);
    assert_eq!(
        fault("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        MediaFault::Unsupported
    );
    assert_eq!(fault("x.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), MediaFault::Unsupported);
    assert_eq!(fault("x.tiff", b"II*\0\x08\0\0\0\0\0\0\0"), MediaFault::Unsupported);
    let missing = probe(Path::new("/nowhere/at/all.png")).unwrap_err();
    assert_eq!(missing.fault, MediaFault::Missing);
}

#[test]
fn a_play_list_cannot_make_ffmpeg_read_other_files() {
    let stage = Stage::new();
    let secret = stage.ffmpeg(&["-f", "lavfi", "-i", "color=red:s=64x64:d=1"], "secret.ts");
    let list = format!(
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
        secret.display()
    );
    let refused = probe(&stage.write("list.mp4", list.as_bytes())).unwrap_err();
    assert_eq!(refused.fault, MediaFault::Unsupported, "{refused}");
    let list = format!("ffconcat version 1.0\nfile '{}'\n", secret.display());
    let refused = probe(&stage.write("concat.mp4", list.as_bytes())).unwrap_err();
    assert_eq!(refused.fault, MediaFault::Unsupported, "{refused}");
}

#[test]
fn thumbnails_are_small_jpegs() {
    let stage = Stage::new();
    let path = stage.write("x", &oriented(&halves(1200, 400), 6));
    let info = probe(&path).unwrap();
    let jpeg = Probe::new(Limits::default()).thumbnail(&path, &info).unwrap();
    let thumbnail =
        image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).unwrap().to_rgb8();
    assert_eq!(thumbnail.dimensions(), (64, 192));
    assert!(near(thumbnail.get_pixel(32, 20).0, RED, 6));
    assert!(near(thumbnail.get_pixel(32, 170).0, BLUE, 6));
    assert!(!near(thumbnail.get_pixel(32, 20).0, GREEN, 6));
}
