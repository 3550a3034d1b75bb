//! Playlists from their making to their end.

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Client, World};

async fn make(admin: &Client, name: &str) -> String {
    let answer = admin.post("/api/playlists", json!({ "name": name })).await.expect(201);
    assert_eq!(answer.header("etag"), "\"1\"");
    format!("/api/playlists/{}", answer.json()["id"].as_str().unwrap())
}

fn text(text: &str) -> Value {
    json!({ "content": { "type": "text", "text": text } })
}

fn titles(playlist: &Value) -> Vec<&str> {
    let items = playlist["items"].as_array().unwrap().iter();
    items.map(|item| item["title"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_deleted_is_set_whole_again() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = make(&admin, "Show").await;
    let gone = json!({ "content": { "type": "media", "media": "00000000000000aa" } });
    let whole =
        json!({ "name": "Show", "order": "shuffled", "repeat": "one", "items": [text("a"), gone] });
    let set = admin.put(&path, whole.clone()).await.expect(200).json();
    assert_eq!((&set["order"], &set["repeat"]), (&json!("shuffled"), &json!("one")));
    admin.post(&format!("{path}/activate"), json!({})).await.expect(200);
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.expect(404);

    let again = admin.put(&path, whole).await.expect(200).json();
    for field in ["id", "name", "order", "repeat"] {
        assert_eq!(again[field], set[field], "{field}");
    }
    assert_eq!(titles(&again).len(), 2);
    assert!(again["items"][1]["problem"].is_string(), "{again}");
    assert_eq!(again["active"], false);

    assert!(again["revision"].as_u64() > set["revision"].as_u64(), "no two states have the same");

    // Nothing of one that is wrong is kept.
    let empty = json!([{ "content": { "type": "text", "text": "" } }]);
    let many = json!(vec![text("a"); 5001]);
    for wrong in [empty, many] {
        admin.put(&path, json!({ "name": "Other", "items": wrong })).await.expect(422);
    }
    assert_eq!(admin.get(&path).await.json(), again);

    // Who replaces a revision of it is told that it is gone.
    admin.delete(&path).await.expect(204);
    let whole = json!({ "name": "Show", "items": [] });
    admin.with("if-match", "\"1\"").put(&path, whole).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn items_come_move_change_and_go() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = make(&admin, "Show").await;
    let items = format!("{path}/items");
    let new = json!({ "items": [text("a"), text("c")] });
    let playlist = admin.post(&items, new).await.expect(201).json();
    let c = playlist["items"][1]["id"].as_str().unwrap().to_owned();
    let effect = json!({
        "content": {
            "type": "effect", "effect": "plasma", "params": { "speed": 2.5, "tint": "#00ff00" },
        },
        "duration_seconds": 2.5,
        "fit": "contain",
        "transition": { "type": "wipe", "direction": "up", "duration_seconds": 0.5, "easing": "out" },
    });
    let new = json!({ "items": [effect], "before": c });
    let playlist = admin.post(&items, new).await.expect(201).json();
    assert_eq!(titles(&playlist), ["a", "Plasma", "c"]);
    let plasma = &playlist["items"][1];
    assert_eq!(plasma["problem"], Value::Null);
    for field in ["content", "duration_seconds", "fit", "transition"] {
        assert_eq!(plasma[field], effect[field], "{field}");
    }
    let activate = json!({ "item": plasma["id"] });
    let player = admin.post(&format!("{path}/activate"), activate).await.expect(200).json();
    assert_eq!(player["item"]["title"], "Plasma");
    assert_eq!(player["item"]["effect"], "plasma");
    let ids: Vec<&str> =
        playlist["items"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap()).collect();
    let order = json!({ "items": [ids[2], ids[0], ids[1]] });
    let moved = admin.put(&format!("{path}/order"), order).await.expect(200).json();
    assert_eq!(titles(&moved), ["c", "a", "Plasma"]);
    for wrong in [json!([ids[0]]), json!([ids[0], ids[0], ids[1]]), json!([])] {
        admin.put(&format!("{path}/order"), json!({ "items": wrong })).await.expect(409);
    }
    let replaced = admin.put(&format!("{items}/{}", ids[0]), text("b")).await.expect(200).json();
    assert_eq!(titles(&replaced), ["c", "b", "Plasma"]);
    assert_eq!(replaced["items"][1]["id"], ids[0]);
    let removed = admin.delete(&format!("{items}/{}", ids[2])).await.expect(200).json();
    assert_eq!(titles(&removed), ["b", "Plasma"]);
    admin.delete(&format!("{items}/{}", ids[2])).await.expect(404);
    let list = admin.get("/api/playlists").await.expect(200).json();
    assert_eq!(list["playlists"][0]["items"], 2);
    assert_eq!(list["playlists"][0]["duration_seconds"], 12.5);
    admin.delete(&path).await.expect(204);
    admin.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_item_names_must_be_there() {
    let world = World::start().await;
    let admin = world.admin().await;
    let items = format!("{}/items", make(&admin, "Show").await);
    for (content, detail) in [
        (json!({ "type": "media", "media": "0123456789abcdef" }), "there is no media file"),
        (json!({ "type": "media", "media": "x" }), "sixteen hexadecimal digits"),
        (json!({ "type": "effect", "effect": "fog" }), "there is no effect “fog”"),
        (
            json!({ "type": "effect", "effect": "plasma", "params": { "speed": 11 } }),
            "takes a number from 0 to 10 Hz",
        ),
        (json!({ "type": "sound" }), "unknown variant `sound`"),
    ] {
        let new = json!({ "items": [{ "content": content }] });
        let answer = admin.post(&items, new).await.expect(422);
        assert!(answer.detail().contains(detail), "{answer:?}");
    }
    let new = json!({ "items": [text("a")], "before": "0123456789abcdef" });
    admin.post(&items, new).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_change_is_refused() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = make(&admin, "Show").await;
    let shuffle = json!({ "order": "shuffled", "repeat": "off" });
    let answer = admin.with("if-match", "\"1\"").patch(&path, shuffle).await.expect(200);
    let tag = answer.header("etag").to_owned();
    assert_eq!(answer.json()["order"], "shuffled");
    assert_eq!(answer.json()["name"], "Show");
    assert_eq!(tag, format!("\"{}\"", answer.json()["revision"]));
    let rename = json!({ "name": "Other" });
    admin.with("if-match", "\"1\"").patch(&path, rename.clone()).await.expect(412);
    admin.with("if-match", "\"1\"").delete(&path).await.expect(412);
    admin.with("if-match", "W/\"1\"").patch(&path, rename.clone()).await.expect(412);
    assert_eq!(admin.get(&path).await.header("etag"), tag);
    admin.with("if-match", "*").patch(&path, rename.clone()).await.expect(200);
    admin.patch(&path, rename).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_active_playlist_is_followed() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = make(&admin, "Show").await;
    let new = json!({ "items": [text("a"), text("b")] });
    let playlist = admin.post(&format!("{path}/items"), new).await.expect(201).json();
    let second = playlist["items"][1]["id"].clone();
    let activate = format!("{path}/activate");
    let player = admin.post(&activate, json!({ "item": second })).await.expect(200).json();
    assert_eq!(player["item"]["index"], 1);
    admin.post(&activate, json!({ "item": "0123456789abcdef" })).await.expect(404);
    assert_eq!(admin.get(&path).await.json()["active"], true);
    // An edit is followed without a break.
    let new = json!({ "items": [text("z")], "before": playlist["items"][0]["id"] });
    admin.post(&format!("{path}/items"), new).await.expect(201);
    let player = admin.get("/api/status").await.json()["player"].clone();
    assert_eq!(player["item"], json!({ "id": second, "index": 2, "title": "b", "effect": null }));
    admin.delete(&path).await.expect(204);
    let player = admin.get("/api/status").await.json()["player"].clone();
    assert_eq!(player["playlist"], Value::Null);
    assert_eq!(world.store.settings().borrow().active, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_items_are_changed_or_taken_out_at_once() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = make(&admin, "Show").await;
    let items = format!("{path}/items");
    let mut first = text("a");
    first["duration_seconds"] = json!(5);
    let new = json!({ "items": [first, text("b"), text("c"), text("d")] });
    let playlist = admin.post(&items, new).await.expect(201).json();
    let ids: Vec<Value> =
        playlist["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
    let change = json!({ "items": [ids[0], ids[2]], "duration_seconds": 2.5, "fit": "contain" });
    let changed = admin.patch(&items, change).await.expect(200).json();
    let durations = |playlist: &Value| -> Vec<Value> {
        let items = playlist["items"].as_array().unwrap();
        items.iter().map(|item| item["duration_seconds"].clone()).collect()
    };
    assert_eq!(durations(&changed), [json!(2.5), Value::Null, json!(2.5), Value::Null]);
    assert_eq!(changed["items"][1]["fit"], "cover");
    let natural = json!({ "items": [ids[0]], "duration_seconds": null });
    let changed = admin.patch(&items, natural).await.expect(200).json();
    assert_eq!(durations(&changed)[0], Value::Null);
    assert_eq!(changed["items"][0]["fit"], "contain", "what is left out stays");
    let wrong = json!({ "items": [ids[0]], "duration_seconds": 0 });
    admin.patch(&items, wrong).await.expect(422);

    let remove = format!("{items}/remove");
    let gone = json!({ "items": [ids[0], "0123456789abcdef"] });
    admin.post(&remove, gone.clone()).await.expect(404);
    let change = json!({ "items": gone["items"], "duration_seconds": 9 });
    admin.patch(&items, change).await.expect(404);
    let tag = admin.get(&path).await.header("etag").to_owned();
    let some = json!({ "items": [ids[1], ids[2]] });
    admin.with("if-match", "\"1\"").post(&remove, some.clone()).await.expect(412);
    let left = admin.with("if-match", &tag).post(&remove, some).await.expect(200).json();
    assert_eq!(titles(&left), ["a", "d"]);
    assert_eq!(durations(&left)[0], Value::Null, "the one that was refused has changed nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_goes_to_a_file_and_comes_back_beside_the_other() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = make(&admin, "Müller’s “Show”").await;
    let new = json!({ "items": [text("a"), text("b")] });
    let made = admin.post(&format!("{path}/items"), new).await.expect(201).json();
    let file = admin.get(&format!("{path}/file")).await.expect(200);
    assert!(file.header("content-disposition").starts_with("attachment; filename="), "{file:?}");
    let again = admin.send(Method::POST, "/api/playlists/import", file.body.clone()).await;
    assert_eq!(again.expect(201).json()["missing_media"], json!([]));
    let list = admin.get("/api/playlists").await.json();
    let names: Vec<_> =
        list["playlists"].as_array().unwrap().iter().map(|each| &each["name"]).collect();
    assert_eq!(names, ["Müller’s “Show”"; 2]);
    let ids: Vec<_> =
        list["playlists"].as_array().unwrap().iter().map(|each| &each["id"]).collect();
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        let there = admin.get(&format!("/api/playlists/{}", id.as_str().unwrap())).await.json();
        assert_eq!(there["items"], made["items"]);
    }
    for wrong in [&file.body[..20], b"PK\x03\x04", b""] {
        let wrong = axum::body::Bytes::copy_from_slice(wrong);
        let refused = admin.send(Method::POST, "/api/playlists/import", wrong).await.expect(422);
        assert!(refused.detail().starts_with("the playlist's file cannot be used"), "{refused:?}");
    }
}
