//! The log, line by line as it is written.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{interval, timeout};

use crate::access::Identity;
use crate::app::App;
use crate::extract::Params;
use crate::problem::Problem;
use crate::wire::system::{LiveLogQuery, LogEvent, LogLevel};

/// How long a line may take to be taken.
const SENDING: Duration = Duration::from_secs(10);
/// How often it is seen to that somebody is still signed in.
const PULSE: Duration = Duration::from_secs(2);
const GOODBYE: Duration = Duration::from_millis(500);
/// Longest line that is told whole.
const LONGEST: usize = 4096;

/// The log as it is written, as a WebSocket
///
/// The server sends `LogEvent`s as text. Who is slow misses lines and is told how many. Another filter takes another
/// socket.
#[utoipa::path(get, path = "/api/log/live", tag = "system", params(LiveLogQuery), responses(
    (status = 101, description = "The WebSocket is open."),
    (status = 503, description = "Too many are open."),
))]
pub(super) async fn live_log(
    State(app): State<App>,
    identity: Identity,
    Params(filter): Params<LiveLogQuery>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    let place = app.reading_log.clone().try_acquire_owned();
    let place = place.map_err(|_| Problem::unavailable("too many read the log already"))?;
    let tasks = app.tasks.clone();
    let filter = Filter::new(filter);
    Ok(upgrade.max_message_size(1024).max_frame_size(1024).read_buffer_size(1024).on_upgrade(
        move |mut socket| {
            tasks.track_future(async move {
                let shutdown = app.shutdown.clone();
                let (code, reason) = tokio::select! {
                    end = tell(&app, &identity, &filter, &mut socket) => match end {
                        Some(reason) => (close_code::POLICY, reason),
                        None => return,
                    },
                    () = shutdown.cancelled() => (close_code::AWAY, "Prismatron is stopping"),
                };
                let goodbye = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
                // Whether it heard it is its own affair.
                let _ = timeout(GOODBYE, socket.send(goodbye)).await;
                drop(place);
            })
        },
    ))
}

/// Tells the lines until somebody goes, or may read them no more: then why.
async fn tell(
    app: &App,
    identity: &Identity,
    filter: &Filter,
    socket: &mut WebSocket,
) -> Option<&'static str> {
    let mut lines = (app.log.follow)();
    let mut pulse = interval(PULSE);
    loop {
        let event = tokio::select! {
            line = lines.recv() => match line {
                Ok(line) => filter.pass(&line),
                Err(RecvError::Lagged(lines)) => Some(LogEvent::Skipped { lines }),
                Err(RecvError::Closed) => return None,
            },
            message = socket.recv() => match message {
                None | Some(Err(_) | Ok(Message::Close(_))) => return None,
                Some(Ok(_)) => continue,
            },
            _ = pulse.tick() => None,
        };
        if app.access.is_over(identity) {
            return Some("signed out");
        }
        let Some(event) = event else { continue };
        let text = serde_json::to_string(&event).ok()?;
        if !matches!(timeout(SENDING, socket.send(Message::text(text))).await, Ok(Ok(()))) {
            return None;
        }
    }
}

struct Filter {
    least: LogLevel,
    /// In small letters.
    contains: Option<String>,
}

impl Filter {
    fn new(LiveLogQuery { least, contains }: LiveLogQuery) -> Self {
        let contains = contains.map(|text| text.to_lowercase()).filter(|text| !text.is_empty());
        Self { least: least.unwrap_or(LogLevel::Debug), contains }
    }

    /// A line, if it is wanted. One that does not say how grave it is belongs to the one before it.
    fn pass(&self, line: &Arc<str>) -> Option<LogEvent> {
        let level = level(line);
        let is_wanted = level.is_none_or(|level| self.least <= level)
            && self.contains.as_ref().is_none_or(|text| line.to_lowercase().contains(text));
        is_wanted.then(|| LogEvent::Line { level, line: line.chars().take(LONGEST).collect() })
    }
}

/// How grave a line is: the second word, behind the time.
fn level(line: &str) -> Option<LogLevel> {
    match line.split_whitespace().nth(1)? {
        "ERROR" => Some(LogLevel::Error),
        "WARN" => Some(LogLevel::Warn),
        "INFO" => Some(LogLevel::Info),
        "DEBUG" | "TRACE" => Some(LogLevel::Debug),
        _ => None,
    }
}
