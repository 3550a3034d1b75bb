//! Whatever goes wrong is told in a problem document.

use axum::http::Method;
use serde_json::json;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_cannot_be_understood() {
    let world = World::start().await;
    let admin = world.admin().await;
    let json = admin.with("content-type", "application/json");
    let send = |body: &str| {
        let (json, body) = (json.clone(), body.to_owned());
        async move { json.send(Method::POST, "/api/playlists", body).await }
    };
    assert!(send("{").await.expect(400).detail().contains("line 1"));
    send(r#"{"name":"x"} y"#).await.expect(400);
    send("").await.expect(400);
    assert!(send("{}").await.expect(422).detail().contains("missing field `name`"));
    assert!(send(r#"{"name":1}"#).await.expect(422).detail().starts_with("name: "));
    let unknown = send(r#"{"name":"x","colour":1}"#).await.expect(422);
    assert!(unknown.detail().contains("unknown field `colour`"), "{unknown:?}");
    assert!(send(r#"{"name":" "}"#).await.expect(422).detail().contains("must not be empty"));
    let long = format!(r#"{{"name":"{}"}}"#, "x".repeat(2 << 20));
    send(&long).await.expect(413);
    admin.send(Method::POST, "/api/playlists", r#"{"name":"x"}"#).await.expect(415);
    let deep = json!({ "items": [{ "content": { "type": "text", "text": "x", "size": 9 } }] });
    let id = admin.post("/api/playlists", json!({ "name": "x" })).await.expect(201).json();
    let path = format!("/api/playlists/{}/items", id["id"].as_str().unwrap());
    let answer = admin.post(&path, deep).await.expect(422);
    assert_eq!(answer.detail(), "items[0].content.size: must be from 0.05 to 1, not 9");
    let blank = json!({ "items": [{ "content": { "type": "text", "text": " \n" } }] });
    let answer = admin.post(&path, blank).await.expect(422);
    assert_eq!(answer.detail(), "items[0].content.text: must have something to read");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_lead_nowhere() {
    let world = World::start().await;
    let admin = world.admin().await;
    assert!(admin.get("/api/nothing").await.expect(404).detail().contains("/api/nothing"));
    admin.get("/api").await.expect(404);
    admin.get("/nothing.js").await.expect(404);
    admin.get("/../Cargo.toml").await.expect(404);
    for path in ["/api/media/x", "/api/media/0123456789abcdef", "/api/playlists/%ff"] {
        let answer = admin.get(path).await;
        assert!(matches!(answer.status, 400 | 404), "{answer:?}");
        let status = answer.status;
        answer.expect(status);
    }
    admin.get("/api/media/0123456789abcdef/file").await.expect(404);
    admin.get("/api/media/0123456789abcdef/thumbnail").await.expect(404);
    admin.delete("/api/media/0123456789abcdef?force=perhaps").await.expect(400);
    let answer = admin.send(Method::DELETE, "/api/status", "").await.expect(405);
    assert!(answer.header("allow").contains("GET"), "{answer:?}");
    admin.send(Method::POST, "/", "").await.expect(405);
    admin.get("/api/events").await.expect(400);
}
