//! Whole pictures and animations, through the same probe as an upload. What is none of them would be
//! ffmpeg's to read, and is left out.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use prismatron_core::port::Prober;
use prismatron_media::{Limits, Probe};

const MAGIC: [&[u8]; 6] =
    [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"RIFF"];

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("prismatron-fuzz-{}", std::process::id())));
static PROBE: LazyLock<Probe> = LazyLock::new(|| {
    Probe::new(Limits { max_pixels: 1 << 20, max_animation_pixels: 1 << 22, ..Limits::default() })
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some(magic) = MAGIC.iter().find(|magic| data.starts_with(magic)) else { return };
    if *magic == b"RIFF" && data.get(8..12) != Some(b"WEBP") {
        return;
    }
    if std::fs::write(&*FILE, data).is_ok()
        && let Ok(info) = PROBE.probe(&FILE)
    {
        let _ = PROBE.thumbnail(&FILE, &info);
    }
});
