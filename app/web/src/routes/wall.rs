//! The wall: layout and outputs.

use std::convert::Infallible;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use prismatron_core::layout::{Layout as DomainLayout, Wall};
use prismatron_core::output::OutputSpec;
use prismatron_store::Settings;
use prismatron_store::config::{DEFAULT_FOOTPRINT, parse_csv, pieces_of};

use crate::app::App;
use crate::extract::{Params, Raw};
use crate::page::takes_gzip;
use crate::problem::Problem;
use crate::wire::layout::{Layout, NewLayout, Piece, PieceList, PointsQuery};
use crate::wire::output::{ControllerList, NewOutputs, OutputList, PowerEstimate, PowerQuery};
use crate::wire::{Invalid, number};
use crate::{extract, view};

/// LEDs that are written out at once.
const CHUNK: usize = 4096;
/// How long controllers are looked for.
const FINDING: Duration = Duration::from_secs(3);
/// Longest list of LEDs.
const LONGEST_CSV: usize = 64 << 20;
/// What an LED draws at full white, in mA, where it is not set: usual ones of 5 V.
const USUAL_PER_LED: u32 = 60;

/// Where the LEDs are
#[utoipa::path(get, path = "/api/layout", tag = "wall", responses(
    (status = 200, description = "The layout in force.", body = Layout),
))]
pub(super) async fn layout(State(app): State<App>) -> Json<Layout> {
    Json(view::layout(&app))
}

/// Sets where the LEDs are
#[utoipa::path(put, path = "/api/layout", tag = "wall", request_body = NewLayout, responses(
    (status = 200, description = "The layout in force.", body = Layout),
))]
pub(super) async fn set_layout(
    State(app): State<App>,
    extract::Json(layout): extract::LongJson<NewLayout>,
) -> Result<Json<Layout>, Problem> {
    let layout = DomainLayout::try_from(layout)?;
    // Millions of LEDs take a while to place.
    let resolved = tokio::task::spawn_blocking(move || layout.resolve().map(|_| layout)).await;
    let layout = resolved.map_err(|error| Problem::internal(&error))??;
    change(&app, Change::Layout(Some(layout))).await?;
    Ok(Json(view::layout(&app)))
}

/// Goes back to the layout of the configuration
#[utoipa::path(delete, path = "/api/layout", tag = "wall", responses(
    (status = 200, description = "The layout in force.", body = Layout),
))]
pub(super) async fn reset_layout(State(app): State<App>) -> Result<Json<Layout>, Problem> {
    change(&app, Change::Layout(None)).await?;
    Ok(Json(view::layout(&app)))
}

/// Where each LED is
///
/// Four little-endian 32-bit floats for each LED in number order: x and y of its centre, width and height
/// of its footprint, in canvas pixels.
#[utoipa::path(get, path = "/api/layout/leds", tag = "wall", responses(
    (status = 200, description = "Sixteen bytes an LED.", content_type = "application/octet-stream"),
))]
pub(super) async fn leds(State(app): State<App>, headers: HeaderMap) -> Response {
    places(app.wall(), &headers)
}

/// Where each LED would be with a layout, in the form of `/api/layout/leds`; nothing changes
#[utoipa::path(post, path = "/api/layout/preview", tag = "wall", request_body = NewLayout, responses(
    (status = 200, description = "Sixteen bytes an LED.", content_type = "application/octet-stream"),
))]
pub(super) async fn preview_layout(
    headers: HeaderMap,
    extract::Json(layout): extract::LongJson<NewLayout>,
) -> Result<Response, Problem> {
    let layout = DomainLayout::try_from(layout)?;
    let resolved = tokio::task::spawn_blocking(move || layout.resolve()).await;
    let wall = resolved.map_err(|error| Problem::internal(&error))??;
    Ok(places(Arc::new(wall), &headers))
}

/// Pieces of a layout from a list of LEDs in CSV; nothing changes
///
/// A line is `x,y` or `x,y,w,h` in canvas pixels: the middle of an LED, and the size of its footprint. The first may name
/// these columns, in any order; empty ones and those that begin with `#` are passed over.
#[utoipa::path(post, path = "/api/layout/points", tag = "wall", params(PointsQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, description = "The pieces, in the order of the list.", body = PieceList)))]
pub(super) async fn import_points(
    Params(PointsQuery { footprint }): Params<PointsQuery>,
    Raw(bytes): Raw<{ LONGEST_CSV }>,
) -> Result<Json<PieceList>, Problem> {
    let footprint = number("footprint", footprint.unwrap_or(DEFAULT_FOOTPRINT), 0.1, 10_000.0)?;
    let work = move || {
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Invalid::new("the list", "must be text in UTF-8"))?;
        let leds = parse_csv(text).map_err(|mistake| {
            Invalid::new(format_args!("line {}", mistake.line).to_string(), mistake.reason)
        })?;
        if leds.is_empty() {
            return Err(Invalid::new("the list", "has no LEDs"));
        }
        Ok(pieces_of(&leds, footprint))
    };
    let pieces = tokio::task::spawn_blocking(work).await;
    let pieces = pieces.map_err(|error| Problem::internal(&error))??;
    Ok(Json(PieceList { pieces: pieces.into_iter().map(Piece::from).collect() }))
}

/// Looks for WLED controllers in the networks the machine is in; takes three seconds
#[utoipa::path(post, path = "/api/outputs/find", tag = "wall", responses(
    (status = 200, description = "Those that have answered.", body = ControllerList),
    (status = 409, description = "Somebody else looks for them."),
    (status = 503, description = "There is no network."),
))]
pub(super) async fn find_controllers(
    State(app): State<App>,
) -> Result<Json<ControllerList>, Problem> {
    let place = Arc::clone(&app.finding).try_acquire_owned();
    let place = place.map_err(|_| Problem::conflict("somebody is looking for them already"))?;
    let find = Arc::clone(&app.find);
    let work = move || {
        let found = find(FINDING);
        drop(place);
        found
    };
    let found = tokio::task::spawn_blocking(work).await;
    let found = found.map_err(|error| Problem::internal(&error))?;
    let found = found
        .map_err(|error| Problem::unavailable(format!("the network cannot be asked: {error}")))?;
    Ok(Json(view::controllers(&app, found)))
}

/// What the LEDs would draw at most, by reckoning, and what they may
#[utoipa::path(get, path = "/api/power", tag = "wall", params(PowerQuery), responses(
    (status = 200, description = "For each output and all together.", body = PowerEstimate),
))]
pub(super) async fn power(
    State(app): State<App>,
    Params(PowerQuery { per_led_ma }): Params<PowerQuery>,
) -> Json<PowerEstimate> {
    Json(view::power(&app, per_led_ma.unwrap_or(USUAL_PER_LED).min(10_000)))
}

/// Sixteen bytes an LED; a fraction of that by gzip, where it is taken, as LEDs stand in rows.
fn places(wall: Arc<Wall>, headers: &HeaderMap) -> Response {
    let length = wall.leds.len() * 16;
    let starts = (0..wall.leds.len()).step_by(CHUNK);
    let chunks = starts.map(move |start| chunk(&wall, start));
    let kind = (header::CONTENT_TYPE, "application/octet-stream");
    let varies = (header::VARY, "accept-encoding");
    if takes_gzip(headers) {
        let body = Body::from_stream(stream::iter(packed(chunks).map(Ok::<_, Infallible>)));
        return ([kind, varies, (header::CONTENT_ENCODING, "gzip")], body).into_response();
    }
    let body = Body::from_stream(stream::iter(chunks.map(Ok::<_, Infallible>)));
    ([kind, varies], [(header::CONTENT_LENGTH, length)], body).into_response()
}

/// The same by gzip, piece by piece.
fn packed(mut chunks: impl Iterator<Item = Bytes>) -> impl Iterator<Item = Bytes> {
    let mut encoder = Some(GzEncoder::new(Vec::new(), Compression::fast()));
    std::iter::from_fn(move || {
        let packer = encoder.as_mut()?;
        // Neither can fail: it is written to memory.
        match chunks.next() {
            Some(bytes) => packer.write_all(&bytes).ok().map(|()| std::mem::take(packer.get_mut())),
            None => encoder.take()?.finish().ok(),
        }
        .map(Bytes::from)
    })
    .filter(|bytes| !bytes.is_empty())
}

fn chunk(wall: &Wall, start: usize) -> Bytes {
    let end = (start + CHUNK).min(wall.leds.len());
    let leds = &wall.leds[start..end];
    let mut bytes = Vec::with_capacity(leds.len() * 16);
    for led in leds {
        for number in [led.centre.0, led.centre.1, led.footprint.0, led.footprint.1] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
    }
    bytes.into()
}

/// All outputs, and how they fare
#[utoipa::path(get, path = "/api/outputs", tag = "wall", responses(
    (status = 200, description = "The outputs in force.", body = OutputList),
))]
pub(super) async fn outputs(State(app): State<App>) -> Json<OutputList> {
    Json(view::outputs(&app))
}

/// Sets all outputs
#[utoipa::path(put, path = "/api/outputs", tag = "wall", request_body = NewOutputs, responses(
    (status = 200, description = "The outputs in force.", body = OutputList),
))]
pub(super) async fn set_outputs(
    State(app): State<App>,
    extract::Json(outputs): extract::Json<NewOutputs>,
) -> Result<Json<OutputList>, Problem> {
    change(&app, Change::Outputs(Some(outputs.try_into()?))).await?;
    Ok(Json(view::outputs(&app)))
}

/// Goes back to the outputs of the configuration
#[utoipa::path(delete, path = "/api/outputs", tag = "wall", responses(
    (status = 200, description = "The outputs in force.", body = OutputList),
))]
pub(super) async fn reset_outputs(State(app): State<App>) -> Result<Json<OutputList>, Problem> {
    change(&app, Change::Outputs(None)).await?;
    Ok(Json(view::outputs(&app)))
}

/// What is set; `None` leaves it to the configuration.
enum Change {
    Layout(Option<DomainLayout>),
    Outputs(Option<Vec<OutputSpec>>),
}

async fn change(app: &App, change: Change) -> Result<(), Problem> {
    let edit = |settings: &mut Settings| match change {
        Change::Layout(layout) => settings.layout = layout,
        Change::Outputs(outputs) => settings.outputs = outputs,
    };
    app.change_settings(edit, |settings| Some(app.set_wall(settings))).await
}
