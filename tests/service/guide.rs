//! The operations guide, typed from its first command to its last.

use prismatron_tests::guide::sections;
use prismatron_tests::machine::{CHECKOUT, Machine};

use crate::UNIT;

#[test]
fn every_command_of_the_guide_works() {
    let machine = Machine::bare();
    machine.boot();
    for (section, lines) in sections() {
        for line in &lines {
            let said = machine.shell(&format!("cd {CHECKOUT} && {line}"));
            println!("{section}: {line}\n{said}");
            match section.as_str() {
                "Install" if !line.starts_with("systemctl start") => {}
                "Sign in" => assert!(!said.trim().is_empty()),
                "Remove" => {}
                _ if line.ends_with("stop prismatron.service") => {}
                _ => assert_eq!(machine.show(UNIT, "ActiveState"), "active", "{line}"),
            }
        }
    }
    assert_eq!(machine.show(UNIT, "LoadState"), "not-found");
    let left = machine.shell("find / -xdev -name '*prismatron*' -not -path '/usr/src/*' -prune");
    let mut left: Vec<&str> = left.lines().filter(|path| !path.starts_with("/proc")).collect();
    left.sort_unstable();
    // What was composed and configured is nobody's to remove.
    assert_eq!(left, ["/etc/prismatron", "/var/lib/prismatron", "/var/lib/prismatron-second"]);
}
