//! Restart, reboot and power off over the API, reload, and the watchdog.

use std::time::Duration;

use prismatron_tests::api::Api;
use prismatron_tests::ddp::{Display, Shown};
use prismatron_tests::machine::{Ended, Machine};
use serde_json::json;

use crate::{LEDS, UNIT, WALL, is_red, play_red, playing, wait_for_another};

/// Asks for something now.
fn ask(machine: &Machine, api: &Api, what: &str) {
    let path = format!("/api/system/{what}");
    machine.in_network(|| api.send("POST", &path, &json!({"delay_seconds": 0})));
}

/// Takes all that has been shown so far.
fn shown_so_far(display: &mut Display) -> Vec<Shown> {
    std::iter::from_fn(|| display.next(Duration::from_millis(1))).collect()
}

#[test]
fn it_restarts_as_often_as_it_is_asked_to_and_never_goes_dark() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    shown_so_far(&mut display);
    for _ in 0..4 {
        let before = machine.show(UNIT, "MainPID");
        ask(&machine, &api, "restart");
        wait_for_another(&machine, UNIT, &before);
    }
    let shown = shown_so_far(&mut display);
    assert!(shown.len() >= 4);
    assert!(shown.iter().all(is_red), "black or something else in between");
    // It was systemd's doing, not a crash.
    assert_eq!(machine.show(UNIT, "NRestarts"), "0");
}

#[test]
fn where_polkit_says_no_it_comes_back_by_its_exit_code() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    machine.run(&["rm", "/usr/share/polkit-1/rules.d/50-prismatron.rules"]);
    machine.run(&["systemctl", "try-restart", "polkit.service"]);
    let before = machine.show(UNIT, "MainPID");
    shown_so_far(&mut display);
    ask(&machine, &api, "restart");
    wait_for_another(&machine, UNIT, &before);
    assert_eq!(machine.show(UNIT, "NRestarts"), "1");
    // An exit that systemd takes for good, and starts it all the same.
    let journal = machine.journal(UNIT);
    assert!(journal.contains("Scheduled restart job"), "{journal}");
    assert!(!journal.contains("Failed with result"), "{journal}");
    display.wait_for("red", is_red);
}

#[test]
fn it_reboots_and_powers_off_the_machine() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    ask(&machine, &api, "reboot");
    assert_eq!(machine.wait_for_end(), Ended::Reboot);
    machine.boot();
    machine.wait_for(UNIT, "ActiveState", "active");
    shown_so_far(&mut display);
    display.wait_for("red after the reboot", is_red);
    ask(&machine, &machine.api(), "poweroff");
    assert_eq!(machine.wait_for_end(), Ended::Off);
}

#[test]
fn a_reload_takes_a_good_configuration_and_leaves_a_wrong_one() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    let file = "/etc/prismatron/prismatron.ron";
    let pid = machine.show(UNIT, "MainPID");

    machine.write(file, "(outputs: [(hosts: [\"127.0.0.2\"], brightnes: 3)])");
    machine.run(&["systemctl", "reload", UNIT]);
    machine.wait_until("the wrong one is told of", || machine.journal(UNIT).contains("brightnes"));
    shown_so_far(&mut display);
    display.wait_for("red as before", is_red);

    let mut other = machine.display("127.0.0.2", LEDS);
    machine.write(file, &WALL.replace("127.0.0.1", "127.0.0.2"));
    machine.run(&["systemctl", "reload", UNIT]);
    other.wait_for("red at the other controller", is_red);
    assert_eq!(machine.show(UNIT, "MainPID"), pid);
    assert_eq!(machine.show(UNIT, "ActiveState"), "active");
}

#[test]
fn a_process_that_stands_still_is_ended_and_started_again() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    machine.run(&["systemctl", "kill", "--kill-whom=main", "--signal=STOP", UNIT]);
    display.wait_for("black", |shown| shown.is_black());
    display.wait_for("red", is_red);
    assert_eq!(machine.show(UNIT, "NRestarts"), "1");
    assert!(machine.journal(UNIT).contains("Watchdog timeout"), "{}", machine.journal(UNIT));
}

/// One thread alone stands still while all others run.
fn is_noticed(thread: &str) {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    let frozen = machine.freeze(&machine.show(UNIT, "MainPID"), thread);
    machine.wait_until("the watchdog is hungry", || {
        machine.journal(UNIT).contains("Watchdog timeout")
    });
    // A frozen thread does not even die.
    drop(frozen);
    machine.wait_for(UNIT, "NRestarts", "1");
    shown_so_far(&mut display);
    display.wait_for("red again", is_red);
}

#[test]
fn a_player_that_stands_still_is_noticed() {
    is_noticed("player");
}

#[test]
fn an_output_that_stands_still_is_noticed() {
    is_noticed("output");
}

#[test]
fn a_page_that_stands_still_is_noticed() {
    is_noticed("tokio-rt-worker");
}
