//! What an appliance meets from day to day: boots, networks that come late, and what its page asks of it.

use std::time::Duration;

use prismatron_tests::api::Api;
use prismatron_tests::ddp::Display;
use prismatron_tests::in_all;
use prismatron_tests::instead::{self, OPEN_FILES};
use prismatron_tests::qemu::{Boot, Vm, run};
use serde_json::{Value, json};

use crate::{LEDS, setup_for};

/// What is in slot A, as a sum.
fn sum(vm: &Vm) -> String {
    let (start, _) = vm.disk().partition("slot-a");
    let size = std::fs::metadata(vm.made().join("slot.squashfs")).unwrap().len();
    let read = format!(
        "tail -c +{} {} | head -c {size} | sha256sum",
        start + 1,
        vm.disk().image().display()
    );
    run(std::process::Command::new("sh").args(["-c", &read]))
}

#[test]
fn light_comes_without_a_network_and_goes_out_when_there_is_one() {
    let mut display = Display::new(LEDS);
    let mut vm = Vm::new();
    vm.disk().put("provision", "prismatron-setup.ron", &setup_for(&display, ""));
    vm.boot(Boot::Kernel);
    vm.connect_network(false);
    vm.wait_until("systemctl is-active --quiet prismatron.service");
    assert_eq!(vm.shell("ip -brief -4 address show scope global"), "");
    vm.wait_until("prismatron status | grep -q 'playing “Demonstration”'");
    assert!(display.next(Duration::from_millis(100)).is_none());
    // A cable, and nobody who gives an address yet.
    vm.answer(false);
    vm.connect_network(true);
    // It gives itself one that leads nowhere.
    vm.wait_until("ip -brief -4 address show scope link | grep -q 169.254");
    assert_eq!(vm.shell("ip -brief -4 address show scope global"), "");
    vm.wait_until("prismatron status | grep -q 'playing “Demonstration”'");
    assert!(display.next(Duration::from_millis(100)).is_none());
    vm.answer(true);
    display.wait_for("light", |shown| !shown.is_black());
    every_file_that_the_unit_grants_can_be_open(&vm);
    vm.cut();
}

/// Not every machine that tests the service by itself may grant as many: this one is its own.
fn every_file_that_the_unit_grants_can_be_open(vm: &Vm) {
    let limits = "cat /proc/$(systemctl show --property=MainPID --value prismatron.service)/limits";
    let limits = vm.shell(limits);
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    let files: Vec<&str> = files.split_whitespace().skip(3).take(2).collect();
    assert_eq!(files, ["65536", "65536"], "soft, hard");
    let instead = instead::drop_in("/usr/bin/perl /run/open.pl", "/run/open");
    for (file, text) in
        [("open.pl", OPEN_FILES), ("systemd/system/prismatron.service.d/instead.conf", &instead)]
    {
        vm.shell(&format!(
            "mkdir -p $(dirname /run/{file})\ncat > /run/{file} <<'END'\n{text}\nEND"
        ));
    }
    vm.shell(
        "systemctl stop prismatron.service; systemctl daemon-reload; systemctl start prismatron.service",
    );
    assert_eq!(vm.shell("cat /run/open"), "Too many open files: 65536");
}

#[test]
fn the_page_restarts_reboots_and_switches_off() {
    if !in_all("the_page_restarts_reboots_and_switches_off") {
        return;
    }
    let mut vm = Vm::new();
    vm.boot(Boot::Kernel);
    let before = sum(&vm);
    let api = vm.api();
    only_two_users_may_talk_to_rauc(&vm);
    let main = || vm.shell("systemctl show --property=MainPID --value prismatron.service");
    let first = main();
    accepted(&api, "restart");
    vm.wait_until(&format!(
        "[ $(systemctl show --property=MainPID --value prismatron.service) != {first} ]"
    ));
    let api = vm.api();
    accepted(&api, "reboot");
    vm.wait_for("reboot: Restarting system", 0);
    vm.wait_for_end();

    // Fifty in all.
    for _ in 0..48 {
        vm.boot(Boot::Kernel);
        accepted(&vm.api(), "reboot");
        vm.wait_for_end();
    }
    vm.boot(Boot::Kernel);
    accepted(&vm.api(), "poweroff");
    vm.wait_for("reboot: Power down", 0);
    vm.wait_for_end();
    assert_eq!(sum(&vm), before);
}

fn accepted(api: &Api, action: &str) {
    let answer = api.send("POST", &format!("/api/system/{action}"), &json!({}));
    assert_eq!(answer["status"], "accepted", "{answer}");
}

fn only_two_users_may_talk_to_rauc(vm: &Vm) {
    let mark = "busctl call de.pengutronix.rauc / de.pengutronix.rauc.Installer Mark ss bad other";
    let (status, said) = vm.try_shell(&format!("setpriv --reuid=nobody --clear-groups {mark}"));
    assert_ne!(status, 0, "{said}");
    assert!(said.contains("Access denied") || said.contains("not allowed"), "{said}");
    let ask = "busctl call de.pengutronix.rauc / de.pengutronix.rauc.Installer GetPrimary";
    let said = vm.shell(&format!("setpriv --reuid=prismatron --clear-groups {ask}"));
    assert!(said.contains("rootfs.0"), "{said}");
}

#[test]
fn a_backup_of_one_appliance_is_restored_on_another() {
    if !in_all("a_backup_of_one_appliance_is_restored_on_another") {
        return;
    }
    let (mut one, mut other) = (Vm::new(), Vm::new());
    one.boot(Boot::Kernel);
    let api = one.api();
    let made = api.send("POST", "/api/playlists", &json!({"name": "Kept"}));
    let id = made["id"].as_str().unwrap();
    let taken = api.send("POST", "/api/snapshots", &json!({}));
    let snapshot = taken["id"].as_str().unwrap();
    let backup = api.bytes(&format!("/api/snapshots/{snapshot}"));
    one.cut();

    other.boot(Boot::Kernel);
    let api = other.api();
    let names = |api: &Api| {
        let all = api.get("/api/playlists");
        let mut names: Vec<Value> =
            all["playlists"].as_array().unwrap().iter().map(|list| list["name"].clone()).collect();
        names.sort_by_key(Value::to_string);
        names
    };
    let before = names(&api);
    let mut torn = backup.clone();
    torn[backup.len() / 2] ^= 1;
    for wrong in [&backup[..backup.len() / 2], &torn, b"GIF89a", b""] {
        let (status, refused) = api.post_bytes("/api/snapshots/restore", wrong);
        assert!((400..500).contains(&status), "{status} {refused}");
        assert_eq!(names(&api), before);
    }
    let (status, answer) = api.post_bytes("/api/snapshots/restore", &backup);
    assert_eq!(status, 200, "{answer}");
    assert_eq!(api.get(&format!("/api/playlists/{id}"))["name"], "Kept");
    other.cut();
}

#[test]
fn a_kernel_that_stops_is_told_of() {
    let mut vm = Vm::new();
    vm.boot(Boot::Firmware);
    vm.api();
    // Once the shell has said that it is asked to.
    vm.shell("(sleep 2; echo c >/proc/sysrq-trigger) &");
    vm.wait_for_end();
    vm.boot(Boot::Firmware);
    let told = "It stopped, and was started again. It logged last: ";
    vm.wait_for(&format!("! kernel: {told}"), 0);
    let status = vm
        .api()
        .wait_for("the finding", |status| status["health"]["findings"].to_string().contains(told));
    let findings = status["health"]["findings"].to_string();
    assert!(findings.contains("Kernel panic - not syncing"), "{findings}");
    assert_eq!(vm.shell("find /var/lib/systemd/pstore -type f"), "");
    vm.cut();
}
