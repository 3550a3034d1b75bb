//! Live events over a WebSocket: the state as it changes, and LED values for those who ask.
//!
//! Nothing queues for a slow client: a status is made when it can be sent, and a preview frame is read
//! when the one before has gone out. One buffer a client is used for all of its frames.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use bytes::{BufMut, BytesMut};
use prismatron_core::frame::Rgb8;
use prismatron_engine::Preview;
use prismatron_store::Settings;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::access::Identity;
use crate::app::App;
use crate::problem::Problem;
use crate::view;
use crate::wire::event::{Event, Request};

/// A status is sent at least this often.
const PULSE: Duration = Duration::from_secs(2);
/// Longest message a client may send.
const LONGEST_MESSAGE: usize = 64 << 10;
/// Most preview frames a second.
const MOST_FPS: f32 = 30.0;
const LEAST_FPS: f32 = 0.1;
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(500);
const PREVIEW_VERSION: u8 = 1;

/// Live events, as a WebSocket
///
/// The server sends `Event`s as text: the status at once, on every change and at least each two seconds,
/// and a word when something is to be fetched again. The client may send `EventRequest`s as text. Preview
/// frames are binary: version 1 (u8), 0 (u8), 0 (u16), a sequence number (u32, little-endian), then red,
/// green and blue of each LED in number order, linear light as sent to the LEDs. A slow client misses
/// frames.
#[utoipa::path(get, path = "/api/events", tag = "events", responses(
    (status = 101, description = "The WebSocket is open."),
    (status = 503, description = "Too many are open."),
))]
pub(super) async fn events(
    State(app): State<App>,
    identity: Identity,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    let place = app.sockets.clone().try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable("too many event streams are open"))?;
    let tasks = app.tasks.clone();
    Ok(upgrade
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE)
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .on_upgrade(move |socket| tasks.track_future(Client::serve(app, identity, socket, place))))
}

/// Why a client is not served any longer.
enum End {
    /// It has gone, or cannot be written to.
    Gone,
    /// It is told why.
    Close(u16, String),
}

struct Client {
    app: App,
    identity: Identity,
    socket: WebSocket,
    preview: Option<Look>,
}

impl Client {
    async fn serve(app: App, identity: Identity, socket: WebSocket, _place: OwnedSemaphorePermit) {
        let shutdown = app.shutdown.clone();
        let mut client = Self { app, identity, socket, preview: None };
        let end = tokio::select! {
            end = client.run() => end,
            // Also while something is being sent to a client that takes nothing.
            () = shutdown.cancelled() => {
                End::Close(close_code::AWAY, "Prismatron is stopping".into())
            }
        };
        if let End::Close(code, reason) = end {
            let frame = CloseFrame { code, reason: reason.into() };
            let goodbye = client.socket.send(Message::Close(Some(frame)));
            // Whether it heard it is its own affair.
            let _ = tokio::time::timeout(GOODBYE, goodbye).await;
        }
    }

    async fn run(&mut self) -> End {
        match self.try_run().await {
            Err(end) => end,
        }
    }

    async fn try_run(&mut self) -> Result<std::convert::Infallible, End> {
        let mut pulse = interval(PULSE);
        pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut player = Watched::new(self.app.engine.state());
        let mut findings = Watched::new(self.app.store.findings());
        let mut library = Watched::new(self.app.store.library());
        let mut playlists = Watched::new(self.app.store.playlists());
        let mut schedule = Watched::new(self.app.store.schedule());
        let mut standing = Watched::new(self.app.standing.clone());
        let mut wall = Watched::new(self.app.engine.wall());
        let mut settings = Watched::new(self.app.store.settings());
        let mut system = Watched::new(self.app.system.state());
        let mut update = Watched::new(self.app.update.state());
        let mut accounts = Watched::new(self.app.access.watch_accounts());
        let mut known = self.app.settings();
        loop {
            tokio::select! {
                message = self.socket.recv() => self.hear(message)?,
                _ = pulse.tick() => self.status().await?,
                () = player.changed() => self.status().await?,
                () = findings.changed() => self.status().await?,
                () = system.changed() => self.status().await?,
                () = update.changed() => self.status().await?,
                () = library.changed() => self.tell(&Event::Library).await?,
                () = playlists.changed() => self.tell(&Event::Playlists).await?,
                () = schedule.changed() => self.tell(&Event::Schedule).await?,
                () = standing.changed() => self.status().await?,
                () = wall.changed() => self.tell(&Event::Layout).await?,
                () = settings.changed() => {
                    if self.outputs_changed(&mut known) {
                        self.tell(&Event::Layout).await?;
                    }
                    self.status().await?;
                }
                () = accounts.changed() => self.still_in()?,
                () = Look::due(&mut self.preview) => self.show().await?,
            }
        }
    }

    /// Whether other outputs are set than when this was last asked.
    fn outputs_changed(&self, known: &mut Arc<Settings>) -> bool {
        let before = std::mem::replace(known, self.app.settings());
        before.outputs != known.outputs
    }

    /// Ends it for those who have signed out, or were deleted, or have another role by now.
    fn still_in(&self) -> Result<(), End> {
        if self.app.access.is_over(&self.identity) {
            return Err(End::Close(close_code::POLICY, "signed out".into()));
        }
        Ok(())
    }

    /// Sends the status, to those who are still signed in.
    async fn status(&mut self) -> Result<(), End> {
        self.still_in()?;
        let status = view::status(&self.app);
        self.tell(&Event::Status { status: &status }).await
    }

    async fn tell(&mut self, event: &Event<'_>) -> Result<(), End> {
        let text = serde_json::to_string(event).map_err(|_| End::Gone)?;
        self.socket.send(Message::text(text)).await.map_err(|_| End::Gone)
    }

    async fn show(&mut self) -> Result<(), End> {
        let Some(frame) = self.preview.as_mut().and_then(Look::frame) else { return Ok(()) };
        self.socket.send(Message::Binary(frame)).await.map_err(|_| End::Gone)
    }

    fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        match message {
            None | Some(Err(_) | Ok(Message::Close(_))) => Err(End::Gone),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_))) => {
                Err(End::Close(close_code::UNSUPPORTED, "only text is understood".into()))
            }
            Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                Ok(Request::Preview { fps }) => {
                    self.preview = (fps > 0.0).then(|| Look::new(self.app.engine.preview(), fps));
                    Ok(())
                }
                Err(error) => Err(End::Close(close_code::POLICY, short(&error.to_string()))),
            },
        }
    }
}

/// A reason as long as a close frame can hold.
fn short(reason: &str) -> String {
    reason.chars().filter(char::is_ascii).take(120).collect()
}

/// A channel of state, of which the first value is known.
struct Watched<T>(Option<watch::Receiver<T>>);

impl<T> Watched<T> {
    fn new(mut receiver: watch::Receiver<T>) -> Self {
        receiver.mark_unchanged();
        Self(Some(receiver))
    }

    /// Waits for a change; for ever once there can be none.
    async fn changed(&mut self) {
        if let Some(receiver) = &mut self.0 {
            if receiver.changed().await.is_ok() {
                return;
            }
            self.0 = None;
        }
        pending::<()>().await;
    }
}

/// Somebody looking at the LEDs.
struct Look {
    preview: Preview,
    pace: Interval,
    seen: u64,
    leds: Vec<Rgb8>,
    buffer: BytesMut,
}

impl Look {
    fn new(preview: Preview, fps: f32) -> Self {
        let fps = fps.clamp(LEAST_FPS, MOST_FPS);
        let mut pace = interval(Duration::from_secs_f32(1.0 / fps));
        pace.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self { preview, pace, seen: 0, leds: Vec::new(), buffer: BytesMut::new() }
    }

    /// Waits until a frame is due; for ever if nobody looks.
    async fn due(look: &mut Option<Self>) {
        match look {
            Some(look) => {
                look.pace.tick().await;
            }
            None => pending().await,
        }
    }

    /// The latest frame in its form on the wire, if there is a new one.
    fn frame(&mut self) -> Option<Bytes> {
        self.seen = self.preview.read(self.seen, &mut self.leds)?;
        let pixels = self.leds.as_flattened();
        // Takes the allocation of the frame before again, as that has been sent by now.
        self.buffer.reserve(8 + pixels.len());
        self.buffer.put_u8(PREVIEW_VERSION);
        self.buffer.put_u8(0);
        self.buffer.put_u16_le(0);
        self.buffer.put_u32_le((self.seen & u64::from(u32::MAX)) as u32);
        self.buffer.put_slice(pixels);
        Some(self.buffer.split().freeze())
    }
}
