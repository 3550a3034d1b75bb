//! The server ends whatever its clients do. That each test ends is what it tests: a client that were
//! waited for would hold it up for ever.

use axum::http::Method;
use futures_util::SinkExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::Message;

use crate::events::listen;
use crate::world::{World, matrix};

/// Reads the first bytes of an answer: the server is at it.
async fn has_begun(connection: &mut tokio::net::TcpStream) {
    let mut first = [0; 16];
    connection.read_exact(&mut first).await.unwrap();
    assert!(first.starts_with(b"HTTP/1.1 200"), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_and_half_sent_requests_do_not_hold_it_up() {
    let world = World::start().await;
    let admin = world.admin().await;
    let _idle = admin.connect().await.unwrap();
    let mut head = admin.connect().await.unwrap();
    head.write_all(b"GET /api/status HTTP/1.1\r\nHost: x\r\nX-").await.unwrap();
    let mut body = admin.connect().await.unwrap();
    let text = admin.head(
        "POST",
        "/api/playlists",
        &[("Content-Type", "application/json"), ("Content-Length", "100")],
    );
    body.write_all(text.as_bytes()).await.unwrap();
    body.write_all(b"{\"na").await.unwrap();
    admin.get("/api/status").await.expect(200);
    world.shutdown.cancel();
    world.serving.await.unwrap().unwrap();
    assert!(admin.connect().await.is_err(), "no more connections are taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_nobody_takes_do_not_hold_it_up() {
    // Tens of megabytes: more than the kernel holds.
    let world = World::with(None, matrix(1400, 1400)).await;
    let admin = world.admin().await;
    let mut download = admin.connect().await.unwrap();
    let text = admin.head("GET", "/api/layout/leds", &[]);
    download.write_all(text.as_bytes()).await.unwrap();
    has_begun(&mut download).await;
    let mut socket = listen(&admin).await;
    let ask = json!({ "type": "preview", "fps": 30 }).to_string();
    socket.send(Message::text(ask)).await.unwrap();
    admin.command("/api/control/stop").await.expect(200);
    world.shutdown.cancel();
    world.serving.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_under_way_breaks_off_and_is_kept() {
    let world = World::start().await;
    let admin = world.admin().await;
    let tus = admin.with("tus-resumable", "1.0.0");
    let new = tus.with("upload-length", "100");
    let created = new.send(Method::POST, "/api/uploads", "").await.expect(201);
    let path = created.header("location").to_owned();
    let mut connection = admin.connect().await.unwrap();
    let text = tus.head(
        "PATCH",
        &path,
        &[
            ("Content-Type", "application/offset+octet-stream"),
            ("Content-Length", "100"),
            ("Upload-Offset", "0"),
            ("Expect", "100-continue"),
        ],
    );
    connection.write_all(text.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    connection.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "the upload is open");
    connection.write_all(b"PICTURE").await.unwrap();
    world.shutdown.cancel();
    world.serving.await.unwrap().unwrap();
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let status = world.store.settle_upload(id).await.unwrap();
    // The bytes may have been on their way still; the upload itself stands.
    assert!(matches!(status.offset, 0 | 7), "{status:?}");
    assert_eq!(status.length, Some(100));
}
