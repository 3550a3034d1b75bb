//! The archive for somebody far away: what is in it, and that no secret is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{Answer, PASSWORD, World};

/// Stands for a key of the machine, wherever it is kept.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIHVucmVhbC1rZXktb2YtdGhlLW1hY2hpbmUh";

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// The files of an archive, unpacked by the real `tar`, by their names in it.
fn unpack(answer: &Answer) -> BTreeMap<String, String> {
    assert_eq!(answer.header("content-type"), "application/gzip");
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive.tar.gz");
    fs::write(&archive, &answer.body).unwrap();
    let done = Command::new("tar").arg("-C").arg(folder.path()).arg("-xzf").arg(&archive).output();
    let done = done.unwrap();
    assert!(done.status.success(), "{done:?}");
    let mut files = BTreeMap::new();
    let root = folder.path().join("prismatron-diagnostics");
    for place in [root.clone(), root.join("boots"), root.join("logs")] {
        for file in fs::read_dir(place).into_iter().flatten().map(|file| file.unwrap().path()) {
            if file.is_file() {
                let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(&file).unwrap());
            }
        }
    }
    files
}

/// Waits for what another thread does.
async fn until(what: &str, is_done: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_done() {
        assert!(Instant::now() < end, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn gzip(file: &Path) {
    assert!(Command::new("gzip").arg(file).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_archive_whatever_was_logged() {
    let world = World::start().await;
    let claim = world.access.claim_code().unwrap();
    let playlists = world.folder.path().join("playlists");
    let link = world.access.sign_in_path();
    let admin = world.admin().await;
    let viewer = world.account("Vera", "viewer").await;
    // A name may be long, and what was typed in the wrong field may be a password.
    let wrong = json!({ "name": "mistyped password", "password": PASSWORD });
    world.stranger().post("/api/session", wrong).await.expect(401);
    let new = json!({ "name": "script", "role": "admin", "days": 7 });
    let made = admin.post("/api/tokens", new).await.expect(201).json();
    let brought = viewer.command("/api/session/links").await.expect(200).json();
    let kept = fs::read_to_string(playlists.join("accounts.ron")).unwrap();
    let field = |name: &str| {
        let (_, rest) = kept.split_once(&format!("{name}: \"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let key: String = world.key.iter().map(|byte| format!("{byte:02x}")).collect();
    let session = admin.headers["cookie"].to_str().unwrap().split_once('=').unwrap().1.to_owned();
    let secrets = [
        ("the claim code", claim.clone()),
        ("the claim code's digits", claim.replace('-', "")),
        ("a sign-in link", link.split_once('=').unwrap().1.to_owned()),
        ("another", brought["path"].as_str().unwrap().split_once('=').unwrap().1.to_owned()),
        ("a password's hash", field("password_hash")),
        ("a token's hash", field("hash")),
        ("a token", made["secret"].as_str().unwrap().to_owned()),
        ("a script's token", prismatron_web::script_token(&world.key)),
        ("a session", session),
        ("the signing key", key),
        ("a private key", KEY.to_owned()),
    ];
    // None of these is ever logged; if one were, this is how it would look.
    let logs = world.folder.path().join("logs");
    let mut text = "2026-01-01T00:00:00Z  INFO light is on\n".to_owned();
    for (what, secret) in &secrets {
        text.push_str(&format!("{what} is {secret} (http://wall/#code={secret})\n"));
    }
    text.push_str(&format!("-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n"));
    for name in ["prismatron.log", "prismatron.log.1", "prismatron.log.2", "audit.log.1"] {
        fs::write(logs.join(name), &text).unwrap();
    }
    gzip(&logs.join("prismatron.log.2"));
    fs::write(playlists.join("tls-key.pem"), &text).unwrap();
    let boots = world.folder.path().join("boots");
    fs::create_dir(&boots).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    fs::write(boots.join("B.json"), json!({ "log": lines }).to_string()).unwrap();

    let answer = admin.get("/api/system/diagnostics").await.expect(200);
    let files = unpack(&answer);
    for (name, text) in &files {
        for (what, secret) in &secrets {
            assert!(!text.contains(secret.as_str()), "{what} is in {name}: {text}");
        }
        for text_of_a_password in [PASSWORD, "mistyped password"] {
            assert!(!text.contains(text_of_a_password), "{name}: {text}");
        }
    }
    for name in ["logs/prismatron.log", "logs/prismatron.log.1", "logs/prismatron.log.2"] {
        let text = &files[name];
        assert!(text.contains("light is on") && text.contains("a session is"), "{name}: {text}");
    }
    assert!(files["boots/B.json"].contains("light is on"), "{files:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_tells_everything_else_and_names_what_is_missing() {
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    admin.post("/api/playlists", json!({ "name": "Evening" })).await.expect(201);
    let log = world.folder.path().join("logs/audit.log");
    until("it is in the audit log", || {
        fs::read_to_string(&log).is_ok_and(|log| log.contains("POST /api/playlists"))
    })
    .await;
    let answer = admin.get("/api/system/diagnostics").await.expect(200);
    let name = answer.header("content-disposition");
    assert!(name.starts_with("attachment; filename=\"prismatron-diagnostics-"), "{name}");
    assert!(name.ends_with("-20260202T024000Z.tar.gz\""), "{name}");
    let files = unpack(&answer);
    let document = |name: &str| serde_json::from_str::<Value>(&files[name]).unwrap();
    assert_eq!(document("status.json")["version"], "1.2.3");
    assert_eq!(document("playlists.json")[0]["name"], "Evening");
    assert_eq!(document("counts.json")["accounts"]["admin"], 1);
    assert_eq!(document("counts.json")["passwords_hashed"], world.access.hashes_computed());
    assert_eq!(document("layout.json")["leds"], 8);
    assert_eq!(document("outputs.json")["outputs"], json!([]));
    assert_eq!(document("media.json"), json!([]));
    assert!(document("settings.json")["gamma"].is_number());
    assert_eq!(files["configuration.txt"], "data directory: here\n");
    assert!(files["versions.txt"].contains("Prismatron 1.2.3\nLinux "), "{files:?}");
    assert!(files["os-release"].contains("ID="));
    assert!(files["limits.txt"].contains("Max open files"));
    assert!(files["process.txt"].contains("VmRSS"));
    assert!(files["logs/audit.log"].contains("POST /api/playlists"), "{files:?}");
    let manifest = &files["MANIFEST"];
    let (here, missing) = manifest.split_once("Not here, and why:\n").unwrap();
    for name in files.keys().filter(|name| *name != "MANIFEST") {
        let line = here.lines().find(|line| line.split(' ').next() == Some(name));
        let line = line.unwrap_or_else(|| panic!("no {name} in {manifest}"));
        assert!(line.contains(&files[name].len().to_string()), "{line}");
    }
    // In this world nobody logs.
    assert!(missing.starts_with("logs/prismatron.log: No such file"), "{manifest}");
    assert_eq!(missing.lines().count(), 1, "{manifest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn why_boots_failed_is_in_the_archive() {
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    let boots = world.folder.path().join("boots");
    fs::create_dir(&boots).unwrap();
    let kept = json!({ "version": "2.0", "reason": "the service has failed", "log": ["the last"] });
    fs::write(boots.join("B.json"), kept.to_string()).unwrap();
    fs::write(boots.join("panic.json"), json!("x".repeat(2 << 20)).to_string()).unwrap();
    fs::write(boots.join("A.new"), "{").unwrap();
    let files = unpack(&admin.get("/api/system/diagnostics").await.expect(200));
    assert_eq!(serde_json::from_str::<Value>(&files["boots/B.json"]).unwrap(), kept);
    assert!(files["MANIFEST"].contains("\nboots/panic.json: it is longer than"), "{files:?}");
    assert_eq!(files.keys().filter(|name| name.starts_with("boots/")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_archive_is_made_at_a_time_and_who_takes_it_is_written_down() {
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    // More than waits on its way to a client that takes none of it.
    let noise: String =
        (0_u32..400_000).map(|n| format!("{:x}\n", n.wrapping_mul(2_654_435_761))).collect();
    for name in ["prismatron.log", "prismatron.log.1", "prismatron.log.2", "prismatron.log.3"] {
        fs::write(world.folder.path().join("logs").join(name), &noise).unwrap();
    }
    let slow = admin.connect().await.unwrap();
    let head = admin.head("GET", "/api/system/diagnostics", &[]);
    slow.writable().await.unwrap();
    slow.try_write(head.as_bytes()).unwrap();
    slow.readable().await.unwrap();
    let refused = admin.get("/api/system/diagnostics").await.expect(409);
    assert!(refused.detail().contains("already"), "{refused:?}");
    drop(slow);
    // The place comes back with whoever went.
    let end = Instant::now() + PATIENCE;
    let answer = loop {
        let answer = admin.get("/api/system/diagnostics").await;
        if answer.status == 200 {
            break answer;
        }
        assert!(Instant::now() < end, "{answer:?}");
        world.pass(3);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(unpack(&answer)["MANIFEST"].contains("Its end"));
    let log = world.folder.path().join("logs/audit.log");
    let is_told = |line: &str| {
        ["\"took the diagnostics\"", "\"account Ada\"", "\"status\":200"]
            .iter()
            .all(|told| line.contains(told))
    };
    until("who took it is in the audit log", || {
        fs::read_to_string(&log).is_ok_and(|log| log.lines().any(is_told))
    })
    .await;
}
