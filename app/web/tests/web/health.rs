//! What is told of the health, to whom, and what to go back to where it is not well.

use std::fs;
use std::time::Duration;

use axum::http::Method;
use prismatron_core::id::PlaylistId;
use prismatron_store::Finding;
use serde_json::{Value, json};

use crate::world::{Client, World};

/// The finding about a check, once there is one.
async fn finding(client: &Client, check: &str) -> Value {
    loop {
        let status = client.get("/api/status").await.expect(200).json();
        let found = status["health"]["findings"].as_array().unwrap();
        if let Some(found) = found.iter().find(|found| found["check"] == check) {
            return found.clone();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn checked(world: &World) -> Value {
    loop {
        let health = world.stranger().get("/api/health").await.expect(200).json();
        if health["checked_seconds_ago"].is_u64() {
            return health;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_told_words_and_viewers_reasons() {
    let machine = [
        ("sys/class/thermal/thermal_zone0/type", "cpu-thermal"),
        ("sys/class/thermal/thermal_zone0/temp", "91000"),
        ("proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 500000 kB"),
    ];
    let world = World::on_machine(&machine).await;
    let viewer = world.account("Vera", "viewer").await;
    let health = checked(&world).await;
    assert_eq!(
        health,
        json!({
            "status": "degraded",
            "checked_seconds_ago": health["checked_seconds_ago"],
            "checks": {
                "player": "ok", "outputs": "ok", "decoders": "ok", "storage": "ok", "data": "ok",
                "temperature": "degraded", "memory": "ok", "clock": "unknown",
                "hardware": "ok",
            },
        })
    );
    let found = finding(&viewer, "temperature").await;
    assert!(found["message"].as_str().unwrap().contains("cpu-thermal has 91 °C"), "{found}");
    assert!(found["since"].as_str().unwrap().ends_with('Z'), "{found}");

    let status = viewer.get("/api/status").await.expect(200).json();
    let checks = status["health"]["checks"].as_array().unwrap();
    let memory = checks.iter().find(|check| check["check"] == "memory").unwrap();
    assert_eq!(memory["detail"], "488 MiB of 976 MiB left for the machine");
    let kinds: Vec<_> =
        status["health"]["recoveries"].as_array().unwrap().iter().map(|r| &r["kind"]).collect();
    assert_eq!(kinds, ["reopen_output", "next_host", "prune_uploads"]);
    assert_eq!(status["health"]["recoveries"][2]["tried"], 0);
    assert_eq!(status["health"]["recoveries"][2]["last"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_finds_is_told_at_once() {
    let world = World::start().await;
    let admin = world.admin().await;
    let damaged = Finding { subject: "media/1.png".into(), message: "was damaged".into() };
    world.store.report(damaged).await.unwrap();
    assert_eq!(finding(&admin, "data").await["subject"], "media/1.png");
    let health = world.stranger().get("/api/health").await.expect(200).json();
    assert_eq!(
        (&health["status"], &health["checks"]["data"]),
        (&json!("degraded"), &json!("degraded"))
    );
    world.store.settle("media/1.png").await.unwrap();
    let health = world.stranger().get("/api/health").await.expect(200).json();
    assert_eq!(health["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_expire_are_removed_and_counted() {
    let world = World::start().await;
    // Sessions end too.
    let begin = async || {
        let admin = world.admin().await.with("tus-resumable", "1.0.0").with("upload-length", "10");
        admin.send(Method::POST, "/api/uploads", "").await.expect(201);
    };
    begin().await;
    world.pass(3600);
    // Whoever wants room has it made, and so has the minute that passes.
    begin().await;
    let admin = world.admin().await;
    let status = admin.get("/api/status").await.expect(200).json();
    let pruned = &status["health"]["recoveries"][2];
    assert_eq!((&pruned["tried"], &pruned["succeeded"]), (&json!(1), &json!(1)), "{pruned}");
    assert_eq!(pruned["last"], "2026-02-02T03:40:00Z");
    assert_eq!(status["storage"]["uploads"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn safe_mode_offers_the_settings_that_last_worked() {
    let world = World::start().await;
    let admin = world.admin().await;
    let operator = world.account("Otto", "operator").await;
    let restore = "/api/safe-mode/restore";
    assert_eq!(admin.command(restore).await.expect(404).detail(), "it is not in safe mode");

    let dim = json!({ "brightness": 0.25 });
    admin.patch("/api/settings", dim).await.expect(200);
    admin.send(Method::PUT, "/api/safe-mode", "").await.expect(204);
    let none = operator.get("/api/safe-mode").await.expect(200).json();
    assert_eq!(none["last_worked"], Value::Null);
    assert!(admin.command(restore).await.expect(404).detail().contains("known to have worked"));

    world.store.prove_settings().await.unwrap();
    let same = operator.get("/api/safe-mode").await.expect(200).json();
    assert_eq!(same["last_worked"], json!({ "differs": [] }));
    let playlist = admin.post("/api/playlists", json!({ "name": "Bad" })).await.expect(201).json();
    let id: PlaylistId = playlist["id"].as_str().unwrap().parse().unwrap();
    world.store.edit_settings(move |settings| settings.active = Some(id)).await.unwrap();
    admin.patch("/api/settings", json!({ "brightness": 1.0 })).await.expect(200);
    admin.put("/api/outputs", json!({ "outputs": [] })).await.expect(200);
    let other = operator.get("/api/safe-mode").await.expect(200).json();
    assert_eq!(other["last_worked"], json!({ "differs": ["outputs", "colours", "playlist"] }));

    operator.command(restore).await.expect(403);
    admin.command(restore).await.expect(204);
    let settings = admin.get("/api/settings").await.expect(200).json();
    assert_eq!(settings["brightness"], 0.25);
    assert_eq!(admin.get("/api/outputs").await.expect(200).json()["source"], "default");
    let status = admin.get("/api/status").await.expect(200).json();
    assert_eq!(status["safe_mode"], Value::Null);
    assert_eq!(status["player"]["brightness"], 0.25, "the engine follows");
    admin.get("/api/safe-mode").await.expect(404);
    let replaced = world.folder.path().join("playlists/settings-replaced.ron");
    assert!(fs::read_to_string(replaced).unwrap().contains("brightness"), "nothing is lost");
}
