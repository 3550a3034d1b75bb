//! Backups over the API.

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{Client, World};

async fn playlist(admin: &Client, name: &str) -> String {
    let made = admin.post("/api/playlists", json!({ "name": name })).await.expect(201).json();
    let id = made["id"].as_str().unwrap().to_owned();
    let item = json!({ "content": { "type": "text", "text": "words" } });
    let items = format!("/api/playlists/{id}/items");
    admin.post(&items, json!({ "items": [item] })).await.expect(201);
    id
}

async fn names(admin: &Client) -> Vec<Value> {
    let list = admin.get("/api/playlists").await.expect(200).json();
    list["playlists"].as_array().unwrap().iter().map(|list| list["name"].clone()).collect()
}

async fn brightness(admin: &Client) -> Value {
    admin.get("/api/settings").await.json()["brightness"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_taken_downloaded_and_brought_back() {
    let world = World::start().await;
    let admin = world.admin().await;
    let evening = playlist(&admin, "evening").await;
    admin.command(&format!("/api/playlists/{evening}/activate")).await.expect(200);
    let taken = admin.command("/api/snapshots").await.expect(201).json();
    assert_eq!(taken["occasion"], "asked");
    let id = taken["id"].as_str().unwrap();
    let file = admin.get(&format!("/api/snapshots/{id}")).await.expect(200);
    assert_eq!(file.body.len() as u64, taken["bytes"].as_u64().unwrap());
    assert!(file.header("content-disposition").contains("prismatron-20"), "{file:?}");

    let night = playlist(&admin, "night").await;
    admin.command(&format!("/api/playlists/{night}/activate")).await.expect(200);
    admin.delete(&format!("/api/playlists/{evening}")).await.expect(204);
    admin.patch("/api/settings", json!({ "brightness": 0.5 })).await.expect(200);
    let layout = json!({ "pieces": [{ "type": "matrix", "columns": 2, "rows": 2 }] });
    admin.put("/api/layout", layout).await.expect(200);

    let path = format!("/api/snapshots/{id}/restore");
    let restored = admin.command(&path).await.expect(200).json();
    assert_eq!(restored["before"]["occasion"], "before_restore");
    assert_eq!(names(&admin).await, ["evening"]);
    assert_eq!(brightness(&admin).await, 1.0);
    assert_eq!(admin.get("/api/layout").await.json()["leds"], 8);
    let player = admin.get("/api/status").await.json()["player"].clone();
    assert_eq!(
        (&player["playlist"]["name"], &player["mode"]),
        (&json!("evening"), &json!("playing"))
    );

    // Back again, from the file of what was there before; nothing begins to play that was stopped.
    admin.command("/api/control/stop").await.expect(200);
    let before = format!("/api/snapshots/{}", restored["before"]["id"].as_str().unwrap());
    let file = admin.get(&before).await.expect(200).body;
    admin.send(Method::POST, "/api/snapshots/restore", file).await.expect(200);
    assert_eq!(names(&admin).await, ["night"]);
    assert_eq!(brightness(&admin).await, 0.5);
    let player = admin.get("/api/status").await.json()["player"].clone();
    assert_eq!(
        (&player["playlist"]["name"], &player["mode"]),
        (&json!("night"), &json!("stopped"))
    );

    let list = admin.get("/api/snapshots").await.expect(200).json();
    assert_eq!(list["snapshots"].as_array().unwrap().len(), 3);
    admin.delete(&before).await.expect(204);
    admin.get(&before).await.expect(404);
    admin.command(&format!("{before}/restore")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_backup_changes_nothing() {
    let world = World::start().await;
    let admin = world.admin().await;
    playlist(&admin, "kept").await;
    let restore = async |body: Vec<u8>| {
        world.pass(60);
        admin.send(Method::POST, "/api/snapshots/restore", body).await
    };
    let taken = admin.command("/api/snapshots").await.expect(201).json();
    let path = format!("/api/snapshots/{}", taken["id"].as_str().unwrap());
    let whole = admin.get(&path).await.expect(200).body.to_vec();
    for (body, says) in [
        (Vec::new(), "empty"),
        (b"PK\x03\x04".to_vec(), "first line"),
        (whole[..whole.len() - 3].to_vec(), "checksum"),
        ([&whole[..], b" "].concat(), "checksum"),
    ] {
        let detail = restore(body).await.expect(422).detail();
        assert!(detail.contains("the backup cannot be used") && detail.contains(says), "{detail}");
    }
    restore(vec![b'/'; (16 << 20) + 1]).await.expect(413);
    assert_eq!(names(&admin).await, ["kept"]);
    let list = admin.get("/api/snapshots").await.expect(200).json();
    assert_eq!(list["snapshots"].as_array().unwrap().len(), 1);
}
