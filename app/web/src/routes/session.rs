//! Signing in and out, and the first admin's account.

use std::net::{IpAddr, Ipv4Addr};

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Json};
use prismatron_core::role::Role;

use super::accounts::new_password;
use crate::access::guard::Note;
use crate::access::{Identity, Refusal, Whence, Who};
use crate::app::App;
use crate::extract;
use crate::problem::Problem;
use crate::server::Peer;
use crate::wire::session::{
    Claim, ClaimCode, Link, NewClaim, OwnPassword, Session, SessionKind, SignIn,
};

type WithCookie<T> = (AppendHeaders<[(header::HeaderName, HeaderValue); 1]>, T);

fn session(app: &App, identity: &Identity) -> Session {
    let (kind, name) = match identity.who() {
        Who::Account { name, .. } => (SessionKind::Account, Some(name.clone())),
        Who::Token { name, .. } => (SessionKind::Token, Some(name.clone())),
        Who::Link => (SessionKind::Link, None),
        Who::Script => (SessionKind::Script, None),
        Who::Local { .. } => (SessionKind::Local, None),
    };
    Session {
        kind,
        name,
        account: identity.account().map(|id| id.to_string()),
        role: identity.role().into(),
        claimed: app.access.accounts().is_claimed(),
        expires_in_seconds: app.access.left(identity),
    }
}

/// Where a request comes from. The connection itself says whether it is the machine's own.
fn whence(by: Option<&Identity>, peer: Option<Extension<Peer>>) -> Whence {
    if let Some(Who::Local { .. }) = by.map(Identity::who) {
        return Whence::Machine;
    }
    let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    Whence::address(peer.map_or(unknown, |Extension(Peer(address))| address))
}

fn begun(app: &App, identity: &Identity) -> Result<WithCookie<Json<Session>>, Problem> {
    let cookie = app.access.token(identity).and_then(|token| app.channel.keep(&token));
    let cookie =
        cookie.ok_or_else(|| Problem::unavailable("the session could not be written down"))?;
    let cookie = AppendHeaders([(header::SET_COOKIE, cookie)]);
    Ok((cookie, Json(session(app, identity))))
}

/// How somebody who is not signed in yet is named in the audit log: by an account that exists, for what was
/// typed may be a password in the wrong field.
fn attempted(app: &App, name: &str) -> String {
    match app.access.accounts().named(name) {
        Some(account) => format!("account {}", account.name),
        None => "an unknown name".into(),
    }
}

/// Signs in with the code of a one-time link, or with name and password
#[utoipa::path(post, path = "/api/session", tag = "session", security(()),
    request_body = SignIn,
    responses(
        (status = 200, description = "Signed in; the session is in the cookie.", body = Session,
            headers(("Set-Cookie" = String, description =
                "`prismatron_session_PORT` (over TLS `__Host-prismatron_session_PORT`), good for 20 \
                 minutes and renewed while it is used."))),
    ))]
pub(super) async fn sign_in(
    State(app): State<App>,
    by: Option<Extension<Identity>>,
    peer: Option<Extension<Peer>>,
    extract::Json(request): extract::Json<SignIn>,
) -> Response {
    let from = whence(by.as_deref(), peer);
    let (who, done, wrong) = match (request.code, request.name, request.password) {
        (Some(code), None, None) => {
            let done = app.access.by_code(&code, from);
            ("link".to_owned(), done, "that link is not right, or it has been used already")
        }
        (None, Some(name), Some(password)) => {
            let done = app.access.by_password(&name, password, from).await;
            (attempted(&app, &name), done, "the name or the password is wrong")
        }
        _ => {
            let detail = "sign in with either a code, or a name and a password";
            return Problem::not_acceptable_value(detail).into_response();
        }
    };
    let who = done.as_ref().map_or(who, Identity::label);
    let note = Note { who: Some(who), detail: String::new() };
    let answer = done
        .map_err(|refusal| Problem::refused(refusal, wrong))
        .and_then(|identity| begun(&app, &identity));
    (Extension(note), answer).into_response()
}

/// Who is signed in; asking renews the session
#[utoipa::path(get, path = "/api/session", tag = "session", responses(
    (status = 200, description = "The session.", body = Session),
))]
pub(super) async fn current(State(app): State<App>, identity: Identity) -> Json<Session> {
    Json(session(&app, &identity))
}

/// Signs out, on every device signed in by it
#[utoipa::path(delete, path = "/api/session", tag = "session", responses(
    (status = 204, description = "Signed out."),
))]
pub(super) async fn sign_out(
    State(app): State<App>,
    identity: Identity,
) -> Result<impl IntoResponse, Problem> {
    if app.access.left(&identity).is_none() {
        return Err(Problem::conflict("this is no session: there is nothing to sign out of"));
    }
    app.access.end(&identity).await;
    let cookie = app.channel.forget().map(|cookie| (header::SET_COOKIE, cookie));
    Ok((AppendHeaders(cookie), StatusCode::NO_CONTENT))
}

/// Makes a one-time link that brings another device into the same account, within 15 minutes
#[utoipa::path(post, path = "/api/session/links", tag = "session", responses(
    (status = 200, description = "The link.", body = Link),
))]
pub(super) async fn new_link(
    State(app): State<App>,
    identity: Identity,
) -> Result<Json<Link>, Problem> {
    if let Who::Token { .. } = identity.who() {
        return Err(Problem::forbidden("a token may not bring anybody in"));
    }
    // Without an account the link would be an admin's.
    if identity.account().is_none() && identity.role() < Role::Admin {
        return Err(Problem::role_needed(Role::Admin, identity.role()));
    }
    Ok(Json(Link { path: app.access.link_for(&identity) }))
}

/// The claim code, while nobody has claimed the appliance
#[utoipa::path(get, path = "/api/claim/code", tag = "session", responses(
    (status = 200, description = "The code.", body = ClaimCode),
    (status = 404, description = "There is an admin's account already."),
))]
pub(super) async fn claim_code(State(app): State<App>) -> Result<Json<ClaimCode>, Problem> {
    let code = app.access.claim_code();
    let code = code.ok_or_else(|| Problem::not_found("there is an admin's account already"))?;
    Ok(Json(ClaimCode { code }))
}

/// Makes another claim code, for somebody who holds the machine and has lost the password: whoever has the code makes
/// an admin's account
#[utoipa::path(post, path = "/api/claim/code", tag = "session", responses(
    (status = 200, description = "The code, in place of the one there was.", body = ClaimCode),
))]
pub(super) async fn renew_claim_code(State(app): State<App>) -> Result<Json<ClaimCode>, Problem> {
    let code = app.store.renew_claim(None).await?;
    Ok(Json(ClaimCode { code: code.to_string() }))
}

/// Changes one's own password; other sessions of the account are over
#[utoipa::path(put, path = "/api/session/password", tag = "session",
    request_body = OwnPassword,
    responses((status = 200, description = "Changed; the session goes on in a new cookie.", body = Session)))]
pub(super) async fn change_password(
    State(app): State<App>,
    identity: Identity,
    peer: Option<Extension<Peer>>,
    extract::Json(OwnPassword { old, new }): extract::Json<OwnPassword>,
) -> Result<WithCookie<Json<Session>>, Problem> {
    let Who::Account { id, .. } = identity.who() else {
        return Err(Problem::conflict("only somebody who signed in to an account has a password"));
    };
    let account = app.access.accounts().get(*id).cloned().ok_or_else(Problem::sign_in_first)?;
    new_password("new", &new)?;
    let right = app.access.check_own_password(account, old, whence(Some(&identity), peer)).await;
    right.map_err(|refusal| match refusal {
        // 401 would say that the session is over.
        Refusal::Wrong => Problem::not_acceptable_value("that is not the present password"),
        wait @ Refusal::Wait(_) => Problem::refused(wait, ""),
    })?;
    let hash = app.access.hash(new).await.ok_or_else(Problem::not_hashed)?;
    let account = app.store.set_account_password(*id, hash).await?;
    let identity = app.access.start(&account).ok_or_else(Problem::sign_in_first)?;
    begun(&app, &identity)
}

/// Whether there is an admin's account and no claim code that makes another, open to anyone
#[utoipa::path(get, path = "/api/claim", tag = "session", security(()), responses(
    (status = 200, description = "Whether there is one.", body = Claim),
))]
pub(super) async fn claim_state(State(app): State<App>) -> Json<Claim> {
    Json(Claim { claimed: app.access.claim_code().is_none() })
}

/// Makes the first admin's account by the claim code, and signs in to it
#[utoipa::path(post, path = "/api/claim", tag = "session", security(()),
    request_body = NewClaim,
    responses(
        (status = 200, description = "Made; the session is in the cookie.", body = Session,
            headers(("Set-Cookie" = String, description = "As for `POST /api/session`."))),
    ))]
pub(super) async fn claim(
    State(app): State<App>,
    by: Option<Extension<Identity>>,
    peer: Option<Extension<Peer>>,
    extract::Json(NewClaim { code, name, password }): extract::Json<NewClaim>,
) -> Result<Response, Problem> {
    let name = crate::wire::name("name", &name)?;
    new_password("password", &password)?;
    let identity = app.access.claim(&code, name, password, whence(by.as_deref(), peer)).await?;
    let note =
        Note { who: Some(identity.label()), detail: "made the first admin's account".into() };
    Ok((Extension(note), begun(&app, &identity)?).into_response())
}
