//! TLS and plain HTTP at the same port, as clients of both see it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request};
use futures_util::StreamExt;
use http_body_util::Full;
use prismatron_web::tls::{SelfMade, Tls};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::world::{Answer, World, ask};

/// Longer than the server waits for anybody.
const PATIENCE: Duration = Duration::from_secs(60);

/// A certificate made here, and who trusts it.
fn certificate() -> (SelfMade, TlsConnector) {
    let made = SelfMade::make(&["wall.example".into()]).unwrap();
    let connector = trusting(&made, &[&version::TLS12, &version::TLS13], &[]);
    (made, connector)
}

/// What is kept of a certificate.
fn kept(made: &SelfMade, what: &str) -> String {
    serde_json::to_value(made).unwrap()[what].as_str().unwrap().to_owned()
}

fn trusting(
    made: &SelfMade,
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&str],
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let certificate = kept(made, "certificate");
    roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

async fn connect(world: &World, by: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(world.address).await.unwrap();
    by.connect(ServerName::try_from("wall.example").unwrap(), stream).await
}

fn request(world: &World, method: Method, path: &str, headers: &[(&str, &str)]) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", world.address.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::new()).unwrap()
}

async fn over_tls(world: &World, by: &TlsConnector, request: Request<Bytes>) -> Answer {
    ask(connect(world, by).await.unwrap(), request.map(Full::new)).await
}

async fn in_plain(world: &World, request: Request<Bytes>) -> Answer {
    ask(TcpStream::connect(world.address).await.unwrap(), request.map(Full::new)).await
}

/// The request that signs in by a new link.
fn sign_in(world: &World) -> Request<Bytes> {
    let path = world.access.sign_in_path();
    let code = path.strip_prefix("/#code=").unwrap();
    let headers = [("content-type", "application/json")];
    let request = request(world, Method::POST, "/api/session", &headers);
    request.map(|_| json!({ "code": code }).to_string().into())
}

/// `name=value` of the cookie that an answer sets.
fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_over_tls() {
    let (made, by) = certificate();
    let world = World::secure(Tls::self_made(&made).unwrap()).await;
    let answer = over_tls(&world, &by, sign_in(&world)).await.expect(200);
    let set = answer.header("set-cookie");
    let name = format!("__Host-prismatron_session_{}", world.address.port());
    assert!(set.starts_with(&format!("{name}=")), "{set}");
    for attribute in ["Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
    let cookie = cookie(&answer);
    let get = |path| request(&world, Method::GET, path, &[("cookie", &cookie)]);
    let status = over_tls(&world, &by, get("/api/status")).await.expect(200).json();
    let fingerprint = Tls::self_made(&made).unwrap().fingerprint().to_string();
    assert_eq!(status["certificate"], json!(fingerprint));
    let page = over_tls(&world, &by, get("/")).await.expect(200);
    assert!(page.headers.contains_key("strict-transport-security"));

    // What came in plain before is no session.
    let plain = cookie.replace("__Host-", "");
    let plain = request(&world, Method::GET, "/api/session", &[("cookie", &plain)]);
    over_tls(&world, &by, plain).await.expect(401);

    // A session that is over is forgotten under the same name.
    world.pass(11 * 60);
    let renewed = over_tls(&world, &by, get("/api/session")).await.expect(200);
    assert!(renewed.header("set-cookie").starts_with(&format!("{name}=")));
    let leave = request(&world, Method::DELETE, "/api/session", &[("cookie", &cookie)]);
    let left = over_tls(&world, &by, leave).await.expect(204);
    let set = left.header("set-cookie");
    assert!(set.starts_with(&format!("{name}=;")) && set.contains("Secure"), "{set}");
    over_tls(&world, &by, get("/api/session")).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_over_tls_and_only_to_our_own_page() {
    let (made, by) = certificate();
    let world = World::secure(Tls::self_made(&made).unwrap()).await;
    let cookie = cookie(&over_tls(&world, &by, sign_in(&world)).await.expect(200));
    let listen = async |origin: String| {
        let address = format!("wss://{}/api/events", world.address);
        let mut request = address.into_client_request().unwrap();
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        request.headers_mut().insert("origin", origin.parse().unwrap());
        client_async(request, connect(&world, &by).await.unwrap()).await
    };
    let (mut socket, _) = listen(format!("https://{}", world.address)).await.unwrap();
    let first = socket.next().await.unwrap().unwrap();
    let first: Value = serde_json::from_str(first.to_text().unwrap()).unwrap();
    assert_eq!(first["type"], "status");
    // The same host's page in plain may be anybody's between us and the browser.
    let refused = listen(format!("http://{}", world.address)).await.unwrap_err();
    assert!(refused.to_string().contains("403"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_plain_is_led_away_and_does_nothing() {
    let (made, by) = certificate();
    let world = World::secure(Tls::self_made(&made).unwrap()).await;
    let at = world.address;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/api/status?a=b"),
        (Method::HEAD, "/page/main.js"),
        (Method::DELETE, "/api/session"),
        (Method::POST, "/api/health"),
        (Method::GET, "/api/health/"),
        (Method::GET, "//evil.example/"),
    ] {
        let answer = in_plain(&world, request(&world, method, path, &[])).await.expect(308);
        assert_eq!(answer.header("location"), format!("https://{at}{path}"));
        assert_eq!(answer.header("connection"), "close");
        assert_eq!(answer.header("cache-control"), "no-store");
        // It would have to be ignored (RFC 6797, section 7.2).
        assert!(!answer.headers.contains_key("strict-transport-security"), "{answer:?}");
        assert!(!answer.headers.contains_key("set-cookie"), "{answer:?}");
    }

    // The code was on the wire, and still it has not been used.
    let with_code = sign_in(&world);
    in_plain(&world, with_code.clone()).await.expect(308);
    over_tls(&world, &by, with_code).await.expect(200);

    let foreign = |path| request(&world, Method::GET, path, &[("host", "evil.example")]);
    in_plain(&world, foreign("/")).await.expect(421);
    in_plain(&world, foreign("/api/health")).await.expect(421);
    over_tls(&world, &by, foreign("/")).await.expect(421);
    let named = request(&world, Method::GET, "/a", &[("host", "wall.example")]);
    let answer = in_plain(&world, named).await.expect(308);
    assert_eq!(answer.header("location"), "https://wall.example:80/a", "where it was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machine_itself_is_told_its_health_in_plain_and_nothing_else() {
    let (made, by) = certificate();
    let world = World::secure(Tls::self_made(&made).unwrap()).await;
    let cookie = cookie(&over_tls(&world, &by, sign_in(&world)).await.expect(200));
    // A session that is due to be renewed is not, in plain.
    world.pass(11 * 60);
    let asked = request(&world, Method::GET, "/api/health", &[("cookie", &cookie)]);
    let answer = in_plain(&world, asked).await.expect(200);
    assert_eq!(answer.json()["checks"]["player"], "ok", "{answer:?}");
    assert!(!answer.headers.contains_key("set-cookie"), "{answer:?}");
    assert!(!answer.headers.contains_key("strict-transport-security"), "{answer:?}");
    let asked = request(&world, Method::GET, "/api/session", &[("cookie", &cookie)]);
    in_plain(&world, asked).await.expect(308);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_and_protocols_are_those_of_today() {
    let (made, _) = certificate();
    let world = World::secure(Tls::self_made(&made).unwrap()).await;
    for versions in [&version::TLS12, &version::TLS13] {
        let stream = connect(&world, &trusting(&made, &[versions], &["h2", "http/1.1"])).await;
        let stream = stream.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(versions.version));
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    }
    let only_h2 = trusting(&made, &[&version::TLS13], &["h2"]);
    let refused = connect(&world, &only_h2).await.unwrap_err();
    assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_takes_over_and_a_bad_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("wall.pem"), folder.path().join("key.pem"));
    let put = |made: &SelfMade| {
        std::fs::write(&certificate, kept(made, "certificate")).unwrap();
        std::fs::write(&key, kept(made, "key")).unwrap();
    };
    let (first, by_first) = self::certificate();
    put(&first);
    let tls = Tls::given(&certificate, &key).unwrap();
    let world = World::secure(tls.clone()).await;
    let health = || request(&world, Method::GET, "/api/health", &[]);
    let told = over_tls(&world, &by_first, health()).await.expect(200);
    assert_eq!(told.header("strict-transport-security"), "max-age=31536000");
    let mut open = connect(&world, &by_first).await.unwrap();

    let (second, by_second) = self::certificate();
    put(&second);
    tls.show(&certificate, &key).unwrap();
    over_tls(&world, &by_second, health()).await.expect(200);
    assert!(connect(&world, &by_first).await.is_err(), "the first is shown no more");
    // What was open stays open.
    let head = format!("GET /api/health HTTP/1.1\r\nHost: {}\r\n\r\n", world.address);
    open.write_all(head.as_bytes()).await.unwrap();
    let mut begin = [0; 12];
    open.read_exact(&mut begin).await.unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");

    let before = tls.fingerprint();
    let refused = |why: &str| {
        let error = tls.show(&certificate, &key).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains(".pem"), "{error}");
        assert_eq!(tls.fingerprint(), before);
    };
    std::fs::write(&certificate, kept(&first, "certificate")).unwrap();
    refused("is not that of the first certificate");
    std::fs::write(&certificate, "no certificate").unwrap();
    refused("wall.pem: there is no certificate in it");
    std::fs::write(&certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    refused("wall.pem: its certificate cannot be used");
    put(&first);
    std::fs::write(&key, kept(&first, "certificate")).unwrap();
    refused("key.pem: there is no private key in it");
    std::fs::remove_file(&key).unwrap();
    refused("could not read");
    over_tls(&world, &by_second, health()).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_nothing_or_half_a_hello_gives_the_place_back() {
    let (made, by) = certificate();
    let world = World::secure(Tls::self_made(&made).unwrap()).await;
    // As many as there are places.
    let mut silent = Vec::new();
    for number in 0..256 {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        match number % 3 {
            0 => {}
            1 => stream.write_all(&[0x16, 3, 1]).await.unwrap(),
            _ => stream.write_all(b"GET / HTTP/1.1\r\nHo").await.unwrap(),
        }
        silent.push(stream);
    }
    let served = async {
        let asked = request(&world, Method::GET, "/api/health", &[]);
        over_tls(&world, &by, asked).await.expect(200);
        for mut stream in silent {
            let mut rest = Vec::new();
            // Told or not, it is over.
            let _ = stream.read_to_end(&mut rest).await;
        }
    };
    tokio::time::timeout(PATIENCE, served).await.expect("the silent ones are cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_made_connection_does_not_hold_the_end_up() {
    let (made, by) = certificate();
    let world = World::secure(Tls::self_made(&made).unwrap()).await;
    let silent = TcpStream::connect(world.address).await.unwrap();
    let mut half = TcpStream::connect(world.address).await.unwrap();
    half.write_all(&[0x16, 3, 1]).await.unwrap();
    let idle = connect(&world, &by).await.unwrap();
    world.shutdown.cancel();
    world.serving.await.unwrap().unwrap();
    drop((silent, half, idle));
}
