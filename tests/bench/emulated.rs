//! Figures of the whole appliance, in QEMU, each beside a baseline on the same machine.
//!
//! The processor is emulated: the ratios count, not the seconds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench ends where it goes wrong"
)]

mod table;

use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use prismatron_tests::file_server::FileServer;
use prismatron_tests::qemu::{Boot, PATIENCE, Vm, run, script};
use serde_json::json;
use table::{heading, median, row};

const RUNS: usize = 3;
/// What an SD card of speed class 10 takes at least (SD Physical Layer Specification).
const CARD: u32 = 10_000_000;

fn main() {
    heading();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    // One as it is, and two with other builds of the program, none of whose bytes is where it was: the worst that a change of
    // one can be.
    for change in 0..=2 {
        let image = path(&format!("{change}.img"));
        let program =
            format!("perl -0777 -pi -e 's/(.)/chr(ord($1) ^ {change})/gse' usr/bin/prismatron");
        script("slot", &[&image, "1", &program]);
        let keys = script("keys", &[]).display().to_string();
        let adaptive = [&keys, "prismatron-qemux86-64", "verity", "block-hash-index"];
        let bundle = path(&format!("{change}.raucb"));
        script("bundle", &[&[&bundle, image.as_str(), "2"], &adaptive[..]].concat());
    }
    install(folder.path());
    fetched(&folder.path().join("1.raucb"));
    boot(&path("without.img"));
    light_without_a_network();
}

/// An installation from a disk to a card, of a bundle in which one program is another than in either slot; baseline: its
/// image, copied there by `dd`.
///
/// The card's speed is part of it: next to a disk that is memory, the emulated processor's hashing would be all there is.
fn install(bundles: &Path) {
    let disk = tempfile::NamedTempFile::new().unwrap();
    let uncompressed = ["-quiet", "-no-progress", "-noappend", "-noI", "-noD", "-noF"];
    run(Command::new("mksquashfs").arg(bundles).arg(disk.path()).args(uncompressed));
    let mut vm = Vm::new();
    vm.add_disk(disk.path());
    vm.limit_writes(CARD);
    let start = |vm: &mut Vm| {
        vm.boot(Boot::Firmware);
        vm.api();
        // The gate takes an end of the service before that for a system that does not work.
        vm.wait_until_confirmed();
        vm.shell("mkdir -p /run/bundles && mount -t squashfs /dev/vdb /run/bundles");
    };
    let install = |change: usize| format!("rauc install /run/bundles/{change}.raucb");
    // RAUC reads a slot through that it has not written yet, as both are after flashing.
    start(&mut vm);
    vm.shell(&install(0));
    vm.shell("systemctl --no-block reboot");
    vm.wait_for_end();
    start(&mut vm);
    vm.shell(&install(1));

    vm.shell("systemctl stop prismatron.service");
    let seconds = |line: &str| {
        vm.shell("sync; echo 3 >/proc/sys/vm/drop_caches");
        let timed =
            format!("from=$(date +%s%N); {line} >/run/said 2>&1; echo $(($(date +%s%N) - from))");
        vm.shell(&timed).parse::<f64>().unwrap() / 1e9
    };
    let slot = "/dev/disk/by-partlabel/slot-a";
    let (mut measured, mut baseline) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let change = 2 - run % 2;
        measured.push(seconds(&install(change)));
        let copy = format!("dd if=/run/bundles/{change}.img of={slot} bs=1M conv=fsync,notrunc");
        baseline.push(seconds(&copy));
    }
    row("install to a card vs a copy", median(measured), median(baseline), "s", "≤ 1.3");
    vm.cut();
}

/// Bytes that are fetched of a bundle in which one program is another; baseline: its size.
fn fetched(bundle: &Path) {
    let server = FileServer::serve(bundle.parent().unwrap().into());
    let mut vm = Vm::new();
    vm.boot(Boot::Kernel);
    let api = vm.api();
    let name = bundle.file_name().unwrap().display();
    let url = format!("http://10.0.2.2:{}/{name}", server.port());
    api.send("POST", "/api/system/update", &json!({"url": url}));
    api.wait_for_update("inspected");
    api.send("POST", "/api/system/update/install", &json!({}));
    api.wait_for_update("waiting_for_reboot");
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let size = fs::metadata(bundle).unwrap().len();
    row("fetched of a bundle vs its size", mib(server.sent()), mib(size), "Mi", "≤ 0.1");
    vm.cut();
}

/// From the start of the service to light, without a network; baseline: the ten seconds that were promised.
fn light_without_a_network() {
    let mut vm = Vm::new();
    let mut measured = Vec::new();
    for _ in 0..RUNS {
        vm.boot(Boot::Kernel);
        vm.connect_network(false);
        let said = "journalctl --boot --unit=prismatron --output=short-monotonic --no-pager | grep 'light is on'";
        let said = vm.wait_until(said);
        let lit: f64 =
            said.trim_start_matches(['[', ' ']).split(']').next().unwrap().parse().unwrap();
        let started =
            "systemctl show --property=ExecMainStartTimestampMonotonic --value prismatron";
        let started: f64 = vm.shell(started).parse().unwrap();
        measured.push(lit - started / 1e6);
        vm.cut();
    }
    row("start to light without a network", median(measured), 10.0, "s", "≤ 1");
}

/// From power on to the first picture; baseline: the same root without us, to a datagram from where we would start.
fn boot(image: &str) {
    let wire = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = wire.local_addr().unwrap().port();
    let hears = |patience| {
        wire.set_read_timeout(Some(patience)).unwrap();
        wire.recv(&mut [0; 2048]).is_ok()
    };
    let without = format!(
        "find etc/systemd/system/*/prismatron* ! -name prismatron-test-shell.service -delete; \
         printf '[Unit]\\nAfter=network.target\\n[Service]\\nExecStart=bash -c \"until echo >/dev/udp/10.0.2.2/{port}; \
         do sleep 0.1; done\"\\n' >usr/lib/systemd/system/datagram.service; \
         ln -s /usr/lib/systemd/system/datagram.service etc/systemd/system/multi-user.target.wants/"
    );
    script("slot", &[image, "1", &without]);
    let (mut with, mut bare) = (Vm::new(), Vm::new());
    let setup = format!("(outputs: [(hosts: [\"10.0.2.2:{port}\"])])\n");
    with.disk().put("provision", "prismatron-setup.ron", &setup);
    bare.disk().write("slot-a", 0, &fs::read(image).unwrap());
    let seconds = |vm: &mut Vm| {
        while hears(Duration::from_millis(100)) {}
        let began = Instant::now();
        vm.boot(Boot::Kernel);
        assert!(hears(PATIENCE), "nothing comes");
        let took = began.elapsed().as_secs_f64();
        vm.shell("systemctl --no-block poweroff");
        vm.wait_for_end();
        took
    };
    // The first boots make the data partition.
    seconds(&mut with);
    seconds(&mut bare);
    let (mut measured, mut baseline) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        measured.push(seconds(&mut with));
        baseline.push(seconds(&mut bare));
    }
    row("boot to first frame vs without us", median(measured), median(baseline), "s", "≤ 1.1");
}
