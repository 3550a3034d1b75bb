//! What outlives a restart, and what is said when something did not.

use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use prismatron_tests::appliance::{Appliance, PATIENCE, Start, binary};
use prismatron_tests::ddp::Display;
use serde_json::json;

use crate::{LEDS, is_primary, small_wall, solid};

#[test]
fn position_settings_and_playlists_survive_a_restart() {
    let mut display = Display::new(LEDS);
    let start = Start::with(small_wall(&format!("(hosts: [{:?}])", display.address())));
    let mut appliance = Appliance::start(&start);
    let id = appliance.play(&json!([solid("#ff0000", 600.0), solid("#00ff00", 600.0)]));
    appliance.send("POST", "/api/control/next", &json!({}));
    appliance.send("POST", "/api/control/seek", &json!({"position_seconds": 300}));
    appliance.send("PATCH", "/api/settings", &json!({"gamma": 1.5}));
    display.wait_for("the second item", |shown| is_primary(shown.rgb(0), 1));
    appliance.signal("-TERM");
    assert!(appliance.wait().success());

    let appliance = Appliance::start_in(appliance.folder(), &start);
    let status = appliance.wait_for("playing", |status| status["player"]["mode"] == "playing");
    let player = &status["player"];
    assert_eq!(player["playlist"]["id"], id.as_str());
    assert_eq!(player["item"]["index"], 1);
    let position = player["position_seconds"].as_f64().unwrap();
    assert!((299.0..400.0).contains(&position), "{position}");
    display.wait_for("the second item again", |shown| is_primary(shown.rgb(0), 1));
    assert_eq!(appliance.get("/api/settings")["gamma"], 1.5);
}

#[test]
fn a_blackout_holds_over_a_kill_and_whatever_the_brightness() {
    let mut display = Display::new(LEDS);
    let start = Start::with(small_wall(&format!("(hosts: [{:?}])", display.address())));
    let appliance = Appliance::start(&start);
    appliance.play(&json!([solid("#ff0000", 600.0)]));
    display.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
    appliance.send("POST", "/api/control/blackout", &json!({"on": true}));
    display.wait_for("nothing", |shown| shown.is_black());
    appliance.signal("-KILL");
    let folder = appliance.folder();
    drop(appliance);

    let appliance = Appliance::start_in(folder, &start);
    let status = appliance.wait_for("playing", |status| status["player"]["mode"] == "playing");
    assert_eq!(status["player"]["blackout"], true);
    appliance.send("PATCH", "/api/settings", &json!({"brightness": 1.0}));
    let until = Instant::now() + Duration::from_millis(500);
    while Instant::now() < until {
        assert!(display.next(Duration::from_millis(50)).is_none_or(|shown| shown.is_black()));
    }
    appliance.send("POST", "/api/control/blackout", &json!({"on": false}));
    display.wait_for("red again", |shown| is_primary(shown.rgb(0), 0));
}

#[test]
fn e131_receivers_see_the_same_source_after_a_restart() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    receiver.set_read_timeout(Some(PATIENCE)).unwrap();
    let start = Start::with(small_wall(&format!(
        "(hosts: [\"{}\"], protocol: Sacn(universe: 1))",
        receiver.local_addr().unwrap()
    )));
    // ANSI E1.31-2018, section 5.6: bytes 22 to 37 are the CID.
    let cid = || {
        let mut packet = [0; 1024];
        assert!(receiver.recv(&mut packet).unwrap() > 126);
        packet[22..38].to_vec()
    };
    // What was sent before one program ended is not taken for the next one's.
    let none_waits = || {
        receiver.set_nonblocking(true).unwrap();
        while receiver.recv(&mut [0; 1024]).is_ok() {}
        receiver.set_nonblocking(false).unwrap();
    };
    let first = Appliance::start(&start);
    let before = cid();
    let folder = first.folder();
    let mut blackout = Command::new(binary());
    blackout.args(["blackout".as_ref(), "--config".as_ref(), first.config().as_os_str()]);
    blackout.args(["--data-dir".as_ref(), first.data_dir().as_os_str()]);
    drop(first);
    none_waits();
    assert!(blackout.status().unwrap().success());
    assert_eq!(cid(), before, "what darkens the wall after a crash is the same source too");
    none_waits();
    let second = Appliance::start_in(folder, &start);
    assert_eq!(cid(), before);
    drop(second);
    none_waits();
    let _another = Appliance::start(&start);
    assert_ne!(cid(), before, "another appliance is another source");
}

#[test]
fn what_was_saved_survives_a_kill() {
    let appliance = Appliance::start(&Start::default());
    let playlist = appliance.send("POST", "/api/playlists", &json!({"name": "kept"}));
    appliance.signal("-KILL");
    let folder = appliance.folder();
    drop(appliance);
    let appliance = Appliance::start_in(folder, &Start::default());
    let id = playlist["id"].as_str().unwrap();
    assert_eq!(appliance.get(&format!("/api/playlists/{id}"))["name"], "kept");
}

#[test]
fn a_corrupt_playlist_is_set_aside_hides_no_other_and_is_shown() {
    let mut appliance = Appliance::start(&Start::default());
    let id = appliance.send("POST", "/api/playlists", &json!({"name": "first name"}))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    appliance.send("PATCH", &format!("/api/playlists/{id}"), &json!({"name": "second name"}));
    let before = appliance.get("/api/playlists")["playlists"].as_array().unwrap().len();
    appliance.signal("-TERM");
    assert!(appliance.wait().success());

    let playlists = appliance.data_dir().join("playlists");
    let file =
        files_in(&playlists).into_iter().find(|file| name(file) == format!("{id}.ron")).unwrap();
    std::fs::write(&file, vec![0; 4096]).unwrap();
    let appliance = Appliance::start_in(appliance.folder(), &Start::default());
    assert_eq!(appliance.get("/api/playlists")["playlists"].as_array().unwrap().len(), before);
    assert_eq!(
        appliance.get(&format!("/api/playlists/{id}"))["name"],
        "first name",
        "the last good one"
    );
    let health = appliance.get("/api/status")["health"].clone();
    assert!(health["findings"].to_string().contains(&id), "{health}");
    let aside = files_in(&playlists).into_iter().any(|file| {
        name(&file).contains("corrupt") && std::fs::read(&file).unwrap() == vec![0; 4096]
    });
    assert!(aside, "{:?}", files_in(&playlists));
}

#[test]
fn verify_names_what_has_rotted() {
    let mut appliance = Appliance::start(&Start::default());
    appliance.wait_for("the shipped media", |_| {
        appliance.get("/api/media")["media"].as_array().unwrap().len() == 2
    });
    appliance.signal("-TERM");
    assert!(appliance.wait().success());
    let verify = || {
        let mut command = Command::new(binary());
        command.args(["verify", "--data-dir"]).arg(appliance.data_dir()).output().unwrap()
    };
    let sound = verify();
    assert!(sound.status.success(), "{}", String::from_utf8_lossy(&sound.stderr));

    let file = files_in(&appliance.data_dir().join("media"))
        .into_iter()
        .find(|file| file.extension().is_some_and(|extension| extension == "gif"))
        .unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let rotten = verify();
    assert_eq!(rotten.status.code(), Some(1));
    let said = String::from_utf8_lossy(&rotten.stdout).into_owned();
    assert!(said.contains("Lava.gif") && !said.contains("Aurora"), "{said}");
}

fn files_in(folder: &std::path::Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn name(file: &std::path::Path) -> String {
    file.file_name().unwrap().to_string_lossy().into_owned()
}
