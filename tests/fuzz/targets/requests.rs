//! Bodies of requests, and what is sent over the WebSocket.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| prismatron_web::read_requests(data));
