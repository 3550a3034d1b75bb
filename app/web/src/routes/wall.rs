//! The wall: layout and outputs.

use std::convert::Infallible;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use prismatron_core::layout::{Layout as DomainLayout, Wall};
use prismatron_core::output::OutputSpec;
use prismatron_store::Settings;

use crate::app::App;
use crate::problem::Problem;
use crate::wire::layout::{Layout, NewLayout};
use crate::wire::output::{NewOutputs, OutputList};
use crate::{extract, view};

/// LEDs that are written out at once.
const CHUNK: usize = 4096;

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
pub(super) async fn leds(State(app): State<App>) -> Response {
    let wall = app.wall();
    let length = wall.leds.len() * 16;
    let starts = (0..wall.leds.len()).step_by(CHUNK);
    let chunks = starts.map(move |start| Ok::<_, Infallible>(chunk(&wall, start)));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
    ];
    (headers, Body::from_stream(stream::iter(chunks))).into_response()
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
