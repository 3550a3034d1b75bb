//! Live events.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::world::{Client, World};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) async fn listen(client: &Client) -> Socket {
    connect(client, "/api/events").await.unwrap()
}

pub(crate) async fn connect(client: &Client, path: &str) -> Result<Socket, Error> {
    let address = format!("ws://{}{path}", client.address);
    let mut request = address.into_client_request().unwrap();
    request.headers_mut().insert("cookie", client.headers["cookie"].clone());
    let origin = format!("http://{}", client.address);
    request.headers_mut().insert("origin", origin.parse().unwrap());
    connect_async(request).await.map(|(socket, _)| socket)
}

/// The next text that is of this type.
async fn next(socket: &mut Socket, kind: &str) -> Value {
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            let event: Value = serde_json::from_str(&text).unwrap();
            if event["type"] == kind {
                return event;
            }
        }
    }
}

/// The next text.
pub(crate) async fn text(socket: &mut Socket) -> Value {
    loop {
        if let Message::Text(text) = socket.next().await.unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

async fn preview(socket: &mut Socket) -> Vec<u8> {
    loop {
        if let Message::Binary(bytes) = socket.next().await.unwrap().unwrap() {
            return bytes.to_vec();
        }
    }
}

pub(crate) async fn close_reason(socket: &mut Socket) -> (u16, String) {
    loop {
        if let Message::Close(Some(frame)) = socket.next().await.unwrap().unwrap() {
            return (frame.code.into(), frame.reason.to_string());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told() {
    let world = World::start().await;
    let admin = world.admin().await;
    let mut socket = listen(&admin).await;
    let first = next(&mut socket, "status").await;
    assert_eq!(first["status"]["player"]["leds"], 8);
    admin.patch("/api/settings", json!({ "brightness": 0.5 })).await.expect(200);
    while next(&mut socket, "status").await["status"]["player"]["brightness"] != 0.5 {}
    admin.post("/api/playlists", json!({ "name": "Show" })).await.expect(201);
    next(&mut socket, "playlists").await;
    let pieces = json!([{ "type": "matrix", "columns": 2, "rows": 1 }]);
    admin.put("/api/layout", json!({ "pieces": pieces })).await.expect(200);
    next(&mut socket, "layout").await;
    admin.put("/api/outputs", json!({ "outputs": [{ "hosts": ["a"] }] })).await.expect(200);
    next(&mut socket, "layout").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_sees_the_leds() {
    let world = World::start().await;
    let admin = world.admin().await;
    let playlist = admin.post("/api/playlists", json!({ "name": "Show" })).await.json();
    let path = format!("/api/playlists/{}", playlist["id"].as_str().unwrap());
    let item = json!({
        "content": { "type": "text", "text": "x" }, "transition": { "type": "cut" },
    });
    admin.post(&format!("{path}/items"), json!({ "items": [item] })).await.expect(201);
    let mut socket = listen(&admin).await;
    next(&mut socket, "status").await;
    let ask = json!({ "type": "preview", "fps": 60 }).to_string();
    socket.send(Message::text(ask)).await.unwrap();
    admin.command(&format!("{path}/activate")).await.expect(200);
    let mut last = None;
    loop {
        let frame = preview(&mut socket).await;
        assert_eq!(frame.len(), 8 + 3 * 8);
        assert_eq!(frame[..4], [1, 0, 0, 0]);
        let sequence = u32::from_le_bytes(frame[4..8].try_into().unwrap());
        assert!(last.is_none_or(|last| sequence > last), "{last:?} {sequence}");
        last = Some(sequence);
        if frame[8..].iter().all(|value| *value == 255) {
            break;
        }
    }
    // And no longer, when told so.
    let enough = json!({ "type": "preview", "fps": 0 }).to_string();
    socket.send(Message::text(enough)).await.unwrap();
    next(&mut socket, "status").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_ends_the_conversation_with_a_reason() {
    let world = World::start().await;
    let admin = world.admin().await;
    for text in ["x", r#"{"type":"dance"}"#, r#"{"type":"preview","fps":1,"x":1}"#] {
        let mut socket = listen(&admin).await;
        socket.send(Message::text(text)).await.unwrap();
        let (code, reason) = close_reason(&mut socket).await;
        assert_eq!(code, 1008);
        assert!(!reason.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_it() {
    let world = World::start().await;
    let admin = world.admin().await;
    let mut socket = listen(&admin).await;
    next(&mut socket, "status").await;
    admin.delete("/api/session").await.expect(204);
    // Whatever happens next, it is not told any more.
    world.admin().await.patch("/api/settings", json!({ "gamma": 2.0 })).await.expect(200);
    let (code, reason) = close_reason(&mut socket).await;
    assert_eq!((code, reason.as_str()), (1008, "signed out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_listen_at_once() {
    let world = World::start().await;
    let admin = world.admin().await;
    let mut sockets = Vec::new();
    for _ in 0..64 {
        sockets.push(listen(&admin).await);
    }
    let more = admin
        .with("upgrade", "websocket")
        .with("connection", "upgrade")
        .with("sec-websocket-version", "13")
        .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    more.get("/api/events").await.expect(503);
}
