//! Relay and button, by both of the interfaces that kernels offer lines by.

use prismatron_tests::api::Api;
use prismatron_tests::ddp::Display;
use prismatron_tests::guide;
use prismatron_tests::qemu::{Cabinet, Sensors, Set};
use serde_json::Value;

use crate::{LEDS, play, start, wait_until};

/// For how long the relay is off at least, in seconds.
const OFF: f64 = 2.0;

#[test]
fn relay_and_button_work_by_character_devices() {
    let cabinet = Cabinet::new(&["relay", "button", "lamp"], Sensors::None);
    cabinet.pull("button", true);
    let probed = cabinet.shell("prismatron board probe");
    for told in ["lines by character devices", "gpiochip0 (cabinet): 3 lines", "  line 0: relay"] {
        assert!(probed.contains(told), "{told}: {probed}");
    }
    relay_and_button_are_tried_by_hand(&cabinet);
    let mut display = Display::new(LEDS);
    let api = start(
        &cabinet,
        &mut display,
        r#"supply: (line: (chip: "gpiochip0", line: Name("relay")), off_at_least_ms: 2000),
        button: (line: (chip: "cabinet", line: Offset(1), active: Low)),
        lamp: (chip: "cabinet", line: Name("lamp"))"#,
    );
    wait_until("the lamp lit", || cabinet.is_high("lamp"));
    let probed = cabinet.shell("prismatron board probe");
    assert!(probed.contains("  line 0: relay, taken by prismatron"), "{probed}");
    a_press_shows_the_next_item(&cabinet, &api);
    the_relay_is_off_after_a_kill(&cabinet);
    the_relay_is_off_after_a_stop(&cabinet);
}

#[test]
fn relay_and_button_work_by_sysfs() {
    let cabinet = Cabinet::new(&["relay", "button"], Sensors::None);
    cabinet.pull("button", true);
    // Not what it is pulled to makes it dark, but what drives it: a line stays taken here, whoever ends.
    cabinet.pull("relay", true);
    // As a kernel without character devices.
    cabinet.shell("rm /dev/gpiochip*");
    grant_sysfs(&cabinet);
    let probed = cabinet.shell("prismatron board probe");
    assert!(probed.contains("lines by /sys/class/gpio"), "{probed}");
    let mut display = Display::new(LEDS);
    let api = start(
        &cabinet,
        &mut display,
        r#"supply: (line: (chip: "cabinet", line: Offset(0)), off_at_least_ms: 2000),
        button: (line: (chip: "cabinet", line: Offset(1), active: Low))"#,
    );
    // udev gives a line to the group after it was taken.
    let log = cabinet.shell("journalctl --unit=prismatron.service");
    assert!(!log.contains("cannot be used"), "{log}");
    a_press_shows_the_next_item(&cabinet, &api);
    the_relay_is_off_after_a_kill(&cabinet);
    the_relay_is_off_after_a_stop(&cabinet);
    assert!(!cabinet.is_high("relay"), "it is not kept off");
}

/// By somebody who stands beside them, while the service does not run.
fn relay_and_button_are_tried_by_hand(cabinet: &Cabinet) {
    cabinet.put(
        "/run/try.ron",
        r#"(board: (
            supply: (line: (chip: "cabinet", line: Name("relay"))),
            button: (line: (chip: "cabinet", line: Name("button"), active: Low)),
        ))"#,
    );
    cabinet.shell("prismatron board test relay --config /run/try.ron");
    let [.., on, off] = &cabinet.sets("relay")[..] else { panic!("it is not switched") };
    assert!(on.is_high && !off.is_high && off.at - on.at >= 3.0, "{on:?} {off:?}");

    cabinet.shell("prismatron board test button --config /run/try.ron >/run/tried 2>&1 &");
    cabinet.wait_until("grep -x 'button: inactive' /run/tried");
    cabinet.pull("button", false);
    cabinet.wait_until("grep -x 'button: active' /run/tried");
    cabinet.pull("button", true);
    cabinet.wait_until("[ $(grep -cx 'button: inactive' /run/tried) = 2 ]");
    cabinet.wait_until("! pgrep -x prismatron");
}

/// As the guide says.
fn grant_sysfs(cabinet: &Cabinet) {
    let hardware = "The cabinet's hardware";
    cabinet
        .put("/run/systemd/system/prismatron.service.d/sysfs.conf", &guide::block(hardware, "ini"));
    cabinet.put("/run/udev/rules.d/61-sysfs.rules", &guide::block(hardware, "udev"));
    cabinet.shell("systemctl daemon-reload && udevadm control --reload");
    cabinet.shell("udevadm trigger --action=add --subsystem-match=gpio --settle");
}

fn a_press_shows_the_next_item(cabinet: &Cabinet, api: &Api) {
    play(api, &["#ff0000", "#00ff00"]);
    let shows = |index: u64| move |status: &Value| status["player"]["item"]["index"] == index;
    api.wait_for("the first item", shows(0));
    cabinet.pull("button", false);
    cabinet.shell("sleep 1");
    cabinet.pull("button", true);
    api.wait_for("the next item", shows(1));
    cabinet.wait_until("grep 'front button.*next item' /var/lib/prismatron/logs/audit*");
}

/// The service is killed as by the kernel's own hand, and only its unit is left to do something.
fn the_relay_is_off_after_a_kill(cabinet: &Cabinet) {
    wait_until("the supply on", || cabinet.sets("relay").last().unwrap().is_high);
    let before = cabinet.sets("relay");
    cabinet.shell("kill -KILL $(systemctl show --property=MainPID --value prismatron.service)");
    wait_until("the supply off", || !cabinet.is_high("relay"));
    cabinet.wait_until("journalctl --unit=prismatron.service | grep 'the LEDs’ supply is off'");
    // Started again it has the light back, and not too soon for the supply.
    wait_until("the supply on again", || cabinet.sets("relay").last().unwrap().is_high);
    let since = cabinet.sets("relay").split_off(before.len());
    let off = since.iter().find(|set| !set.is_high).unwrap();
    let on: Vec<&Set> = since.iter().filter(|set| set.is_high).collect();
    let [on] = on[..] else { panic!("not once on: {since:?}") };
    assert!(on.at - off.at >= OFF, "{since:?}");
}

fn the_relay_is_off_after_a_stop(cabinet: &Cabinet) {
    cabinet.wait_until("systemctl is-active --quiet prismatron.service");
    cabinet.shell("systemctl stop prismatron.service");
    assert!(!cabinet.sets("relay").last().unwrap().is_high);
}
