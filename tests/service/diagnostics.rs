//! `prismatron diagnostics`: the archive of a running service, unpacked by the real `tar`.

use serde_json::{Value, json};

use crate::{UNIT, play_red, playing};

#[test]
fn the_archive_has_logs_state_and_versions_and_no_secret() {
    let (machine, mut display, api) = playing();
    play_red(&machine, &mut display, &api);
    let code = machine.run(&["prismatron", "claim-code"]).trim().to_owned();
    let token = json!({ "name": "script", "role": "admin", "days": 1 });
    let token = machine.in_network(|| api.send("POST", "/api/tokens", &token));
    // The next start says code and link in the journal, and writes on in the other file after a rotation.
    machine.run(&["systemctl", "restart", UNIT]);
    let logs = ["prismatron.log", "audit.log"].map(|log| format!("/var/lib/prismatron/logs/{log}"));
    for _ in 0..2 {
        // What is empty is not rotated.
        machine
            .wait_until("lines in both", || logs.iter().all(|log| !machine.read(log).is_empty()));
        machine.run(&["logrotate", "--force", "/etc/logrotate.d/prismatron"]);
    }
    machine.wait_until("new files", || logs.iter().all(|log| !machine.read(log).is_empty()));
    let packed = "/var/lib/prismatron/logs/prismatron.log.2.gz";
    assert!(machine.exists(packed), "a compressed log");

    let said = machine.shell("mkdir /tmp/here && cd /tmp/here && prismatron diagnostics");
    let name = said.trim();
    assert!(name.starts_with("prismatron-diagnostics-") && name.ends_with("Z.tar.gz"), "{said}");
    let archive = format!("/tmp/here/{name}");
    assert_eq!(machine.run(&["stat", "--format=%a", &archive]).trim(), "600");
    machine.run(&["tar", "-C", "/tmp/here", "-xzf", &archive]);
    let read = |file: &str| machine.read(&format!("/tmp/here/prismatron-diagnostics/{file}"));
    let manifest = read("MANIFEST");
    assert!(manifest.ends_with("Not here, and why:\nnothing\n"), "{manifest}");
    let status: Value = serde_json::from_str(&read("status.json")).unwrap();
    assert_eq!(status["player"]["mode"], "playing");
    let versions = read("versions.txt");
    assert!(versions.contains("systemd 252"), "{versions}");
    assert!(read("os-release").contains("ID=debian"));
    assert!(read("limits.txt").contains("Max open files"));
    assert!(
        read("configuration.txt").contains("configuration file: /etc/prismatron/prismatron.ron")
    );
    assert!(read("playlists.json").contains("\"test\""));
    assert!(read("logs/prismatron.log.2").contains("light is on"), "{manifest}");
    assert!(read("logs/audit.log.2").contains("POST /api/tokens"), "{manifest}");

    let everything =
        machine.shell("cd /tmp/here/prismatron-diagnostics && find . -type f -exec cat {} +");
    let accounts = machine.read("/var/lib/prismatron/playlists/accounts.ron");
    let hash = accounts.split_once("hash: \"").unwrap().1.split('"').next().unwrap();
    let key = machine.read("/var/lib/prismatron/playlists/signing-key.ron");
    let key = key.rsplit('"').nth(1).unwrap();
    let journal = machine.journal(UNIT);
    let links = journal.split("#code=").skip(1).map(|rest| rest.split_whitespace().next().unwrap());
    let mut secrets: Vec<&str> = links.collect();
    assert!(secrets.len() >= 2, "{journal}");
    secrets.extend([&code, hash, key, &api.token, token["secret"].as_str().unwrap()]);
    for secret in secrets {
        assert!(secret.len() > 10 && !everything.contains(secret), "{secret}: {everything}");
    }

    // Nothing is written over.
    machine.write("/tmp/mine", "mine");
    assert!(!machine.try_run(&["prismatron", "diagnostics", "/tmp/mine"]).status.success());
    assert_eq!(machine.read("/tmp/mine"), "mine");
    machine.wait_until("who took it is in the audit log", || {
        let log = machine.read("/var/lib/prismatron/logs/audit.log");
        log.lines()
            .any(|line| line.contains("took the diagnostics") && line.contains("local user 0"))
    });
}
