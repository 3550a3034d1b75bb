//! What every request passes before it reaches a route: is it meant for us and from our own page, who is
//! it, may they, and not too often. And what is written down of it afterwards.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use prismatron_store::AuditEvent;

use super::rights::{self, Need};
use super::{Access, Channel, Identity, origin};
use crate::app::App;
use crate::problem::Problem;
use crate::server::Peer;

/// What a handler adds to the line in the audit log, as an extension of its answer. Never a secret.
#[derive(Debug, Clone, Default)]
pub(crate) struct Note {
    /// Who it was, where the request itself did not tell: somebody who signs in.
    pub(crate) who: Option<String>,
    /// What the path does not say.
    pub(crate) detail: String,
}

impl Note {
    /// A note of what was done, in few words.
    pub(crate) fn detail(detail: impl Into<String>) -> Self {
        Self { who: None, detail: detail.into() }
    }
}

/// The program ended before there was an answer.
const WENT: u16 = 499;

/// Refuses what is not for us, from another site's page, from nobody or from somebody who may not; renews
/// sessions on the way back. A change that has begun is brought to its end, also where whoever asked for it goes: what has
/// been stored of it is to be shown, too.
///
/// Where the server has put an [`Identity`] into the request's extensions, the connection itself tells who
/// is at its other end: no browser is, and neither cookie nor host nor origin is looked at.
pub(crate) async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let (access, channel) = (&app.access, app.channel);
    let carried = request.extensions().get::<Identity>().cloned();
    let is_carried = carried.is_some();
    let identity = carried.or_else(|| identify(access, channel, request.headers()));
    let entry = Entry::new(access, &request, identity.as_ref(), is_carried);
    let checked = check(access, channel, &request, identity.as_ref(), is_carried);
    if let Err(problem) = checked {
        return entry.written(problem.into_response());
    }
    if let Some(identity) = &identity {
        request.extensions_mut().insert(identity.clone());
    }
    if !entry.changes {
        return answer(&app, request, next, identity, entry).await;
    }
    let tasks = app.tasks.clone();
    let change = async move { answer(&app, request, next, identity, entry).await };
    tasks.spawn(change).await.unwrap_or_else(|error| Problem::internal(&error).into_response())
}

async fn answer(
    app: &App,
    request: Request,
    next: Next,
    identity: Option<Identity>,
    entry: Entry,
) -> Response {
    let (access, channel) = (&app.access, app.channel);
    let mut response = next.run(request).await;
    if let Some(identity) = identity
        && !response.headers().contains_key(header::SET_COOKIE)
        && !access.is_over(&identity)
        && let Some(token) = access.renewal(&identity)
        && let Some(cookie) = channel.keep(&token)
    {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    entry.written(response)
}

fn check(
    access: &Access,
    channel: Channel,
    request: &Request,
    identity: Option<&Identity>,
    is_carried: bool,
) -> Result<(), Problem> {
    let headers = request.headers();
    if !is_carried {
        if !access.inner.hosts.accept(headers) {
            return Err(Problem::other_host());
        }
        if origin::matters(request.method(), headers) && origin::is_foreign(channel, headers) {
            return Err(Problem::other_origin());
        }
    }
    if !is_api(request.uri().path()) {
        return Ok(());
    }
    let route = route(request);
    if let Need::Least(role) = rights::need(request.method(), route) {
        let identity = identity.ok_or_else(Problem::sign_in_first)?;
        if identity.role() < role {
            return Err(Problem::role_needed(role, identity.role()));
        }
    }
    if let (Some(limit), Some(identity)) = (rights::limit(request.method(), route), identity) {
        access.take(limit, identity).map_err(Problem::too_often)?;
    }
    Ok(())
}

/// Whether a path is the API's. The router compares it as it was sent, and so does this: `/%61pi` is not the
/// API for either.
fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// The path a route was declared with.
fn route(request: &Request) -> Option<&str> {
    request.extensions().get::<MatchedPath>().map(MatchedPath::as_str)
}

fn identify(access: &Access, channel: Channel, headers: &HeaderMap) -> Option<Identity> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        let token = scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())?;
        return access.by_bearer(token);
    }
    channel.sessions(headers).find_map(|token| access.by_session(token))
}

/// What will be written down of a request.
struct Entry {
    access: Access,
    who: Option<String>,
    from: String,
    action: String,
    /// Whether it is written whatever comes of it; otherwise only where the handler has noted it or a right
    /// was lacking.
    changes: bool,
    done: bool,
}

impl Entry {
    fn new(
        access: &Access,
        request: &Request,
        identity: Option<&Identity>,
        is_carried: bool,
    ) -> Self {
        let from = match request.extensions().get::<Peer>() {
            Some(Peer(address)) if !is_carried => address.to_canonical().to_string(),
            _ => "local".into(),
        };
        let (method, path) = (request.method(), request.uri().path());
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        Self {
            access: access.clone(),
            who: identity.map(Identity::label),
            from,
            action: format!("{method} {path}"),
            changes: !reads && is_api(path),
            done: false,
        }
    }

    fn written(mut self, mut response: Response) -> Response {
        self.done = true;
        let note = response.extensions_mut().remove::<Note>();
        self.write(response.status().as_u16(), note);
        response
    }

    fn write(&self, status: u16, note: Option<Note>) {
        let lacks_right = status == StatusCode::FORBIDDEN.as_u16();
        if !self.changes && !lacks_right && note.is_none() {
            return;
        }
        let note = note.unwrap_or_default();
        let audit = self.access.audit();
        let nobody = || "nobody".to_owned();
        // Whoever is refused must not be able to fill the disk, nor to push out what others have done.
        let refused = self.who.clone().unwrap_or_else(nobody);
        if status >= 400 && self.access.inner.refused.take(&refused).is_err() {
            return audit.skip();
        }
        audit.record(AuditEvent::Request {
            who: note.who.or_else(|| self.who.clone()).unwrap_or_else(nobody),
            from: self.from.clone(),
            action: self.action.clone(),
            detail: note.detail,
            status,
        });
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // The work may have been done all the same.
        if !self.done {
            self.write(WENT, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request as HttpRequest;
    use prismatron_core::role::Role;

    use super::*;

    #[test]
    fn a_connection_that_tells_who_is_there_needs_no_host_and_no_cookie() {
        let world = crate::access::tests::World::open();
        let request = |host: &str| {
            HttpRequest::post("/api/accounts")
                .header("host", host)
                .header("origin", "http://evil.example")
                .body(axum::body::Body::empty())
                .unwrap()
        };
        let local = Identity::local(0, Role::Admin);
        let check = |host, is_carried| {
            check(&world.access, Channel::Plain(8080), &request(host), Some(&local), is_carried)
        };
        assert!(check("evil.example", true).is_ok());
        assert!(check("evil.example", false).is_err());
        assert!(check("localhost", false).is_err());
        let viewer = Identity::local(1000, Role::Viewer);
        let entry = Entry::new(&world.access, &request("x"), Some(&viewer), true);
        assert_eq!((entry.who.as_deref(), entry.from.as_str()), (Some("local user 1000"), "local"));
        // No rate keeps the machine's own socket out.
        for _ in 0..1000 {
            assert_eq!(world.access.take(super::super::Limit::System, &local), Ok(()));
        }
        assert!(!world.access.is_over(&local));
    }
}
