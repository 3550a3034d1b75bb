//! What the service's user may ask of systemd and logind, and that nobody may more.

use std::process::Output;

use prismatron_tests::machine::{Ended, Machine};

use crate::{UNIT, WALL, playing};

/// Actions whose answer does not depend on details. By logind's own policy, who may reboot may say why.
const ALLOWED: [&str; 5] = [
    "org.freedesktop.login1.power-off",
    "org.freedesktop.login1.power-off-multiple-sessions",
    "org.freedesktop.login1.reboot",
    "org.freedesktop.login1.reboot-multiple-sessions",
    "org.freedesktop.login1.set-wall-message",
];

const REBOOT: [&str; 7] = [
    "busctl",
    "call",
    "org.freedesktop.login1",
    "/org/freedesktop/login1",
    "org.freedesktop.login1.Manager",
    "Reboot",
    "b",
];

fn reboot_as(machine: &Machine, user: &str) -> Output {
    machine.try_run_as(user, &[&REBOOT[..], &["false"]].concat())
}

fn was_denied(output: &Output) -> bool {
    let said = String::from_utf8_lossy(&output.stderr);
    !output.status.success()
        && ["Access denied", "Interactive authentication required"]
            .iter()
            .any(|no| said.contains(no))
}

/// A process of a user, for polkit to decide about.
fn subject(machine: &Machine, user: &str) -> String {
    let start = format!(
        "setpriv --reuid {user} --regid {user} --init-groups sleep 1000 >/dev/null 2>&1 & echo $!"
    );
    machine.shell(&start).trim().to_owned()
}

fn allowed_actions(machine: &Machine, user: &str) -> Vec<String> {
    let process = subject(machine, user);
    let each = format!(
        "for action in $(pkaction); do \
         pkcheck --process {process} --action-id $action >/dev/null 2>&1 && echo $action; done; true"
    );
    machine.shell(&each).lines().map(String::from).collect()
}

#[test]
fn of_all_actions_it_may_reboot_and_power_off() {
    let machine = Machine::booted_with(WALL);
    machine.run(&["useradd", "guest"]);
    let known = machine.run(&["pkaction"]).lines().count();
    assert!(known > 30, "{known} actions");
    assert_eq!(allowed_actions(&machine, "prismatron"), ALLOWED);
    let others = allowed_actions(&machine, "guest");
    assert!(!others.iter().any(|action| ALLOWED.contains(&&**action)), "{others:?}");
}

#[test]
fn of_units_it_may_restart_its_own() {
    let machine = Machine::booted_with(WALL);
    let process = subject(&machine, "prismatron");
    let each = format!(
        "for unit in prismatron.service prismatron@wall-2.service xprismatron.service prismatron.service.x \
         prismatron-admin.socket prismatron@.socket 'prismatron@a/b.service' dbus.service multi-user.target; do \
         for verb in restart reset-failed start stop kill reload try-restart reload-or-restart freeze clean \
         set-property; do \
         pkcheck --process {process} --action-id org.freedesktop.systemd1.manage-units \
         --detail unit $unit --detail verb $verb >/dev/null 2>&1 && echo $verb $unit; done; done; true"
    );
    let allowed = machine.shell(&each);
    assert_eq!(
        allowed.lines().collect::<Vec<_>>(),
        [
            "restart prismatron.service",
            "reset-failed prismatron.service",
            "restart prismatron@wall-2.service",
            "reset-failed prismatron@wall-2.service",
        ]
    );
}

#[test]
fn systemd_itself_asks_and_obeys() {
    let (machine, ..) = playing();
    machine.run(&["useradd", "guest"]);
    let systemctl = |user: &str, words: &[&str]| {
        machine.try_run_as(user, &[&["systemctl", "--no-ask-password"], words].concat())
    };
    let before = machine.show(UNIT, "MainPID");
    for words in [
        &["stop", UNIT][..],
        &["kill", UNIT],
        &["kill", "--signal=HUP", UNIT],
        &["try-restart", UNIT],
        &["set-property", "--runtime", UNIT, "MemoryMax=infinity"],
        &["restart", "dbus.service"],
        &["restart", "systemd-logind.service"],
        &["start", "rescue.target"],
        &["disable", UNIT],
        &["daemon-reload"],
        &["set-default", "rescue.target"],
        &["halt"],
    ] {
        let output = systemctl("prismatron", words);
        assert!(was_denied(&output), "{words:?}: {output:?}");
    }
    for user in ["guest", "nobody"] {
        let group = if user == "guest" { user } else { "nogroup" };
        let restart = ["systemctl", "--no-ask-password", "restart", UNIT];
        let identity = ["setpriv", "--reuid", user, "--regid", group, "--clear-groups"];
        let output = machine.try_run(&[&identity[..], &restart].concat());
        assert!(was_denied(&output), "{user}: {output:?}");
    }
    assert_eq!(machine.show(UNIT, "MainPID"), before);

    let output = systemctl("prismatron", &["restart", UNIT]);
    assert!(output.status.success(), "{output:?}");
    assert_ne!(machine.show(UNIT, "MainPID"), before);
    let output = systemctl("prismatron", &["reset-failed", UNIT]);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn it_reboots_while_somebody_else_is_logged_in() {
    let machine = Machine::booted_with(WALL);
    machine.run(&["useradd", "--create-home", "guest"]);
    machine.run(&[
        "systemd-run",
        "--unit=guest-session",
        "--property=User=guest",
        "--property=PAMName=login",
        "sleep",
        "1000",
    ]);
    machine.wait_until("guest is logged in", || {
        machine.run(&["loginctl", "--no-legend", "list-sessions"]).contains("guest")
    });
    let output = reboot_as(&machine, "guest");
    assert!(was_denied(&output), "{output:?}");

    // Who holds off a reboot is not overruled.
    machine.run(&[
        "systemd-run",
        "--unit=update",
        "systemd-inhibit",
        "--what=shutdown",
        "--mode=block",
        "sleep",
        "1000",
    ]);
    machine.wait_until("an inhibitor", || {
        machine.run(&["systemd-inhibit", "--list", "--no-legend"]).contains("block")
    });
    assert!(!reboot_as(&machine, "prismatron").status.success());
    machine.run(&["systemctl", "stop", "update"]);
    machine.wait_until("no inhibitor", || {
        !machine.run(&["systemd-inhibit", "--list", "--no-legend"]).contains("block")
    });

    let output = reboot_as(&machine, "prismatron");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(machine.wait_for_end(), Ended::Reboot);
}

#[test]
fn only_root_and_the_service_may_call_rauc() {
    const CALL: [&str; 7] = [
        "busctl",
        "--timeout=1",
        "call",
        "de.pengutronix.rauc",
        "/",
        "de.pengutronix.rauc.Installer",
        "GetSlotStatus",
    ];
    let machine = Machine::booted_with(WALL);
    machine.run(&["useradd", "guest"]);
    let denied = |output: Output| String::from_utf8_lossy(&output.stderr).contains("Access denied");
    assert!(denied(machine.try_run_as("guest", &CALL)));
    // What RAUC itself answers without a configuration is of no matter here.
    assert!(!denied(machine.try_run_as("prismatron", &CALL)));
    assert!(!denied(machine.try_run(&CALL)));

    // The package's own policy would let everybody.
    machine.run(&["rm", "/etc/dbus-1/system.d/prismatron-rauc.conf"]);
    machine.run(&["systemctl", "reload", "dbus.service"]);
    machine.wait_until("everybody may", || !denied(machine.try_run_as("guest", &CALL)));
}
