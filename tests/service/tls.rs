//! The service over TLS, in its sandbox: with a certificate of its own, and with one that is renewed.

use std::process::Command;

use prismatron_tests::machine::Machine;
use tempfile::TempDir;

use crate::{LEDS, UNIT, WALL};

/// A machine whose service has made a certificate, listens at this address and is active.
fn secure(address: &str) -> Machine {
    let machine = Machine::installed();
    let listen = format!("(listen: \"{address}:8080\", tls: SelfMade,");
    let wall = WALL.replacen('(', &listen, 1);
    machine.write("/etc/prismatron/prismatron.ron", &wall);
    let own = ["ip", "address", "replace", "192.0.2.1/32", "dev", "lo"];
    let set = machine.in_network(|| Command::new(own[0]).args(&own[1..]).status().unwrap());
    assert!(set.success());
    let mut display = machine.display("127.0.0.1", LEDS);
    machine.boot();
    machine.wait_for(UNIT, "ActiveState", "active");
    display.wait_for("light", |shown| !shown.is_black());
    machine
}

/// What the administrators are told of the certificate.
fn certificate(machine: &Machine) -> String {
    let status = machine.run(&["prismatron", "status"]);
    let told = status.lines().find_map(|line| line.strip_prefix("certificate SHA-256 "));
    told.unwrap_or_else(|| panic!("{status}")).to_owned()
}

#[test]
fn it_is_watched_and_healthy_with_a_certificate_of_its_own() {
    // Where it listens there only, the program does not ask itself by loopback.
    let machine = secure("192.0.2.1");
    let before = machine.show(UNIT, "MainPID");
    let health = machine.run(&["prismatron", "health"]);
    assert!(health.starts_with("OK: Prismatron "), "{health}");
    let told = certificate(&machine);
    assert!(machine.journal(UNIT).contains(&told), "{told}");
    let kept = "/var/lib/prismatron/playlists/state-tls.ron";
    assert_eq!(machine.run(&["stat", "--format=%a %U", kept]).trim(), "600 prismatron");
    // Longer than systemd waits.
    let fed = || machine.show(UNIT, "WatchdogTimestampMonotonic").parse::<u64>().unwrap();
    let first = fed();
    machine.wait_until("fed for 15 s", || fed() > first + 15_000_000);
    assert_eq!(machine.show(UNIT, "MainPID"), before);
    assert!(!machine.journal(UNIT).contains("the watchdog is not fed"));

    machine.run(&["systemctl", "restart", UNIT]);
    assert_eq!(certificate(&machine), told, "a restart keeps it");
}

#[test]
fn a_renewed_certificate_is_taken_by_a_reload() {
    let machine = secure("0.0.0.0");
    let folder = TempDir::new().unwrap();
    let (pem, key) = (folder.path().join("wall.pem"), folder.path().join("wall.key"));
    // As a script does that an issuer's client runs: the key is for the service alone to read.
    let renew = || {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            .args(["-noenc", "-days", "1", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost", "-keyout"])
            .arg(&key)
            .arg("-out")
            .arg(&pem)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        for (from, to) in [(&pem, "wall.pem"), (&key, "wall.key")] {
            let text = std::fs::read_to_string(from).unwrap();
            machine.write(&format!("/tmp/{to}"), &text);
            machine.shell(&format!(
                "install --group=prismatron --mode=640 /tmp/{to} /etc/prismatron/{to}"
            ));
        }
    };
    let page = || {
        machine.in_network(|| {
            let mut curl = Command::new("curl");
            curl.args(["--silent", "--max-time", "30", "--cacert"]).arg(&pem);
            curl.arg("https://localhost:8080/api/health").output().unwrap().status.success()
        })
    };
    renew();
    machine.shell(
        "sed --in-place 's/SelfMade/Files(certificate: \"wall.pem\", key: \"wall.key\")/' \
         /etc/prismatron/prismatron.ron",
    );
    machine.run(&["prismatron", "check-config", "/etc/prismatron/prismatron.ron"]);
    machine.run(&["systemctl", "restart", UNIT]);
    let first = certificate(&machine);
    assert!(page());
    renew();
    assert!(!page(), "it is not shown yet");
    machine.run(&["systemctl", "reload", UNIT]);
    machine.wait_until("the renewed certificate", || certificate(&machine) != first);
    assert!(page());
}
