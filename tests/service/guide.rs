//! The operations guide, typed from its first command to its last.

use prismatron_tests::guide::sections;
use prismatron_tests::machine::{CHECKOUT, Machine};

use crate::UNIT;

#[test]
fn every_command_of_the_guide_works() {
    let machine = Machine::bare();
    machine.bring_package("0.1.0-1");
    machine.boot();
    for (section, lines) in sections() {
        for line in &lines {
            let said = machine.shell(&format!("cd {CHECKOUT} && {line}"));
            println!("{section}: {line}\n{said}");
            match section.as_str() {
                "Install" if !line.starts_with("systemctl start") => {}
                "Sign in" => assert!(!said.trim().is_empty()),
                "Remove" | "As a package" if !line.contains(" install ") => {}
                _ if line.ends_with("stop prismatron.service") => {}
                // A reload asked for before may be under way.
                _ => machine.wait_for(UNIT, "ActiveState", "active"),
            }
        }
        let left: &[&str] = match section.as_str() {
            // What was composed and configured is nobody's to remove.
            "Remove" => &["/etc/prismatron", "/var/lib/prismatron", "/var/lib/prismatron-second"],
            "As a package" => &[],
            _ => continue,
        };
        assert_eq!(machine.show(UNIT, "LoadState"), "not-found");
        assert_eq!(machine.leftovers(), left, "{section}");
    }
}
