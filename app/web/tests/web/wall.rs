//! Layout and outputs.

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
