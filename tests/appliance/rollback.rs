//! Systems that are installed whole and do not work: each comes back to the one before by itself, and the page says why.

use std::time::{Duration, Instant};

use prismatron_tests::in_all;
use prismatron_tests::qemu::{Boot, Vm};
use prismatron_tests::tus::Upload;
use serde_json::json;

use crate::bundles::Bundles;
use crate::update::install;

/// What docs/appliance.md promises from the start of a system that does not work until the one before is started.
const STATED: Duration = Duration::from_secs(360);
/// How often the boot loader tries it, which takes longer on an emulated processor than on a board.
const TRIES: u32 = 3;

/// Lines of a drop-in of the service.
fn service(lines: &str) -> String {
    format!(
        "mkdir -p etc/systemd/system/prismatron.service.d; printf '[Service]\\n{lines}\\n' \
         >etc/systemd/system/prismatron.service.d/z.conf"
    )
}

/// Something that is done a while after the start.
fn soon(deed: &str) -> String {
    format!(
        "printf '[Unit]\\nAfter=prismatron.service\\n[Service]\\nExecStart=/bin/sh -c \"{deed}\"\\n' \
         >usr/lib/systemd/system/broken.service; \
         ln -s ../broken.service usr/lib/systemd/system/multi-user.target.wants/"
    )
}

/// Installs a system that was changed for the worse, and sees the one before run again; `reason` is what the page says.
fn comes_back(change: &str, reason: &str) -> Vm {
    let mut vm = Vm::new();
    let bundles = Bundles::new();
    let bad = bundles.slot("bad.img", "2", change);
    let bad = bundles.bundle("bad.raucb", &[&bad, "2"]);
    let began = Instant::now();
    vm.boot(Boot::Firmware);
    let api = vm.api();
    let usual = began.elapsed();
    let made = api.send("POST", "/api/playlists", &json!({"name": "Kept"}));
    let id = made["id"].as_str().unwrap().to_owned();
    Upload::update(&api, &bad).unwrap();
    install(&mut vm, &api);

    let began = Instant::now();
    // QEMU ends where the machine would start again: as often as the boot loader gives it a try.
    let mut tries = 0;
    loop {
        vm.boot(Boot::Firmware);
        if vm.wait_for_either("Starting slot A", "Starting slot B") {
            break;
        }
        tries += 1;
        vm.wait_for_end();
    }
    let took = began.elapsed();
    println!("the system before was started {} s after the bad one", took.as_secs());
    assert!((1..=TRIES).contains(&tries), "{tries} tries");
    assert!(took < STATED + usual * TRIES, "{took:?}, where a boot takes {usual:?}");
    vm.wait_for("! update: The update in slot B (2) was tried and given up; slot A runs again.", 0);
    let api = vm.api();
    let status = api.wait_for("the finding", |status| {
        status["health"]["findings"].to_string().contains("was tried and given up")
    });
    let findings = status["health"]["findings"].to_string();
    assert!(findings.contains(reason), "{findings}");
    let failure = api.wait_for_update("failed")["failure"].clone();
    assert_eq!((&failure["cause"], &failure["version"]), (&json!("rolled_back"), &json!("2")));
    let message = failure["message"].as_str().unwrap();
    assert!(message.contains(reason) && message.ends_with("Slot A (1) runs."), "{message}");
    assert_eq!(api.get(&format!("/api/playlists/{id}"))["name"], "Kept");

    // The boots after that are of no news.
    vm.wait_until_confirmed();
    api.send("POST", "/api/system/reboot", &json!({}));
    vm.wait_for_end();
    vm.boot(Boot::Firmware);
    vm.wait_until_confirmed();
    assert_eq!(vm.try_shell("test -e /run/prismatron-notes/update").0, 1);
    vm
}

#[test]
fn after_a_kernel_that_panics() {
    if in_all("after_a_kernel_that_panics") {
        comes_back(&soon("echo c >/proc/sysrq-trigger"), "Kernel panic - not syncing");
    }
}

#[test]
fn after_a_service_that_crashes() {
    let crashes = "ExecStartPost=/bin/sh -c \"kill -ABRT $MAINPID\"";
    let vm = comes_back(&service(crashes), "the service has");
    // What is kept of it goes to somebody far away, too.
    let unpack = "tar -xzOf /run/kept prismatron-diagnostics/boots/B.json";
    let kept = vm.shell(&format!("prismatron diagnostics /run/kept >/dev/null && {unpack}"));
    assert!(kept.contains("the service has"), "{kept}");
}

#[test]
fn after_a_service_that_is_never_ready() {
    if in_all("after_a_service_that_is_never_ready") {
        let waits =
            "ExecStart=\\nExecStart=/bin/sleep infinity\\nTimeoutStartSec=15\\nWatchdogSec=0";
        comes_back(&service(waits), "the service has");
    }
}

#[test]
fn after_a_service_that_hangs() {
    if in_all("after_a_service_that_hangs") {
        let hangs =
            "WatchdogSec=20\\nTimeoutAbortSec=5\\nExecStartPost=/bin/sh -c \"kill -STOP $MAINPID\"";
        comes_back(&service(hangs), "has crashed 2 times");
    }
}

#[test]
fn after_a_page_that_is_dead() {
    if in_all("after_a_page_that_is_dead") {
        comes_back(&service("WatchdogSec=20\\nIPAddressDeny=any"), "has crashed 2 times");
    }
}

#[test]
fn after_a_system_that_hangs() {
    if in_all("after_a_system_that_hangs") {
        // The first process freezes when it crashes, and no longer feeds the machine's watchdog. What its health gate
        // has seen until then is kept.
        comes_back(
            &format!(
                "sed -i s/CrashReboot=yes/CrashReboot=no/ usr/lib/systemd/system.conf.d/*; {}",
                soon("sleep 30; kill -SEGV 1")
            ),
            "it stopped before it was confirmed",
        );
    }
}
