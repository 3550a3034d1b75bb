//! Updates of the whole system, on a machine that cannot be updated: what is said of that, and that their uploads are not
//! mistaken for media. The rest takes RAUC (`app/system/tests/update`, `tests/appliance/update.rs`).

use axum::http::Method;
use prismatron_store::{NewUpload, Purpose};
use serde_json::{Value, json};

use crate::world::{Client, World, matrix};

fn tus(client: &Client) -> Client {
    client.with("tus-resumable", "1.0.0")
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_rauc_all_is_refused_with_the_reason_and_nothing_is_left() {
    let world = World::start().await;
    let admin = world.admin().await;
    let state = admin.get("/api/system/update").await.expect(200).json();
    assert_eq!((&state["stage"], &state["ability"]["possible"]), (&json!("idle"), &json!(false)));
    assert!(state["ability"]["reason"].as_str().unwrap().contains("systemd"), "{state}");
    assert_eq!(state["cancel"], json!({"possible": false, "reason": null}));
    let status = admin.get("/api/status").await.expect(200).json();
    assert_eq!(status["system"]["update"], json!({"stage": "idle", "percent": null}));

    let url = json!({"url": "https://updates.example/wall.raucb"});
    let refused = admin.post("/api/system/update", url).await.expect(503).detail();
    assert!(refused.contains("systemd"), "{refused}");
    let create = tus(&admin).with("upload-length", "9");
    create.command("/api/system/update/uploads").await.expect(503);
    assert_eq!(world.store.storage().uploads_in_progress, 0);
    for path in ["rollback", "confirm"] {
        admin.command(&format!("/api/system/update/{path}")).await.expect(503);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_no_room_for_leaves_nothing() {
    for (quota, length, status) in [(Some(1000), "1001", 413), (None, "9000000000000000000", 507)] {
        let world = World::with(quota, matrix(4, 2)).await;
        let create = tus(&world.admin().await).with("upload-length", length);
        create.command("/api/system/update/uploads").await.expect(status);
        assert_eq!(world.store.storage().uploads_in_progress, 0);
        let left = std::fs::read_dir(world.folder.path().join("uploads")).unwrap();
        let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
        assert_eq!(left, ["lock"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_in_place_of_another_has_its_room_too() {
    let world = World::receiving(1000, 700).await;
    let admin = tus(&world.admin().await);
    let create = |length: &str| admin.with("upload-length", length);
    create("1001").command("/api/system/update/uploads").await.expect(413);
    assert_eq!(world.store.storage().uploads_in_progress, 1, "it would not do");
    // There is room, and no RAUC.
    create("900").command("/api/system/update/uploads").await.expect(503);
    assert_eq!(world.store.storage().uploads_in_progress, 0);
    assert_eq!(admin.get("/api/system/update").await.expect(200).json()["stage"], "idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_next_is_refused_and_what_cannot_be_is_named() {
    let world = World::start().await;
    let admin = world.admin().await;
    let refused = admin.command("/api/system/update/reboot").await.expect(409).detail();
    assert_eq!(refused, "no reboot into an update can be set: there is no update");
    assert!(admin.delete("/api/system/update").await.expect(409).detail().contains("cancelled"));
    for wrong in [json!({"url": "file:///etc/passwd"}), json!({"url": "http://a:b@c/d"}), json!({})]
    {
        admin.post("/api/system/update", wrong).await.expect(422);
    }
    for wrong in [
        json!({"reboot": true, "reboot_at": "2026-02-03T03:00:00Z"}),
        json!({"reboot_at": "at three"}),
        json!({"reboot_at": "2026-01-01T00:00:00Z"}),
        json!({"dim": true}),
    ] {
        world.pass(60);
        admin.post("/api/system/update/install", wrong).await.expect(422);
    }
    let state = admin.patch("/api/system/update", json!({"dim": true})).await.expect(200).json();
    assert_eq!(state["dim"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_kind_of_upload_is_found_at_the_others_address() {
    let world = World::start().await;
    let admin = tus(&world.admin().await);
    let begin = async |purpose| {
        let new = NewUpload { purpose, length: Some(9), ..NewUpload::default() };
        world.store.begin_upload(new).await.unwrap().id
    };
    let (media, update) = (begin(Purpose::Media).await, begin(Purpose::Update).await);
    let append =
        admin.with("upload-offset", "0").with("content-type", "application/offset+octet-stream");
    for (folder, other) in [("/api/uploads", update), ("/api/system/update/uploads", media)] {
        let path = format!("{folder}/{other}");
        admin.send(Method::HEAD, &path, "").await.expect(404);
        append.send(Method::PATCH, &path, "123456789").await.expect(404);
        admin.delete(&path).await.expect(404);
    }
    // Bytes of an update count, and make no media.
    let path = format!("/api/system/update/uploads/{update}");
    append.send(Method::PATCH, &path, "12345").await.expect(204);
    let stands = admin.send(Method::HEAD, &path, "").await.expect(200);
    assert_eq!(stands.header("upload-offset"), "5");
    admin
        .with("upload-offset", "5")
        .with("content-type", "application/offset+octet-stream")
        .send(Method::PATCH, &path, "6789")
        .await
        .expect(204);
    assert_eq!(admin.get("/api/media").await.expect(200).json()["media"], Value::Array(vec![]));
    admin.delete(&path).await.expect(204);
    admin.send(Method::HEAD, &path, "").await.expect(404);
}
