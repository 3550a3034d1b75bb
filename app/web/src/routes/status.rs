//! How everything is.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use crate::app::App;
use crate::problem::Problem;
use crate::wire::status::{Health, HealthState, Status};
use crate::{openapi, view};

/// Whether it works: words for load balancers and watchdogs, open to anyone
///
/// What needs a look only is told, and is no failure.
#[utoipa::path(get, path = "/api/health", tag = "status", security(()), responses(
    (status = 200, description = "It works.", body = Health),
    (status = 503, description = "It does not.", body = Health),
))]
pub(super) async fn health(State(app): State<App>) -> impl IntoResponse {
    let health = view::health(&app);
    let status = match health.status {
        HealthState::Ok | HealthState::Degraded => StatusCode::OK,
        HealthState::Failing => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(health))
}

/// This description, open to anyone
#[utoipa::path(get, path = "/api/openapi.json", tag = "status", security(()), responses(
    (status = 200, description = "OpenAPI 3.1.", content_type = "application/json"),
))]
pub(super) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi::json())
}

/// How everything is
#[utoipa::path(get, path = "/api/status", tag = "status", responses(
    (status = 200, description = "How everything is.", body = Status),
))]
pub(super) async fn status(State(app): State<App>) -> Json<Status> {
    Json(view::status(&app))
}

/// How everything is, in numbers for monitoring
#[utoipa::path(get, path = "/api/metrics", tag = "status", responses(
    (status = 200, description = "OpenMetrics 1.0, as Prometheus reads it.",
        content_type = "application/openmetrics-text"),
))]
pub(super) async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let text = view::metrics(&app).map_err(|error| Problem::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, view::OPEN_METRICS)], text))
}
