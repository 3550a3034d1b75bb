//! The local socket for administrators, and the commands that use it.

use std::process::Output;

use crate::{UNIT, is_red, play_red, playing, wait_for_another};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn its_group_may_and_others_may_not() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    machine.run(&["useradd", "guest"]);
    machine.run(&["useradd", "--groups=prismatron-admin", "keeper"]);
    assert_eq!(
        machine.run(&["stat", "--format=%U %G %a", "/run/prismatron-admin.sock"]).trim(),
        "root prismatron-admin 660"
    );
    let denied = machine.try_run_as("guest", &["prismatron", "status"]);
    assert!(!denied.status.success());
    let why = String::from_utf8_lossy(&denied.stderr).into_owned();
    assert!(why.contains("Permission denied"), "{why}");

    let status = said(&machine.try_run_as("keeper", &["prismatron", "status"]));
    assert!(status.contains("playing “test”") && status.contains("sending"), "{status}");
    let code = said(&machine.try_run_as("keeper", &["prismatron", "claim-code"]));
    let journal = machine.journal(UNIT);
    assert!(!code.is_empty() && journal.contains(&code), "{code}: {journal}");
    let log = said(&machine.try_run_as("keeper", &["prismatron", "logs", "--lines=500"]));
    assert!(log.contains("item on"), "{log}");

    let before = machine.show(UNIT, "MainPID");
    let restart = machine.try_run_as("keeper", &["prismatron", "restart"]);
    assert_eq!(said(&restart), "Prismatron restarts now.");
    wait_for_another(&machine, UNIT, &before);
    let keeper = machine.run(&["id", "--user", "keeper"]);
    let audit = machine.read("/var/lib/prismatron/logs/audit.log");
    let line = audit.lines().find(|line| line.contains("/api/system/restart")).unwrap();
    assert!(line.contains(&format!("local user {}", keeper.trim())), "{line}");
}

#[test]
fn safe_mode_stays_on_over_a_restart_until_it_is_turned_off() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    machine.run(&["prismatron", "safe-mode", "on"]);
    display.wait_for("black", |shown| shown.is_black());
    machine.run(&["systemctl", "restart", UNIT]);
    assert!(machine.run(&["prismatron", "status"]).contains("safe mode: It was asked for"));
    assert!(display.wait_for("a frame", |_| true).is_black());
    machine.run(&["prismatron", "safe-mode", "off"]);
    display.wait_for("red", is_red);
    machine.run(&["systemctl", "restart", UNIT]);
    display.wait_for("red after a restart", is_red);
}

#[test]
fn health_tells_whether_it_runs_and_answers() {
    let (machine, _display, _) = playing();
    machine.run(&["useradd", "guest"]);
    let health = || {
        let output = machine.try_run_as("guest", &["prismatron", "health"]);
        (output.status.code(), said(&output) + &String::from_utf8_lossy(&output.stderr))
    };
    assert_eq!(health(), (Some(0), "OK: Prismatron is healthy".into()));
    // Stopped where it stands, and not yet ended by the watchdog.
    let pid = machine.show(UNIT, "MainPID");
    let fed = || machine.show(UNIT, "WatchdogTimestampMonotonic");
    let before = fed();
    machine.wait_until("fed", || fed() != before);
    machine.run(&["kill", "-STOP", &pid]);
    let (code, line) = health();
    machine.run(&["kill", "-CONT", &pid]);
    assert_eq!(code, Some(2), "{line}");
    machine.run(&["systemctl", "stop", UNIT]);
    assert_eq!(health(), (Some(1), "ERROR: Prismatron is not running".into()));
}
