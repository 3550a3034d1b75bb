//! Light on the wire: three protocols, one of them heard by somebody else's library.

use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use prismatron_tests::appliance::{Appliance, PATIENCE, Start};
use prismatron_tests::artnet::Node;
use prismatron_tests::ddp::Display;
use serde_json::{Value, json};

use crate::{LEDS, is_primary, small_wall, solid};

#[test]
fn artnet_carries_each_led_in_its_universe_and_order() {
    let mut node = Node::default();
    // 20 × 20 LEDs: 400 LEDs are three universes of 170, 170 and 60.
    let config = format!(
        "(layout: (pieces: [Matrix(columns: 20, rows: 20)]), outputs: [(hosts: [{:?}],
            protocol: ArtNet(universe: 5, sync: true), colour_order: Grb)])",
        node.address()
    );
    let appliance = Appliance::start(&Start::with(config));
    appliance.play(&json!([solid("#ff0000", 3600.0)]));
    loop {
        let universes = node.next(PATIENCE).expect("ArtSync");
        let lengths: Vec<_> = universes.iter().map(|(u, data)| (*u, data.len())).collect();
        assert_eq!(lengths, [(5, 510), (6, 510), (7, 180)]);
        let data: Vec<u8> = universes.into_values().flatten().collect();
        if data.chunks(3).all(|led| led == [0, 255, 0]) {
            break;
        }
    }
}

#[test]
fn e131_is_understood_by_somebody_elses_receiver() {
    let port = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let python = std::env::var("PRISMATRON_TEST_CACHE")
        .map_or_else(|_| "python3".into(), |cache| format!("{cache}/venv/bin/python"));
    let mut receiver = Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e/sacn_receiver.py"))
        .args([port.to_string(), "7".into(), "8".into()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("python with sacn: run tests/run e2e");
    let mut lines = BufReader::new(receiver.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert_eq!(lines.next().as_deref(), Some("listening"));

    let config = format!(
        "(layout: (pieces: [Matrix(columns: 20, rows: 10)]), outputs: [(hosts: [\"127.0.0.1:{port}\"],
            protocol: Sacn(universe: 7, priority: 150))])"
    );
    let appliance = Appliance::start(&Start::with(config));
    appliance.play(&json!([solid("#0000ff", 3600.0)]));
    let mut seen = [false; 2];
    for line in lines {
        let packet: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(packet["priority"], 150);
        let index = (packet["universe"].as_u64().unwrap() - 7) as usize;
        let data: Vec<u8> = serde_json::from_value(packet["data"].clone()).unwrap();
        let leds = [170, 30][index];
        seen[index] |= data[..leds * 3].chunks(3).all(|led| led == [0, 0, 255]);
        if seen == [true; 2] {
            break;
        }
    }
    receiver.kill().unwrap();
    receiver.wait().unwrap();
    assert_eq!(seen, [true; 2]);
    drop(appliance);
}

#[test]
fn each_output_has_its_own_leds_and_a_dead_one_delays_nobody() {
    let mut left = Display::new(32);
    let mut right = Display::new(32);
    let outputs = format!(
        "(name: \"left\", hosts: [{:?}], leds: (first: 0, count: 32)),
         (name: \"nobody\", hosts: [\"no-such-controller.invalid\"]),
         (name: \"dead\", hosts: [\"127.0.0.1:9\"]),
         (name: \"right\", hosts: [{:?}], leds: (first: 32, count: 32))",
        left.address(),
        right.address(),
    );
    let appliance = Appliance::start(&Start::with(small_wall(&outputs)));
    appliance.play(&json!([solid("#ff0000", 3600.0)]));
    for display in [&mut left, &mut right] {
        display.wait_for("red", |shown| (0..32).all(|led| is_primary(shown.rgb(led), 0)));
    }
    let status = appliance.wait_for("a finding about the unknown host", |status| {
        status["outputs"]
            .as_array()
            .unwrap()
            .iter()
            .any(|o| o["name"] == "nobody" && o["state"] != "sending")
    });
    assert_eq!(status["player"]["mode"], "playing");
}

#[test]
fn a_still_picture_is_sent_again() {
    let mut display = Display::new(LEDS);
    let start = Start::with(small_wall(&format!("(hosts: [{:?}])", display.address())));
    let appliance = Appliance::start(&start);
    appliance.play(&json!([solid("#00ff00", 3600.0)]));
    let first = display.wait_for("green", |shown| is_primary(shown.rgb(0), 1));
    for _ in 0..3 {
        let again = display.next(Duration::from_secs(5)).expect("kept alive");
        assert_eq!(again.data, first.data);
    }
}

#[test]
fn the_power_limit_has_the_last_word() {
    let mut display = Display::new(LEDS);
    // 64 LEDs of 60 mA at full white would draw 3,840 mA.
    let start = Start::with(small_wall(&format!(
        "(hosts: [{:?}], power: (per_led: 60, budget: 960))",
        display.address()
    )));
    let appliance = Appliance::start(&start);
    appliance.play(&json!([solid("#ffffff", 3600.0)]));
    let shown =
        display.wait_for("white", |shown| shown.rgb(0)[0] > 0 && shown.rgb(0) == shown.rgb(63));
    let drawn: f64 = shown.data.iter().map(|&v| f64::from(v) / 255.0 * 20.0).sum();
    assert!(drawn <= 960.0, "{drawn} mA");
    assert!(drawn > 900.0, "{drawn} mA of 960");
    appliance.wait_for("the output says that it is limited", |status| {
        status["outputs"][0]["limited"] == true
    });
}

#[test]
fn brightness_gain_and_outputs_change_while_it_plays() {
    let mut display = Display::new(LEDS);
    let start = Start::with(small_wall(&format!("(hosts: [{:?}])", display.address())));
    let appliance = Appliance::start(&start);
    appliance.play(&json!([solid("#ffffff", 3600.0)]));
    display.wait_for("white", |shown| shown.rgb(0) == [255; 3]);
    appliance.send("PATCH", "/api/settings", &json!({"brightness": 0.5, "gain": [1.0, 0.5, 0.0]}));
    display.wait_for("half, less green, no blue", |shown| {
        let [r, g, b] = shown.rgb(0);
        (127..=128).contains(&r) && (63..=65).contains(&g) && b == 0
    });
    let mut other = Display::new(LEDS);
    appliance.send(
        "PUT",
        "/api/outputs",
        &json!({"outputs": [{"name": "other", "hosts": [other.address()]}]}),
    );
    other.wait_for("the same", |shown| shown.rgb(0)[0] > 100);
}
