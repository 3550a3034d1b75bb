//! Ten thousand wrong passwords, from as many addresses: what they cost, and who is not kept out by them.

use std::net::{Ipv4Addr, SocketAddr};

use axum::http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use crate::world::{PASSWORD, World};

const GUESSES: u32 = 10_000;
const AT_ONCE: usize = 64;
/// What passes as a burst; the world's clock stands still, so that no more come.
const BURST: u64 = 30;

/// Posts to the server from an address of this machine, and returns the status.
async fn post_from(from: Ipv4Addr, to: SocketAddr, body: String) -> u16 {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    let stream = socket.connect(to).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/session")
        .header(header::HOST, to.to_string())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(axum::body::Bytes::from(body)))
        .unwrap();
    let answer = sender.send_request(request).await.unwrap();
    let status = answer.status().as_u16();
    answer.into_body().collect().await.unwrap();
    drop(sender);
    connection.abort();
    status
}

/// 127.1.0.1, 127.1.0.2 …: another for each.
fn address(number: u32) -> Ipv4Addr {
    (u32::from(Ipv4Addr::new(127, 1, 0, 1)) + number).into()
}

/// Guesses, and has somebody sign in by a link meanwhile. Returns how many guesses were looked at.
async fn storm(world: &World, name: impl Fn(u32) -> String) -> usize {
    let mut guesses = JoinSet::new();
    let mut looked_at = 0;
    let mut count = |status: u16| match status {
        401 => looked_at += 1,
        status => assert_eq!(status, 429),
    };
    for number in 0..GUESSES {
        let body = json!({ "name": name(number), "password": format!("guess {number}") });
        guesses.spawn(post_from(address(number), world.address, body.to_string()));
        if guesses.len() >= AT_ONCE {
            count(guesses.join_next().await.unwrap().unwrap());
        }
        if number % 1000 == 500 {
            // In the middle of it, from an address that guesses too.
            let code = world.access.sign_in_path();
            let code = code.strip_prefix("/#code=").unwrap();
            let body = json!({ "code": code }).to_string();
            assert_eq!(post_from(address(number), world.address, body).await, 200);
        }
    }
    while let Some(done) = guesses.join_next().await {
        count(done.unwrap());
    }
    looked_at
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_one_account_from_everywhere_is_hardly_looked_at() {
    let world = World::start().await;
    // From 127.0.0.1, which is then known to be hers.
    world.account("Ada", "admin").await;
    let before = world.access.hashes_computed();
    let looked_at = storm(&world, |_| "Ada".into()).await;
    let cost = world.access.hashes_computed() - before;
    assert_eq!(looked_at, 3);
    assert_eq!(cost, 3);
    assert!(world.access.failures_remembered() <= 2048);
    // She is not kept out where she has been before, although all others would have to wait.
    world.signed_in("Ada", PASSWORD).await;
    let body = json!({ "name": "Ada", "password": PASSWORD }).to_string();
    let elsewhere = Ipv4Addr::new(127, 200, 0, 1);
    assert_eq!(post_from(elsewhere, world.address, body.clone()).await, 429);
    world.clock.advance(std::time::Duration::from_secs(8));
    assert_eq!(post_from(elsewhere, world.address, body).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_at_many_names_costs_no_more_than_the_burst() {
    let world = World::start().await;
    let before = world.access.hashes_computed();
    let looked_at = storm(&world, |number| format!("user {number}")).await;
    let cost = world.access.hashes_computed() - before;
    assert_eq!(looked_at as u64, BURST);
    assert_eq!(cost, BURST);
    assert!(world.access.failures_remembered() <= 2048);
}
