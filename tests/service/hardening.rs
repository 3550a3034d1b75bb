//! What the service cannot do, tried from inside.

use prismatron_tests::machine::Machine;

use crate::sandbox::run_as_service;
use crate::{UNIT, WALL, playing};

/// Most exposure that `systemd-analyze security` may find, in tenths.
const EXPOSURE: &str = "18";

/// All that can be written.
const WRITABLE: [&str; 5] = [
    "/var/lib/prismatron/uploads/",
    "/var/lib/prismatron/playlists/",
    "/var/lib/prismatron/media/",
    "/var/lib/prismatron/logs/",
    "/run/prismatron/",
];

/// Tries to make a file in every folder and to open every file for writing; names where it could. What
/// belongs to its own processes is left out.
const WRITE_EVERYWHERE: &str = r#"#!/usr/bin/perl
use strict;
my @folders = ("");
my ($tried, $files) = (0, 0);
while (defined(my $folder = pop @folders)) {
    next if $folder =~ m{^/proc/\d+$};
    $tried++;
    my $new = "$folder/written-by-a-test";
    if (open(my $file, ">", $new)) { close $file; unlink $new; print "$folder/\n"; }
    opendir(my $listing, "$folder/") or next;
    for my $name (readdir $listing) {
        next if $name =~ /^\.\.?$/;
        my $path = "$folder/$name";
        lstat $path or next;
        if (-l _) { next }
        elsif (-d _) { push @folders, $path }
        elsif (-f _) { $files++; if (open(my $file, ">>", $path)) { print "$path\n" } }
    }
}
print "tried $tried folders, $files files\n";
"#;

/// Tries what hardening forbids; says what could be done.
const FORBIDDEN: &str = r#"#!/usr/bin/perl
use strict;
use Socket;
my $mmap = `/bin/uname -m` =~ /x86_64/ ? 9 : 222;
my %attempts = (
    "a user namespace" => sub { system("/usr/bin/unshare --user /bin/true 2>/dev/null") == 0 },
    "a mount" => sub { system("/bin/mount -t tmpfs x /run/prismatron 2>/dev/null") == 0 },
    "a set-uid file" => sub { my $f = "/run/prismatron/x"; open(my $h, ">", $f); chmod(04755, $f) && (stat $f)[2] & 04000 },
    "a netlink socket" => sub { socket(my $s, 16, SOCK_RAW, 0) },
    "a packet socket" => sub { socket(my $s, 17, SOCK_RAW, 0) },
    "a raw socket" => sub { socket(my $s, PF_INET, SOCK_RAW, 1) },
    "a low port" => sub { socket(my $s, PF_INET, SOCK_STREAM, 0); bind($s, sockaddr_in(79, INADDR_LOOPBACK)) },
    "writable and executable memory" => sub { syscall($mmap, 0, 4096, 7, 0x22, -1, 0) > 0 },
    "another's processes" => sub { -e "/proc/1" },
    "the kernel's tables" => sub { -e "/proc/meminfo" },
    "home folders" => sub { opendir(my $h, "/home") },
    "another user's identity" => sub { $> = 0; $> == 0 },
    "realtime" => sub { system("/usr/bin/chrt --fifo 1 /bin/true 2>/dev/null") == 0 },
    "a host name" => sub { system("/bin/hostname other 2>/dev/null") == 0 },
);
for my $what (sort keys %attempts) { print "$what\n" if $attempts{$what}->() }
open(my $status, "<", "/proc/self/status");
/^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):\s+(.*?)\s*$/ && print "$1 $2\n" while <$status>;
"#;

#[test]
fn systemd_finds_little_to_say_against_the_units() {
    let (machine, ..) = playing();
    let units: Vec<String> = ["prismatron.service", "prismatron@.service"]
        .map(|unit| format!("/usr/lib/systemd/system/{unit}"))
        .to_vec();
    for unit in &units {
        let threshold = format!("--threshold={EXPOSURE}");
        let said =
            machine.run(&["systemd-analyze", "security", "--offline=true", &threshold, unit]);
        println!("offline: {}", said.lines().last().unwrap());
    }
    let threshold = format!("--threshold={EXPOSURE}");
    let said = machine.run(&["systemd-analyze", "security", &threshold, UNIT]);
    println!("running: {}", said.lines().last().unwrap());

    let more = ["prismatron-network.target", "prismatron-admin.socket"];
    let more = more.map(|unit| format!("/usr/lib/systemd/system/{unit}"));
    let mut verify = vec!["systemd-analyze", "verify", "--man=no"];
    verify.extend(units.iter().chain(&more).map(String::as_str));
    let verified = machine.try_run(&verify);
    assert!(verified.status.success(), "{verified:?}");
    assert_eq!(String::from_utf8_lossy(&verified.stderr), "");
}

#[test]
fn it_writes_in_five_places_and_nowhere_else() {
    let (machine, ..) = playing();
    let said = run_as_service(&machine, UNIT, &[], WRITE_EVERYWHERE);
    println!("{}", said.lines().last().unwrap());
    let written: Vec<&str> = said.lines().filter(|line| line.starts_with('/')).collect();
    let elsewhere: Vec<&&str> = written
        .iter()
        .filter(|path| !WRITABLE.iter().any(|place| path.starts_with(place)))
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:#?}");
    for place in WRITABLE {
        assert!(written.contains(&place), "{place} cannot be written");
    }
    // The probe would have found something: as root, outside, it does.
    let outside = machine.shell("/instead | grep --count ^/etc/");
    assert!(outside.trim().parse::<usize>().unwrap() > 10, "{outside}");
}

#[test]
fn what_hardening_forbids_cannot_be_done() {
    let machine = Machine::booted_with(WALL);
    let said = run_as_service(&machine, UNIT, &[], FORBIDDEN);
    let none = "0000000000000000";
    let expected = [
        &format!("CapInh {none}"),
        &format!("CapPrm {none}"),
        &format!("CapEff {none}"),
        &format!("CapBnd {none}"),
        &format!("CapAmb {none}"),
        "NoNewPrivs 1",
        "Seccomp 2",
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
    // Each would have shown: as root, outside, all of it can be done.
    let outside = machine.shell("mkdir -p /run/prismatron && /instead");
    let can = outside.lines().take_while(|line| !line.starts_with("Cap")).count();
    assert_eq!(can, FORBIDDEN.matches("=> sub").count(), "{outside}");

    for group in ["video", "gpio", "i2c", "spi", "dialout"] {
        let entry = machine.run(&["getent", "group", group]);
        assert!(entry.contains("prismatron"), "{entry}");
    }
    let shell = machine.run(&["getent", "passwd", "prismatron"]);
    assert!(shell.trim().ends_with(":/usr/sbin/nologin"), "{shell}");
}

/// Opens nodes and says how that went.
const OPEN_DEVICES: &str = r#"#!/usr/bin/perl
for my $node ("/dev/denied", "/dev/grouped") { print open(my $h, "<", $node) ? "opened\n" : "$!\n" }
"#;

#[test]
fn devices_are_closed_but_for_groups_that_are_named() {
    let machine = Machine::booted_with(WALL);
    // Something that everybody may open, were it not for the device policy: the kernel's random numbers,
    // major 10, which /proc/devices calls misc. And a node of an allowed number, which only the group may
    // open.
    machine.shell("mknod -m 0666 /dev/denied c 10 183");
    machine.shell("mknod -m 0660 /dev/grouped c 1 3 && chgrp video /dev/grouped");
    let said = run_as_service(&machine, UNIT, &[], OPEN_DEVICES);
    assert_eq!(said, "Operation not permitted\nopened\n");
    let said = run_as_service(&machine, UNIT, &["DeviceAllow=char-misc r"], OPEN_DEVICES);
    assert_ne!(said.lines().next(), Some("Operation not permitted"), "{said}");
}
