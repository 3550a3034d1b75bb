//! Finding out which LED is where: test patterns on the wall.

use axum::extract::State;
use axum::{Extension, Json};
use prismatron_engine::{Command, Sign};

use crate::access::guard::Note;
use crate::app::App;
use crate::extract;
use crate::problem::Problem;
use crate::view;
use crate::wire::identify::{Identify, Identifying};

/// Shows a test pattern in place of whatever is on; it goes by itself
///
/// Playback goes on unseen. Another one takes its place at once.
#[utoipa::path(post, path = "/api/identify", tag = "wall", request_body = Identify, responses(
    (status = 200, description = "It is shown.", body = Identifying),
))]
pub(super) async fn identify(
    State(app): State<App>,
    extract::Json(wanted): extract::Json<Identify>,
) -> Result<(Extension<Note>, Json<Identifying>), Problem> {
    let note = Note::detail(format!("{:?}", wanted.pattern));
    let state = app.engine.send(Command::Identify(Some(Sign::try_from(wanted)?))).await?;
    Ok((Extension(note), Json(view::identifying(&app, &state))))
}

/// Ends a test pattern
#[utoipa::path(delete, path = "/api/identify", tag = "wall", responses(
    (status = 200, description = "None is shown.", body = Identifying),
))]
pub(super) async fn end_identify(State(app): State<App>) -> Result<Json<Identifying>, Problem> {
    let state = app.engine.send(Command::Identify(None)).await?;
    Ok(Json(view::identifying(&app, &state)))
}
