//! Transport.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use prismatron_engine::{Command, Dimmer};

use crate::app::App;
use crate::problem::Problem;
use crate::wire::player::{Blackout, Jump, Player, Seek};
use crate::{blackout, extract, view, wire};

type Answer = Result<Json<Player>, Problem>;

/// No item is longer: a bound for what is multiplied and added later.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

async fn send(app: &App, command: Command) -> Answer {
    let state = app.engine.send(command).await?;
    Ok(Json(view::player(app, &state)))
}

/// Goes on, or begins
#[utoipa::path(post, path = "/api/control/play", tag = "control", responses(
    (status = 200, description = "What plays now.", body = Player),
))]
pub(super) async fn play(State(app): State<App>) -> Answer {
    // Safe mode is until somebody says so.
    app.safe_mode.leave(&app.store).await?;
    send(&app, Command::Play).await
}

/// Holds the picture
#[utoipa::path(post, path = "/api/control/pause", tag = "control", responses(
    (status = 200, description = "What is held now.", body = Player),
))]
pub(super) async fn pause(State(app): State<App>) -> Answer {
    send(&app, Command::Pause).await
}

/// Goes dark
#[utoipa::path(post, path = "/api/control/stop", tag = "control", responses(
    (status = 200, description = "The player, stopped.", body = Player),
))]
pub(super) async fn stop(State(app): State<App>) -> Answer {
    send(&app, Command::Stop).await
}

/// Takes all light away, or gives it back
///
/// What plays goes on unseen. It holds until it is taken back, whatever the brightness is set to, by whom, and over
/// restarts.
#[utoipa::path(post, path = "/api/control/blackout", tag = "control", request_body = Blackout,
    responses((status = 200, description = "What plays now.", body = Player)))]
pub(super) async fn black_out(
    State(app): State<App>,
    extract::Json(Blackout { on }): extract::Json<Blackout>,
) -> Answer {
    // Dark first: a disk that is full keeps nobody from that.
    let answer = send(&app, Command::Dim(Dimmer::Operator, blackout::light(on))).await?;
    blackout::keep(&app.store, on).await?;
    Ok(answer)
}

/// Goes on to the next item
#[utoipa::path(post, path = "/api/control/next", tag = "control", responses(
    (status = 200, description = "What is on now.", body = Player),
))]
pub(super) async fn next(State(app): State<App>) -> Answer {
    send(&app, Command::Next).await
}

/// Goes back to the item before
#[utoipa::path(post, path = "/api/control/previous", tag = "control", responses(
    (status = 200, description = "What is on now.", body = Player),
))]
pub(super) async fn previous(State(app): State<App>) -> Answer {
    send(&app, Command::Previous).await
}

/// Goes to a time of the current item
#[utoipa::path(post, path = "/api/control/seek", tag = "control", request_body = Seek, responses(
    (status = 200, description = "What is on now.", body = Player),
))]
pub(super) async fn seek(
    State(app): State<App>,
    extract::Json(Seek { position_seconds }): extract::Json<Seek>,
) -> Answer {
    let to = wire::seconds("position_seconds", position_seconds, Duration::ZERO, LONGEST)?;
    send(&app, Command::Seek(to)).await
}

/// Goes to an item of the active playlist, and plays
#[utoipa::path(post, path = "/api/control/jump", tag = "control", request_body = Jump, responses(
    (status = 200, description = "What plays now.", body = Player),
))]
pub(super) async fn jump(
    State(app): State<App>,
    extract::Json(Jump { item }): extract::Json<Jump>,
) -> Answer {
    send(&app, Command::Jump(wire::id("item", &item)?)).await
}
