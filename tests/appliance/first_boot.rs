//! From a disk that was just flashed to light, and what the machine lets in, writes and offers.

use std::collections::BTreeSet;

use prismatron_tests::ddp::Display;
use prismatron_tests::media::ffmpeg;
use prismatron_tests::qemu::{Boot, Vm};
use serde_json::json;

use crate::{LEDS, setup_for};

const FOLDERS: [&str; 4] = ["uploads", "playlists", "media", "logs"];

#[test]
fn a_flashed_disk_becomes_a_display() {
    let mut display = Display::new(LEDS);
    let mut vm = Vm::new();
    let flashed = vm.disk().partition("data").1;
    let flashed_slots = slots(&vm);
    let more = r#"host_name: "lobby-wall", time_zone: "Europe/Berlin", claim_code: "01ABC-DEFGH","#;
    vm.disk().put("provision", "prismatron-setup.ron", &setup_for(&display, more));
    vm.boot(Boot::Kernel);

    // What somebody at the serial line sees: where the page is, and the code.
    vm.wait_for("page      http://lobby-wall.local:8080/", 0);
    let banner = vm.wait_for("claim     01ABC-DEFGH", 0);
    vm.wait_for("Choose a number", banner);
    let api = vm.api();
    wait_for_light(&mut display);

    grown(&vm, flashed);
    only_the_four_folders_are_writable(&vm);
    only_the_page_is_let_in(&vm);
    assert_eq!(vm.shell("date +%Z"), vm.shell("TZ=Europe/Berlin date +%Z"));
    assert!(vm.wait_until("resolvectl mdns").contains(": yes"));

    // Claimed with the code, as the page does it.
    let (name, password) = ("me", "a long enough password");
    let claim = json!({"code": "01abcdefgh", "name": name, "password": password});
    api.send("POST", "/api/claim", &claim);
    assert!(api.is_signed_in(&api.sign_in(name, password).1));
    let picture = vm.disk().image().with_file_name("picture.png");
    ffmpeg(&["-f", "lavfi", "-i", "color=c=blue:size=64x48", "-frames:v", "1"], &picture);
    let media = api.upload_media(&picture);
    let content = json!({"type": "media", "media": media});
    let playlist = api.play(&json!([{"content": content, "duration_seconds": 3600}]));
    display.wait_for("what was uploaded", |shown| {
        (0..LEDS).all(|led| matches!(shown.rgb(led), [0..16, 0..16, 100..=255]))
    });
    menu(&mut vm);
    errors_are_kept_by_the_display_itself(&vm);

    // The health gate takes a minute of the service's life.
    vm.wait_until_confirmed();
    let status = vm.shell("rauc status --output-format=json");
    assert!(status.contains(r#""booted":"A""#), "{status}");
    assert!(vm.shell("grep -a A_ /boot/grub/grubenv").contains("A_TRY=0"));

    // Everything is gone after a factory reset, and a setup file that is wrong is told of, while it boots.
    vm.type_line("9", "Type erase to do it: ");
    vm.type_line("erase", "reboot");
    vm.wait_for_end();
    assert!(slots(&vm) == flashed_slots, "a slot is another one");
    vm.disk().put("provision", "prismatron-setup.ron", "(\n  host_name: \"lobby wall\",\n)");
    vm.boot(Boot::Kernel);
    vm.wait_for("! setup file: It is wrong, and nothing of it counts: prismatron-setup.ron:2:", 0);
    vm.wait_for("claim     ", 0);
    let api = vm.api();
    assert_eq!(api.get("/api/claim")["claimed"], false);
    assert_eq!(api.call("GET", &format!("/api/media/{media}"), None).0, 404);
    assert_eq!(api.call("GET", &format!("/api/playlists/{playlist}"), None).0, 404);
    api.wait_for("the finding", |status| {
        status["health"]["findings"].to_string().contains("prismatron-setup.ron:2:")
    });
    assert!(!vm.said().contains("01ABC-DEFGH"));
}

/// What is in both slots.
fn slots(vm: &Vm) -> [Vec<u8>; 2] {
    ["slot-a", "slot-b"].map(|slot| vm.disk().read(slot, 0, vm.disk().partition(slot).1 as usize))
}

fn wait_for_light(display: &mut Display) {
    display.wait_for("light", |shown| !shown.is_black());
}

/// The data partition reaches to the end of the disk, and its file system to the end of the partition.
fn grown(vm: &Vm, flashed: u64) {
    let said = vm.shell("blockdev --getsize64 /dev/disk/by-partlabel/data");
    let size: u64 = said.parse().expect(&said);
    assert!(size > 10 * flashed, "{flashed} bytes have become {size}");
    let room: u64 = vm
        .shell("stat --file-system --format='%b %S' /data")
        .split_whitespace()
        .map(|number| number.parse::<u64>().unwrap())
        .product();
    assert!(room > size / 10 * 9, "{room} of {size} bytes");
}

/// Root's own attempts at every folder there is, kernel's and memory's aside.
fn only_the_four_folders_are_writable(vm: &Vm) {
    let memory = "proc sysfs devtmpfs tmpfs devpts cgroup2 securityfs pstore bpf tracefs debugfs hugetlbfs mqueue configfs \
                  fusectl ramfs autofs binfmt_misc efivarfs";
    let mounts = vm.shell("findmnt --raw --noheadings --output=TARGET,FSTYPE,OPTIONS");
    let mut kept = BTreeSet::new();
    for line in mounts.lines() {
        let mut words = line.split_whitespace();
        let (target, kind, options) =
            (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        if memory.split_whitespace().any(|memory| memory == kind) {
            continue;
        }
        let has = |option: &str| options.split(',').any(|is| is == option);
        if has("rw") {
            assert!(has("nodev") && has("nosuid") && has("noexec"), "{line}");
            kept.insert(target.to_owned());
        }
    }
    // Beside the four: the partition they are on, what systemd keeps there, and GRUB's environment.
    let mut expected = BTreeSet::from(["/data", "/var/lib/systemd", "/boot"].map(String::from));
    expected.extend(FOLDERS.map(|folder| format!("/var/lib/prismatron/{folder}")));
    assert_eq!(kept, expected);
    for folder in ["/", "/etc", "/usr/bin", "/var/lib", "/var/lib/prismatron", "/home", "/root"] {
        let (status, said) = vm.try_shell(&format!("touch {folder}/written"));
        assert_ne!(status, 0, "{folder}");
        assert!(said.contains("Read-only file system"), "{folder}: {said}");
    }
    for folder in FOLDERS {
        vm.shell(&format!("cd /var/lib/prismatron/{folder} && touch written && rm written"));
    }
}

/// Another port is not let in, though somebody answers there; the page's is.
fn only_the_page_is_let_in(vm: &Vm) {
    vm.shell("systemd-run --quiet --unit=listener systemd-socket-activate --listen=9999 --accept --inetd cat");
    vm.wait_until("ss --listening --tcp --numeric | grep -q :9999");
    assert!(!vm.knock(), "it is let in");
    vm.shell("nft flush ruleset");
    assert!(vm.knock(), "nobody answers there");
    vm.shell("systemctl restart prismatron-firewall.service && systemctl stop listener");
    assert!(!vm.knock(), "it is let in again");
}

/// And what lies in their place is opened with no more rights than the display has.
fn errors_are_kept_by_the_display_itself(vm: &Vm) {
    let log = "/var/lib/prismatron/logs/system.log";
    let keep = "systemctl start prismatron-errors.service";
    vm.shell("systemd-cat --priority=err echo it went wrong");
    vm.wait_until(&format!("{keep}; grep -q 'it went wrong' {log}"));
    assert_eq!(vm.shell(&format!("stat --format='%U %a' {log}")), "prismatron 640");
    vm.shell(&format!("rm {log} && ln -s /run/written {log}"));
    vm.shell("systemd-cat --priority=err echo it went wrong again");
    assert_ne!(vm.try_shell(keep).0, 0);
    vm.shell("test ! -e /run/written");
    vm.shell(&format!("rm {log} && {keep} && grep -q again {log}"));
}

fn menu(vm: &mut Vm) {
    let status = vm.type_line("1", "\n> ");
    assert!(status.contains("Prismatron 0.1.0, up") && status.contains("slot B"), "{status}");
    assert!(vm.type_line("2", "\n> ").contains("light is on"));
    assert!(vm.type_line("7", "\n> ").contains("10.0.2.15"));
    assert!(vm.type_line("sh", "\n> ").contains("not on the menu"));
    assert!(vm.type_line("5", "\n> ").contains("Safe mode: nothing plays."));
    assert!(vm.type_line("5", "\n> ").contains("It plays."));
    vm.type_line("8", "Type yes to do it: ");
    assert!(vm.type_line("yes", "\n> ").contains("slot B cannot be booted"));
    vm.type_line("9", "Type erase to do it: ");
    assert!(vm.type_line("yes", "\n> ").contains("Nothing is done."));
}
