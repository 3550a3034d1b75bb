//! Sensors on both kinds of I2C bus.

use prismatron_tests::ddp::Display;
use prismatron_tests::qemu::{Cabinet, Sensors};

use crate::{LEDS, play, start, wait_until};

const VEML7700: u8 = 0x10;
const BH1750: u8 = 0x23;
const INA219: u8 = 0x41;
const INA226: u8 = 0x40;

const ALL: [u8; 4] = [VEML7700, BH1750, INA219, INA226];

#[test]
fn sensors_are_found_and_followed_by_smbus() {
    sensors_are_found_and_followed(Sensors::Smbus(&ALL));
}

#[test]
fn sensors_are_found_and_followed_by_messages() {
    sensors_are_found_and_followed(Sensors::Messages(&ALL));
}

fn sensors_are_found_and_followed(sensors: Sensors<'_>) {
    let cabinet = Cabinet::new(&["relay"], sensors);
    // As they are after power-on: the maker of the one, the configuration of the other.
    cabinet.hold(INA226, 0xfe, [0x54, 0x49]);
    cabinet.hold(INA219, 0x00, [0x39, 0x9f]);
    let probed = cabinet.shell("prismatron board probe");
    for told in [
        "0x10: VEML7700 light sensor",
        "0x23: BH1750 light sensor",
        "0x40: INA226 current sensor",
        "0x41: INA219 current sensor",
    ] {
        assert!(probed.contains(told), "{told}: {probed}");
    }
    each_is_measured(&cabinet);

    // 1,000 steps of a VEML7700 at this gain are 538 lx.
    let mut display = Display::new(LEDS);
    let api = start(
        &cabinet,
        &mut display,
        r#"supply: (line: (chip: "cabinet", line: Offset(0)), off_at_least_ms: 100),
        light: (sensor: Veml7700, bus: 0, curve: [(0, 0), (500, 1)], fade_seconds: 1),
        current: (sensor: Ina226, bus: 0, address: 0x40, shunt_milliohms: 2, trip: 20000)"#,
    );
    play(&api, &["#ffffff"]);
    cabinet.hold(VEML7700, 0x04, [0, 0]);
    display.wait_for("dark without light around", |shown| shown.is_black());
    cabinet.hold(VEML7700, 0x04, 1000_u16.to_le_bytes());
    display.wait_for("light with light around", |shown| !shown.is_black());

    // 2.5 µV a step over 2 mΩ: 800 are an ampere.
    assert!(cabinet.is_high("relay"));
    cabinet.hold(INA226, 0x01, (21 * 800_u16).to_be_bytes());
    wait_until("the supply off", || !cabinet.sets("relay").last().unwrap().is_high);
    api.wait_for("the finding", |status| {
        status["health"]["findings"].to_string().contains("the LEDs drew 21")
    });
    assert!(!cabinet.is_high("relay"));
}

/// What was set up before, and what it comes to, as somebody tries it by hand.
fn each_is_measured(cabinet: &Cabinet) {
    let config = "/run/try.ron";
    let measured = |board: &str| {
        cabinet.put(config, &format!("(board: ({board}))"));
        cabinet.shell(&format!("prismatron board test light --config {config}"))
    };
    cabinet.hold(VEML7700, 0x04, 1000_u16.to_le_bytes());
    cabinet.hold(INA226, 0x01, 1600_u16.to_be_bytes());
    let said = measured(
        "light: (sensor: Veml7700, bus: 0),
        current: (sensor: Ina226, bus: 0, address: 0x40, shunt_milliohms: 2)",
    );
    assert!(said.contains("537.6 lx around") && said.contains("the LEDs draw 2000 mA"), "{said}");
    // Gain 1/8, on, 100 ms; and averages over 64 measurements.
    assert_eq!(cabinet.held(VEML7700, 0x00), [0x00, 0x10]);
    assert_eq!(cabinet.held(INA226, 0x00), [0x46, 0x1f]);

    // A BH1750 has commands, not registers: what it has measured follows the one that was given last.
    cabinet.hold(BH1750, 0x10, 1200_u16.to_be_bytes());
    // 10 µV a step.
    cabinet.hold(INA219, 0x01, 400_u16.to_be_bytes());
    let said = measured(
        "light: (sensor: Bh1750, bus: 0),
        current: (sensor: Ina219, bus: 0, address: 0x41, shunt_milliohms: 2)",
    );
    assert!(said.contains("1000.0 lx around") && said.contains("the LEDs draw 2000 mA"), "{said}");
}
