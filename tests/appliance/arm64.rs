//! The appliance on the target's processor, with the program that is cross-built for it.

use prismatron_tests::ddp::Display;
use prismatron_tests::in_all;
use prismatron_tests::qemu::{Arch, Boot, Vm};
use serde_json::json;

use crate::{LEDS, setup_for};

#[test]
fn the_targets_processor_comes_to_light() {
    let test = "the_targets_processor_comes_to_light";
    if !in_all(test) {
        return;
    }
    let missing = Arch::Arm64.missing();
    if !missing.is_empty() {
        println!("SKIPPED: {test}: to be installed first: {}", missing.replace('\n', "; "));
        return;
    }
    let mut display = Display::new(LEDS);
    let mut vm = Vm::of(Arch::Arm64);
    vm.disk().put(
        "provision",
        "prismatron-setup.ron",
        &setup_for(&display, r#"host_name: "lobby-wall", claim_code: "01ABC-DEFGH","#),
    );
    vm.boot(Boot::Firmware);
    vm.wait_for("Starting slot A", 0);
    vm.wait_for("page      http://lobby-wall.local:8080/", 0);
    let banner = vm.wait_for("claim     01ABC-DEFGH", 0);
    vm.wait_for("Choose a number", banner);
    let api = vm.api();
    display.wait_for("light", |shown| !shown.is_black());
    assert_eq!(vm.shell("uname --machine"), "aarch64");

    let claim = json!({"code": "01abcdefgh", "name": "me", "password": "a long enough password"});
    api.send("POST", "/api/claim", &claim);
    assert!(vm.type_line("1", "slot B").contains("Prismatron 0.1.0, up"));

    // Its updates are of their own kind, and this boot is confirmed where the boot loader looks for it.
    vm.wait_until_confirmed();
    let status = vm.shell("rauc status --output-format=json");
    assert!(status.contains(r#""compatible":"prismatron-qemuarm64""#), "{status}");
    assert!(status.contains(r#""booted":"A""#), "{status}");
    assert!(vm.shell("grep -a A_ /boot/grub/grubenv").contains("A_TRY=0"));
}
