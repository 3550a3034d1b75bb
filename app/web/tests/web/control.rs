//! Status, transport, settings and the page.

use std::io::Read as _;

use serde_json::{Value, json};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_status_tells_everything() {
    let world = World::start().await;
    let status = world.admin().await.get("/api/status").await.expect(200).json();
    assert_eq!(status["version"], "1.2.3");
    assert_eq!(status["safe_mode"], Value::Null);
    assert_eq!(status["player"]["mode"], "stopped");
    assert_eq!(status["player"]["leds"], 8);
    assert_eq!(status["player"]["playlist"], Value::Null);
    assert_eq!(status["outputs"], json!([]));
    assert_eq!(status["storage"]["used_bytes"], 0);
    assert_eq!(status["storage"]["quota_bytes"], Value::Null);
    assert_eq!(status["health"]["state"], "ok");
    assert_eq!(status["health"]["findings"], json!([]));
    assert_eq!(status["notices"][0], "ffmpeg is not installed: apt install ffmpeg");
    let health = world.stranger().get("/api/health").await.expect(200).json();
    assert_eq!(health["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn transport_follows_commands() {
    let world = World::start().await;
    let admin = world.admin().await;
    let playlist = admin.post("/api/playlists", json!({ "name": "Show" })).await.expect(201).json();
    let path = format!("/api/playlists/{}", playlist["id"].as_str().unwrap());
    let text = |text: &str| json!({ "content": { "type": "text", "text": text } });
    let items = json!({ "items": [text("one"), text("two")] });
    let playlist = admin.post(&format!("{path}/items"), items).await.expect(201).json();
    let player = admin.command(&format!("{path}/activate")).await.expect(200).json();
    assert_eq!(player["mode"], "playing");
    assert_eq!(player["playlist"]["name"], "Show");
    assert_eq!(player["item"]["title"], "one");
    let next = admin.command("/api/control/next").await.expect(200).json();
    assert_eq!(next["item"]["index"], 1);
    let paused = admin.command("/api/control/pause").await.expect(200).json();
    assert_eq!(paused["mode"], "paused");
    let first = playlist["items"][0]["id"].clone();
    let jumped = admin.post("/api/control/jump", json!({ "item": first })).await.expect(200).json();
    assert_eq!((&jumped["item"]["index"], &jumped["mode"]), (&json!(0), &json!("playing")));
    let nowhere = json!({ "item": "0000000000000000" });
    admin.post("/api/control/jump", nowhere).await.expect(409);
    admin.post("/api/control/seek", json!({ "position_seconds": -1 })).await.expect(422);
    let stopped = admin.command("/api/control/stop").await.expect(200).json();
    assert_eq!(stopped["mode"], "stopped");
    // What is active outlives a restart.
    let active = world.store.settings().borrow().active.map(|id| id.to_string());
    assert_eq!(active.as_deref(), playlist["id"].as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_change_in_part_and_are_kept() {
    let world = World::start().await;
    let admin = world.admin().await;
    let before = admin.get("/api/settings").await.expect(200).json();
    assert_eq!(before, json!({ "brightness": 1.0, "gain": [1.0, 1.0, 1.0], "gamma": 1.0 }));
    let after = admin.patch("/api/settings", json!({ "brightness": 0.25 })).await.expect(200);
    assert_eq!(after.json()["brightness"], 0.25);
    admin.patch("/api/settings", json!({ "brightness": 1.5 })).await.expect(422);
    admin.patch("/api/settings", json!({ "gamma": 0.1 })).await.expect(422);
    assert_eq!(world.engine.state().borrow().colour.brightness.get(), 0.25);
    assert_eq!(world.store.settings().borrow().colour.brightness.get(), 0.25);
}

#[tokio::test(flavor = "multi_thread")]
async fn effects_and_fonts_are_listed() {
    let world = World::start().await;
    let admin = world.admin().await;
    let effects = admin.get("/api/effects").await.expect(200).json();
    assert_eq!(effects["effects"][0]["name"], "plasma");
    assert_eq!(
        effects["effects"][0]["params"],
        json!([
            {
                "type": "number", "name": "speed", "title": "Speed",
                "min": 0.0, "max": 10.0, "default": 1.0, "unit": "Hz",
            },
            { "type": "colour", "name": "tint", "title": "Tint", "default": "#ff8000" },
        ])
    );
    let fonts = admin.get("/api/fonts").await.expect(200).json();
    assert_eq!(fonts, json!({ "fonts": ["DejaVu Sans"] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_fetched_once() {
    let world = World::start().await;
    let page = world.stranger().get("/").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    let again = world.stranger().with("if-none-match", page.header("etag")).get("/").await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    world.stranger().with("if-none-match", "\"other\"").get("/").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_compressed_for_whoever_takes_it() {
    let world = World::start().await;
    let plain = world.stranger().get("/page/main.js").await.expect(200);
    assert_eq!(plain.header("vary"), "accept-encoding");
    let client = world.stranger().with("accept-encoding", "br, gzip;q=0.8");
    let packed = client.get("/page/main.js").await.expect(200);
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.header("content-type"), plain.header("content-type"));
    assert_ne!(packed.header("etag"), plain.header("etag"));
    let mut whole = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut whole).unwrap();
    assert_eq!(whole, plain.body);
    assert!(packed.body.len() < plain.body.len());
    let refused = world.stranger().with("accept-encoding", "gzip;q=0").get("/page/main.js").await;
    assert_eq!(refused.body, plain.body);
}
