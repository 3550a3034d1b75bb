//! Files by a form, and back again.

use axum::http::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::world::{Answer, Client, PICTURE, World};

const CONTENTS: &[u8] = b"PICTURE 0123456789";

/// Sends files as curl does.
async fn form(client: &Client, files: &[(&str, &str, &[u8])]) -> Answer {
    let mut body = Vec::new();
    for (field, name, bytes) in files {
        body.extend_from_slice(
            format!(
                "--cut\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--cut--\r\n");
    let client = client.with("content-type", "multipart/form-data; boundary=cut");
    client.send(Method::POST, "/api/media", body).await
}

async fn one(client: &Client) -> Value {
    form(client, &[("file", "cat.png", CONTENTS)]).await.expect(201).json()["media"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_brings_files() {
    let world = World::start().await;
    let admin = world.admin().await;
    let files: &[(&str, &str, &[u8])] =
        &[("file", "../b.png", PICTURE), ("note", "x", b"-"), ("file", "a.png", CONTENTS)];
    let media = form(&admin, files).await.expect(201).json();
    assert_eq!(media["media"][0]["name"], "b.png");
    let list = admin.get("/api/media").await.expect(200).json();
    assert_eq!(list["media"][0]["name"], "a.png");
    let entry = &list["media"][0];
    assert_eq!(entry["kind"], "still");
    assert_eq!((&entry["width"], &entry["height"]), (&json!(4), &json!(2)));
    assert_eq!(entry["bytes"], CONTENTS.len());
    assert_eq!(entry["crc32"], format!("{:08x}", crc32fast::hash(CONTENTS)));
    let added = entry["added"].as_str().unwrap();
    assert!(humantime::parse_rfc3339(added).is_ok(), "{added}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_cannot_be_taken_leaves_nothing() {
    let world = World::with(Some(32 << 20), crate::world::matrix(1, 1)).await;
    let admin = world.admin().await;
    let answer = form(&admin, &[("file", "x.exe", b"MZ")]).await.expect(422);
    assert!(answer.detail().contains("this is no picture"), "{answer:?}");
    form(&admin, &[("other", "x.png", PICTURE)]).await.expect(400);
    admin.send(Method::POST, "/api/media", "x").await.expect(400);
    // Refused before any of it is sent.
    let mut large = admin.connect().await.unwrap();
    let kind = ("Content-Type", "multipart/form-data; boundary=cut");
    let head = admin.head("POST", "/api/media", &[kind, ("Content-Length", "999999999")]);
    large.write_all(head.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    large.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
    assert_eq!(admin.get("/api/media").await.json()["media"], json!([]));
    // Removed by a task of its own.
    let mut storage = world.store.storage();
    while storage.uploads_in_progress > 0 {
        tokio::task::yield_now().await;
        storage = world.store.storage();
    }
    assert_eq!(storage.used, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_becomes_a_part_of_a_form_is_not_collected() {
    const PIECE: usize = 1 << 20;
    let world = World::start().await;
    let admin = world.admin().await;
    let kind = ("Content-Type", "multipart/form-data; boundary=cut");
    let head = admin.head("POST", "/api/media", &[kind, ("Transfer-Encoding", "chunked")]);
    for begin in ["before the first part ", "--cut\r\nName: "] {
        let mut connection = admin.connect().await.unwrap();
        let head = format!("{head}40000000\r\n{begin}");
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut sent = 0;
        while connection.write_all(&[b'a'; PIECE]).await.is_ok() {
            sent += 1;
            assert!(sent < 64, "it takes all that comes");
        }
        // The rest of what was sent may have it reset by now.
        let mut said = Vec::new();
        let _ = connection.read_to_end(&mut said).await;
        let said = String::from_utf8_lossy(&said);
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
    }
    // A field that is not asked for may be as long as it likes.
    let long = vec![7; 3 * PIECE];
    let media = form(&admin, &[("note", "x", &long), ("file", "a.png", CONTENTS)]).await;
    media.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_back_whole_or_in_part() {
    let world = World::start().await;
    let admin = world.admin().await;
    let id = one(&admin).await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/media/{id}/file");
    let whole = admin.get(&path).await.expect(200);
    assert_eq!(&whole.body[..], CONTENTS);
    assert_eq!(
        whole.header("content-disposition"),
        "attachment; filename=\"cat.png\"; filename*=UTF-8''cat.png"
    );
    assert!(whole.header("content-security-policy").contains("sandbox"));
    assert_eq!(whole.header("x-content-type-options"), "nosniff");
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let part = admin.with("range", "bytes=8-11").get(&path).await.expect(206);
    assert_eq!(&part.body[..], b"0123");
    assert_eq!(part.header("content-range"), "bytes 8-11/18");
    let end = admin.with("range", "bytes=-2").get(&path).await.expect(206);
    assert_eq!(&end.body[..], b"89");
    let beyond = admin.with("range", "bytes=18-").get(&path).await.expect(416);
    assert_eq!(beyond.header("content-range"), "bytes */18");
    let tag = whole.header("etag").to_owned();
    let same = admin.with("range", "bytes=0-0").with("if-range", &tag);
    same.get(&path).await.expect(206);
    let other = admin.with("range", "bytes=0-0").with("if-range", "\"other\"");
    other.get(&path).await.expect(200);
    let thumbnail = admin.get(&format!("/api/media/{id}/thumbnail")).await.expect(200);
    assert_eq!(thumbnail.header("content-type"), "image/jpeg");
    assert_eq!(&thumbnail.body[..], b"a small picture");
    let head = admin.send(Method::HEAD, &path, "").await.expect(200);
    assert_eq!((head.header("content-length"), head.body.len()), ("18", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_renamed_and_deleted() {
    let world = World::start().await;
    let admin = world.admin().await;
    let media = one(&admin).await;
    let path = format!("/api/media/{}", media["id"].as_str().unwrap());
    let renamed = admin.patch(&path, json!({ "name": "dog.png" })).await.expect(200).json();
    assert_eq!(renamed["name"], "dog.png");
    admin.patch(&path, json!({ "name": "" })).await.expect(422);
    let playlist = admin.post("/api/playlists", json!({ "name": "Show" })).await.json();
    let items = format!("/api/playlists/{}/items", playlist["id"].as_str().unwrap());
    let item = json!({ "content": { "type": "media", "media": media["id"] } });
    let playlist = admin.post(&items, json!({ "items": [item] })).await.expect(201).json();
    assert_eq!(playlist["items"][0]["title"], "dog.png");
    let used = admin.delete(&path).await.expect(409);
    assert_eq!(used.detail(), "it is used by “Show”");
    admin.delete(&format!("{path}?force=true")).await.expect(204);
    admin.get(&path).await.expect(404);
    let playlist = admin.get(items.trim_end_matches("/items")).await.expect(200).json();
    assert_eq!(playlist["items"][0]["problem"], "the file is no longer in the library");

    let trash = admin.get("/api/trash").await.expect(200).json();
    assert_eq!((&trash["bytes"], &trash["media"][0]["media"]), (&renamed["bytes"], &renamed));
    let times = (&trash["media"][0]["deleted"], &trash["media"][0]["until"]);
    assert_eq!(times, (&json!("2026-02-02T02:40:00Z"), &json!("2026-02-09T02:40:00Z")));
    let storage = admin.get("/api/status").await.json()["storage"].clone();
    assert_eq!((&storage["used_bytes"], &storage["deleted_bytes"]), (&json!(18), &json!(18)));
    let restore = path.replace("/media/", "/trash/") + "/restore";
    assert_eq!(admin.command(&restore).await.expect(200).json(), renamed);
    admin.command(&restore).await.expect(404);
    let playlist = admin.get(items.trim_end_matches("/items")).await.expect(200).json();
    assert_eq!(playlist["items"][0]["problem"], Value::Null);
    admin.delete(&format!("{path}?force=true")).await.expect(204);
    admin.delete(&path.replace("/media/", "/trash/")).await.expect(204);
    admin.delete(&path.replace("/media/", "/trash/")).await.expect(404);
    admin.delete("/api/trash").await.expect(204);
    assert_eq!(admin.get("/api/trash").await.json(), json!({ "media": [], "bytes": 0 }));
}
