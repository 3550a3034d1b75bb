//! What is asked of RAUC, on a system that has its service.

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
