//! What is written about a day: the journal, and log files that are rotated.

use crate::{UNIT, play_red, playing};

#[test]
fn the_journal_tells_of_start_and_stop() {
    let (machine, ..) = playing();
    machine.run(&["systemctl", "restart", UNIT]);
    let journal = machine.journal(UNIT);
    for line in [
        "Starting prismatron.service",
        "sign in",
        "Started prismatron.service",
        "SIGTERM",
        "Stopped",
    ] {
        assert!(journal.contains(line), "no {line} in {journal}");
    }
}

#[test]
fn logs_are_rotated_and_the_service_goes_on() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    let pid = machine.show(UNIT, "MainPID");
    let log = "/var/lib/prismatron/logs/prismatron.log";
    assert!(machine.read(log).contains("light is on"), "{}", machine.read(log));
    machine.run(&["logrotate", "--force", "/etc/logrotate.d/prismatron"]);
    machine.wait_until("a line in the new file", || !machine.read(log).is_empty());
    let old = machine.read(&format!("{log}.1"));
    assert!(old.contains("light is on"), "{old}");
    let stat = machine.run(&["stat", "--format=%a %U %G", log]);
    assert_eq!(stat.trim(), "640 prismatron prismatron");
    assert_eq!(machine.show(UNIT, "MainPID"), pid, "the same process");
    assert_eq!(machine.show(UNIT, "ActiveState"), "active");
}

#[test]
fn what_keeps_errors_stops_at_a_full_file_and_goes_on_in_the_next() {
    let (machine, ..) = playing();
    let unit = "prismatron-errors.service";
    let dist = concat!(env!("CARGO_MANIFEST_DIR"), "/../app/dist/appliance/systemd/system/");
    let text = std::fs::read_to_string(format!("{dist}{unit}")).unwrap();
    machine.write(&format!("/usr/lib/systemd/system/{unit}"), &text);
    machine.run(&["systemctl", "daemon-reload"]);
    let log = "/var/lib/prismatron/logs/system.log";
    let (most, almost) = (64 << 20, (64 << 20) - 8);
    machine.run(&["truncate", &format!("--size={almost}"), log]);
    machine.run(&["chown", "prismatron:prismatron", log]);
    let length = || machine.run(&["stat", "--format=%s", log]).trim().parse::<u64>().unwrap();
    let tell = |line: &str| {
        machine.run(&["systemd-cat", "--priority=err", "echo", line]);
        machine.wait_until("the line in the journal", || {
            machine.run(&["journalctl", "--priority=err"]).contains(line)
        });
    };
    tell("the lamp is out");
    machine.run(&["systemctl", "start", unit]);
    assert_eq!(machine.show(unit, "Result"), "success");
    assert_eq!(length(), most, "as much as there was room for");
    // Larger than what is rotated once a day.
    machine.run(&["logrotate", "/etc/logrotate.d/prismatron"]);
    assert_eq!(length(), 0, "a file of its own");
    tell("the fan stands still");
    machine.run(&["systemctl", "start", unit]);
    assert!(machine.read(log).contains("the fan stands still"), "{}", machine.read(log));
}
