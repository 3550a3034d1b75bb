//! A configuration written by hand.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    match prismatron_store::config::parse(text) {
        Ok(draft) => {
            if let Some(layout) = draft.layout
                && let Ok(layout) = layout.settle(std::path::Path::new("/nonexistent"))
                && let Ok(wall) = layout.resolve()
            {
                assert!(wall.detail().area() <= wall.canvas.area());
            }
        }
        Err(mistake) => assert!(mistake.line >= 1 && mistake.column >= 1),
    }
});
