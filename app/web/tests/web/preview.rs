//! Looking at texts and effects before they are on the wall.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::events::{close_reason, connect, text};
use crate::world::World;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn ask(socket: &mut Socket, content: Value) {
    let request = json!({ "content": content, "fps": 30 });
    socket.send(Message::text(request.to_string())).await.unwrap();
}

async fn frame(socket: &mut Socket) -> Vec<u8> {
    loop {
        if let Message::Binary(bytes) = socket.next().await.unwrap().unwrap() {
            return bytes.to_vec();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_is_drawn_and_the_wall_goes_on() {
    let world = World::start().await;
    let admin = world.admin().await;
    admin.patch("/api/settings", json!({ "brightness": 0.1 })).await.expect(200);
    let before = world.engine.state().borrow().clone();
    let mut socket = connect(&admin, "/api/preview").await.unwrap();
    ask(&mut socket, json!({ "type": "effect", "effect": "plasma" })).await;
    assert_eq!(text(&mut socket).await, json!({ "type": "ready", "leds": 8 }));
    let first = frame(&mut socket).await;
    assert_eq!(first[..8], [1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(first[8..], [255; 24], "at full brightness, however dark the wall is");
    assert_eq!(frame(&mut socket).await[4], 1);
    let params = json!({ "speed": 11 });
    ask(&mut socket, json!({ "type": "effect", "effect": "plasma", "params": params })).await;
    let problem = text(&mut socket).await;
    assert_eq!(problem["type"], "problem");
    assert!(problem["detail"].as_str().unwrap().contains("0 to 10 Hz"), "{problem}");
    ask(&mut socket, json!({ "type": "media", "media": "0123456789abcdef" })).await;
    assert_eq!(text(&mut socket).await["type"], "problem");
    ask(&mut socket, json!({ "type": "text", "text": "Hello" })).await;
    assert_eq!(text(&mut socket).await["type"], "ready");
    let after = world.engine.state().borrow().clone();
    assert_eq!((before.mode, before.item), (after.mode, after.item));
    socket.send(Message::text("{}")).await.unwrap();
    assert_eq!(close_reason(&mut socket).await, (1008, "not understood".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_four_look_at_once() {
    let world = World::start().await;
    let admin = world.admin().await;
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(connect(&admin, "/api/preview").await.unwrap());
    }
    match connect(&admin, "/api/preview").await {
        Err(Error::Http(answer)) => assert_eq!(answer.status(), 503),
        other => panic!("{other:?}"),
    }
}
