//! What the service can tell of the machine from inside its sandbox, and what it does by itself.

use std::process::Command;

use prismatron_tests::machine::Machine;
use serde_json::Value;

use crate::{LEDS, UNIT, WALL, is_red, play_red, playing};

/// What a check came to.
fn check(status: &Value, name: &str) -> Value {
    let checks = status["health"]["checks"].as_array().unwrap();
    checks.iter().find(|check| check["check"] == name).unwrap().clone()
}

#[test]
fn the_checks_see_the_machine_from_inside_the_sandbox() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    let mut status = Value::Null;
    machine.wait_until("the machine is looked at", || {
        status = machine.in_network(|| api.get("/api/status"));
        status["health"]["checked_seconds_ago"].is_u64()
    });
    println!("{:#}", status["health"]);
    // The unit's own limit, and the machine's memory although /proc/meminfo is hidden.
    let memory = check(&status, "memory")["detail"].as_str().unwrap().to_owned();
    assert!(memory.contains("left for the machine"), "{memory}");
    assert!(memory.contains("of 4096 MiB left for this service"), "{memory}");
    let storage = check(&status, "storage");
    assert!(storage["detail"].as_str().unwrap().ends_with(" free"), "{storage}");
    // Nothing sets the clock of a container, and it has a sensor only if the machine around it has one.
    assert_eq!(check(&status, "clock")["state"], "unknown");
    let sensors = machine.shell("ls /sys/class/thermal | grep -c thermal_zone || true");
    let temperature = check(&status, "temperature");
    assert_eq!(temperature["state"] == "unknown", sensors.trim() == "0", "{temperature}");

    // What systemd-timesyncd leaves where it has set the clock.
    machine.shell("mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized");
    machine.run(&["systemctl", "restart", UNIT]);
    machine.wait_until("the clock is trusted", || {
        let health = machine.in_network(|| api.get("/api/health"));
        health["checks"]["clock"] == "ok"
    });
}

#[test]
fn a_way_to_the_controller_that_is_lost_is_looked_for_anew() {
    let machine = Machine::installed();
    let ip = |arguments: &str| {
        let done = Command::new("ip").args(arguments.split(' ')).status().unwrap();
        assert!(done.success(), "ip {arguments}");
    };
    let wall = WALL.replace("127.0.0.1", "10.9.8.7");
    machine.write("/etc/prismatron/prismatron.ron", &wall);
    machine.in_network(|| ip("address add 10.9.8.7/32 dev lo"));
    let mut display = machine.display("10.9.8.7", LEDS);
    machine.boot();
    machine.wait_for(UNIT, "ActiveState", "active");
    let api = machine.api();
    play_red(&machine, &mut display, &api);
    let reopened = || {
        let status = machine.in_network(|| api.get("/api/status"));
        let all = status["health"]["recoveries"].as_array().unwrap().clone();
        let one = all.into_iter().find(|one| one["kind"] == "reopen_output").unwrap();
        (one["tried"].as_u64().unwrap(), one["succeeded"].as_u64().unwrap())
    };
    assert_eq!(reopened(), (0, 0));
    machine.in_network(|| {
        ip("address del 10.9.8.7/32 dev lo");
        ip("route add unreachable 10.9.8.7/32");
    });
    machine.wait_until("it is tried anew", || reopened().0 > 0);
    assert_eq!(reopened().1, 0, "it cannot have helped");
    machine.in_network(|| ip("address add 10.9.8.7/32 dev lo"));
    machine.wait_until("it has helped", || reopened().1 == 1);
    while display.next(std::time::Duration::from_millis(1)).is_some() {}
    display.wait_for("red again", is_red);
    machine.wait_until("well again", || {
        machine.in_network(|| api.get("/api/health"))["checks"]["outputs"] == "ok"
    });
}
