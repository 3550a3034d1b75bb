//! Restart, reboot, power off.
//!
//! Each is accepted first and begins when the answer has gone out. Asked for again it stays as it was;
//! something else is refused while one is pending.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::{StreamExt, stream};
use prismatron_system::{Action, DataPartitionState};

use crate::access::Identity;
use crate::access::guard::Note;
use crate::app::App;
use crate::extract::{Json as JsonBody, OptionalJson, Params};
use crate::problem::Problem;
use crate::wire::display::DisplayList;
use crate::wire::system::{
    AcceptedAction, DataPartitionRequest, FirstStart, Log, LogQuery, Machine, System, When,
};
use crate::{diagnostics, view, wire};

/// Lines of the log unless more or fewer are asked for, and most of them.
const USUAL_LINES: usize = 100;
const MOST_LINES: usize = 1000;
/// Longest part of the log as a file, in bytes.
const LONGEST_FILE: u64 = 4 << 20;
/// Longest delay.
const LONGEST: Duration = Duration::from_secs(60);
/// Time to think better of it.
const POWER_DELAY: Duration = Duration::from_secs(5);

/// What can be asked of the operating system, and what is pending
#[utoipa::path(get, path = "/api/system", tag = "system", responses(
    (status = 200, description = "The state.", body = System),
))]
pub(super) async fn system(State(app): State<App>) -> Json<System> {
    Json(view::system(&app))
}

/// The displays of this machine, where their pages are and how they fare
#[utoipa::path(get, path = "/api/displays", tag = "system", responses(
    (status = 200, description = "All of them.", body = DisplayList),
))]
pub(super) async fn displays(State(app): State<App>) -> Json<DisplayList> {
    Json(view::displays(&app).await)
}

/// Restarts Prismatron
///
/// The last picture stays on the LEDs meanwhile. Nothing happens before the answer has gone out.
#[utoipa::path(post, path = "/api/system/restart", tag = "system", request_body = When, responses(
    (status = 202, description = "Accepted, now or before.", body = AcceptedAction),
    (status = 409, description = "Something else is pending."),
))]
pub(super) async fn restart(
    State(app): State<App>,
    identity: Identity,
    OptionalJson(when): OptionalJson<When>,
) -> Result<Response, Problem> {
    request(&app, &identity, Action::Restart, when, Duration::ZERO).await
}

/// Reboots the machine
///
/// A refusal that only shows when it is carried out is told in the state.
#[utoipa::path(post, path = "/api/system/reboot", tag = "system", request_body = When, responses(
    (status = 202, description = "Accepted, now or before.", body = AcceptedAction),
    (status = 409, description = "Something else is pending."),
    (status = 503, description = "It is not possible."),
))]
pub(super) async fn reboot(
    State(app): State<App>,
    identity: Identity,
    OptionalJson(when): OptionalJson<When>,
) -> Result<Response, Problem> {
    request(&app, &identity, Action::Reboot, when, POWER_DELAY).await
}

/// Switches the machine off
///
/// A refusal that only shows when it is carried out is told in the state.
#[utoipa::path(post, path = "/api/system/poweroff", tag = "system", request_body = When, responses(
    (status = 202, description = "Accepted, now or before.", body = AcceptedAction),
    (status = 409, description = "Something else is pending."),
    (status = 503, description = "It is not possible."),
))]
pub(super) async fn poweroff(
    State(app): State<App>,
    identity: Identity,
    OptionalJson(when): OptionalJson<When>,
) -> Result<Response, Problem> {
    request(&app, &identity, Action::PowerOff, when, POWER_DELAY).await
}

/// Takes back what is pending
#[utoipa::path(delete, path = "/api/system/pending", tag = "system", responses(
    (status = 200, description = "The state, with nothing pending.", body = System),
    (status = 404, description = "Nothing is pending."),
    (status = 409, description = "It has begun."),
))]
pub(super) async fn cancel(State(app): State<App>) -> Result<Json<System>, Problem> {
    app.system.cancel().await?;
    Ok(Json(view::system(&app)))
}

/// The last lines of the log
#[utoipa::path(get, path = "/api/log", tag = "system", params(LogQuery), responses(
    (status = 200, description = "The lines.", body = Log),
))]
pub(super) async fn log(
    State(app): State<App>,
    Params(query): Params<LogQuery>,
) -> Result<Json<Log>, Problem> {
    let lines = query.lines.unwrap_or(USUAL_LINES).min(MOST_LINES);
    let read = Arc::clone(&app.log.tail);
    let lines = tokio::task::spawn_blocking(move || read(lines)).await;
    Ok(Json(Log { lines: lines.map_err(|error| Problem::internal(&error))? }))
}

/// The end of the log as a file, 4 MiB at most
#[utoipa::path(get, path = "/api/log/file", tag = "system", responses(
    (status = 200, description = "The lines.", content_type = "text/plain"),
))]
pub(super) async fn log_file(State(app): State<App>) -> Result<Response, Problem> {
    let path = app.store.logs().join("prismatron.log");
    let read = tokio::task::spawn_blocking(move || end_of(&path)).await;
    let read = read.map_err(|error| Problem::internal(&error))?;
    let bytes = read.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Problem::not_found("there is no log file"),
        _ => Problem::internal(&error),
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"prismatron.log\""),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((Extension(Note::detail("took the log")), headers, bytes).into_response())
}

/// The last lines of a file.
fn end_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let start = length.saturating_sub(LONGEST_FILE);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(LONGEST_FILE).read_to_end(&mut bytes)?;
    if start > 0 {
        // Not from the middle of a line.
        let line = bytes.iter().position(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        bytes.drain(..line);
    }
    Ok(bytes)
}

/// What the machine is and how it fares
#[utoipa::path(get, path = "/api/system/machine", tag = "system", responses(
    (status = 200, description = "As far as it tells.", body = Machine),
))]
pub(super) async fn machine(State(app): State<App>) -> Result<Json<Machine>, Problem> {
    let gauges = app.gauges.clone();
    let read = tokio::task::spawn_blocking(move || gauges.machine()).await;
    let machine = read.map_err(|error| Problem::internal(&error))?;
    Ok(Json(view::machine(&app, machine)))
}

/// How far the first start has come: what is left to be done once
#[utoipa::path(get, path = "/api/first-start", tag = "system", responses(
    (status = 200, description = "Each step.", body = FirstStart),
))]
pub(super) async fn first_start(State(app): State<App>) -> Json<FirstStart> {
    Json(view::first_start(&app))
}

/// Logs, state, settings and versions in one archive, without secrets
#[utoipa::path(get, path = "/api/system/diagnostics", tag = "system", responses(
    (status = 200, description = "A tar, compressed by gzip; MANIFEST in it says what is there and what could not be had.",
        content_type = "application/gzip"),
    (status = 409, description = "Somebody else has one made."),
))]
pub(super) async fn diagnostics(State(app): State<App>) -> Result<Response, Problem> {
    let place = Arc::clone(&app.diagnosing).try_acquire_owned();
    let place = place.map_err(|_| Problem::conflict("an archive is being made already"))?;
    let now = app.access.today();
    let headers = [
        (header::CONTENT_TYPE, "application/gzip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", diagnostics::name(now)),
        ),
    ];
    let note = Extension(Note::detail("took the diagnostics"));
    Ok((note, headers, diagnostics::archive(&app, now, place)).into_response())
}

/// Mends the data partition, or makes it anew
///
/// Only where it was set aside at the start of the machine. How it went is told among the findings, and it is used from
/// the next start on.
#[utoipa::path(post, path = "/api/system/data-partition", tag = "system", request_body = DataPartitionRequest,
    responses(
        (status = 202, description = "It is being done."),
        (status = 409, description = "It is in use, or the machine has none."),
    ))]
pub(super) async fn data_partition(
    State(app): State<App>,
    JsonBody(DataPartitionRequest { remedy }): JsonBody<DataPartitionRequest>,
) -> Result<StatusCode, Problem> {
    if app.data_partition.state() != Some(DataPartitionState::SetAside) {
        return Err(Problem::conflict("the data partition was not set aside"));
    }
    app.data_partition.request(remedy.into()).map_err(|error| Problem::internal(&error))?;
    Ok(StatusCode::ACCEPTED)
}

async fn request(
    app: &App,
    identity: &Identity,
    action: Action,
    When { delay_seconds }: When,
    usual: Duration,
) -> Result<Response, Problem> {
    let delay = match delay_seconds {
        Some(seconds) => wire::seconds("delay_seconds", seconds, Duration::ZERO, LONGEST)?,
        None => usual,
    };
    let accepted = app.system.request(action, delay, identity.label()).await?;
    let body = serde_json::to_vec(&view::accepted(&accepted.pending));
    let body = body.map_err(|error| Problem::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_LENGTH, body.len().to_string()),
    ];
    // The connection asks for more, or drops this, when it has taken the whole answer.
    let answered = stream::once(async move {
        drop(accepted.answering);
        Bytes::new()
    });
    let chunks = stream::iter([Bytes::from(body)]).chain(answered);
    let body = Body::from_stream(chunks.map(Ok::<_, Infallible>));
    Ok((StatusCode::ACCEPTED, headers, body).into_response())
}
