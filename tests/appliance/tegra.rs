//! RAUC's custom backend on a Jetson, with an imitation of `nvbootctrl` made from what the real one is documented and seen
//! to print: no Jetson can be had here.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Keeps the current and the active slot, and the retries of each, in files.
const NVBOOTCTRL: &str = r#"#!/bin/sh
cd "$STATE" || exit 1
letter() { [ "$1" = 0 ] && echo A || echo B; }
if [ "$1" = -t ]; then [ "$2" = rootfs ] || exit 1; shift 2; fi
case $1 in
get-current-slot) cat current ;;
set-active-boot-slot) [ "$2" = 0 ] || [ "$2" = 1 ] || exit 1; echo "$2" >active ;;
verify) echo 3 >"retries.$(cat current)"; echo "Info: variable BootChainFwStatus is not found." ;;
dump-slots-info)
    echo "Current rootfs slot: $(letter $(cat current))"
    echo "Active rootfs slot: $(letter $(cat active))"
    echo "num_slots: 2"
    for slot in 0 1; do
        status=normal
        [ "$(cat retries.$slot)" -gt 0 ] || status=unbootable
        echo "slot: $slot,             retry_count: $(cat retries.$slot),             status: $status"
    done
    ;;
*) exit 1 ;;
esac
"#;

struct Jetson(tempfile::TempDir);

impl Jetson {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("nvbootctrl");
        fs::write(&program, NVBOOTCTRL).unwrap();
        fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        let jetson = Self(folder);
        for (name, value) in
            [("current", "0"), ("active", "0"), ("retries.0", "2"), ("retries.1", "0")]
        {
            jetson.set(name, value);
        }
        // Four bytes of attributes, then the level.
        let variable = "RootfsRedundancyLevel-781e084c-a330-417c-b678-38e696380cb9";
        fs::write(jetson.0.path().join(variable), [7, 0, 0, 0, 1, 0, 0, 0]).unwrap();
        jetson
    }

    fn set(&self, name: &str, value: &str) {
        fs::write(self.0.path().join(name), value).unwrap();
    }

    fn get(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap().trim().to_owned()
    }

    fn ask(&self, question: &str) -> Result<String, String> {
        let backend = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../app/dist/appliance/rauc/tegra-bootloader");
        let path = format!("{}:{}", self.0.path().display(), std::env::var("PATH").unwrap());
        let output = Command::new(backend)
            .args(question.split_whitespace())
            .env("PATH", path)
            .env("STATE", self.0.path())
            .env("EFIVARS", self.0.path())
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        match output.status.success() {
            true => Ok(text(&output.stdout)),
            false => Err(text(&output.stderr)),
        }
    }
}

#[test]
fn a_jetsons_slots_are_asked_and_told() {
    let jetson = Jetson::new();
    assert_eq!(jetson.ask("get-current"), Ok("A".into()));
    assert_eq!(jetson.ask("get-primary"), Ok("A".into()));
    assert_eq!(jetson.ask("get-state A"), Ok("good".into()));
    assert_eq!(jetson.ask("get-state B"), Ok("bad".into()));

    // As RAUC installs: not to be booted while it is written, then the next.
    jetson.ask("set-state B bad").unwrap();
    assert_eq!(jetson.get("active"), "0");
    jetson.ask("set-primary B").unwrap();
    assert_eq!(jetson.ask("get-primary"), Ok("B".into()));
    assert_eq!(jetson.ask("get-current"), Ok("A".into()));

    // Booted and confirmed.
    jetson.set("current", "1");
    jetson.set("retries.1", "2");
    assert_eq!(jetson.ask("get-current"), Ok("B".into()));
    jetson.ask("set-state B good").unwrap();
    assert_eq!(jetson.get("retries.1"), "3");
    // Or given up.
    jetson.ask("set-state B bad").unwrap();
    assert_eq!(jetson.ask("get-primary"), Ok("A".into()));
}

#[test]
fn what_cannot_be_done_is_refused_with_its_reason() {
    let jetson = Jetson::new();
    let refused = |question: &str, reason: &str| {
        let said = jetson.ask(question).unwrap_err();
        assert!(said.contains(reason), "{question}: {said}");
    };
    refused("set-state B good", "only the running slot");
    refused("set-primary C", "no slot C");
    refused("get-state", "no slot");
    refused("set-state A odd", "good or bad");
    refused("", "get-current, get-primary");
    jetson.set("RootfsRedundancyLevel-781e084c-a330-417c-b678-38e696380cb9", "\u{7}\0\0\0\0\0\0\0");
    refused("set-primary B", "RootfsRedundancyLevel is not set");
    assert_eq!(jetson.get("active"), "0");
    jetson.set("current", "7");
    refused("get-current", "slot 7");
}
