//! Colours of the whole wall.

use axum::Json;
use axum::extract::State;
use prismatron_engine::Command;
use prismatron_store::Settings as Stored;

use crate::app::App;
use crate::extract;
use crate::problem::Problem;
use crate::wire::settings::{Settings, SettingsChange};

/// The settings
#[utoipa::path(get, path = "/api/settings", tag = "settings", responses(
    (status = 200, description = "The settings.", body = Settings),
))]
pub(super) async fn read(State(app): State<App>) -> Json<Settings> {
    Json(app.settings().colour.into())
}

/// Changes some of the settings
///
/// A brightness holds until the schedule next changes what it wants.
#[utoipa::path(patch, path = "/api/settings", tag = "settings", request_body = SettingsChange,
    responses((status = 200, description = "The settings now.", body = Settings)))]
pub(super) async fn change(
    State(app): State<App>,
    extract::Json(change): extract::Json<SettingsChange>,
) -> Result<Json<Settings>, Problem> {
    let colour = app.settings().colour;
    change.apply(colour)?;
    // What can be applied to one can be applied to any.
    let edit = move |settings: &mut Stored| {
        settings.colour = change.apply(settings.colour).unwrap_or(settings.colour);
    };
    // Whoever does not ask for a brightness leaves the schedule its own.
    let is_brightness = change.brightness.is_some();
    let colour = |settings: &Stored| match is_brightness {
        true => settings.colour,
        false => app.colour(settings),
    };
    app.change_settings(edit, |settings| Some(Command::SetColour(colour(settings)))).await?;
    Ok(read(State(app)).await)
}
