//! RAUC's custom backend on a Jetson, with an imitation of `nvbootctrl` made from what the real one is documented and seen
//! to print, and one of the firmware's choice, from its source (edk2-nvidia, L4TRootfsValidation.c and BootChainDxe.c): no
//! Jetson can be had here.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Keeps the current slot, and the starts that are left of each, in files; the next one in the firmware's variable.
const NVBOOTCTRL: &str = r#"#!/bin/sh
cd "$STATE" || exit 1
letter() { [ "$1" = 0 ] && echo A || echo B; }
if [ "$1" = -t ]; then [ "$2" = rootfs ] || exit 1; shift 2; fi
case $1 in
get-current-slot) cat current ;;
set-active-boot-slot) [ "$2" = 0 ] || [ "$2" = 1 ] || exit 1; echo "$2" >next ;;
verify) echo 3 >"starts.$(cat current)"; echo "Info: variable BootChainFwStatus is not found." ;;
dump-slots-info)
    echo "Current rootfs slot: $(letter $(cat current))"
    echo "Active rootfs slot: $(letter $(cat next 2>/dev/null || cat current))"
    echo "num_slots: 2"
    ;;
*) exit 1 ;;
esac
"#;

/// Takes the starts of each slot from what the register is to be.
const DEVMEM2: &str = r#"#!/bin/sh
[ "$1 $2" = "0x0c3903a8 w" ] && [ $(($3 & 0xffff)) = $((0xface)) ] && [ $(($3 >> 16 & 3)) = $(cat "$STATE/current") ] || exit 1
echo $(($3 >> 20 & 3)) >"$STATE/starts.0"
echo $(($3 >> 18 & 3)) >"$STATE/starts.1"
"#;

const NORMAL: u8 = 0;
const UNBOOTABLE: u8 = 0xff;
/// So many starts a slot has.
const STARTS: u8 = 3;

struct Jetson(tempfile::TempDir);

impl Jetson {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("nvbootctrl", NVBOOTCTRL), ("devmem2", DEVMEM2)] {
            let program = folder.path().join(name);
            fs::write(&program, text).unwrap();
            fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
        }
        let jetson = Self(folder);
        jetson.set("current", "0");
        jetson.set_variable("RootfsRedundancyLevel", 1);
        jetson.set_variable("RootfsStatusSlotA", NORMAL);
        jetson.set_variable("RootfsStatusSlotB", NORMAL);
        jetson
    }

    fn variable(&self, name: &str) -> PathBuf {
        self.0.path().join(format!("{name}-781e084c-a330-417c-b678-38e696380cb9"))
    }

    /// Four bytes of attributes, then a number.
    fn set_variable(&self, name: &str, value: u8) {
        fs::write(self.variable(name), [7, 0, 0, 0, value, 0, 0, 0]).unwrap();
    }

    fn status(&self, slot: &str) -> [u8; 8] {
        fs::read(self.variable(&format!("RootfsStatusSlot{slot}"))).unwrap().try_into().unwrap()
    }

    /// A start, as the firmware does it: of the slot that was chosen, unless what became of an earlier choice is still
    /// there; and of the other one where this one has used up its starts. `None` where neither has any left.
    fn start(&self) -> Option<String> {
        let mut current: usize = self.get("current").parse().unwrap();
        let next = self.0.path().join("next");
        if let Ok(slot) = fs::read_to_string(&next) {
            fs::remove_file(next).unwrap();
            if !self.variable("BootChainFwStatus").exists() {
                current = slot.trim().parse().unwrap();
                self.set_variable("BootChainFwStatus", 0);
            }
        }
        let file = |slot: usize| self.0.path().join(format!("starts.{slot}"));
        if !file(0).exists() {
            for (slot, name) in ["A", "B"].iter().enumerate() {
                let starts = if self.status(name)[4] == UNBOOTABLE { 0 } else { STARTS };
                fs::write(file(slot), starts.to_string()).unwrap();
            }
        }
        for slot in [current, 1 - current] {
            let starts: u8 = fs::read_to_string(file(slot)).unwrap().trim().parse().unwrap();
            if starts > 0 {
                fs::write(file(slot), (starts - 1).to_string()).unwrap();
                self.set("current", &slot.to_string());
                return Some(["A", "B"][slot].to_owned());
            }
            self.set_variable(["RootfsStatusSlotA", "RootfsStatusSlotB"][slot], UNBOOTABLE);
        }
        None
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

/// As RAUC installs: not to be booted while it is written, then the next.
fn install(jetson: &Jetson, slot: &str) {
    jetson.ask(&format!("set-state {slot} bad")).unwrap();
    assert_eq!(jetson.ask(&format!("get-state {slot}")), Ok("bad".into()));
    assert_eq!(jetson.ask("get-primary"), jetson.ask("get-current"));
    jetson.ask(&format!("set-primary {slot}")).unwrap();
    assert_eq!(jetson.ask(&format!("get-state {slot}")), Ok("good".into()));
    assert_eq!(jetson.ask("get-primary"), Ok(slot.into()));
}

#[test]
fn an_update_is_started_and_confirmed() {
    let jetson = Jetson::new();
    assert_eq!(jetson.ask("get-current"), Ok("A".into()));
    assert_eq!(jetson.ask("get-primary"), Ok("A".into()));
    install(&jetson, "B");
    assert_eq!(jetson.status("B"), [7, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(jetson.ask("get-current"), Ok("A".into()));
    assert_eq!(jetson.start(), Some("B".into()));
    assert_eq!(jetson.ask("get-current"), Ok("B".into()));
    for _ in 0..9 {
        jetson.ask("set-state B good").unwrap();
        assert_eq!(jetson.start(), Some("B".into()));
    }
}

#[test]
fn a_slot_that_was_given_up_can_be_installed_again() {
    let jetson = Jetson::new();
    install(&jetson, "B");
    assert_eq!(jetson.start(), Some("B".into()));
    // The system in it cannot speak for itself: its starts are used up.
    for next in ["B", "B", "A"] {
        assert_eq!(jetson.start(), Some(next.into()));
    }
    assert_eq!(jetson.ask("get-state B"), Ok("bad".into()));
    jetson.ask("set-state A good").unwrap();
    install(&jetson, "B");
    assert_eq!(jetson.start(), Some("B".into()));

    // It can, before anything of the switch was cleared away.
    jetson.ask("set-state B bad").unwrap();
    assert_eq!(jetson.status("B"), [7, 0, 0, 0, UNBOOTABLE, 0, 0, 0]);
    assert_eq!(jetson.start(), Some("A".into()));
    jetson.ask("set-state A good").unwrap();
    install(&jetson, "B");
    assert_eq!(jetson.start(), Some("B".into()));
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
    jetson.ask("set-state B bad").unwrap();
    refused("set-state A bad", "slot B cannot be booted either");
    assert_eq!(jetson.status("A")[4], NORMAL);
    jetson.set_variable("RootfsRedundancyLevel", 0);
    refused("set-primary B", "RootfsRedundancyLevel is not set");
    assert_eq!(jetson.status("B")[4], UNBOOTABLE);
    jetson.set_variable("RootfsStatusSlotB", NORMAL);
    // So that no install begins.
    refused("set-state B bad", "RootfsRedundancyLevel is not set");
    assert_eq!(jetson.status("B")[4], NORMAL);
    fs::remove_file(jetson.variable("RootfsStatusSlotB")).unwrap();
    refused("get-state B", "does not tell the status of slot B");
    jetson.set("current", "7");
    refused("get-current", "slot 7");
}
