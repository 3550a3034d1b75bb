//! What every request passes before it reaches a route: is it from our own page, and who is it?

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::token::Kind;
use super::{Access, Identity, cookie, origin};
use crate::problem::Problem;

/// All of the API that is open to anyone. Everything else below `/api` takes an identity.
const OPEN: [(Method, &str); 3] = [
    (Method::GET, "/api/health"),
    (Method::GET, "/api/openapi.json"),
    (Method::POST, "/api/session"),
];

/// Refuses what comes from another site's page or from nobody, and renews sessions on the way back.
pub(crate) async fn guard(
    State(access): State<Access>,
    mut request: Request,
    next: Next,
) -> Response {
    if origin::matters(request.method(), request.headers()) && origin::is_foreign(request.headers())
    {
        return Problem::other_origin().into_response();
    }
    let identity = identify(&access, request.headers());
    if identity.is_none() && !is_open(request.method(), request.uri().path()) {
        return Problem::sign_in_first().into_response();
    }
    if let Some(identity) = &identity {
        request.extensions_mut().insert(identity.clone());
    }
    let mut response = next.run(request).await;
    if let Some(identity) = identity
        && !response.headers().contains_key(header::SET_COOKIE)
        && !access.has_ended(&identity)
        && let Some(cookie) = access.renewal(&identity)
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn is_open(method: &Method, path: &str) -> bool {
    // The router compares the path as it was sent, and so does this: `/%61pi` is not the API for either.
    if path != "/api" && !path.starts_with("/api/") {
        return true;
    }
    let method = if method == Method::HEAD { &Method::GET } else { method };
    OPEN.iter().any(|(open_method, open_path)| open_method == method && *open_path == path)
}

fn identify(access: &Access, headers: &HeaderMap) -> Option<Identity> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| access.identify(token.trim(), Kind::Script))
            .flatten();
    }
    access.identify(cookie::read(headers)?, Kind::Session)
}
