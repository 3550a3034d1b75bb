//! Every route of the API, one module per resource.

mod accounts;
mod control;
mod download;
mod effects;
mod events;
mod form;
mod identify;
mod items;
mod live_log;
mod media;
mod playlists;
mod preview;
mod safe_mode;
mod schedule;
mod session;
mod settings;
mod snapshots;
mod status;
mod system;
mod trash;
mod update;
mod uploads;
mod wall;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Request;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::guard::guard;
use crate::app::App;
use crate::problem::Problem;
use crate::{headers, openapi, page};

/// All routes of the API with their descriptions.
pub(crate) fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(status::health))
        .routes(routes!(status::openapi))
        .routes(routes!(status::status))
        .routes(routes!(status::metrics))
        .routes(routes!(session::sign_in, session::current, session::sign_out))
        .routes(routes!(session::new_link))
        .routes(routes!(session::change_password))
        .routes(routes!(session::claim_state, session::claim))
        .routes(routes!(session::claim_code, session::renew_claim_code))
        .routes(routes!(system::log))
        .routes(routes!(system::log_file))
        .routes(routes!(live_log::live_log))
        .routes(routes!(system::machine))
        .routes(routes!(system::first_start))
        .routes(routes!(accounts::list, accounts::create))
        .routes(routes!(accounts::change, accounts::delete))
        .routes(routes!(accounts::set_password))
        .routes(routes!(accounts::tokens, accounts::make_token))
        .routes(routes!(accounts::delete_token))
        .routes(routes!(accounts::audit))
        .routes(routes!(safe_mode::read, safe_mode::enter, safe_mode::leave))
        .routes(routes!(safe_mode::restore))
        .routes(routes!(control::play))
        .routes(routes!(control::pause))
        .routes(routes!(control::stop))
        .routes(routes!(control::black_out))
        .routes(routes!(control::next))
        .routes(routes!(control::previous))
        .routes(routes!(control::seek))
        .routes(routes!(control::jump))
        .routes(routes!(media::list, media::upload))
        .routes(routes!(media::read, media::rename, media::delete))
        .routes(routes!(trash::list, trash::empty))
        .routes(routes!(trash::purge))
        .routes(routes!(trash::restore))
        .routes(routes!(download::thumbnail))
        .routes(routes!(download::file))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(uploads::options, uploads::create))
                .routes(routes!(uploads::offset, uploads::append, uploads::terminate))
                .routes(routes!(update::options, update::create))
                .routes(routes!(update::offset, update::append, update::terminate))
                .layer(map_response(uploads::mark)),
        )
        .routes(routes!(playlists::list, playlists::create))
        .routes(routes!(playlists::read, playlists::set, playlists::change, playlists::delete))
        .routes(routes!(playlists::activate))
        .routes(routes!(playlists::import))
        .routes(routes!(playlists::export))
        .routes(routes!(items::add, items::change_some))
        .routes(routes!(items::remove_some))
        .routes(routes!(items::replace, items::remove))
        .routes(routes!(items::reorder))
        .routes(routes!(schedule::read, schedule::set))
        .routes(routes!(schedule::week, schedule::draft_week))
        .routes(routes!(schedule::time_zones))
        .routes(routes!(effects::effects))
        .routes(routes!(effects::fonts))
        .routes(routes!(wall::layout, wall::set_layout, wall::reset_layout))
        .routes(routes!(wall::leds))
        .routes(routes!(wall::preview_layout))
        .routes(routes!(wall::import_points))
        .routes(routes!(wall::power))
        .routes(routes!(wall::find_controllers))
        .routes(routes!(identify::identify, identify::end_identify))
        .routes(routes!(wall::outputs, wall::set_outputs, wall::reset_outputs))
        .routes(routes!(settings::read, settings::change))
        .routes(routes!(snapshots::list, snapshots::take))
        .routes(routes!(snapshots::download, snapshots::delete))
        .routes(routes!(snapshots::restore))
        .routes(routes!(snapshots::restore_file))
        .routes(routes!(system::system))
        .routes(routes!(system::displays))
        .routes(routes!(system::restart))
        .routes(routes!(system::reboot))
        .routes(routes!(system::poweroff))
        .routes(routes!(system::cancel))
        .routes(routes!(system::data_partition))
        .routes(routes!(system::diagnostics))
        .routes(routes!(update::read, update::inspect, update::change, update::cancel))
        .routes(routes!(update::install))
        .routes(routes!(update::reboot))
        .routes(routes!(update::roll_back))
        .routes(routes!(update::confirm))
        .routes(routes!(events::events))
        .routes(routes!(preview::preview))
}

/// Everything the server answers.
pub(crate) fn router(app: App) -> Router {
    let (api, _) = api().split_for_parts();
    api.fallback(fallback)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(app.clone(), guard))
        .layer(map_response(headers::secure))
        .with_state(app)
}

async fn fallback(request: Request<axum::body::Body>) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        return Problem::not_found(format!("there is nothing at {path}")).into_response();
    }
    page::serve(request.method(), path, request.headers())
}

async fn method_not_allowed() -> Problem {
    Problem::method_not_allowed()
}
