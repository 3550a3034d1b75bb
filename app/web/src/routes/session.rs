//! Signing in and out.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use axum::{Extension, Json};

use crate::access::{Identity, cookie, password};
use crate::app::App;
use crate::extract;
use crate::problem::Problem;
use crate::server::Peer;
use crate::wire::Invalid;
use crate::wire::session::{Link, NewPassword, Session, SignIn};

type WithCookie<T> = (AppendHeaders<[(header::HeaderName, HeaderValue); 1]>, T);

fn session(app: &App, identity: &Identity) -> Session {
    let password_set = app.settings().password_hash.is_some();
    Session { role: identity.role().into(), password_set }
}

/// Signs in with the code of a one-time link or with the password
#[utoipa::path(post, path = "/api/session", tag = "session", security(()),
    request_body = SignIn,
    responses(
        (status = 200, description = "Signed in; the session is in the cookie.", body = Session,
            headers(("Set-Cookie" = String, description = "`prismatron_session`, kept 12 hours."))),
    ))]
pub(super) async fn sign_in(
    State(app): State<App>,
    peer: Option<Extension<Peer>>,
    extract::Json(request): extract::Json<SignIn>,
) -> Result<WithCookie<Json<Session>>, Problem> {
    let from = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(Peer(ip))| ip);
    let (identity, token) = match (request.code, request.password) {
        (Some(code), None) => app.access.by_code(&code, from)?,
        (None, Some(password)) => {
            let hash = app.settings().password_hash.clone();
            app.access.by_password(password, hash, from).await?
        }
        _ => {
            let detail = "sign in with either a code or a password";
            return Err(Problem::not_acceptable_value(detail));
        }
    };
    let cookie = cookie::keep(&token)
        .ok_or_else(|| Problem::unavailable("the session could not be written down"))?;
    let cookie = AppendHeaders([(header::SET_COOKIE, cookie)]);
    Ok((cookie, Json(session(&app, &identity))))
}

/// Who is signed in
#[utoipa::path(get, path = "/api/session", tag = "session", responses(
    (status = 200, description = "The session.", body = Session),
))]
pub(super) async fn current(State(app): State<App>, identity: Identity) -> Json<Session> {
    Json(session(&app, &identity))
}

/// Signs out, on every device that has this session
#[utoipa::path(delete, path = "/api/session", tag = "session", responses(
    (status = 204, description = "Signed out."),
))]
pub(super) async fn sign_out(State(app): State<App>, identity: Identity) -> WithCookie<StatusCode> {
    app.access.end(&identity);
    (AppendHeaders([(header::SET_COOKIE, cookie::forget())]), StatusCode::NO_CONTENT)
}

/// Makes a one-time link, to bring in another device
#[utoipa::path(post, path = "/api/session/links", tag = "session", responses(
    (status = 200, description = "The link.", body = Link),
))]
pub(super) async fn new_link(State(app): State<App>) -> Json<Link> {
    Json(Link { path: app.access.sign_in_path() })
}

/// Sets the password
#[utoipa::path(put, path = "/api/session/password", tag = "session",
    request_body = NewPassword,
    responses((status = 204, description = "The password is set.")))]
pub(super) async fn set_password(
    State(app): State<App>,
    extract::Json(NewPassword { password }): extract::Json<NewPassword>,
) -> Result<impl IntoResponse, Problem> {
    if password.chars().count() < password::SHORTEST {
        let reason = format!("must have at least {} characters", password::SHORTEST);
        return Err(Invalid::new("password", reason).into());
    }
    if password.len() > password::LONGEST {
        let reason = format!("may have {} bytes at most", password::LONGEST);
        return Err(Invalid::new("password", reason).into());
    }
    let hash = app.access.hash(password).await;
    let hash = hash.ok_or_else(|| Problem::unavailable("the password could not be hashed"))?;
    app.change_settings(|settings| settings.password_hash = Some(hash), |_| None).await?;
    Ok(StatusCode::NO_CONTENT)
}
