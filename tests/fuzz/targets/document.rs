//! A stored playlist, as a power cut or somebody's editor may leave it.
#![no_main]

use prismatron_core::playlist::Playlist;
use prismatron_store::document::{Format, decode, encode};

const FORMAT: Format = Format { kind: "playlist", version: 1 };

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = decode::<Playlist>(FORMAT, data);
    // What passes its checksum must decode or be refused as well: wrap the bytes in a good header.
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(playlist) = ron::from_str::<Playlist>(text) {
        let Ok(bytes) = encode(FORMAT, &playlist) else { return };
        assert!(decode::<Playlist>(FORMAT, &bytes).is_ok(), "what was written reads");
    }
});
