//! What items can be made of: effects and fonts.

use axum::Json;
use axum::extract::State;

use crate::app::App;
use crate::problem::Problem;
use crate::wire::effect::{Effect, EffectList, FontList};

/// The catalogue of effects and their parameters
#[utoipa::path(get, path = "/api/effects", tag = "effects", responses(
    (status = 200, description = "All effects.", body = EffectList),
))]
pub(super) async fn effects(State(app): State<App>) -> Json<EffectList> {
    Json(EffectList { effects: app.effects.iter().map(Effect::from).collect() })
}

/// The fonts that texts can name
#[utoipa::path(get, path = "/api/fonts", tag = "effects", responses(
    (status = 200, description = "All fonts.", body = FontList),
))]
pub(super) async fn fonts(State(app): State<App>) -> Result<Json<FontList>, Problem> {
    // The first time it looks through the system's folders.
    let fonts = tokio::task::spawn_blocking(app.fonts).await;
    let fonts = fonts.map_err(|error| Problem::internal(&error))?;
    Ok(Json(FontList { fonts }))
}
