//! What is asked of RAUC, on a system that has its service.

use std::fs;
use std::path::Path;

use prismatron_tests::machine::{CHECKOUT, Machine};

#[test]
fn a_boot_is_confirmed_as_soon_as_rauc_has_the_time() {
    const UNIT: &str = "prismatron-mark-good.service";
    let machine = Machine::installed();
    let units = format!("{CHECKOUT}/app/dist/appliance/systemd/system");
    machine
        .write(&format!("/etc/systemd/system/{UNIT}"), &machine.read(&format!("{units}/{UNIT}")));
    // It says so while it installs.
    machine.write_program(
        "/usr/bin/rauc",
        "#!/bin/sh\n[ \"$*\" = 'status mark-good' ] || exit 2\n[ -e /run/is-free ] && exit\n\
         echo 'rauc mark: already processing a different method' >&2\nexit 1\n",
    );
    machine.boot();
    machine.run(&["systemctl", "start", "--no-block", UNIT]);
    machine.wait_until("another try", || machine.show(UNIT, "NRestarts") == "1");
    assert_ne!(machine.show(UNIT, "ActiveState"), "active");
    machine.write("/run/is-free", "");
    machine.wait_for(UNIT, "ActiveState", "active");
}

#[test]
fn what_is_held_to_be_its_introspection_is() {
    const INTERFACE: &str = "de.pengutronix.rauc.Installer.xml";
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let kept = tests.join("../app/system/tests/update").join(INTERFACE);
    let machine = Machine::bare();
    let installed = machine.read(&format!("/usr/share/dbus-1/interfaces/{INTERFACE}"));
    assert_eq!(fs::read_to_string(kept).unwrap(), installed);
}
