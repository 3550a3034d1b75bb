//! The appliance's own hardware on a machine that has none of it: no reason not to play, and said what to look at.

use std::process::Command;

use prismatron_tests::appliance::{Appliance, Start, binary};

const BOARD: &str = r#"(
    layout: (pieces: [Matrix(columns: 4, rows: 2)]),
    outputs: [(protocol: Spi(chip: Ws2812), hosts: ["spidev97.0"], colour_order: Grb)],
    board: (
        supply: (line: (chip: "gpiochip97", line: Offset(1)), off_at_least_ms: 100),
        button: (line: (chip: "gpiochip97", line: Offset(2))),
        light: (sensor: Veml7700, bus: 97),
    ),
)"#;

#[test]
fn devices_that_are_not_there_are_told_and_keep_nothing_from_playing() {
    let appliance = Appliance::start(&Start::with(BOARD));
    let status = appliance.wait_for("all findings", |status| {
        let findings = status["health"]["findings"].as_array().unwrap();
        let hardware = findings.iter().filter(|found| found["check"] == "hardware").count();
        hardware == 3 && status["outputs"][0]["state"] == "failing"
    });
    assert_eq!(status["player"]["mode"], "playing");
    let said = status["health"]["findings"].to_string();
    for subject in ["supply", "button", "light sensor"] {
        assert!(said.contains(&format!("\"{subject}\"")), "{said}");
    }
    assert!(said.contains("/dev/i2c-97 cannot be used") && said.contains("group i2c"), "{said}");
    let strip = status["outputs"][0]["message"].as_str().unwrap();
    assert!(strip.contains("spidev97.0") && strip.contains("device tree"), "{strip}");
    let output = &appliance.get("/api/outputs")["outputs"][0];
    assert_eq!(
        output["protocol"],
        serde_json::json!({"type": "spi", "chip": "ws2812", "clock_khz": null})
    );
}

#[test]
fn what_is_there_is_listed_with_a_configuration_for_it() {
    let probed = Command::new(binary()).args(["board", "probe"]).output().unwrap();
    assert!(probed.status.success());
    let said = String::from_utf8(probed.stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("board.ron");
    std::fs::write(&config, &said[said.find("//").unwrap()..]).unwrap();
    let checked = Command::new(binary()).arg("check-config").arg(&config).status().unwrap();
    assert!(checked.success(), "{said}");
    let relay = ["board", "test", "relay", "--config"];
    let tried = Command::new(binary()).args(relay).arg(&config).output().unwrap();
    assert!(!tried.status.success());
    assert!(String::from_utf8_lossy(&tried.stderr).contains("names no supply"));
}

#[test]
fn a_strip_that_is_not_there_is_tried_in_vain_and_said_what_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("strip.ron");
    std::fs::write(&config, r#"(outputs: [(protocol: Spi(chip: Ws2812), hosts: ["spidev97.0"])])"#)
        .unwrap();
    let strip = ["board", "test", "strip", "--config"];
    let tried = Command::new(binary()).args(strip).arg(&config).output().unwrap();
    assert!(!tried.status.success());
    let said = String::from_utf8_lossy(&tried.stderr);
    assert!(said.contains("spidev97.0") && said.contains("device tree"), "{said}");
}
