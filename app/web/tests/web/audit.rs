//! What is written down of who did what.

use std::time::{Duration, Instant};

use prismatron_store::verify_audit;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::world::{Client, PASSWORD, World};

/// Lines of requests, oldest first, once there is one that ends with this.
async fn lines(admin: &Client, last: &str) -> Vec<String> {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let page = admin.get("/api/audit?limit=500").await.expect(200).json();
        let mut lines: Vec<String> = page["lines"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["kind"] == "request")
            .map(|line| {
                let text = |name: &str| line[name].as_str().unwrap_or("").to_owned();
                let (who, action) = (text("who"), text("action"));
                format!("{who}: {action} [{}] {}", text("detail"), line["status"])
            })
            .collect();
        lines.reverse();
        if lines.iter().any(|line| line.contains(last)) {
            return lines;
        }
        assert!(Instant::now() < until, "no {last} in {lines:#?}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_and_every_sign_in_is_written_and_no_secret() {
    let world = World::start().await;
    let mut admin = world.stranger();
    let answer = admin.sign_in(&world.access.sign_in_path()).await.expect(200);
    admin.keep_cookie(&answer);
    let sign_in = |name: &str, password: &str| {
        let body = json!({ "name": name, "password": password });
        async { world.stranger().post("/api/session", body).await }
    };
    let new = json!({ "name": "Vera", "role": "viewer", "password": "opensesame1" });
    admin.post("/api/accounts", new).await.expect(201);
    sign_in("vera", "opensesame2").await.expect(401);
    sign_in("opensesame3", "x").await.expect(401);
    let vera = world.signed_in("Vera", "opensesame1").await;
    vera.get("/api/status").await.expect(200);
    vera.get("/api/media").await.expect(403);
    vera.command("/api/control/play").await.expect(403);
    world.stranger().command("/api/control/play").await.expect(401);
    world.stranger().get("/api/status").await.expect(401);
    let token = json!({ "name": "mine", "role": "viewer", "days": 2 });
    let made = vera.post("/api/tokens", token).await.expect(201).json();
    vera.delete("/api/session").await.expect(204);
    let lines = lines(&admin, "DELETE /api/session").await;
    assert_eq!(
        lines,
        [
            "link: POST /api/session [] 200",
            "link: POST /api/accounts [made the viewer Vera] 201",
            "account Vera: POST /api/session [] 401",
            "an unknown name: POST /api/session [] 401",
            "account Vera: POST /api/session [] 200",
            "account Vera: GET /api/media [] 403",
            "account Vera: POST /api/control/play [] 403",
            "nobody: POST /api/control/play [] 401",
            "account Vera: POST /api/tokens [made the viewer token mine for 2 days] 201",
            "account Vera: DELETE /api/session [] 204",
        ]
    );
    let path = world.folder.path().join("logs/audit.log");
    let text = std::fs::read_to_string(&path).unwrap();
    let secret = made["secret"].as_str().unwrap();
    for secret in ["opensesame", secret, world.access.claim_code().as_deref().unwrap_or("#")] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("\"from\":\"127.0.0.1\""), "{text}");
    let report = verify_audit(&path).unwrap();
    assert_eq!((report.lines, report.bad), (11, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_brought_to_its_end_whoever_goes() {
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    // To make the password of it takes a while.
    let new = json!({ "name": "Vera", "role": "viewer", "password": PASSWORD }).to_string();
    let length = new.len().to_string();
    let more = [("Content-Type", "application/json"), ("Content-Length", length.as_str())];
    let request = admin.head("POST", "/api/accounts", &more) + &new;
    let mut connection = admin.connect().await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(connection);
    let lines = lines(&admin, "POST /api/accounts [made the viewer Vera]").await;
    assert!(lines.last().unwrap().ends_with("201"), "{lines:?}");
    world.signed_in("Vera", PASSWORD).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_is_refused_does_not_fill_it() {
    const MOST: usize = 500;
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    let vera = world.account("Vera", "viewer").await;
    for _ in 0..MOST + 100 {
        vera.command("/api/control/play").await.expect(403);
    }
    admin.command("/api/control/stop").await.expect(200);
    lines(&admin, "/api/control/stop").await;
    let text = std::fs::read_to_string(world.folder.path().join("logs/audit.log")).unwrap();
    let refused = text.matches("/api/control/play").count();
    // And one more each half second.
    assert!((MOST..MOST + 90).contains(&refused), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_read_in_pages() {
    let world = World::start().await;
    let admin = world.account("Ada", "admin").await;
    for _ in 0..30 {
        admin.command("/api/control/stop").await.expect(200);
    }
    admin.command("/api/control/pause").await;
    lines(&admin, "pause").await;
    let mut seen: Vec<u64> = Vec::new();
    let mut at = "/api/audit?limit=7".to_owned();
    loop {
        let page = admin.get(&at).await.expect(200).json();
        let page_lines = page["lines"].as_array().unwrap();
        assert!(page_lines.len() <= 7);
        seen.extend(page_lines.iter().map(|line| line["seq"].as_u64().unwrap()));
        assert_eq!(page["lost"], 0);
        match &page["next"] {
            Value::Null => break,
            next => at = format!("/api/audit?limit=7&before={next}"),
        }
    }
    let expected: Vec<u64> = (1..=seen.len() as u64).rev().collect();
    assert_eq!(seen, expected);
    for wrong in ["limit=0", "limit=501"] {
        admin.get(&format!("/api/audit?{wrong}")).await.expect(422);
    }
    admin.get("/api/audit?before=x").await.expect(400);
    admin.get("/api/audit?after=1").await.expect(400);
    admin.get("/api/audit?before=99999999").await.expect(200);
    let ada = json!({ "name": "Ada", "password": PASSWORD });
    world.stranger().post("/api/session", ada).await.expect(200);
}
