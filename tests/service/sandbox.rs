//! What a process of the service can do: another program is run in its place, under all that the unit says.

use std::fmt::Write;

use prismatron_tests::instead;
use prismatron_tests::machine::Machine;

/// Runs a program (a text that begins with `#!`) instead of the service's and returns what it says.
///
/// `settings` are added to the unit.
pub(crate) fn run_as_service(
    machine: &Machine,
    unit: &str,
    settings: &[&str],
    program: &str,
) -> String {
    let drop_in = format!("/run/systemd/system/{unit}.d/instead.conf");
    let mut text = instead::drop_in("/instead", "/said");
    for setting in settings {
        writeln!(text, "{setting}").unwrap();
    }
    machine.run(&["systemctl", "stop", unit]);
    machine.write_program("/instead", program);
    machine.write(&drop_in, &text);
    machine.run(&["systemctl", "daemon-reload"]);
    let ended = machine.try_run(&["systemctl", "start", unit]);
    let said = machine.read("/said");
    assert!(ended.status.success(), "{said}\n{}", machine.journal(unit));
    machine.run(&["rm", &drop_in]);
    machine.run(&["systemctl", "daemon-reload"]);
    said
}
