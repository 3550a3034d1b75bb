//! A server to talk to, and somebody who talks.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use jiff::tz::TimeZone;
use prismatron_core::colour::ColourSettings;
use prismatron_core::effect::{EffectSpec, ParamKind, ParamSpec};
use prismatron_core::frame::{Frame, Rgb8};
use prismatron_core::id::UploadId;
use prismatron_core::layout::{Along, Corner, Layout, Matrix, Piece};
use prismatron_core::media::{MediaInfo, MediaKind};
use prismatron_core::output::OutputSpec;
use prismatron_core::port::{
    Clock, MediaError, MediaFault, OpenRequest, Opener, Prober, Sink, SinkError, SinkFactory,
    Source,
};
use prismatron_core::schedule::Standing;
use prismatron_core::unit::{Fps, Size};
use prismatron_engine::{Engine, EngineSetup};
use prismatron_output::{FoundController, StatusBoard};
use prismatron_store::{NewUpload, Purpose, StorageLimits, Store, WallClock};
use prismatron_system::update::{self, Arrived, Keeper, Kept, Stage, Updates};
use prismatron_system::{DataPartition, Gauges, Orders, Supervisor, System, Zones};
use prismatron_web::tls::Tls;
use prismatron_web::{Access, Log, Places, SafeMode, WallDefaults, WebError, WebSetup, serve};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What a file must begin with to be a picture.
pub(crate) const PICTURE: &[u8] = b"PICTURE";

pub(crate) static EFFECTS: [EffectSpec; 1] = [EffectSpec {
    name: "plasma",
    title: "Plasma",
    params: &[
        ParamSpec {
            name: "speed",
            title: "Speed",
            kind: ParamKind::Number { min: 0.0, max: 10.0, default: 1.0, unit: "Hz" },
        },
        ParamSpec {
            name: "tint",
            title: "Tint",
            kind: ParamKind::Colour { default: [255, 128, 0] },
        },
    ],
}];

/// Where the machine's own files are, in the folder of everything.
const MACHINE: &str = "machine";

/// Of every account that a test does not care about.
pub(crate) const PASSWORD: &str = "correct horse";

struct Running(Instant);

impl Clock for Running {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A clock that tests move.
#[derive(Default)]
pub(crate) struct Hands(AtomicU64);

impl Hands {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as u64, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

struct Pictures;

impl Prober for Pictures {
    fn probe(&self, file: &Path) -> Result<MediaInfo, MediaError> {
        let bytes = std::fs::read(file).map_err(|e| MediaError::new(MediaFault::Io, e))?;
        if !bytes.starts_with(PICTURE) {
            return Err(MediaError::new(MediaFault::Unsupported, "this is no picture"));
        }
        Ok(MediaInfo {
            kind: MediaKind::Still,
            format: "png".into(),
            size: Size::new(4, 2).unwrap(),
            duration: None,
            fps: None,
            loops: Some(1),
        })
    }

    fn thumbnail(&self, _: &Path, _: &MediaInfo) -> Result<Vec<u8>, MediaError> {
        Ok(b"a small picture".to_vec())
    }
}

struct White;

impl Opener for White {
    fn open(&self, request: OpenRequest<'_>) -> Result<Source, MediaError> {
        let mut frame = Frame::new(request.detail);
        frame.fill([255; 3]);
        Ok(Source::Still(frame))
    }
}

struct Nowhere;

impl Sink for Nowhere {
    fn submit(&mut self, _: &[Rgb8]) {}
}

impl SinkFactory for Nowhere {
    fn make(&self, _: &OutputSpec, _: usize) -> Result<Box<dyn Sink>, SinkError> {
        Ok(Box::new(Self))
    }
}

/// There is nothing to keep: nobody updates this system.
struct Shelf(prismatron_store::Handle);

impl Keeper for Shelf {
    async fn keep(&self, _: Kept) -> Result<(), String> {
        Ok(())
    }

    async fn restore_point(&self) -> Result<(), String> {
        Ok(())
    }

    async fn find(&self, _: UploadId) -> Option<Arrived> {
        None
    }

    async fn discard(&self, upload: UploadId) {
        self.0.abort_upload(upload).await.unwrap();
    }

    async fn dim(&self, _: bool) {}

    fn confirm(&self) -> Result<(), String> {
        Ok(())
    }

    fn given_up(&self, _: &str, _: SystemTime) -> Option<String> {
        None
    }
}

/// A server and everything behind it.
pub(crate) struct World {
    pub(crate) address: SocketAddr,
    pub(crate) access: Access,
    /// By which failed sign-ins wait.
    pub(crate) clock: Arc<Hands>,
    /// Seconds since 1970, by which sessions and uploads end.
    pub(crate) time: Arc<AtomicU64>,
    pub(crate) key: [u8; 32],
    pub(crate) store: prismatron_store::Handle,
    pub(crate) engine: prismatron_engine::Handle,
    pub(crate) shutdown: CancellationToken,
    pub(crate) serving: JoinHandle<Result<(), WebError>>,
    pub(crate) system: prismatron_system::Handle,
    /// Lines of the log, as they are written.
    pub(crate) lines: broadcast::Sender<Arc<str>>,
    /// What has become of the schedule.
    pub(crate) standing: watch::Sender<Standing>,
    /// What the system's task would have the program do.
    pub(crate) orders: Orders,
    // Dropped in this order.
    _updates: Updates,
    _system: System,
    _engine: Engine,
    _store: Store,
    pub(crate) folder: TempDir,
}

pub(crate) fn matrix(columns: u32, rows: u32) -> Layout {
    Layout {
        canvas: Size::new(80, 40).unwrap(),
        pieces: vec![Piece::Matrix(Matrix {
            origin: (0.0, 0.0),
            extent: None,
            columns,
            rows,
            start: Corner::TopLeft,
            along: Along::Rows,
            serpentine: false,
        })],
    }
}

/// What is found in the network.
fn controllers() -> Vec<FoundController> {
    let controller = |name: &str, address: [u8; 4]| FoundController {
        name: name.into(),
        host: Some(format!("{}.local", name.to_lowercase())),
        address: address.into(),
        port: 80,
    };
    vec![controller("Left", [192, 0, 2, 7]), controller("Right", [192, 0, 2, 8])]
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(None, matrix(4, 2)).await
    }

    /// With TLS for those who come by the network.
    pub(crate) async fn secure(tls: Tls) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), None, matrix(4, 2), Some(tls), None).await
    }

    /// On a machine that says this of itself: files, each with its text.
    pub(crate) async fn on_machine(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(MACHINE).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self::in_folder(folder, None, matrix(4, 2), None, None).await
    }

    pub(crate) async fn with(quota: Option<u64>, layout: Layout) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), quota, layout, None, None).await
    }

    /// With an update of so many bytes that has begun to arrive.
    pub(crate) async fn receiving(quota: u64, bytes: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::in_folder(folder, Some(quota), matrix(4, 2), None, Some(bytes)).await
    }

    async fn in_folder(
        folder: TempDir,
        quota: Option<u64>,
        layout: Layout,
        tls: Option<Tls>,
        arriving: Option<u64>,
    ) -> Self {
        let limits = StorageLimits { quota, reserve: 0, upload_expiry: Duration::from_secs(3600) };
        let time = Arc::new(AtomicU64::new(1_770_000_000));
        let told = Arc::clone(&time);
        let time_of_day: WallClock =
            Arc::new(move || UNIX_EPOCH + Duration::from_secs(told.load(Ordering::SeqCst)));
        let (own_store, store) =
            Store::open_with(folder.path(), Arc::new(Pictures), limits, Arc::clone(&time_of_day))
                .unwrap();
        let engine_clock: Arc<dyn Clock> = Arc::new(Running(Instant::now()));
        let (own_engine, engine) = Engine::start(EngineSetup {
            opener: Arc::new(White),
            sinks: Box::new(Nowhere),
            clock: Arc::clone(&engine_clock),
            layout: layout.clone(),
            outputs: Vec::new(),
            colour: ColourSettings::default(),
            dims: BTreeMap::new(),
            fps: Fps::SIXTY,
            playlist: None,
            resume: None,
            autoplay: false,
        })
        .unwrap();
        let clock = Arc::new(Hands::default());
        let key = store.signing_key();
        let access = Access::with_time(
            store.clone(),
            clock.clone(),
            &["wall.example".into()],
            Arc::clone(&time_of_day),
        );
        let (own_system, system, orders) = System::start(Supervisor::Nobody);
        let mut kept = Kept::default();
        if arriving.is_some() {
            let new =
                NewUpload { purpose: Purpose::Update, length: arriving, ..NewUpload::default() };
            let upload = store.begin_upload(new).await.unwrap().id;
            kept.stage = Stage::Receiving { upload, name: String::new() };
        }
        let (own_updates, update) = Updates::start(update::Setup {
            supervisor: Supervisor::Nobody,
            kept,
            keeper: Shelf(store.clone()),
            power: system.clone(),
            clock: Arc::clone(&time_of_day),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let standing = watch::Sender::new(Standing::default());
        let lines = broadcast::Sender::new(4);
        let serving = tokio::spawn(serve(WebSetup {
            listener,
            tls,
            admin: None,
            access: access.clone(),
            engine: engine.clone(),
            store: store.clone(),
            outputs: StatusBoard::default(),
            board: None,
            system: system.clone(),
            update,
            gauges: Gauges::below(folder.path().join(MACHINE)),
            zones: Zones::of_a_machine_in(TimeZone::UTC),
            standing: standing.subscribe(),
            data_partition: DataPartition::below(&folder.path().join(MACHINE)),
            find: Arc::new(|_| Ok(controllers())),
            effects: &EFFECTS,
            fonts: || vec!["DejaVu Sans".into()],
            notices: vec!["ffmpeg is not installed: apt install ffmpeg".into()],
            version: "1.2.3",
            facts: vec![("data directory", "here".into())],
            boots: folder.path().join("boots"),
            log: Log {
                tail: Arc::new(|_| vec!["a line".into()]),
                follow: Arc::new({
                    let lines = lines.clone();
                    move || lines.subscribe()
                }),
            },
            safe_mode: SafeMode::new(None, || {}),
            // That nothing comes after it is no matter.
            defaults: watch::channel(Arc::new(WallDefaults {
                layout,
                layout_configured: true,
                outputs: Vec::new(),
                outputs_configured: false,
            }))
            .1,
            places: Places::default(),
            clock: engine_clock,
            shutdown: shutdown.clone(),
        }));
        Self {
            address,
            access,
            clock,
            time,
            key,
            store,
            engine,
            shutdown,
            serving,
            system,
            lines,
            standing,
            orders,
            _updates: own_updates,
            _system: own_system,
            _engine: own_engine,
            _store: own_store,
            folder,
        }
    }

    /// The folder with what the machine says of itself.
    pub(crate) fn machine(&self) -> PathBuf {
        self.folder.path().join(MACHINE)
    }

    /// Somebody who is not signed in.
    pub(crate) fn stranger(&self) -> Client {
        Client { address: self.address, headers: HeaderMap::new() }
    }

    /// Somebody who has signed in to an account of this name, role and password, made by the way.
    pub(crate) async fn account(&self, name: &str, role: &str) -> Client {
        let admin = self.admin().await;
        let new = serde_json::json!({ "name": name, "role": role, "password": PASSWORD });
        admin.post("/api/accounts", new).await.expect(201);
        self.signed_in(name, PASSWORD).await
    }

    /// Somebody who has signed in by name.
    pub(crate) async fn signed_in(&self, name: &str, password: &str) -> Client {
        let mut client = self.stranger();
        let body = serde_json::json!({ "name": name, "password": password });
        let answer = client.post("/api/session", body).await.expect(200);
        client.keep_cookie(&answer);
        client
    }

    /// Moves both clocks on.
    pub(crate) fn pass(&self, seconds: u64) {
        self.time.fetch_add(seconds, Ordering::SeqCst);
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Somebody who has signed in with a link.
    pub(crate) async fn admin(&self) -> Client {
        let mut client = self.stranger();
        let answer = client.sign_in(&self.access.sign_in_path()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        client.keep_cookie(&answer);
        client
    }
}

/// Somebody who talks to the server, a connection for each request.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) headers: HeaderMap,
}

/// What the server said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}"));
        value.to_str().unwrap()
    }

    /// Holds it against a status; what goes wrong must be told in a problem document.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        if status >= 400 && !self.body.is_empty() {
            assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
            let problem = self.json();
            assert_eq!(problem["status"], status);
            assert!(problem["title"].is_string() && problem["type"].is_string(), "{problem}");
            assert!(!problem["detail"].as_str().unwrap().is_empty(), "{problem}");
        }
        self
    }

    #[track_caller]
    pub(crate) fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap().to_owned()
    }
}

impl Client {
    pub(crate) async fn sign_in(&self, path: &str) -> Answer {
        let code = path.strip_prefix("/#code=").unwrap();
        self.post("/api/session", serde_json::json!({ "code": code })).await
    }

    pub(crate) fn keep_cookie(&mut self, answer: &Answer) {
        let cookie = answer.header("set-cookie").split(';').next().unwrap();
        self.headers.insert(header::COOKIE, cookie.parse().unwrap());
    }

    pub(crate) fn set(&mut self, name: &'static str, value: &str) -> &mut Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    pub(crate) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.set(name, value);
        client
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Bytes::new()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Bytes::new()).await
    }

    pub(crate) async fn command(&self, path: &str) -> Answer {
        self.send(Method::POST, path, Bytes::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.json(Method::POST, path, &body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PUT, path, &body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PATCH, path, &body).await
    }

    async fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        let client = self.with("content-type", "application/json");
        client.send(method, path, body.to_string()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
        let mut request = Request::new(Full::new(body.into()));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        *request.headers_mut() = self.headers.clone();
        let host = self.address.to_string();
        request.headers_mut().entry(header::HOST).or_insert(host.parse().unwrap());
        ask(TcpStream::connect(self.address).await.unwrap(), request).await
    }

    /// The head of a request, for those who write it by hand.
    pub(crate) fn head(&self, method: &str, path: &str, more: &[(&str, &str)]) -> String {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        for (name, value) in more {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        head
    }

    pub(crate) async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(self.address).await
    }
}

/// Sends a request and takes the answer.
pub(crate) async fn ask<S>(stream: S, request: Request<Full<Bytes>>) -> Answer
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    drop(sender);
    connection.abort();
    Answer { status: head.status.as_u16(), headers: head.headers, body }
}
