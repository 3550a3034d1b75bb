//! The Debian package: installed, upgraded, removed, purged.

use std::time::Duration;

use prismatron_tests::machine::{CHECKOUT, Machine};

use crate::{LEDS, UNIT, WALL, is_red, play_red, wait_for_another};

/// Where the first display's configuration is.
const CONFIG: &str = "/etc/prismatron/prismatron.ron";

#[test]
fn a_package_is_installed_upgraded_removed_and_purged() {
    let machine = Machine::bare();
    machine.boot();
    let mut display = machine.display("127.0.0.1", LEDS);
    let dpkg = |order: &str, what: &str| machine.run(&["dpkg", order, what]);

    dpkg("--install", &machine.bring_package("0.1.0-1"));
    assert_eq!(machine.show(UNIT, "ActiveState,UnitFileState"), "active\nenabled");
    assert!(machine.journal(UNIT).contains("claim "));
    let files = "| sed 's|.*/||' | sort";
    let packaged = machine.shell(&format!(
        "for f in $(dpkg --listfiles prismatron); do [ -d $f ] || [ $f = /usr/share/doc/prismatron ] || echo $f; done {files}"
    ));
    let meant = machine.shell(&format!(
        "{{ find {CHECKOUT}/app/dist -type f -not -path '*/debian/*' -not -path '*/appliance/*' \
         -not -path '*/development/*'; \
         echo prismatron; echo copyright; }} {files}"
    ));
    assert_eq!(packaged, meant);

    machine.write(CONFIG, WALL);
    machine.run(&["systemctl", "restart", UNIT]);
    display.wait_for("light", |shown| !shown.is_black());
    let api = machine.api();
    play_red(&machine, &mut display, &api);

    let before = machine.show(UNIT, "MainPID");
    dpkg("--install", &machine.bring_package("0.1.1-1"));
    wait_for_another(&machine, UNIT, &before);
    display.wait_for("black in between", |shown| shown.is_black());
    display.wait_for("red after the upgrade", is_red);
    let version = ["dpkg-query", "--show", "--showformat=${Version}", "prismatron"];
    assert_eq!(machine.run(&version), "0.1.1-1");
    assert_eq!(machine.read(CONFIG), WALL);

    dpkg("--remove", "prismatron");
    assert_eq!(machine.show(UNIT, "ActiveState"), "inactive");
    let mut last = None;
    while let Some(shown) = display.next(Duration::from_millis(200)) {
        last = Some(shown);
    }
    assert!(last.expect("a last picture").is_black());
    assert_eq!(machine.read(CONFIG), WALL);
    assert!(machine.exists("/var/lib/prismatron/playlists"));

    dpkg("--purge", "prismatron");
    assert_eq!(machine.show(UNIT, "LoadState"), "not-found");
    assert_eq!(machine.leftovers(), Vec::<String>::new());
}
