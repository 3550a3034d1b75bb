//! Start, stop, crash, restart: when there is light, and when there is none.

use std::time::Duration;

use prismatron_tests::machine::{Ended, Machine};

use crate::{LEDS, UNIT, WALL, is_red, play_red, playing};

#[test]
fn it_starts_at_boot_and_stops_black() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    assert!(machine.exists("/run/prismatron/prismatron.pid"));
    let pid = machine.read("/run/prismatron/prismatron.pid");
    assert_eq!(pid.trim(), machine.show(UNIT, "MainPID"));

    machine.run(&["systemctl", "stop", UNIT]);
    assert_eq!(machine.show(UNIT, "Result"), "success");
    assert_eq!(machine.show(UNIT, "ExecMainStatus"), "0");
    assert!(!machine.exists("/run/prismatron"));
    let mut last = None;
    while let Some(shown) = display.next(Duration::from_millis(200)) {
        last = Some(shown);
    }
    assert!(last.expect("a last picture").is_black());

    machine.run(&["systemctl", "start", UNIT]);
    display.wait_for("red again", is_red);
    machine.run(&["systemctl", "restart", UNIT]);
    display.wait_for("black in between", |shown| shown.is_black());
    display.wait_for("red once more", is_red);

    machine.run(&["systemctl", "poweroff"]);
    assert_eq!(machine.wait_for_end(), Ended::Off);
    machine.boot();
    display.wait_for("red after a power cycle", is_red);
}

#[test]
fn it_is_ready_when_the_first_frame_has_gone_out() {
    let machine = Machine::booted_with(WALL);
    machine.run(&["systemctl", "stop", UNIT]);
    // A controller that the name service does not know yet.
    machine.write("/etc/prismatron/prismatron.ron", &WALL.replace("127.0.0.1", "wall.test"));
    let mut display = machine.display("127.0.0.1", LEDS);
    machine.run(&["systemctl", "start", "--no-block", UNIT]);
    machine.wait_until("the page is served", || machine.journal(UNIT).contains("sign in"));
    assert_eq!(machine.show(UNIT, "ActiveState"), "activating");
    assert!(display.next(Duration::from_millis(1)).is_none());
    machine.write("/etc/hosts", "127.0.0.1 localhost wall.test\n");
    machine.wait_for(UNIT, "ActiveState", "active");
    assert!(display.next(Duration::from_millis(1)).is_some(), "ready, and nothing was sent");
}

#[test]
fn a_crash_leaves_it_dark_for_a_moment_a_second_until_asked_a_third_for_good() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    let crash = || machine.run(&["systemctl", "kill", "--kill-whom=main", "--signal=KILL", UNIT]);
    crash();
    display.wait_for("black after a crash", |shown| shown.is_black());
    display.wait_for("red after a crash", is_red);
    assert_eq!(machine.show(UNIT, "NRestarts"), "1");

    crash();
    display.wait_for("black after the second", |shown| shown.is_black());
    machine.wait_for(UNIT, "NRestarts", "2");
    machine.wait_for(UNIT, "ActiveState", "active");
    let status = machine.in_network(|| api.get("/api/status"));
    assert_eq!(status["player"]["mode"], "stopped", "{status:#}");
    let why = machine.in_network(|| api.get("/api/safe-mode"));
    assert_eq!(status["safe_mode"], why["reason"]);
    assert!(why["reason"].as_str().unwrap().contains("2 times"), "{why:#}");
    let log = why["log"].as_array().unwrap();
    assert!(log.iter().any(|line| line.as_str().unwrap().contains("item on")), "{why:#}");
    let (left, _) = machine.in_network(|| api.call("DELETE", "/api/safe-mode", None));
    assert_eq!(left, 204);
    display.wait_for("red when asked", is_red);

    crash();
    machine.wait_for(UNIT, "ActiveState", "failed");
    let mut last = None;
    while let Some(shown) = display.next(Duration::from_millis(200)) {
        last = Some(shown);
    }
    assert!(last.expect("a last picture").is_black());
    assert!(!machine.try_run(&["systemctl", "start", UNIT]).status.success());

    machine.run(&["systemctl", "reset-failed", UNIT]);
    machine.run(&["systemctl", "start", UNIT]);
    display.wait_for("red again", is_red);
}

#[test]
fn a_network_that_never_comes_is_not_waited_for() {
    let machine = Machine::installed();
    // As systemd-networkd-wait-online does, for far longer than anybody would look at a dark wall.
    machine.write(
        "/etc/systemd/system/wait-online.service",
        "[Unit]\nDefaultDependencies=no\nBefore=network-online.target\n\
         [Service]\nType=oneshot\nTimeoutStartSec=infinity\nExecStart=/bin/sleep infinity\n",
    );
    machine.write(
        "/etc/systemd/system/network-online.target.d/wait.conf",
        "[Unit]\nWants=wait-online.service\n",
    );
    machine.write("/etc/prismatron/prismatron.ron", WALL);
    let mut display = machine.display("127.0.0.1", LEDS);
    machine.begin_boot();
    display.wait_for("light", |shown| !shown.is_black());
    machine.wait_for(UNIT, "ActiveState", "active");
    assert_eq!(machine.show("wait-online.service", "ActiveState"), "activating");
    assert_eq!(machine.show("network-online.target", "ActiveState"), "inactive");
    // Both in microseconds from the start of the machine that carries this one.
    let stamp = |unit: &str, property: &str| machine.show(unit, property).parse::<u64>().unwrap();
    let waited = stamp(UNIT, "InactiveExitTimestampMonotonic")
        - stamp("wait-online.service", "InactiveExitTimestampMonotonic");
    println!("waited {} ms for the network", waited / 1000);
}

#[test]
fn it_is_ready_where_no_network_is() {
    let machine = Machine::installed();
    let unreachable = WALL.replace("127.0.0.1", "192.0.2.1");
    machine.write("/etc/prismatron/prismatron.ron", &unreachable);
    machine.boot();
    machine.wait_for(UNIT, "ActiveState", "active");
    assert_eq!(machine.show(UNIT, "NRestarts"), "0");
    let api = machine.api();
    let page = machine.in_network(|| api.get("/api/status"));
    assert_eq!(page["player"]["mode"], "playing", "{page:#}");
}
