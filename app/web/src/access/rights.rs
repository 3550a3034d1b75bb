//! What each route of the API takes: the one place where that is decided.
//!
//! A route that is in none of the lists takes an admin, and fails a test until somebody has decided.

use axum::http::Method;
use prismatron_core::role::Role;

type Route = (Method, &'static str);

/// Open to anyone.
const OPEN: &[Route] = &[
    (Method::GET, "/api/health"),
    (Method::GET, "/api/openapi.json"),
    (Method::POST, "/api/session"),
    (Method::GET, "/api/claim"),
    (Method::POST, "/api/claim"),
];

/// The wall and how everything is; what is one's own.
const VIEWER: &[Route] = &[
    (Method::GET, "/api/status"),
    (Method::GET, "/api/events"),
    (Method::GET, "/api/layout"),
    (Method::GET, "/api/layout/leds"),
    (Method::GET, "/api/outputs"),
    (Method::GET, "/api/power"),
    (Method::GET, "/api/settings"),
    (Method::GET, "/api/system"),
    (Method::GET, "/api/system/machine"),
    (Method::GET, "/api/first-start"),
    (Method::GET, "/api/schedule"),
    (Method::GET, "/api/schedule/week"),
    (Method::GET, "/api/time-zones"),
    (Method::GET, "/api/displays"),
    (Method::GET, "/api/metrics"),
    (Method::GET, "/api/system/update"),
    (Method::GET, "/api/session"),
    (Method::DELETE, "/api/session"),
    (Method::PUT, "/api/session/password"),
    (Method::POST, "/api/session/links"),
    (Method::GET, "/api/tokens"),
    (Method::POST, "/api/tokens"),
    (Method::DELETE, "/api/tokens/{id}"),
];

/// What plays, and of what.
const OPERATOR: &[Route] = &[
    (Method::GET, "/api/safe-mode"),
    (Method::DELETE, "/api/safe-mode"),
    (Method::POST, "/api/control/play"),
    (Method::POST, "/api/control/pause"),
    (Method::POST, "/api/control/stop"),
    (Method::POST, "/api/control/blackout"),
    (Method::POST, "/api/control/next"),
    (Method::POST, "/api/control/previous"),
    (Method::POST, "/api/control/seek"),
    (Method::POST, "/api/control/jump"),
    (Method::PATCH, "/api/settings"),
    (Method::GET, "/api/media"),
    (Method::POST, "/api/media"),
    (Method::GET, "/api/media/{id}"),
    (Method::PATCH, "/api/media/{id}"),
    (Method::DELETE, "/api/media/{id}"),
    (Method::GET, "/api/trash"),
    (Method::DELETE, "/api/trash"),
    (Method::DELETE, "/api/trash/{id}"),
    (Method::POST, "/api/trash/{id}/restore"),
    (Method::GET, "/api/media/{id}/thumbnail"),
    (Method::GET, "/api/media/{id}/file"),
    (Method::OPTIONS, "/api/uploads"),
    (Method::POST, "/api/uploads"),
    (Method::HEAD, "/api/uploads/{id}"),
    (Method::PATCH, "/api/uploads/{id}"),
    (Method::DELETE, "/api/uploads/{id}"),
    (Method::GET, "/api/playlists"),
    (Method::POST, "/api/playlists"),
    (Method::GET, "/api/playlists/{id}"),
    (Method::PUT, "/api/playlists/{id}"),
    (Method::PATCH, "/api/playlists/{id}"),
    (Method::DELETE, "/api/playlists/{id}"),
    (Method::POST, "/api/playlists/{id}/activate"),
    (Method::POST, "/api/playlists/import"),
    (Method::GET, "/api/playlists/{id}/file"),
    (Method::POST, "/api/playlists/{id}/items"),
    (Method::PATCH, "/api/playlists/{id}/items"),
    (Method::POST, "/api/playlists/{id}/items/remove"),
    (Method::PUT, "/api/playlists/{id}/items/{item}"),
    (Method::DELETE, "/api/playlists/{id}/items/{item}"),
    (Method::PUT, "/api/playlists/{id}/order"),
    (Method::POST, "/api/identify"),
    (Method::DELETE, "/api/identify"),
    (Method::GET, "/api/preview"),
    (Method::PUT, "/api/schedule"),
    (Method::POST, "/api/schedule/week"),
    (Method::GET, "/api/effects"),
    (Method::GET, "/api/fonts"),
];

/// What reaches hardware, the machine, or others' rights.
const ADMIN: &[Route] = &[
    (Method::PUT, "/api/layout"),
    (Method::DELETE, "/api/layout"),
    (Method::POST, "/api/outputs/find"),
    (Method::POST, "/api/layout/preview"),
    (Method::POST, "/api/layout/points"),
    (Method::PUT, "/api/outputs"),
    (Method::DELETE, "/api/outputs"),
    (Method::GET, "/api/accounts"),
    (Method::POST, "/api/accounts"),
    (Method::PATCH, "/api/accounts/{id}"),
    (Method::DELETE, "/api/accounts/{id}"),
    (Method::PUT, "/api/accounts/{id}/password"),
    (Method::GET, "/api/claim/code"),
    (Method::GET, "/api/snapshots"),
    (Method::POST, "/api/snapshots"),
    (Method::GET, "/api/snapshots/{id}"),
    (Method::DELETE, "/api/snapshots/{id}"),
    (Method::POST, "/api/snapshots/{id}/restore"),
    (Method::POST, "/api/snapshots/restore"),
    (Method::POST, "/api/claim/code"),
    (Method::GET, "/api/log"),
    (Method::GET, "/api/log/file"),
    (Method::GET, "/api/log/live"),
    (Method::GET, "/api/audit"),
    (Method::GET, "/api/system/diagnostics"),
    (Method::POST, "/api/system/restart"),
    (Method::POST, "/api/system/reboot"),
    (Method::POST, "/api/system/poweroff"),
    (Method::DELETE, "/api/system/pending"),
    (Method::POST, "/api/system/data-partition"),
    (Method::POST, "/api/system/update"),
    (Method::PATCH, "/api/system/update"),
    (Method::DELETE, "/api/system/update"),
    (Method::POST, "/api/system/update/install"),
    (Method::POST, "/api/system/update/reboot"),
    (Method::POST, "/api/system/update/rollback"),
    (Method::POST, "/api/system/update/confirm"),
    (Method::OPTIONS, "/api/system/update/uploads"),
    (Method::POST, "/api/system/update/uploads"),
    (Method::HEAD, "/api/system/update/uploads/{id}"),
    (Method::PATCH, "/api/system/update/uploads/{id}"),
    (Method::DELETE, "/api/system/update/uploads/{id}"),
    (Method::PUT, "/api/safe-mode"),
    (Method::POST, "/api/safe-mode/restore"),
];

/// A rate that some routes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Files that are begun.
    Uploads,
    /// What reaches beyond the show: rights, passwords, the machine.
    System,
}

/// What is held to a rate, for each identity by itself.
const LIMITED: &[(Method, &str, Limit)] = &[
    (Method::POST, "/api/uploads", Limit::Uploads),
    (Method::POST, "/api/media", Limit::Uploads),
    (Method::POST, "/api/system/update/uploads", Limit::Uploads),
    (Method::POST, "/api/system/update", Limit::System),
    (Method::POST, "/api/system/update/install", Limit::System),
    (Method::POST, "/api/system/update/reboot", Limit::System),
    (Method::POST, "/api/system/update/rollback", Limit::System),
    (Method::POST, "/api/system/update/confirm", Limit::System),
    (Method::POST, "/api/accounts", Limit::System),
    (Method::PUT, "/api/accounts/{id}/password", Limit::System),
    (Method::PUT, "/api/session/password", Limit::System),
    (Method::POST, "/api/session/links", Limit::System),
    (Method::POST, "/api/tokens", Limit::System),
    (Method::POST, "/api/snapshots", Limit::System),
    (Method::POST, "/api/snapshots/{id}/restore", Limit::System),
    (Method::POST, "/api/snapshots/restore", Limit::System),
    (Method::GET, "/api/system/diagnostics", Limit::System),
    (Method::POST, "/api/system/restart", Limit::System),
    (Method::POST, "/api/system/reboot", Limit::System),
    (Method::POST, "/api/system/poweroff", Limit::System),
    (Method::POST, "/api/system/data-partition", Limit::System),
];

/// What a request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing.
    Nothing,
    /// To be this at least.
    Least(Role),
}

/// What a route takes, by the path it was declared with; `None` is for an address of the API that leads
/// nowhere, which only those are told who may look.
pub(crate) fn need(method: &Method, route: Option<&str>) -> Need {
    let Some(path) = route else { return Need::Least(Role::Viewer) };
    let is_in = |list: &[Route]| list.iter().any(|(m, p)| m == method && *p == path);
    if is_in(OPEN) {
        Need::Nothing
    } else if is_in(VIEWER) {
        Need::Least(Role::Viewer)
    } else if is_in(OPERATOR) {
        Need::Least(Role::Operator)
    } else if method == Method::HEAD {
        // What has no answer of its own to HEAD gives that to GET without the body.
        if is_in(ADMIN) { Need::Least(Role::Admin) } else { need(&Method::GET, route) }
    } else {
        Need::Least(Role::Admin)
    }
}

/// Which rate a route is held to.
pub(crate) fn limit(method: &Method, route: Option<&str>) -> Option<Limit> {
    let path = route?;
    let limited = LIMITED.iter().find(|(m, p, _)| m == method && *p == path);
    limited.map(|(_, _, limit)| *limit)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn decided() -> Vec<String> {
        let all = [OPEN, VIEWER, OPERATOR, ADMIN].concat();
        all.iter().map(|(method, path)| format!("{method} {path}")).collect()
    }

    #[test]
    fn every_route_is_decided_about_once_and_there_is_none_but_those() {
        let document: serde_json::Value = serde_json::from_str(crate::openapi::json()).unwrap();
        let mut routes = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
        let list = decided();
        let set: BTreeSet<_> = list.iter().cloned().collect();
        assert_eq!(set.len(), list.len(), "a route stands in two lists");
        assert_eq!(routes.difference(&set).collect::<Vec<_>>(), [""; 0], "not decided about");
        assert_eq!(set.difference(&routes).collect::<Vec<_>>(), [""; 0], "there is no such route");
        for (method, path, _) in LIMITED {
            assert!(set.contains(&format!("{method} {path}")), "{method} {path}");
        }
    }

    #[test]
    fn what_nobody_decided_about_takes_an_admin() {
        let admin = Need::Least(Role::Admin);
        assert_eq!(need(&Method::POST, Some("/api/new")), admin);
        assert_eq!(need(&Method::HEAD, Some("/api/new")), admin);
        assert_eq!(need(&Method::DELETE, Some("/api/health")), admin);
        assert_eq!(need(&Method::HEAD, Some("/api/health")), Need::Nothing);
        assert_eq!(need(&Method::HEAD, Some("/api/audit")), admin);
        assert_eq!(need(&Method::HEAD, Some("/api/media")), Need::Least(Role::Operator));
    }
}
