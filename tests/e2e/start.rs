//! The start: what is said, what plays, and what is refused.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;

use std::io::{BufRead, BufReader};

use prismatron_tests::appliance::{Appliance, Start, agent, binary};
use prismatron_tests::ddp::Display;
use tempfile::TempDir;

use crate::{LEDS, small_wall};

#[test]
fn the_first_start_moves_light_and_plays_what_is_shipped() {
    let mut display = Display::new(LEDS);
    let start = Start::with(small_wall(&format!("(hosts: [{:?}])", display.address())));
    let appliance = Appliance::start(&start);
    let first = display.wait_for("light", |shown| !shown.is_black());
    display.wait_for("movement", |shown| shown.data != first.data);

    let playlists = appliance.get("/api/playlists");
    assert_eq!(playlists["playlists"][0]["active"], true);
    appliance.wait_for("media in the library", |_| {
        appliance.get("/api/media")["media"].as_array().unwrap().len() == 2
    });
    let id = playlists["playlists"][0]["id"].as_str().unwrap();
    let kinds = |appliance: &Appliance| -> Vec<String> {
        let playlist = appliance.get(&format!("/api/playlists/{id}"));
        let items = playlist["items"].as_array().unwrap();
        items.iter().map(|i| i["content"]["type"].as_str().unwrap().to_owned()).collect()
    };
    appliance.wait_for("a still and an animation in the demonstration", |_| {
        kinds(&appliance).iter().filter(|kind| *kind == "media").count() == 2
    });
    assert!(kinds(&appliance).contains(&"text".to_owned()));
    let status = appliance.get("/api/status");
    assert_eq!(status["player"]["mode"], "playing");
    assert_eq!(status["player"]["problems"].as_array().unwrap().len(), 0, "{status:#}");
}

#[test]
fn the_link_signs_in_once() {
    let appliance = Appliance::start(&Start::default());
    let code = appliance.sign_in.rsplit('=').next().unwrap();
    let url = format!("{}/api/session", appliance.base);
    let body = format!("{{\"code\":{code:?}}}");
    let post = || {
        agent().post(&url).header("Content-Type", "application/json").send(body.as_str()).unwrap()
    };
    let answer = post();
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let session = cookie.split(';').next().unwrap();
    let status = |cookie: &str| {
        let request = agent().get(format!("{}/api/status", appliance.base));
        request.header("Cookie", cookie).call().unwrap().status().as_u16()
    };
    assert_eq!(status(session), 200);
    assert_eq!(status(""), 401);
    assert_eq!(post().status(), 401, "a second time");
}

#[test]
fn without_an_address_the_next_free_port_is_taken_and_said() {
    // 8080 is held by this test, or by somebody else: either way it is taken.
    let _held = TcpListener::bind("127.0.0.1:8080");
    let folder = TempDir::new().unwrap();
    let mut child = Command::new(binary())
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let said: Vec<String> = lines.take_while(|line| !line.contains("#code=")).collect();
    let made = folder.path().join("prismatron-data/playlists").is_dir();
    child.kill().unwrap();
    child.wait().unwrap();
    let said = said.join("\n");
    assert!(said.contains("8080") && said.contains("taken"), "{said}");
    assert!(made, "prismatron-data is made in the working directory");
}

#[test]
fn safe_mode_serves_the_page_and_plays_nothing() {
    let mut start = Start::default();
    start.args.push("--safe-mode".into());
    let first = Appliance::start(&Start::default());
    first.wait_for("playing", |status| status["player"]["mode"] == "playing");
    let folder = end_well(first);
    let appliance = Appliance::start_in(folder, &start);
    let status = appliance.get("/api/status");
    assert!(status["safe_mode"].as_str().unwrap().contains("--safe-mode"), "{status:#}");
    assert_eq!(status["player"]["mode"], "stopped");
    let page = agent().get(format!("{}/", appliance.base)).call().unwrap();
    assert!(page.into_body().read_to_string().unwrap().contains("<html"));

    // Where the show stood before is where it goes on, once it is not started so any more.
    let folder = end_well(appliance);
    let plain = Appliance::start_in(folder, &Start::default());
    plain.wait_for("playing", |status| status["player"]["mode"] == "playing");
    let appliance = Appliance::start_in(end_well(plain), &start);
    assert_eq!(appliance.call("DELETE", "/api/safe-mode", None).0, 204);
    appliance.wait_for("playing", |status| {
        status["player"]["mode"] == "playing" && status["safe_mode"].is_null()
    });
    assert_eq!(appliance.call("DELETE", "/api/safe-mode", None).0, 404);
}

/// Ends it as systemd does, and leaves what it has kept.
fn end_well(mut appliance: Appliance) -> Arc<TempDir> {
    appliance.signal("-TERM");
    assert!(appliance.wait().success());
    appliance.folder()
}

#[test]
fn a_wrong_configuration_is_refused_with_its_place() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("wall.ron");
    std::fs::write(
        &file,
        "(\n  outputs: [\n    (hosts: [\"wled.local\"], brightnes: 3),\n  ],\n)\n",
    )
    .unwrap();
    let check = |file: &std::path::Path| {
        Command::new(binary()).arg("check-config").arg(file).output().unwrap()
    };
    let output = check(&file);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    for part in ["wall.ron:3:", "brightnes", "colour_order"] {
        assert!(error.contains(part), "no {part} in: {error}");
    }
    let served = Command::new(binary()).args(["serve", "--config"]).arg(&file).output().unwrap();
    assert_eq!(served.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&served.stderr).contains("wall.ron:3:"));

    std::fs::write(&file, "(\n  outputs: [(hosts: [\"wled.local\"])],\n)\n").unwrap();
    let output = check(&file);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn two_programs_do_not_share_a_data_directory() {
    let appliance = Appliance::start(&Start::default());
    let second = Command::new(binary())
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(appliance.data_dir())
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let error = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(error.contains(&appliance.pid().to_string()), "names the holder: {error}");
}
