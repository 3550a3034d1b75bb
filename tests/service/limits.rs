//! Limits: what the kernel was told, and that each is hit where it says.

use prismatron_tests::instead::OPEN_FILES;
use prismatron_tests::machine::Machine;

use crate::sandbox::run_as_service;
use crate::{UNIT, WALL, playing};

#[test]
fn the_kernel_has_every_limit_of_the_running_service() {
    let (machine, ..) = playing();
    let group = |file: &str| {
        let (controller, _) = file.split_once('.').unwrap();
        machine.read(&format!("/sys/fs/cgroup/{controller}/system.slice/{UNIT}/{file}"))
    };
    assert_eq!(group("memory.limit_in_bytes").trim(), (4_u64 << 30).to_string());
    assert_eq!(group("pids.max").trim(), "4096");
    let quota: u64 = group("cpu.cfs_quota_us").trim().parse().unwrap();
    let period: u64 = group("cpu.cfs_period_us").trim().parse().unwrap();
    assert_eq!(quota, 2 * period);
    let pid = machine.show(UNIT, "MainPID");
    assert_eq!(hard_limit(&machine, &pid, "Max open files"), open_files(&machine));
    assert_eq!(hard_limit(&machine, &pid, "Max processes"), 4096);
    for (property, value) in [
        ("LimitNOFILE", "65536"),
        ("LimitNPROC", "4096"),
        ("TasksMax", "4096"),
        ("MemoryMax", "4294967296"),
        ("CPUQuotaPerSecUSec", "2s"),
    ] {
        assert_eq!(machine.show(UNIT, property), value, "{property}");
    }
}

/// A hard limit of a process.
fn hard_limit(machine: &Machine, pid: &str, name: &str) -> u64 {
    let limits = machine.shell(&format!("cat /proc/{pid}/limits"));
    let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What `LimitNOFILE=65536` can come to here: where the tests run without CAP_SYS_RESOURCE, systemd sets as
/// many as it has itself.
fn open_files(machine: &Machine) -> u64 {
    let possible = hard_limit(machine, "1", "Max open files").min(65536);
    println!("LimitNOFILE=65536: {possible} on this machine");
    possible
}

#[test]
fn the_whole_number_of_open_files_is_there() {
    let machine = Machine::booted_with(WALL);
    let possible = open_files(&machine);
    if possible < 65536 {
        println!(
            "SKIPPED: 65,536 open files: nobody may have more than {possible} on this machine"
        );
        return;
    }
    assert_eq!(run_as_service(&machine, UNIT, &[], OPEN_FILES), "Too many open files: 65536\n");
}

/// Starts processes until it cannot, and says how many there were at the end, itself included.
const START_PROCESSES: &str = r#"#!/usr/bin/perl
my @children;
while (1) {
    my $child = fork();
    last unless defined $child;
    if ($child == 0) { sleep 1000; exit }
    push @children, $child;
}
print "$!: ", scalar(@children) + 1, "\n";
kill "KILL", @children;
1 while wait() != -1;
"#;

/// A child takes memory, a quarter of a GiB at a time, and the parent says how far it came and how it ended.
const TAKE_MEMORY: &str = r#"#!/usr/bin/perl
$| = 1;
pipe(my $read, my $write);
if (fork() == 0) {
    my @taken;
    for my $quarters (1 .. 24) { push @taken, "x" x (1 << 28); syswrite($write, "$quarters\n") }
    exit 0;
}
close $write;
my $last = 0;
$last = $_ while <$read>;
wait;
print $last + 0, " quarters, signal ", $? & 127, "\n";
"#;

/// Four processes burn time for two seconds of the clock; says how many processors' worth they got.
const TAKE_TIME: &str = r#"#!/usr/bin/perl
my $end = time + 3;
my @children = map { my $c = fork(); if ($c == 0) { 1 while time < $end; exit } $c } 1 .. 4;
1 while wait() != -1;
my (undef, undef, $user, $system) = times;
print int(100 * ($user + $system) / 3), "\n";
"#;

#[test]
fn files_tasks_memory_and_time_end_where_the_unit_says() {
    let machine = Machine::alone_with(WALL);
    let said = run_as_service(&machine, UNIT, &[], OPEN_FILES);
    assert_eq!(said, format!("Too many open files: {}\n", open_files(&machine)));
    let said = run_as_service(&machine, UNIT, &["LimitNOFILE=1000"], OPEN_FILES);
    assert_eq!(said, "Too many open files: 1000\n");

    let said = run_as_service(&machine, UNIT, &["LimitNPROC=infinity"], START_PROCESSES);
    assert_eq!(said, "Resource temporarily unavailable: 4096\n", "TasksMax");
    // The kernel counts all processes of this user number, those of other machines beside this one too.
    let said = run_as_service(&machine, UNIT, &["TasksMax=infinity"], START_PROCESSES);
    let count = said.trim().strip_prefix("Resource temporarily unavailable: ").unwrap_or(&said);
    assert!((3500..=4096).contains(&count.parse().unwrap()), "LimitNPROC: {said}");

    // 16 quarters are 4 GiB, and Perl copies one while it makes it: the child is killed, and the parent goes
    // on.
    let said = run_as_service(&machine, UNIT, &[], TAKE_MEMORY);
    assert!(["14 quarters, signal 9\n", "15 quarters, signal 9\n"].contains(&&*said), "{said}");

    // Less than there are processors, since the unit's own two may be all there are.
    let said = run_as_service(&machine, UNIT, &["CPUQuota=30%"], TAKE_TIME);
    let percent: u32 = said.trim().parse().unwrap();
    assert!((1..=45).contains(&percent), "{percent} %");
    println!("CPUQuota=30%: {percent} %");
}
