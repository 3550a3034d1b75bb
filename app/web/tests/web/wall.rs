//! Layout and outputs.

use std::io::Read;

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_layout_is_set_and_reset() {
    let world = World::start().await;
    let admin = world.admin().await;
    let before = admin.get("/api/layout").await.expect(200).json();
    assert_eq!(before["source"], "config");
    assert_eq!(before["leds"], 8);
    assert_eq!(before["pieces"][0]["type"], "matrix");
    let points = json!({ "type": "points", "at": [[1.5, 2.0], [30, 20]], "footprint": 4 });
    let new = json!({ "canvas": { "width": 80, "height": 40 }, "pieces": [points] });
    let after = admin.put("/api/layout", new).await.expect(200).json();
    assert_eq!((&after["source"], &after["leds"]), (&json!("page"), &json!(2)));
    let leds = admin.get("/api/layout/leds").await.expect(200);
    assert_eq!(leds.header("content-type"), "application/octet-stream");
    let numbers: Vec<f32> =
        leds.body.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect();
    assert_eq!(numbers, [1.5, 2.0, 4.0, 4.0, 30.0, 20.0, 4.0, 4.0]);
    let reset = admin.delete("/api/layout").await.expect(200).json();
    assert_eq!((&reset["source"], &reset["leds"]), (&json!("config"), &json!(8)));
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_packed_for_who_takes_that() {
    let world = World::start().await;
    let admin = world.admin().await;
    // More than one piece of the stream, and a part of another.
    let matrix = json!({ "type": "matrix", "columns": 100, "rows": 95 });
    admin.put("/api/layout", json!({ "pieces": [matrix] })).await.expect(200);
    let plain = admin.get("/api/layout/leds").await.expect(200);
    assert_eq!(plain.body.len(), 9500 * 16);
    let client = admin.clone().with("accept-encoding", "gzip");
    let packed = client.get("/api/layout/leds").await.expect(200);
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() < plain.body.len() / 3, "{} bytes", packed.body.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layout_that_cannot_be_is_refused() {
    let world = World::start().await;
    let admin = world.admin().await;
    for pieces in [
        json!([]),
        json!([{ "type": "matrix", "columns": 0, "rows": 1 }]),
        json!([{ "type": "matrix", "columns": 60000, "rows": 60000 }]),
        json!([{ "type": "strip", "path": [[0, 0]], "count": 5 }]),
        json!([{ "type": "strip", "path": [[0, 0], [1]], "count": 5 }]),
        json!([{ "type": "cube" }]),
        json!([{ "type": "points", "at": [[0, 0]], "foot": 1 }]),
    ] {
        admin.put("/api/layout", json!({ "pieces": pieces })).await.expect(422);
    }
    assert_eq!(admin.get("/api/layout").await.json()["source"], "config");
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_are_set_and_reset() {
    let world = World::start().await;
    let admin = world.admin().await;
    let before = admin.get("/api/outputs").await.expect(200).json();
    assert_eq!(before, json!({ "source": "default", "outputs": [] }));
    let new = json!({ "outputs": [
        { "hosts": ["wled.local"], "power": { "per_led_ma": 60, "budget_ma": 2000 } },
        {
            "name": "stage", "hosts": [], "enabled": false, "colour_order": "grbw",
            "protocol": { "type": "sacn", "universe": 7, "multicast": true },
            "leds": { "first": 2, "count": 4 }, "probe": { "type": "none" },
        },
    ] });
    let after = admin.put("/api/outputs", new).await.expect(200).json();
    assert_eq!(after["source"], "page");
    assert_eq!(after["outputs"][0]["name"], "wled.local");
    assert_eq!(after["outputs"][0]["protocol"], json!({ "type": "ddp", "destination": 1 }));
    assert_eq!(after["outputs"][1]["leds"], json!({ "first": 2, "count": 4 }));
    assert_eq!(after["outputs"][1]["status"]["state"], "off");
    let status = admin.get("/api/status").await.json();
    assert_eq!(status["outputs"][1]["name"], "stage");
    let twice = json!({ "outputs": [{ "hosts": ["a"] }, { "hosts": ["a"] }] });
    admin.put("/api/outputs", twice).await.expect(422);
    let reset = admin.delete("/api/outputs").await.expect(200).json();
    assert_eq!(reset["outputs"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_placed_and_a_list_understood_without_a_change() {
    let world = World::start().await;
    let admin = world.admin().await;
    let before = admin.get("/api/layout").await.json();
    let draft =
        json!({ "pieces": [{ "type": "ring", "centre": [100, 100], "radius": 50, "count": 4 }] });
    let placed = admin.post("/api/layout/preview", draft).await.expect(200);
    let floats: Vec<f32> =
        placed.body.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    assert_eq!(floats.len(), 16);
    assert_eq!(floats[..2], [100.0, 50.0]);
    let wrong =
        json!({ "pieces": [{ "type": "ring", "centre": [0, 0], "radius": -1, "count": 4 }] });
    let refused = admin.post("/api/layout/preview", wrong).await.expect(422);
    assert!(refused.detail().starts_with("piece 1 (from 1), a ring"), "{refused:?}");

    let csv = "# a list\nx,y\n1,2\n3.5,4\n";
    let list = async |csv: &'static str| {
        admin.send(Method::POST, "/api/layout/points?footprint=5", csv).await
    };
    let pieces = list(csv).await.expect(200).json();
    let points = json!({ "type": "points", "at": [[1.0, 2.0], [3.5, 4.0]], "footprint": 5.0 });
    assert_eq!(pieces["pieces"], json!([points]));
    let mistake = list("1,2\n1,x\n").await.expect(422);
    assert!(mistake.detail().starts_with("line 2: "), "{mistake:?}");
    assert_eq!(list("").await.expect(422).detail(), "the list: has no LEDs");
    assert_eq!(admin.get("/api/layout").await.json(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_pattern_is_shown_for_so_long() {
    let world = World::start().await;
    let admin = world.admin().await;
    let shown = json!({ "pattern": { "type": "leds", "first": 3, "count": 2 }, "seconds": 60 });
    let left = admin.post("/api/identify", shown).await.expect(200).json();
    assert!((59.0..=60.0).contains(&left["seconds_left"].as_f64().unwrap()), "{left}");
    let player = admin.get("/api/status").await.json()["player"].clone();
    assert!(player["test_pattern"]["seconds_left"].is_number(), "{player}");
    let preview = world.engine.preview();
    let mut leds = Vec::new();
    while preview.read(0, &mut leds).is_none() {
        tokio::task::yield_now().await;
    }
    // Half as bright as can be.
    let lit: Vec<u8> = leds.iter().map(|led| led[0]).collect();
    assert_eq!(lit, [0, 0, 0, 128, 128, 0, 0, 0]);
    let ended = admin.delete("/api/identify").await.expect(200).json();
    assert_eq!(ended["seconds_left"], Value::Null);
    for wrong in [
        json!({ "pattern": { "type": "run" }, "seconds": 601 }),
        json!({ "pattern": { "type": "run" }, "brightness": 1.5 }),
        json!({ "pattern": { "type": "disco" } }),
    ] {
        admin.post("/api/identify", wrong).await.expect(422);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn power_is_reckoned() {
    let world = World::start().await;
    let admin = world.admin().await;
    let outputs = json!({ "outputs": [
        { "hosts": ["a"], "leds": { "first": 0, "count": 6 },
          "power": { "per_led_ma": 50, "budget_ma": 100 } },
        { "hosts": ["b"], "leds": { "first": 6, "count": 9 } },
        { "hosts": ["c"], "enabled": false },
    ] });
    admin.put("/api/outputs", outputs).await.expect(200);
    admin.patch("/api/settings", json!({ "brightness": 0.5 })).await.expect(200);
    let power = admin.get("/api/power?per_led_ma=20").await.expect(200).json();
    let of = |index: usize, field: &str| power["outputs"][index][field].clone();
    assert_eq!(power["outputs"].as_array().unwrap().len(), 2);
    assert_eq!([of(0, "full_ma"), of(0, "most_ma")], [json!(300), json!(100)]);
    assert_eq!(
        [of(1, "leds"), of(1, "full_ma"), of(1, "most_ma")],
        [json!(2), json!(40), json!(20)]
    );
    assert_eq!([&power["full_ma"], &power["most_ma"]], [&json!(340), &json!(120)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn controllers_are_found_with_the_outputs_that_have_them() {
    let world = World::start().await;
    let admin = world.admin().await;
    let outputs = json!({ "outputs": [{ "name": "west", "hosts": ["LEFT.local:4048"] }] });
    admin.put("/api/outputs", outputs).await.expect(200);
    let found = admin.command("/api/outputs/find").await.expect(200).json();
    let left = json!({
        "name": "Left", "host": "left.local", "address": "192.0.2.7", "port": 80, "output": "west",
    });
    assert_eq!(found["controllers"][0], left);
    assert_eq!(found["controllers"][1]["output"], Value::Null);
}
