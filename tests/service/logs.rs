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
