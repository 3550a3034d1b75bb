//! Lists of LEDs from other programs.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    for leds in [prismatron_store::config::parse_csv(text), prismatron_store::config::parse_ron(text)] {
        for led in leds.unwrap_or_default() {
            assert!(led.centre.0.is_finite() && led.centre.1.is_finite());
        }
    }
});
