//! Why nothing plays after a start, and the way out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use prismatron_engine::Command;

use crate::access::Identity;
use crate::app::App;
use crate::problem::Problem;
use crate::view;
use crate::wire::status::SafeMode;

/// Why the program is in safe mode
#[utoipa::path(get, path = "/api/safe-mode", tag = "system", responses(
    (status = 200, description = "Why.", body = SafeMode),
    (status = 404, description = "It is not in safe mode."),
))]
pub(super) async fn read(State(app): State<App>) -> Result<Json<SafeMode>, Problem> {
    let cause = app.safe_mode.cause().ok_or_else(off)?;
    let last_worked = app.store.proven_settings().await?;
    let last_worked = last_worked.map(|proven| view::last_worked(&app, &proven));
    Ok(Json(SafeMode { reason: cause.reason.clone(), log: cause.log.clone(), last_worked }))
}

/// Turns safe mode on: goes dark, and stays so over restarts until somebody leaves it
#[utoipa::path(put, path = "/api/safe-mode", tag = "system", responses(
    (status = 204, description = "Nothing plays."),
))]
pub(super) async fn enter(
    State(app): State<App>,
    identity: Identity,
) -> Result<StatusCode, Problem> {
    app.safe_mode.enter::<Problem>(&app.store, &app.engine, &identity.label()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leaves safe mode and plays
#[utoipa::path(delete, path = "/api/safe-mode", tag = "system", responses(
    (status = 204, description = "It plays."),
    (status = 404, description = "It is not in safe mode."),
))]
pub(super) async fn leave(State(app): State<App>) -> Result<StatusCode, Problem> {
    if !app.safe_mode.leave(&app.store).await? {
        return Err(off());
    }
    app.engine.send(Command::Play).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Goes back to the settings that last worked, leaves safe mode and plays
///
/// The settings until now are kept beside them.
#[utoipa::path(post, path = "/api/safe-mode/restore", tag = "system", responses(
    (status = 204, description = "It plays."),
    (status = 404, description = "It is not in safe mode, or no settings are known to have worked."),
))]
pub(super) async fn restore(State(app): State<App>) -> Result<StatusCode, Problem> {
    if !app.safe_mode.is_on() {
        return Err(off());
    }
    app.restore_settings().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn off() -> Problem {
    Problem::not_found("it is not in safe mode")
}
