//! Headers that are read by hand: uploads' metadata and checksums, ranges, cookies.
#![no_main]

use prismatron_web::{access::cookie, range, tus};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = tus::metadata(data);
    let _ = tus::checksum(data);
    for length in [0, 1, 1000, u64::MAX] {
        let _ = range::part(data, length);
    }
    if let Ok(line) = std::str::from_utf8(data) {
        cookie::find(line, "prismatron_session").for_each(drop);
    }
});
