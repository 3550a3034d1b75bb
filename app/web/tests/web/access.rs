//! Who gets in, for how long, and by which name of the machine.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::Method;
use prismatron_web::script_token;
use serde_json::json;

use crate::events::{close_reason, listen};
use crate::world::{PASSWORD, World};

const MINUTE: u64 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_signs_in_once_and_signing_out_ends_the_session() {
    let world = World::start().await;
    let mut client = world.stranger();
    let link = world.access.sign_in_path();
    let answer = client.sign_in(&link).await.expect(200);
    assert_eq!(
        answer.json(),
        json!({
            "kind": "link", "name": null, "account": null, "role": "admin", "claimed": false,
            "expires_in_seconds": 1200,
        })
    );
    let cookie = answer.header("set-cookie").to_owned();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=1200"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    world.stranger().sign_in(&link).await.expect(401);
    client.keep_cookie(&answer);
    client.get("/api/session").await.expect(200);
    let signed_out = client.delete("/api/session").await.expect(204);
    let forgotten = format!("prismatron_session_{}=;", world.address.port());
    assert!(signed_out.header("set-cookie").starts_with(&forgotten));
    client.get("/api/session").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_link_brings_another_device_into_the_same_account() {
    let world = World::start().await;
    let viewer = world.account("Vera", "viewer").await;
    let bring = || async {
        let link = viewer.command("/api/session/links").await.expect(200).json();
        link["path"].as_str().unwrap().to_owned()
    };
    let answer = world.stranger().sign_in(&bring().await).await.expect(200).json();
    assert_eq!((&answer["name"], &answer["role"]), (&json!("Vera"), &json!("viewer")));
    let late = bring().await;
    world.pass(15 * MINUTE);
    world.stranger().sign_in(&late).await.expect(401);
    // Nor does it bring anybody in once the account has changed.
    let viewer = world.signed_in("Vera", PASSWORD).await;
    let link = viewer.command("/api/session/links").await.expect(200).json();
    let new = json!({ "old": PASSWORD, "new": "another horse" });
    viewer.put("/api/session/password", new).await.expect(200);
    world.stranger().sign_in(link["path"].as_str().unwrap()).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lasts_while_it_is_used() {
    let world = World::start().await;
    let mut client = world.admin().await;
    let old = client.clone();
    world.pass(9 * MINUTE);
    let answer = client.get("/api/session").await.expect(200);
    assert!(!answer.headers.contains_key("set-cookie"), "not yet half over");
    assert_eq!(answer.json()["expires_in_seconds"], 11 * MINUTE);
    world.pass(2 * MINUTE);
    let answer = client.get("/api/session").await.expect(200);
    client.keep_cookie(&answer);
    world.pass(10 * MINUTE);
    old.get("/api/session").await.expect(401);
    client.get("/api/session").await.expect(200);
    world.pass(20 * MINUTE);
    client.get("/api/session").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_of_the_date_changes_no_session() {
    let world = World::start().await;
    world.time.store(100, Ordering::SeqCst);
    let client = world.admin().await;
    world.time.store(1_800_000_000, Ordering::SeqCst);
    client.get("/api/session").await.expect(200);
    world.clock.advance(Duration::from_secs(20 * MINUTE));
    client.get("/api/session").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_every_token_of_the_session() {
    let world = World::start().await;
    let old = world.admin().await;
    world.pass(11 * MINUTE);
    let mut renewed = old.clone();
    renewed.keep_cookie(&old.get("/api/session").await.expect(200));
    old.delete("/api/session").await.expect(204);
    renewed.get("/api/session").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_found_behind_another_cookie_of_its_name() {
    let world = World::start().await;
    let viewer = world.account("Vera", "viewer").await;
    let own = viewer.headers["cookie"].to_str().unwrap().to_owned();
    let over = own.replace('.', "x");
    let name = own.split_once('=').unwrap().0;
    for cookies in [format!("{name}=stale; {own}"), format!("{over}; a=b; {own}")] {
        world.stranger().with("cookie", &cookies).get("/api/session").await.expect(200);
    }
    world.stranger().with("cookie", &over).get("/api/session").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_bring_a_signed_token() {
    let world = World::start().await;
    // Signed by today's date, whatever the world's is.
    world.time.store(
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(),
        Ordering::SeqCst,
    );
    let script = |token: &str| world.stranger().with("authorization", &format!("Bearer {token}"));
    let token = script_token(&world.key);
    script(&token).get("/api/status").await.expect(200);
    script(&token).command("/api/control/stop").await.expect(200);
    assert_eq!(script(&token).get("/api/session").await.expect(200).json()["kind"], "script");
    script(&token).delete("/api/session").await.expect(409);
    script(&script_token(&[9; 32])).get("/api/status").await.expect(401);
    script("nonsense").get("/api/status").await.expect(401);
    // A cookie is not a script's token, nor the other way round.
    let admin = world.admin().await;
    let cookie = admin.headers["cookie"].to_str().unwrap().to_owned();
    let (name, cookie) = cookie.split_once('=').unwrap();
    script(cookie).get("/api/status").await.expect(401);
    let posing = world.stranger().with("cookie", &format!("{name}={token}"));
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
    let named = json!({ "name": "Ada", "password": "guess" });
    client.post("/api/session", named).await.expect(429);
    client.sign_in(&world.access.sign_in_path()).await.expect(200);
    for _ in 0..3 {
        guess().await.expect(401);
    }
    guess().await.expect(429);
    world.clock.advance(Duration::from_secs(1));
    guess().await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_account_is_no_help_in_guessing_at_anothers() {
    let world = World::start().await;
    world.account("Ada", "admin").await;
    world.account("Mallory", "viewer").await;
    let guess = || {
        let body = json!({ "name": "Ada", "password": "not this one" });
        async { world.stranger().post("/api/session", body).await }
    };
    let mut refused = 0;
    for _ in 0..6 {
        refused += u32::from(guess().await.status == 429);
        // Whether or not this still gets in from here, it wins no more guesses.
        let own = json!({ "name": "Mallory", "password": PASSWORD });
        world.stranger().post("/api/session", own).await;
    }
    assert_eq!(refused, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_claim_code_makes_the_first_admin_and_is_gone() {
    let world = World::start().await;
    let code = world.access.claim_code().unwrap();
    let client = world.stranger();
    assert_eq!(client.get("/api/claim").await.expect(200).json(), json!({ "claimed": false }));
    let claim = |code: &str, name: &str, password: &str| {
        let body = json!({ "code": code, "name": name, "password": password });
        async { world.stranger().post("/api/claim", body).await }
    };
    claim(&code, "Ada", "short").await.expect(422);
    claim(&code, &"x".repeat(33), PASSWORD).await.expect(422);
    claim("00000-00000", "Ada", PASSWORD).await.expect(401);
    claim("", "Ada", PASSWORD).await.expect(401);
    let typed = code.replace('-', " ").to_lowercase();
    let answer = claim(&typed, " Ada ", PASSWORD).await.expect(200);
    assert_eq!(answer.json()["name"], "Ada");
    assert_eq!(answer.json()["role"], "admin");
    assert_eq!(answer.json()["claimed"], true);
    let mut ada = world.stranger();
    ada.keep_cookie(&answer);
    ada.get("/api/accounts").await.expect(200);
    assert_eq!(world.access.claim_code(), None);
    claim(&code, "Eve", PASSWORD).await.expect(409);
    assert_eq!(client.get("/api/claim").await.expect(200).json(), json!({ "claimed": true }));
    world.signed_in("ada", PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_the_claim_code_is_slowed_down_too() {
    let world = World::start().await;
    let guess = json!({ "code": "00000-00000", "name": "Eve", "password": PASSWORD });
    for _ in 0..3 {
        world.stranger().post("/api/claim", guess.clone()).await.expect(401);
    }
    world.stranger().post("/api/claim", guess).await.expect(429);
    assert_eq!(world.access.hashes_computed(), 0);
    world.clock.advance(Duration::from_secs(1));
    let right = world.access.claim_code().unwrap();
    let claim = json!({ "code": right, "name": "Ada", "password": PASSWORD });
    world.stranger().post("/api/claim", claim).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_were_taken_away_are_gone_at_once() {
    let world = World::start().await;
    let admin = world.admin().await;
    world.account("Ada", "admin").await;
    let id = |name: &str| {
        let all = world.store.accounts().borrow().clone();
        all.named(name).unwrap().id.to_string()
    };
    // By another role.
    let vera = world.account("Vera", "operator").await;
    let mut socket = listen(&vera).await;
    vera.command("/api/control/stop").await.expect(200);
    let change = json!({ "role": "viewer" });
    admin.patch(&format!("/api/accounts/{}", id("Vera")), change).await.expect(200);
    vera.get("/api/session").await.expect(401);
    assert_eq!(close_reason(&mut socket).await.1, "signed out");
    let vera = world.signed_in("Vera", PASSWORD).await;
    vera.command("/api/control/stop").await.expect(403);
    // By another password.
    let mut socket = listen(&vera).await;
    let reset = json!({ "password": "a new password" });
    let path = format!("/api/accounts/{}/password", id("Vera"));
    admin.put(&path, reset).await.expect(204);
    vera.get("/api/session").await.expect(401);
    close_reason(&mut socket).await;
    // By deletion.
    let vera = world.signed_in("Vera", "a new password").await;
    let mut socket = listen(&vera).await;
    admin.delete(&format!("/api/accounts/{}", id("Vera"))).await.expect(204);
    vera.get("/api/session").await.expect(401);
    close_reason(&mut socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_own_password_ends_the_other_sessions() {
    let world = World::start().await;
    let mut here = world.account("Ada", "viewer").await;
    let there = world.signed_in("Ada", PASSWORD).await;
    let change = |old: &str, new: &str| {
        let (client, body) = (here.clone(), json!({ "old": old, "new": new }));
        async move { client.put("/api/session/password", body).await }
    };
    change(PASSWORD, "too short").await.expect(422);
    change("not this one", "another horse").await.expect(422);
    let answer = change(PASSWORD, "another horse").await.expect(200);
    here.keep_cookie(&answer);
    here.get("/api/session").await.expect(200);
    there.get("/api/session").await.expect(401);
    world.signed_in("Ada", "another horse").await;
    let link = world.admin().await;
    let body = json!({ "old": PASSWORD, "new": "another horse" });
    link.put("/api/session/password", body).await.expect(409);
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
async fn names_of_others_lead_to_nothing_here() {
    let world = World::start().await;
    let admin = world.admin().await;
    for host in ["localhost", "127.0.0.1:1", "[::1]:8080", "wall.example:80", "WALL.example"] {
        admin.with("host", host).get("/api/status").await.expect(200);
        admin.with("host", host).get("/").await.expect(200);
    }
    for host in ["evil.example", "wall.example.evil.example", ""] {
        let answer = admin.with("host", host).get("/api/status").await.expect(421);
        assert!(answer.detail().contains("host_names"), "{answer:?}");
        admin.with("host", host).get("/").await.expect(421);
        let link = world.access.sign_in_path();
        world.stranger().with("host", host).sign_in(&link).await.expect(421);
    }
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
    world.stranger().send(Method::HEAD, "/api/health", "").await.expect(200);
}
