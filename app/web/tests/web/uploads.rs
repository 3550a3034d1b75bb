//! Resumable uploads, by the letter of tus 1.0.0.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::world::{Answer, Client, World};

const CONTENTS: &[u8] = b"PICTURE 0123456789";

fn tus(client: &Client) -> Client {
    client.with("tus-resumable", "1.0.0")
}

async fn create(client: &Client, length: usize) -> Answer {
    let client = tus(client)
        .with("upload-length", &length.to_string())
        .with("upload-metadata", &format!("filename {}", STANDARD.encode("cat.png")));
    client.send(Method::POST, "/api/uploads", "").await
}

async fn begin(client: &Client, length: usize) -> String {
    let answer = create(client, length).await.expect(201);
    assert_eq!(answer.header("tus-resumable"), "1.0.0");
    assert!(httpdate::parse_http_date(answer.header("upload-expires")).is_ok());
    answer.header("location").to_owned()
}

fn at(client: &Client, offset: usize) -> Client {
    tus(client)
        .with("upload-offset", &offset.to_string())
        .with("content-type", "application/offset+octet-stream")
}

async fn patch(client: &Client, path: &str, offset: usize, bytes: &'static [u8]) -> Answer {
    at(client, offset).send(Method::PATCH, path, bytes).await
}

async fn offset(client: &Client, path: &str) -> Answer {
    tus(client).send(Method::HEAD, path, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_in_pieces() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = begin(&admin, CONTENTS.len()).await;
    let first = patch(&admin, &path, 0, &CONTENTS[..8]).await.expect(204);
    assert_eq!(first.header("upload-offset"), "8");
    assert!(first.headers.contains_key("upload-expires"));
    let asked = offset(&admin, &path).await.expect(200);
    assert_eq!(asked.header("upload-offset"), "8");
    assert_eq!(asked.header("upload-length"), "18");
    assert_eq!(asked.header("cache-control"), "no-store");
    patch(&admin, &path, 4, &CONTENTS[4..]).await.expect(409);
    let last = patch(&admin, &path, 8, &CONTENTS[8..]).await.expect(204);
    assert_eq!(last.header("upload-offset"), "18");
    let media = last.header("prismatron-media").to_owned();
    let entry = admin.get(&format!("/api/media/{media}")).await.expect(200).json();
    assert_eq!(entry["name"], "cat.png");
    let back = admin.get(&format!("/api/media/{media}/file")).await;
    assert_eq!(&back.body[..], CONTENTS);
    // Who has not heard the answer asks again.
    let again = offset(&admin, &path).await.expect(200);
    assert_eq!(again.header("upload-offset"), "18");
    assert_eq!(again.header("prismatron-media"), media);
}

/// Begins to send all of the contents, and sends some of them.
async fn send_some(client: &Client, path: &str, some: &[u8]) -> TcpStream {
    let mut connection = client.connect().await.unwrap();
    let more = [("Content-Length", "18"), ("Expect", "100-continue")];
    let head = at(client, 0).head("PATCH", path, &more);
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut go_on = [0; 25];
    connection.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "the upload is open");
    connection.write_all(some).await.unwrap();
    connection
}

async fn go_on(client: &Client, path: &str, from: usize) {
    let last = patch(client, path, from, &CONTENTS[from..]).await.expect(204);
    let media = last.header("prismatron-media").to_owned();
    let back = client.get(&format!("/api/media/{media}/file")).await;
    assert_eq!(&back.body[..], CONTENTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_a_cut_counts() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = begin(&admin, CONTENTS.len()).await;
    drop(send_some(&admin, &path, &CONTENTS[..10]).await);
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    while world.store.upload(id).await.unwrap().busy {
        tokio::task::yield_now().await;
    }
    assert_eq!(offset(&admin, &path).await.header("upload-offset"), "10");
    go_on(&admin, &path, 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_hangs_makes_way() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = begin(&admin, CONTENTS.len()).await;
    let _hangs = send_some(&admin, &path, &CONTENTS[..10]).await;
    let answer = offset(&admin, &path).await.expect(200);
    let from: usize = answer.header("upload-offset").parse().unwrap();
    // Those that were on their way when it made way do not count.
    assert!(from <= 10);
    go_on(&admin, &path, from).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checksums_are_held() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = begin(&admin, CONTENTS.len()).await;
    let sum = |bytes: &[u8]| format!("sha1 {}", STANDARD.encode(Sha1::digest(bytes)));
    let wrong = at(&admin, 0).with("upload-checksum", &sum(b"other"));
    let answer = wrong.send(Method::PATCH, &path, CONTENTS).await.expect(460);
    assert_eq!(answer.json()["title"], "Checksum Mismatch");
    assert_eq!(offset(&admin, &path).await.header("upload-offset"), "0");
    let unknown = at(&admin, 0).with("upload-checksum", "md5 AAAA");
    unknown.send(Method::PATCH, &path, CONTENTS).await.expect(400);
    let right = at(&admin, 0).with("upload-checksum", &sum(&CONTENTS[..8]));
    right.send(Method::PATCH, &path, &CONTENTS[..8]).await.expect(204);
    let crc = STANDARD.encode(crc32fast::hash(&CONTENTS[8..]).to_be_bytes());
    let right = at(&admin, 8).with("upload-checksum", &format!("crc32 {crc}"));
    let last = right.send(Method::PATCH, &path, &CONTENTS[8..]).await.expect(204);
    assert!(last.headers.contains_key("prismatron-media"));
}

#[tokio::test(flavor = "multi_thread")]
async fn room_is_asked_for_before_bytes_are_taken() {
    let world = World::with(Some(100), crate::world::matrix(1, 1)).await;
    let admin = world.admin().await;
    create(&admin, 101).await.expect(413);
    let path = begin(&admin, 90).await;
    create(&admin, 20).await.expect(413);
    patch(&admin, &path, 0, &[0; 91]).await.expect(413);
    tus(&admin).send(Method::DELETE, &path, "").await.expect(204);
    offset(&admin, &path).await.expect(404);
    begin(&admin, 20).await;
    let options = tus(&admin).send(Method::OPTIONS, "/api/uploads", "").await.expect(204);
    assert_eq!(options.header("tus-max-size"), "100");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_media_is_refused_and_gone() {
    let world = World::start().await;
    let admin = world.admin().await;
    let path = begin(&admin, 3).await;
    let answer = patch(&admin, &path, 0, b"MZ.").await.expect(422);
    assert!(answer.detail().contains("this is no picture"), "{answer:?}");
    offset(&admin, &path).await.expect(404);
    assert_eq!(world.store.storage().used, 0);
    create(&admin, 0).await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_protocol_is_kept_to() {
    let world = World::start().await;
    let admin = world.admin().await;
    let options = tus(&admin).send(Method::OPTIONS, "/api/uploads", "").await.expect(204);
    assert_eq!(options.header("tus-version"), "1.0.0");
    assert_eq!(options.header("tus-extension"), "creation,checksum,expiration,termination");
    assert_eq!(options.header("tus-checksum-algorithm"), "sha1,crc32");
    let old = admin.with("tus-resumable", "0.2.2").with("upload-length", "5");
    let answer = old.send(Method::POST, "/api/uploads", "").await.expect(412);
    assert_eq!(answer.header("tus-version"), "1.0.0");
    admin.send(Method::POST, "/api/uploads", "").await.expect(412);
    let deferred = tus(&admin).with("upload-defer-length", "1");
    deferred.send(Method::POST, "/api/uploads", "").await.expect(400);
    let garbled = tus(&admin).with("upload-length", "5").with("upload-metadata", "filename *");
    garbled.send(Method::POST, "/api/uploads", "").await.expect(400);
    let path = begin(&admin, 5).await;
    let plain = at(&admin, 0).with("content-type", "text/plain");
    plain.send(Method::PATCH, &path, "PICTU").await.expect(415);
    let lost = tus(&admin).with("content-type", "application/offset+octet-stream");
    lost.send(Method::PATCH, &path, "PICTU").await.expect(400);
    patch(&admin, "/api/uploads/0123456789abcdef", 0, b"PICTU").await.expect(404);
}
