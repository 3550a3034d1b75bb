//! Further displays: the template units, what one display tells of the others, and the sockets for administration.

use std::path::Path;

use prismatron_tests::machine::Machine;
use serde_json::{Value, json};

use crate::sandbox::run_as_service;
use crate::{LEDS, UNIT, WALL, playing, wait_for_another};

fn unit_text(name: &str) -> Vec<String> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/dist/systemd");
    let text = std::fs::read_to_string(dist.join(name)).unwrap();
    text.lines().skip(1).map(String::from).collect()
}

#[test]
fn the_templates_say_what_the_units_say() {
    let of_instance = |name: &str| -> Vec<String> {
        let lines = unit_text(name).into_iter().map(|line| match &*line {
            "Description=Prismatron LED display" | "Description=Prismatron administration" => {
                format!("{line} %i")
            }
            "RuntimeDirectory=prismatron" => format!("{line}-%i"),
            _ => line
                .replace("/var/lib/prismatron", "/var/lib/prismatron-%i")
                .replace("/etc/prismatron/prismatron.ron", "/etc/prismatron/%i.ron")
                .replace("/run/prismatron-admin", "/run/prismatron-admin-%i")
                .replace("prismatron-admin.socket", "prismatron-admin@%i.socket")
                .replace("Service=prismatron.service", "Service=prismatron@%i.service"),
        });
        lines.collect()
    };
    let template: Vec<String> = unit_text("prismatron@.service")
        .into_iter()
        .filter(|line| !line.starts_with("ExecStartPre=") && !line.starts_with("# tmpfiles.d"))
        .collect();
    assert_eq!(of_instance("prismatron.service"), template);
    assert_eq!(of_instance("prismatron-admin.socket"), unit_text("prismatron-admin@.socket"));
}

#[test]
fn two_displays_play_beside_each_other_and_write_only_their_own() {
    const SECOND: &str = "prismatron@second.service";
    let (machine, mut first, _) = playing();
    let wall =
        WALL.replace("127.0.0.1", "127.0.0.2").replacen('(', "(listen: \"127.0.0.1:8081\",", 1);
    machine.write("/etc/prismatron/second.ron", &wall);
    let mut second = machine.display("127.0.0.2", LEDS);
    machine.run(&["systemctl", "enable", "--now", SECOND]);
    assert_eq!(machine.show(SECOND, "ActiveState"), "active");
    second.wait_for("light", |shown| !shown.is_black());
    first.wait_for("light", |shown| !shown.is_black());
    assert!(machine.exists("/run/prismatron-second/prismatron.pid"));
    let modes = "cd /var/lib && stat --format='%a %U %n' prismatron* prismatron*/*";
    let modes = machine.shell(modes);
    assert_eq!(
        modes.lines().collect::<Vec<_>>(),
        [
            "755 root prismatron",
            "755 root prismatron-second",
            "750 prismatron prismatron-second/logs",
            "750 prismatron prismatron-second/media",
            "700 prismatron prismatron-second/playlists",
            "750 prismatron prismatron-second/uploads",
            "750 prismatron prismatron/logs",
            "750 prismatron prismatron/media",
            "700 prismatron prismatron/playlists",
            "750 prismatron prismatron/uploads",
        ]
    );

    // Each is told of by the other, to whoever is signed in, and by the machine to anyone.
    let api = machine.api_of("8081", "/var/lib/prismatron-second");
    let of = |displays: &Value, name: Value, what: &str| {
        let all = displays["displays"].as_array().unwrap();
        let one = all.iter().find(|display| display["name"] == name);
        one.unwrap_or_else(|| panic!("{displays:#}"))[what].clone()
    };
    for (from, own) in [(&machine.api(), Value::Null), (&api, json!("second"))] {
        let told = machine.in_network(|| from.get("/api/displays"));
        assert_eq!(told["displays"].as_array().unwrap().len(), 2, "{told:#}");
        assert_eq!(of(&told, Value::Null, "page")["port"], 8080);
        assert_eq!(
            of(&told, json!("second"), "page"),
            json!({"scheme": "http", "port": 8081, "local": true})
        );
        for name in [Value::Null, json!("second")] {
            assert_eq!(of(&told, name.clone(), "own"), name == own);
            assert_eq!(of(&told, name, "state"), "ok");
        }
    }
    machine.run(&["useradd", "guest"]);
    let displays = || {
        let said = machine.try_run_as("guest", &["prismatron", "displays"]);
        String::from_utf8(said.stdout).unwrap()
    };
    let told = displays();
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].starts_with("prismatron.service         ok"), "{told}");
    assert_eq!(lines[1], "prismatron@second.service  ok        http://127.0.0.1:8081/");
    let health = ["prismatron", "health", "--display", "second"];
    assert_eq!(machine.run(&health), "OK: Prismatron is healthy\n");

    // Each restarts itself and no other.
    let before = (machine.show(UNIT, "MainPID"), machine.show(SECOND, "MainPID"));
    machine.in_network(|| api.send("POST", "/api/system/restart", &json!({})));
    wait_for_another(&machine, SECOND, &before.1);
    assert_eq!(machine.show(UNIT, "MainPID"), before.0);

    // Its administrators have a door of their own to it.
    let socket = "/run/prismatron-admin-second.sock";
    let stat = machine.run(&["stat", "--format=%F %a %U %G", socket]);
    assert_eq!(stat.trim(), "socket 660 root prismatron-admin");
    machine.run(&["prismatron", "safe-mode", "--display", "second", "on"]);
    second.wait_for("black", |shown| shown.is_black());
    assert!(machine.run(&["prismatron", "status", "--display", "second"]).contains("safe mode"));
    assert!(!machine.run(&["prismatron", "status"]).contains("safe mode"));
    machine.run(&["prismatron", "safe-mode", "--display", "second", "off"]);
    second.wait_for("light", |shown| !shown.is_black());

    // One that has failed is not forgotten.
    for _ in 0..3 {
        machine.wait_for(SECOND, "ActiveState", "active");
        machine.run(&["systemctl", "kill", "--kill-whom=main", "--signal=KILL", SECOND]);
        machine.wait_until("it is gone", || machine.show(SECOND, "ActiveState") != "active");
    }
    machine.wait_for(SECOND, "ActiveState", "failed");
    assert!(displays().contains("prismatron@second.service  failed\n"), "{}", displays());
    let first_api = machine.api();
    let told = machine.in_network(|| first_api.get("/api/displays"));
    assert_eq!(of(&told, json!("second"), "state"), "failed");
    assert_eq!(of(&told, json!("second"), "page"), Value::Null);
    machine.run(&["systemctl", "reset-failed", SECOND]);
    machine.run(&["systemctl", "start", SECOND]);

    machine.run(&["systemctl", "stop", SECOND]);
    second.wait_for("black", |shown| shown.is_black());
    assert_eq!(machine.show(UNIT, "ActiveState"), "active");
    let said = run_as_service(
        &machine,
        SECOND,
        &[],
        "#!/bin/sh\ntouch /var/lib/prismatron-second/media/x && echo own\n\
         touch /var/lib/prismatron/media/x || echo not the other\n",
    );
    assert_eq!(said, "own\nnot the other\n");
}

#[test]
fn the_administration_socket_is_handed_over_to_a_service_that_plays() {
    let (machine, mut display, _) = playing();
    let socket = "/run/prismatron-admin.sock";
    let stat = machine.run(&["stat", "--format=%F %a %U %G", socket]);
    assert_eq!(stat.trim(), "socket 660 root prismatron-admin");
    let environment = |machine: &Machine| {
        let pid = machine.show(UNIT, "MainPID");
        machine.shell(&format!("tr '\\0' '\\n' </proc/{pid}/environ"))
    };
    let has = environment(&machine);
    assert!(has.contains("LISTEN_FDS=1\n") && has.contains("LISTEN_FDNAMES=admin\n"), "{has}");
    machine.run(&["systemctl", "restart", UNIT]);
    display.wait_for("light after a restart", |shown| !shown.is_black());
    assert!(environment(&machine).contains("LISTEN_FDNAMES=admin\n"));

    // Whoever is in the group reaches it, nobody else.
    machine.shell("useradd guest; useradd --groups prismatron-admin caretaker");
    let connect = "use Socket; socket(my $s, PF_UNIX, SOCK_STREAM, 0); \
                   connect($s, sockaddr_un('/run/prismatron-admin.sock')) or die $!";
    assert!(!machine.try_run_as("guest", &["perl", "-e", connect]).status.success());
    let caretaker = machine.try_run_as("caretaker", &["perl", "-e", connect]);
    assert!(caretaker.status.success(), "{caretaker:?}");

    // The socket alone starts the service.
    machine.run(&["systemctl", "stop", UNIT]);
    machine.try_run_as("caretaker", &["perl", "-e", connect]);
    machine.wait_for(UNIT, "ActiveState", "active");
}
