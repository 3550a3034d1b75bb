//! Updates: what is refused, what is installed, and the way back.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use prismatron_tests::qemu::{Boot, PATIENCE, Vm, run, script};

use crate::bundles::Bundles;

fn confirmed(vm: &Vm) {
    vm.wait_until("systemctl is-active --quiet prismatron-mark-good.service");
}

/// Turns a byte over.
fn corrupt(file: &Path, at: u64) {
    use std::os::unix::fs::FileExt;
    let file = fs::File::options().read(true).write(true).open(file).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[!byte[0]], at).unwrap();
}

#[test]
fn a_good_update_stays_and_a_bad_one_is_undone() {
    let mut vm = Vm::new();
    let bundles = Bundles::new();
    let keys = script("keys", &[]);
    let keys = keys.to_str().unwrap();
    let small = bundles.small();
    let strangers = bundles.path("strangers");
    let make_keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conf/rauc-keys");
    run(Command::new(make_keys).arg(&strangers));
    bundles.bundle("stranger.raucb", &[&small, "2", &strangers]);
    bundles.bundle("other-machine.raucb", &[&small, "2", keys, "toaster"]);
    bundles.bundle("plain.raucb", &[&small, "2", keys, "prismatron-qemux86-64", "plain"]);
    let good = bundles.slot("good.img", "2", "");
    bundles.bundle("good.raucb", &[&good, "2"]);
    let corrupted = bundles.bundle("corrupted.raucb", &[&good, "2"]);
    corrupt(&corrupted, 40 << 20);
    let truncated = bundles.bundle("truncated.raucb", &[&small, "2"]);
    let file = fs::File::options().write(true).open(&truncated).unwrap();
    file.set_len(file.metadata().unwrap().len() - 1000).unwrap();
    // Its service is started and never ready.
    let never_ready = "mkdir -p etc/systemd/system/prismatron.service.d; printf '[Service]\\nExecStart=\\nExecStart=/bin/sleep \
                       infinity\\nTimeoutStartSec=15\\nWatchdogSec=0\\n' >etc/systemd/system/prismatron.service.d/z.conf";
    let bad = bundles.slot("bad.img", "3", never_ready);
    bundles.bundle("bad.raucb", &[&bad, "3"]);
    vm.add_disk(&bundles.image());

    vm.boot(Boot::Firmware);
    let api = vm.api();
    let made = api.send("POST", "/api/playlists", &serde_json::json!({"name": "Kept"}));
    let id = made["id"].as_str().unwrap().to_owned();
    confirmed(&vm);
    vm.shell("mkdir /run/bundles && mount -t squashfs /dev/vdb /run/bundles");
    let before = vm.shell("cat /boot/grub/grubenv");
    for (name, reason) in [
        ("stranger", "signature verification failed"),
        ("other-machine", "ompatible"),
        ("plain", "not allowed"),
        ("truncated", ""),
    ] {
        let (status, said) = vm.try_shell(&format!("rauc install /run/bundles/{name}.raucb"));
        assert_ne!(status, 0, "{name}: {said}");
        assert!(said.contains(reason), "{name}: {said}");
        assert_eq!(vm.shell("cat /boot/grub/grubenv"), before, "{name}");
    }
    let (status, said) = vm.try_shell("rauc install /run/bundles/corrupted.raucb");
    assert_ne!(status, 0, "{said}");
    assert!(vm.shell("grep -a ORDER= /boot/grub/grubenv").contains("ORDER=A B"));

    vm.shell("rauc install /run/bundles/good.raucb");
    // The service lets nobody reboot until it has seen that RAUC is done.
    let until = Instant::now() + PATIENCE;
    while api.get("/api/system/update")["stage"] == "installing" {
        assert!(Instant::now() < until, "it never sees that RAUC is done");
        std::thread::sleep(Duration::from_millis(500));
    }
    vm.type_line("4", "Type yes to do it: ");
    vm.type_line("yes", "reboot");
    vm.wait_for_end();

    vm.boot(Boot::Firmware);
    vm.wait_for("slot B — Prismatron for QEMU, 2", 0);
    let api = vm.api();
    assert_eq!(api.get(&format!("/api/playlists/{id}"))["name"], "Kept");
    confirmed(&vm);
    assert!(!vm.said().contains("update:"));
    vm.shell("mkdir /run/bundles && mount -t squashfs /dev/vdb /run/bundles && rauc install /run/bundles/bad.raucb");
    vm.shell("systemctl --no-block reboot");
    vm.wait_for_end();

    // It gives itself up…
    vm.boot(Boot::Firmware);
    vm.wait_for("slot A — Prismatron for QEMU, 3", 0);
    vm.wait_for("This boot is not confirmed: ", 0);
    vm.wait_for_end();
    // … and what ran before runs again, and says why.
    vm.boot(Boot::Firmware);
    let told = "! update: The update in slot A (3) was tried and given up; slot B (2) runs again.";
    vm.wait_for(told, 0);
    let api = vm.api();
    api.wait_for("the finding", |status| {
        let findings = status["health"]["findings"].to_string();
        findings.contains("was tried and given up") && findings.contains("has crashed")
    });
    assert_eq!(api.get(&format!("/api/playlists/{id}"))["name"], "Kept");
}
