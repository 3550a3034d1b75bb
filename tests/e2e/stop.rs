//! The stop: black on the wall, exit 0, whatever a peer does.

use std::io::Write;
use std::time::{Duration, Instant};

use prismatron_tests::appliance::{Appliance, Start};
use prismatron_tests::ddp::Display;
use serde_json::json;

use crate::{LEDS, is_primary, small_wall, solid};

/// What was promised; not a measurement but a limit the program holds by itself.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

fn stops_black(signal: &str) {
    let mut display = Display::new(LEDS);
    let outputs =
        format!("(hosts: [{:?}]), (name: \"x\", hosts: [\"no-such.invalid\"])", display.address());
    let mut appliance = Appliance::start(&Start::with(small_wall(&outputs)));
    appliance.play(&json!([solid("#ff0000", 3600.0)]));
    display.wait_for("red", |shown| is_primary(shown.rgb(0), 0));

    // Peers that will not let go: half a request, half a body, a socket that is never read.
    let mut half = appliance.connect();
    half.write_all(b"GET /api/status HTTP/1.1\r\nHost: x\r\n").unwrap();
    let mut body = appliance.connect();
    let head = format!(
        "POST /api/playlists HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{",
        appliance.address(),
        appliance.token,
    );
    body.write_all(head.as_bytes()).unwrap();
    let request = tungstenite::http::Request::builder()
        .uri(format!("ws://{}/api/events", appliance.address()))
        .header("Host", appliance.address())
        .header("Authorization", format!("Bearer {}", appliance.token))
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", tungstenite::handshake::client::generate_key())
        .body(())
        .unwrap();
    let (mut events, _) = tungstenite::client(request, appliance.connect()).unwrap();
    events.send(tungstenite::Message::text(r#"{"type":"preview","fps":30}"#)).unwrap();

    let asked = Instant::now();
    appliance.signal(signal);
    let status = appliance.wait();
    assert!(status.success(), "{status}");
    assert!(asked.elapsed() < STOPS_WITHIN, "{:?}", asked.elapsed());
    let mut last = None;
    while let Some(shown) = display.next(Duration::from_millis(200)) {
        last = Some(shown);
    }
    assert!(last.expect("a last picture").is_black());
}

#[test]
fn sigterm_leaves_the_wall_black() {
    stops_black("-TERM");
}

#[test]
fn ctrl_c_leaves_the_wall_black() {
    stops_black("-INT");
}
