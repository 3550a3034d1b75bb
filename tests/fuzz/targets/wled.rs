//! What a controller answers, and how it is named.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(info) = prismatron_output::wled::Info::parse(data) {
        let _ = info.describe();
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(host) = text.parse::<prismatron_output::Host>()
    {
        let _ = (host.name(), host.port(4048), host.literal());
    }
});
