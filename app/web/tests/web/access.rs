//! Who gets in.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::Method;
use prismatron_web::script_token;
use serde_json::json;

use crate::world::World;

const HOUR: u64 = 3600;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_open_but_what_is_listed() {
    let world = World::start().await;
    let stranger = world.stranger();
    let document: serde_json::Value =
        serde_json::from_str(&prismatron_web::openapi_json()).unwrap();
    let mut open = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let address =
            path.replace("{id}", "0123456789abcdef").replace("{item}", "0123456789abcdef");
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"] == json!([{}]) {
                open.push(format!("{method} {path}"));
                continue;
            }
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = stranger.send(method.clone(), &address, "").await;
            assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
            if method != Method::HEAD {
                answer.expect(401);
            }
        }
    }
    open.sort();
    assert_eq!(open, ["get /api/health", "get /api/openapi.json", "post /api/session"]);
    stranger.get("/api/nothing-of-the-kind").await.expect(401);
    stranger.get("/api/health").await.expect(200);
    stranger.send(Method::HEAD, "/api/health", "").await.expect(200);
    stranger.get("/api/openapi.json").await.expect(200);
    stranger.get("/").await.expect(200);
    // Not the API for the router, and so not for the guard.
    stranger.get("/%61pi/status").await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_signs_in_once_and_signing_out_ends_the_session() {
    let world = World::start().await;
    let mut client = world.stranger();
    let link = world.access.sign_in_path();
    let answer = client.sign_in(&link).await.expect(200);
    assert_eq!(answer.json(), json!({ "role": "admin", "password_set": false }));
    let cookie = answer.header("set-cookie").to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    world.stranger().sign_in(&link).await.expect(401);
    client.keep_cookie(&answer);
    client.get("/api/session").await.expect(200);
    let signed_out = client.delete("/api/session").await.expect(204);
    assert!(signed_out.header("set-cookie").starts_with("prismatron_session=;"));
    client.get("/api/session").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_link_brings_in_another_device() {
    let world = World::start().await;
    let admin = world.admin().await;
    let link = admin.command("/api/session/links").await.expect(200).json();
    world.stranger().sign_in(link["path"].as_str().unwrap()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_while_it_is_used() {
    let world = World::start().await;
    let mut client = world.admin().await;
    let old = client.clone();
    world.time.fetch_add(5 * HOUR, Ordering::SeqCst);
    let answer = client.get("/api/session").await.expect(200);
    assert!(!answer.headers.contains_key("set-cookie"), "not yet half over");
    world.time.fetch_add(2 * HOUR, Ordering::SeqCst);
    let answer = client.get("/api/session").await.expect(200);
    client.keep_cookie(&answer);
    world.time.fetch_add(6 * HOUR, Ordering::SeqCst);
    old.get("/api/session").await.expect(401);
    client.get("/api/session").await.expect(200);
    world.time.fetch_add(12 * HOUR, Ordering::SeqCst);
    client.get("/api/session").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_every_token_of_the_session() {
    let world = World::start().await;
    let old = world.admin().await;
    world.time.fetch_add(7 * HOUR, Ordering::SeqCst);
    let mut renewed = old.clone();
    renewed.keep_cookie(&old.get("/api/session").await.expect(200));
    old.delete("/api/session").await.expect(204);
    renewed.get("/api/session").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_bring_a_token() {
    let world = World::start().await;
    // Signed by today's date, whatever the world's is.
    world.time.store(
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(),
        Ordering::SeqCst,
    );
    let script = |token: &str| world.stranger().with("authorization", &format!("Bearer {token}"));
    script(&script_token(&world.key)).get("/api/status").await.expect(200);
    script(&script_token(&world.key)).command("/api/control/stop").await.expect(200);
    script(&script_token(&[9; 32])).get("/api/status").await.expect(401);
    script("nonsense").get("/api/status").await.expect(401);
    // A cookie is not a script's token, nor the other way round.
    let admin = world.admin().await;
    let cookie = admin.headers["cookie"].to_str().unwrap().split_once('=').unwrap().1.to_owned();
    script(&cookie).get("/api/status").await.expect(401);
    let token = script_token(&world.key);
    let posing = world.stranger().with("cookie", &format!("prismatron_session={token}"));
    posing.get("/api/status").await.expect(401);
    // Who brings a wrong token does not get by on a cookie.
    admin.with("authorization", "Bearer nonsense").get("/api/status").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_takes_ever_longer_and_locks_nobody_out() {
    let world = World::start().await;
    let client = world.stranger();
    let guess = || client.post("/api/session", json!({ "code": "guess" }));
    for _ in 0..3 {
        guess().await.expect(401);
    }
    let answer = guess().await.expect(429);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    client.post("/api/session", json!({ "password": "guess" })).await.expect(429);
    client.sign_in(&world.access.sign_in_path()).await.expect(200);
    for _ in 0..3 {
        guess().await.expect(401);
    }
    guess().await.expect(429);
    world.clock.advance(Duration::from_secs(1));
    guess().await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_once_set_signs_in() {
    let world = World::start().await;
    let admin = world.admin().await;
    let sign_in = |password: &str| {
        let client = world.stranger();
        let body = json!({ "password": password });
        async move { client.post("/api/session", body).await }
    };
    sign_in("correct horse").await.expect(401);
    admin.put("/api/session/password", json!({ "password": "too short" })).await.expect(422);
    let set = json!({ "password": "correct horse" });
    admin.put("/api/session/password", set).await.expect(204);
    let answer = sign_in("correct horse").await.expect(200);
    assert_eq!(answer.json()["password_set"], true);
    sign_in("correct house").await.expect(401);
    let both = json!({ "password": "correct horse", "code": "x" });
    world.stranger().post("/api/session", both).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_origins_change_nothing() {
    let world = World::start().await;
    let admin = world.admin().await;
    let ours = format!("http://{}", world.address);
    admin.with("origin", &ours).command("/api/control/stop").await.expect(200);
    admin.with("origin", "http://evil.example").command("/api/control/stop").await.expect(403);
    admin.with("origin", "null").command("/api/control/stop").await.expect(403);
    admin.with("sec-fetch-site", "cross-site").command("/api/control/stop").await.expect(403);
    let link = world.access.sign_in_path();
    world.stranger().with("origin", "http://evil.example").sign_in(&link).await.expect(403);
    // Reading is no change, and the answer is not readable over there.
    let read = admin.with("origin", "http://evil.example").get("/api/session").await.expect(200);
    assert!(!read.headers.contains_key("access-control-allow-origin"));
    let socket = admin
        .with("origin", "http://evil.example")
        .with("upgrade", "websocket")
        .with("connection", "upgrade")
        .with("sec-websocket-version", "13")
        .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    socket.get("/api/events").await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_its_headers() {
    let world = World::start().await;
    for path in ["/", "/nothing", "/api/status", "/api/health"] {
        let answer = world.stranger().get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'self'"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
    }
}
