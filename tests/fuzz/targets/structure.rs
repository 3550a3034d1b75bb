//! How picture and video files are put together.
#![no_main]

use std::io::Cursor;

use prismatron_media::{structure, video::Facts};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = structure::jpeg(Cursor::new(data));
    let _ = structure::png(Cursor::new(data));
    let _ = structure::riff(Cursor::new(data));
    let _ = structure::boxes(Cursor::new(data));
    let _ = structure::matroska(Cursor::new(data));
    let _ = Facts::parse(data);
});
