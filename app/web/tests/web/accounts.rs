//! Accounts and named tokens.

use serde_json::{Value, json};

use crate::world::{Client, PASSWORD, World};

const DAY: u64 = 24 * 60 * 60;

async fn names(client: &Client) -> Vec<String> {
    let all = client.get("/api/accounts").await.expect(200).json();
    let all = all["accounts"].as_array().unwrap().clone();
    all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

async fn id(client: &Client, name: &str) -> String {
    let all = client.get("/api/accounts").await.expect(200).json();
    let all = all["accounts"].as_array().unwrap().clone();
    let found = all.iter().find(|one| one["name"] == name).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

async fn make(client: &Client, name: &str, role: &str, days: u32) -> (Value, String) {
    let new = json!({ "name": name, "role": role, "days": days });
    let made = client.post("/api/tokens", new).await.expect(201).json();
    (made["token"].clone(), made["secret"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_changes_no_accounts() {
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    let (_, secret) = make(&admin, "script", "admin", 1).await;
    let script = world.stranger().with("authorization", &format!("Bearer {secret}"));
    let all = script.get("/api/accounts").await.expect(200).json();
    let own = format!("/api/accounts/{}", all["accounts"][0]["id"].as_str().unwrap());
    let new = json!({ "name": "Eve", "role": "admin", "password": "long enough" });
    script.post("/api/accounts", new).await.expect(403);
    let other = json!({ "password": "another one" });
    script.put(&format!("{own}/password"), other).await.expect(403);
    script.patch(&own, json!({ "name": "Eve" })).await.expect(403);
    script.delete(&own).await.expect(403);
    assert_eq!(admin.get("/api/accounts").await.json(), all);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_come_change_and_go() {
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    let create = |name: &str, role: &str, password: &str| {
        let (admin, name) = (admin.clone(), name.to_owned());
        let body = json!({ "name": name, "role": role, "password": password });
        async move { admin.post("/api/accounts", body).await }
    };
    let made = create(" bob ", "operator", PASSWORD).await.expect(201).json();
    assert_eq!((&made["name"], &made["role"]), (&json!("bob"), &json!("operator")));
    create("BOB", "viewer", PASSWORD).await.expect(409);
    create("", "viewer", PASSWORD).await.expect(422);
    create(&"x".repeat(33), "viewer", PASSWORD).await.expect(422);
    create("carol", "owner", PASSWORD).await.expect(422);
    create("carol", "viewer", "too short").await.expect(422);
    create("carol", "viewer", &"x".repeat(1025)).await.expect(422);
    create(&"x".repeat(32), "viewer", &"x".repeat(1024)).await.expect(201);
    assert_eq!(names(&admin).await, ["Ada".to_owned(), "bob".into(), "x".repeat(32)]);

    let path = format!("/api/accounts/{}", id(&admin, "bob").await);
    let renamed = admin.patch(&path, json!({ "name": "Bob" })).await.expect(200).json();
    assert_eq!(renamed["name"], "Bob");
    admin.patch(&path, json!({ "name": "ada" })).await.expect(409);
    admin.delete(&path).await.expect(204);
    admin.delete(&path).await.expect(404);
    admin.patch(&path, json!({ "name": "Bob" })).await.expect(404);
    admin.delete("/api/accounts/x").await.expect(404);
    let gone = json!({ "name": "Bob", "password": PASSWORD });
    world.stranger().post("/api/session", gone).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays() {
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    let own = format!("/api/accounts/{}", id(&admin, "Ada").await);
    admin.delete(&own).await.expect(409);
    admin.patch(&own, json!({ "role": "viewer" })).await.expect(409);
    admin.patch(&own, json!({ "role": "admin" })).await.expect(200);
    let reset = json!({ "password": "without the old one" });
    admin.put(&format!("{own}/password"), reset).await.expect(409);
    world.account("Eve", "admin").await;
    admin.patch(&own, json!({ "role": "viewer" })).await.expect(200);
    let eve = world.signed_in("Eve", PASSWORD).await;
    let eves = format!("/api/accounts/{}", id(&eve, "Eve").await);
    eve.delete(&eves).await.expect(409);
    assert_eq!(world.access.claim_code(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_do_what_their_role_may_until_they_end() {
    let world = World::start().await;
    let operator = world.account("Otto", "operator").await;
    let (token, secret) = make(&operator, "Lights off", "operator", 30).await;
    assert!(secret.starts_with("prismatron_") && secret.len() > 50, "{secret}");
    assert_eq!(token["made_by"], "account Otto");
    let script = world.stranger().with("authorization", &format!("Bearer {secret}"));
    script.command("/api/control/stop").await.expect(200);
    script.get("/api/accounts").await.expect(403);
    let who = script.get("/api/session").await.expect(200).json();
    assert_eq!((&who["kind"], &who["name"]), (&json!("token"), &json!("Lights off")));
    // It makes nothing that outlives it.
    let more = json!({ "name": "more", "role": "viewer", "days": 1 });
    script.post("/api/tokens", more).await.expect(403);
    script.command("/api/session/links").await.expect(403);
    // What is kept does not tell the token, nor does what is listed.
    let kept = world.folder.path().join("playlists/accounts.ron");
    assert!(!std::fs::read_to_string(kept).unwrap().contains(&secret));
    let listed = operator.get("/api/tokens").await.expect(200);
    assert!(!String::from_utf8_lossy(&listed.body).contains(&secret[20..]));
    for wrong in [&secret[..secret.len() - 1], "prismatron_", &secret.replace("prismatron_", "")] {
        let script = world.stranger().with("authorization", &format!("Bearer {wrong}"));
        script.get("/api/status").await.expect(401);
    }
    world.pass(30 * DAY - 1);
    script.get("/api/status").await.expect(200);
    world.pass(1);
    script.get("/api/status").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_belong_to_whoever_made_them() {
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    let operator = world.account("Otto", "operator").await;
    let viewer = world.account("Vera", "viewer").await;
    let (hers, _) = make(&viewer, "hers", "viewer", 1).await;
    let (his, secret) = make(&operator, "his", "operator", 1).await;
    for role in ["operator", "admin"] {
        let more = json!({ "name": "x", "role": role, "days": 1 });
        let answer = viewer.post("/api/tokens", more).await.expect(403);
        assert!(answer.detail().contains(role), "{answer:?}");
    }
    for days in [0, 1096] {
        let body = json!({ "name": "x", "role": "viewer", "days": days });
        viewer.post("/api/tokens", body).await.expect(422);
    }
    let listed = |answer: Value| -> Vec<String> {
        let all = answer["tokens"].as_array().unwrap().clone();
        all.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed(viewer.get("/api/tokens").await.json()), ["hers"]);
    assert_eq!(listed(admin.get("/api/tokens").await.json()), ["his", "hers"]);
    let path = |token: &Value| format!("/api/tokens/{}", token["id"].as_str().unwrap());
    viewer.delete(&path(&his)).await.expect(404);
    viewer.delete(&path(&hers)).await.expect(204);
    // A token is never mightier than its owner, and goes with them.
    let script = world.stranger().with("authorization", &format!("Bearer {secret}"));
    script.command("/api/control/stop").await.expect(200);
    let otto = format!("/api/accounts/{}", id(&admin, "Otto").await);
    admin.patch(&otto, json!({ "role": "viewer" })).await.expect(200);
    script.command("/api/control/stop").await.expect(403);
    script.get("/api/status").await.expect(200);
    admin.delete(&otto).await.expect(204);
    script.get("/api/status").await.expect(401);
    // One of nobody's stays until it is deleted.
    let (token, secret) = make(&world.admin().await, "link's", "admin", 1).await;
    let script = world.stranger().with("authorization", &format!("Bearer {secret}"));
    script.get("/api/accounts").await.expect(200);
    admin.delete(&path(&token)).await.expect(204);
    script.get("/api/accounts").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_before_the_clock_was_set_is_refused() {
    let world = World::start().await;
    world.time.store(1000, std::sync::atomic::Ordering::SeqCst);
    let admin = world.admin().await;
    let new = json!({ "name": "x", "role": "viewer", "days": 1 });
    assert!(admin.post("/api/tokens", new).await.expect(422).detail().contains("time of day"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_begins_too_many_files_waits() {
    let world = World::start().await;
    let admin = world.admin().await;
    let begin = || async {
        let tus = admin.with("tus-resumable", "1.0.0").with("upload-length", "10");
        tus.command("/api/uploads").await
    };
    let mut begun = 0;
    let refused = loop {
        let answer = begin().await;
        match answer.status {
            201 => {
                begun += 1;
                let tus = admin.with("tus-resumable", "1.0.0");
                tus.delete(answer.header("location")).await.expect(204);
            }
            _ => break answer.expect(429),
        }
    };
    assert_eq!(begun, 300);
    assert_eq!(refused.header("retry-after"), "1");
    // Each by themselves.
    let other = world.account("Ada", "operator").await;
    let tus = other.with("tus-resumable", "1.0.0").with("upload-length", "10");
    tus.command("/api/uploads").await.expect(201);
    world.pass(1);
    begin().await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_on_rights_have_a_rate() {
    let world = World::start().await;
    let viewer = world.account("Vera", "viewer").await;
    let mut made = 0;
    let refused = loop {
        let new = json!({ "name": "x", "role": "viewer", "days": 1 });
        let answer = viewer.post("/api/tokens", new).await;
        match answer.status {
            201 => made += 1,
            _ => break answer.expect(429),
        }
    };
    assert_eq!(made, 20);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 3);
    viewer.get("/api/tokens").await.expect(200);
}
