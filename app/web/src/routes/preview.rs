//! Looking at texts and effects before they are on the wall: their LEDs, drawn for one client.
//!
//! Four at a time; each draws one frame after the other on a thread for blocking work, at most a quarter of the time,
//! and so many LEDs a second. Whoever asks for nothing else for a minute is shown no more, and goes after ten.

use std::future::pending;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use bytes::{BufMut, BytesMut};
use prismatron_core::playlist::Content;
use prismatron_core::port::MediaError;
use prismatron_engine::Rehearsal;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until, timeout};

use super::playlists::check;
use crate::access::Identity;
use crate::app::App;
use crate::problem::Problem;
use crate::wire::Invalid;
use crate::wire::preview::{PreviewEvent, PreviewRequest};

/// Longest message a client may send.
const LONGEST_MESSAGE: usize = 64 << 10;
const LEAST_FPS: f32 = 0.5;
const MOST_FPS: f32 = 30.0;
/// Most LEDs a second: 25 frames for 40,000.
const MOST_LEDS: f32 = 1_000_000.0;
/// Something is drawn for at most one part in so many of the time.
const IDLE: u32 = 4;
/// Something else is opened no more often than this.
const OPENING: Duration = Duration::from_millis(100);
/// How long something is shown.
const SHOWN: Duration = Duration::from_secs(60);
/// How long somebody may ask for nothing.
const SILENT: Duration = Duration::from_secs(600);
/// How long a frame may take to be taken.
const SENDING: Duration = Duration::from_secs(10);
const GOODBYE: Duration = Duration::from_millis(500);
const VERSION: u8 = 1;

/// Looks at a text or an effect before it is on the wall, as a WebSocket
///
/// The client sends a `PreviewRequest` as text, and another whenever it wants to see something else; the last one counts.
/// The server sends `PreviewEvent`s as text, and frames as binary in the form of those of `/api/events`: what the LEDs
/// of the present wall would show, at full brightness. Large walls get fewer frames; after a minute there are no more
/// until something is asked for.
#[utoipa::path(get, path = "/api/preview", tag = "events", responses(
    (status = 101, description = "The WebSocket is open."),
    (status = 503, description = "Too many are open."),
))]
pub(super) async fn preview(
    State(app): State<App>,
    identity: Identity,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    let place = app.previewing.clone().try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable("too many previews are open"))?;
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
    Gone,
    Close(u16, &'static str),
}

struct Client {
    app: App,
    identity: Identity,
    socket: WebSocket,
    heard: Instant,
    opened: Instant,
    /// What is to be opened.
    wanted: Option<PreviewRequest>,
    look: Option<Look>,
}

/// Something being looked at.
struct Look {
    rehearsal: Rehearsal,
    since: Instant,
    fps: f32,
    due: Instant,
    number: u32,
}

impl Client {
    async fn serve(app: App, identity: Identity, socket: WebSocket, _place: OwnedSemaphorePermit) {
        let shutdown = app.shutdown.clone();
        let now = Instant::now();
        let (wanted, look) = (None, None);
        let mut client = Self { app, identity, socket, heard: now, opened: now, wanted, look };
        let end = tokio::select! {
            end = client.run() => match end {
                Ok(never) => match never {},
                Err(end) => end,
            },
            () = shutdown.cancelled() => End::Close(close_code::AWAY, "Prismatron is stopping"),
        };
        if let End::Close(code, reason) = end {
            let goodbye = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
            // Whether it heard it is its own affair.
            let _ = timeout(GOODBYE, client.socket.send(goodbye)).await;
        }
    }

    async fn run(&mut self) -> Result<std::convert::Infallible, End> {
        loop {
            let opening = self.wanted.as_ref().map(|_| self.opened + OPENING);
            let drawing = self.look.as_ref().map(|look| look.due);
            tokio::select! {
                message = self.socket.recv() => self.hear(message)?,
                () = at(opening) => self.open().await?,
                () = at(drawing) => self.draw().await?,
                () = sleep_until(self.heard + SILENT) => {
                    return Err(End::Close(close_code::NORMAL, "nothing was asked for"));
                }
            }
            if self.app.access.is_over(&self.identity) {
                return Err(End::Close(close_code::POLICY, "signed out"));
            }
        }
    }

    fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        match message {
            None | Some(Err(_) | Ok(Message::Close(_))) => Err(End::Gone),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_))) => {
                Err(End::Close(close_code::UNSUPPORTED, "only text is understood"))
            }
            Some(Ok(Message::Text(text))) => {
                let wanted = serde_json::from_str(&text);
                self.wanted =
                    Some(wanted.map_err(|_| End::Close(close_code::POLICY, "not understood"))?);
                self.heard = Instant::now();
                Ok(())
            }
        }
    }

    /// Opens what is wanted; what was shown before goes on until it is open.
    async fn open(&mut self) -> Result<(), End> {
        let Some(PreviewRequest { content, fps }) = self.wanted.take() else { return Ok(()) };
        self.opened = Instant::now();
        let content = Content::try_from(content).map_err(Problem::from);
        let content = content.and_then(|content| check(&self.app, &content).map(|()| content));
        let opened = match content {
            Ok(Content::Media(_)) => Err(only_generated()),
            Ok(content) => rehearse(&self.app, content).await,
            Err(problem) => Err(problem),
        };
        let event = match opened {
            Ok(rehearsal) => {
                let leds = rehearsal.leds();
                let most = (MOST_LEDS / leds.max(1) as f32).clamp(LEAST_FPS, MOST_FPS);
                let fps = fps.clamp(LEAST_FPS, most);
                let now = Instant::now();
                self.look = Some(Look { rehearsal, since: now, fps, due: now, number: 0 });
                PreviewEvent::Ready { leds }
            }
            Err(problem) => {
                self.look = None;
                PreviewEvent::Problem { detail: problem.detail().to_owned() }
            }
        };
        self.tell(&event).await
    }

    /// Draws the frame that is due and sends it.
    async fn draw(&mut self) -> Result<(), End> {
        let Some(Look { mut rehearsal, since, fps, number, .. }) = self.look.take() else {
            return Ok(());
        };
        let begun = Instant::now();
        let shown = begun.saturating_duration_since(since);
        if shown >= SHOWN {
            return self.tell(&PreviewEvent::Paused).await;
        }
        let work = move || {
            let frame = rehearsal.frame(shown).map(|leds| encode(number, leds.as_flattened()));
            (rehearsal, frame)
        };
        let drawn = tokio::task::spawn_blocking(work).await;
        let (rehearsal, frame): (Rehearsal, Result<Bytes, MediaError>) =
            drawn.map_err(|_| End::Close(close_code::ERROR, "drawing it crashed"))?;
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => return self.tell(&PreviewEvent::Problem { detail: error.reason }).await,
        };
        let rest = begun.elapsed() * IDLE;
        self.send(Message::Binary(frame)).await?;
        let due = begun + rest.max(Duration::from_secs_f32(1.0 / fps));
        self.look = Some(Look { rehearsal, since, fps, due, number: number.wrapping_add(1) });
        Ok(())
    }

    async fn tell(&mut self, event: &PreviewEvent) -> Result<(), End> {
        let text = serde_json::to_string(event).map_err(|_| End::Gone)?;
        self.send(Message::text(text)).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(SENDING, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Gone),
        }
    }
}

async fn rehearse(app: &App, content: Content) -> Result<Rehearsal, Problem> {
    let engine = app.engine.clone();
    let opened = tokio::task::spawn_blocking(move || engine.rehearse(&content)).await;
    let opened = opened.map_err(|error| Problem::internal(&error))?;
    opened.map_err(|error| Problem::not_acceptable_value(error.reason))
}

/// Waits for a time; for ever where there is none.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => pending().await,
    }
}

fn only_generated() -> Problem {
    Invalid::new("content", "only texts and effects can be looked at").into()
}

/// A frame in its form on the wire.
fn encode(number: u32, leds: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(8 + leds.len());
    frame.put_u8(VERSION);
    frame.put_u8(0);
    frame.put_u16_le(0);
    frame.put_u32_le(number);
    frame.put_slice(leds);
    frame.freeze()
}
