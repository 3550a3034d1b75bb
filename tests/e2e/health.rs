//! The health of the running program: what it says while something is wrong, and once it is not any more.

use std::fs;
use std::time::Instant;

use prismatron_tests::appliance::{Appliance, PATIENCE, Start};
use prismatron_tests::ddp::Display;
use prismatron_tests::systemd::NotifySocket;
use serde_json::{Value, json};

use crate::{LEDS, is_primary, small_wall, solid};

/// What anyone is told, once it says this.
fn wait_for(appliance: &Appliance, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let health = appliance.get("/api/health");
        if is_so(&health) {
            return health;
        }
        assert!(Instant::now() < until, "never {what}: {health:#}\n{}", appliance.log());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

fn recovery(status: &Value, kind: &str) -> (u64, u64) {
    let all = status["health"]["recoveries"].as_array().unwrap();
    let one = all.iter().find(|recovery| recovery["kind"] == kind).unwrap();
    (one["tried"].as_u64().unwrap(), one["succeeded"].as_u64().unwrap())
}

#[test]
fn a_controller_that_goes_is_told_and_so_is_its_return() {
    let (only, first, spare) = (Display::new(LEDS), Display::new(LEDS), Display::new(LEDS));
    let (at, first_at) = (only.address(), first.address());
    let alone = format!("(name: \"alone\", hosts: [{at:?}])");
    let config = small_wall(&format!(
        "{alone}, (name: \"pair\", hosts: [{first_at:?}, {:?}])",
        spare.address()
    ));
    let appliance = Appliance::start(&Start::with(config));
    appliance.play(&json!([solid("#ff0000", 3600.0)]));
    // What this machine says of itself is its own affair, but that it does must be seen.
    let well = wait_for(&appliance, "well", |health| {
        health["checks"]["outputs"] == "ok" && health["checked_seconds_ago"].is_u64()
    });
    assert_eq!(well["checks"]["player"], "ok");
    assert_ne!(well["checks"]["storage"], "unknown");
    assert_ne!(well["checks"]["memory"], "unknown");

    drop(first);
    appliance.wait_for("the other host", |status| recovery(status, "next_host") == (1, 1));
    wait_for(&appliance, "well by the other host", |health| health["checks"]["outputs"] == "ok");
    drop(only);
    wait_for(&appliance, "degraded", |health| {
        health["status"] == "degraded" && health["checks"]["outputs"] == "degraded"
    });
    let status = appliance.get("/api/status");
    let mut findings = status["health"]["findings"].as_array().unwrap().clone();
    findings.retain(|finding| finding["check"] == "outputs");
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(findings[0]["subject"], "output “alone”");
    assert!(findings[0]["since"].as_str().unwrap().ends_with('Z'), "{findings:#?}");

    let mut back = Display::at(&at, LEDS);
    back.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
    wait_for(&appliance, "well again", |health| health["checks"]["outputs"] == "ok");
}

#[test]
fn media_that_cannot_be_decoded_are_counted_and_named() {
    let display = Display::new(LEDS);
    let config = small_wall(&format!("(hosts: [{:?}])", display.address()));
    let appliance = Appliance::start(&Start::with(config));
    let listed = || appliance.get("/api/media")["media"].as_array().unwrap().clone();
    appliance.wait_for("what is shipped", |_| listed().len() == 2);
    let media = listed()[0]["id"].as_str().unwrap().to_owned();
    for file in fs::read_dir(appliance.data_dir().join("media")).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        if name.starts_with(&media) && !name.ends_with(".ron") {
            fs::write(file.path(), b"this is no picture any more").unwrap();
        }
    }
    let item = json!({"content": {"type": "media", "media": media}, "duration_seconds": 0.5});
    appliance.play(&json!([solid("#ff0000", 0.5), item]));
    let status = appliance.wait_for("a finding", |status| {
        let found = status["health"]["findings"].as_array().unwrap();
        found.iter().any(|found| found["check"] == "decoders")
    });
    let checks = status["health"]["checks"].as_array().unwrap();
    let decoders = checks.iter().find(|check| check["check"] == "decoders").unwrap();
    assert_eq!(decoders["state"], "degraded");
    assert!(!decoders["detail"].as_str().unwrap().starts_with("0 "), "{decoders}");
    let health = wait_for(&appliance, "degraded", |health| health["status"] == "degraded");
    assert_eq!(health["checks"]["decoders"], "degraded");
}

#[test]
fn after_two_crashes_the_settings_that_last_worked_bring_the_light_back() {
    let socket = NotifySocket::new();
    let mut display = Display::new(LEDS);
    let config = small_wall(&format!("(hosts: [{:?}])", display.address()));
    let start = || Start { env: socket.env(), ..Start::with(config.clone()) };
    let mut appliance = Appliance::start(&start());
    appliance.play(&json!([solid("#ff0000", 3600.0)]));
    display.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
    appliance.signal("-TERM");
    assert!(appliance.wait().success(), "the run in which all was well");

    let mut appliance = Appliance::start_in(appliance.folder(), &start());
    appliance.play(&json!([solid("#0000ff", 3600.0)]));
    appliance.send("PUT", "/api/outputs", &json!({"outputs": []}));
    appliance.send("PATCH", "/api/settings", &json!({"brightness": 0.1}));
    for _ in 0..2 {
        appliance.signal("-KILL");
        appliance.wait();
        appliance = Appliance::start_in(appliance.folder(), &start());
    }
    let cause = appliance.get("/api/safe-mode");
    assert!(cause["reason"].as_str().unwrap().contains("2 times"), "{cause:#}");
    assert_eq!(
        cause["last_worked"]["differs"],
        json!(["outputs", "colours", "playlist"]),
        "{cause:#}"
    );
    let restarted = Instant::now();
    assert_eq!(appliance.call("POST", "/api/safe-mode/restore", None).0, 204);
    display.wait_for("red as before", |shown| shown.at > restarted && is_primary(shown.rgb(0), 0));
    let status = appliance.get("/api/status");
    assert!(status["safe_mode"].is_null(), "{status:#}");
    let replaced = appliance.data_dir().join("playlists/settings-replaced.ron");
    assert!(fs::read_to_string(replaced).unwrap().contains("brightness"), "nothing is lost");
    assert_eq!(appliance.call("POST", "/api/safe-mode/restore", None).0, 404);
}
