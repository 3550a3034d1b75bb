//! The setup file of an appliance, written by anyone who had its disk in hand.
#![no_main]

use prismatron_store::config::Setup;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match Setup::parse(text) {
        Ok(setup) => {
            let told = setup.for_display().unwrap();
            assert_eq!(Setup::parse(&told).unwrap().outputs(), setup.outputs());
        }
        Err(mistake) => assert!(mistake.line >= 1 && mistake.column >= 1),
    }
});
