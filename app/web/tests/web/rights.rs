//! Every route with every role, held against what is written out here: a new route fails until somebody has
//! thought about who may use it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::world::{PASSWORD, World};

/// Method, path, and the least role: `-` for nobody in particular.
const EXPECTED: &str = "
    get     /api/health                         -
    get     /api/openapi.json                   -
    get     /api/claim                          -
    post    /api/claim                          -
    post    /api/session                        -
    get     /api/session                        viewer
    delete  /api/session                        viewer
    post    /api/session/links                  viewer
    put     /api/session/password               viewer
    get     /api/tokens                         viewer
    post    /api/tokens                         viewer
    delete  /api/tokens/{id}                    viewer
    get     /api/status                         viewer
    get     /api/events                         viewer
    get     /api/layout                         viewer
    get     /api/layout/leds                    viewer
    get     /api/outputs                        viewer
    get     /api/settings                       viewer
    get     /api/system                         viewer
    get     /api/displays                       viewer
    get     /api/metrics                        viewer
    get     /api/system/update                  viewer
    patch   /api/settings                       operator
    get     /api/safe-mode                      operator
    delete  /api/safe-mode                      operator
    post    /api/control/play                   operator
    post    /api/control/pause                  operator
    post    /api/control/stop                   operator
    post    /api/control/blackout               operator
    post    /api/control/next                   operator
    post    /api/control/previous               operator
    post    /api/control/seek                   operator
    post    /api/control/jump                   operator
    get     /api/media                          operator
    post    /api/media                          operator
    get     /api/media/{id}                     operator
    patch   /api/media/{id}                     operator
    delete  /api/media/{id}                     operator
    get     /api/media/{id}/thumbnail           operator
    get     /api/media/{id}/file                operator
    options /api/uploads                        operator
    post    /api/uploads                        operator
    head    /api/uploads/{id}                   operator
    patch   /api/uploads/{id}                   operator
    delete  /api/uploads/{id}                   operator
    get     /api/playlists                      operator
    post    /api/playlists                      operator
    get     /api/playlists/{id}                 operator
    put     /api/playlists/{id}                 operator
    patch   /api/playlists/{id}                 operator
    delete  /api/playlists/{id}                 operator
    post    /api/playlists/{id}/activate        operator
    post    /api/playlists/{id}/items           operator
    put     /api/playlists/{id}/items/{item}    operator
    delete  /api/playlists/{id}/items/{item}    operator
    put     /api/playlists/{id}/order           operator
    post    /api/identify                       operator
    delete  /api/identify                       operator
    get     /api/preview                        operator
    get     /api/power                          viewer
    get     /api/log/file                       admin
    get     /api/log/live                       admin
    get     /api/system/machine                 viewer
    get     /api/first-start                    viewer
    post    /api/outputs/find                   admin
    post    /api/layout/preview                 admin
    post    /api/layout/points                  admin
    get     /api/trash                          operator
    delete  /api/trash                          operator
    delete  /api/trash/{id}                     operator
    post    /api/trash/{id}/restore             operator
    post    /api/playlists/import               operator
    get     /api/playlists/{id}/file            operator
    patch   /api/playlists/{id}/items           operator
    post    /api/playlists/{id}/items/remove    operator
    get     /api/schedule                       viewer
    put     /api/schedule                       operator
    get     /api/schedule/week                  viewer
    post    /api/schedule/week                  operator
    get     /api/time-zones                     viewer
    get     /api/effects                        operator
    get     /api/fonts                          operator
    put     /api/layout                         admin
    delete  /api/layout                         admin
    put     /api/outputs                        admin
    delete  /api/outputs                        admin
    get     /api/accounts                       admin
    post    /api/accounts                       admin
    patch   /api/accounts/{id}                  admin
    delete  /api/accounts/{id}                  admin
    put     /api/accounts/{id}/password         admin
    get     /api/claim/code                     admin
    get     /api/snapshots                      admin
    post    /api/snapshots                      admin
    get     /api/snapshots/{id}                 admin
    delete  /api/snapshots/{id}                 admin
    post    /api/snapshots/{id}/restore         admin
    post    /api/snapshots/restore              admin
    post    /api/claim/code                     admin
    get     /api/log                            admin
    get     /api/audit                          admin
    get     /api/system/diagnostics             admin
    post    /api/system/restart                 admin
    post    /api/system/reboot                  admin
    post    /api/system/poweroff                admin
    delete  /api/system/pending                 admin
    post    /api/system/data-partition          admin
    post    /api/system/update                  admin
    patch   /api/system/update                  admin
    delete  /api/system/update                  admin
    post    /api/system/update/install          admin
    post    /api/system/update/reboot           admin
    post    /api/system/update/rollback         admin
    post    /api/system/update/confirm          admin
    options /api/system/update/uploads          admin
    post    /api/system/update/uploads          admin
    head    /api/system/update/uploads/{id}     admin
    patch   /api/system/update/uploads/{id}     admin
    delete  /api/system/update/uploads/{id}     admin
    put     /api/safe-mode                      admin
    post    /api/safe-mode/restore              admin
";
const ROLES: [&str; 4] = ["-", "viewer", "operator", "admin"];

fn rank(role: &str) -> usize {
    ROLES.iter().position(|known| *known == role).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_asks_for_its_role() {
    let world = World::start().await;
    world.account("admin", "admin").await;
    world.account("operator", "operator").await;
    world.account("viewer", "viewer").await;
    let mut expected: Vec<[&str; 3]> = EXPECTED
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split_whitespace().collect::<Vec<_>>().try_into().unwrap())
        .collect();
    let document: Value = serde_json::from_str(&prismatron_web::openapi_json()).unwrap();
    let mut routes = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let address =
            path.replace("{id}", "0123456789abcdef").replace("{item}", "0123456789abcdef");
        for (method, operation) in item.as_object().unwrap() {
            let at = format!("{method} {path}");
            let place = expected.iter().position(|[m, p, _]| m == method && p == path);
            let place = place.unwrap_or_else(|| panic!("who may {at}? write it down above"));
            let least = expected.swap_remove(place)[2];
            let is_open = operation["security"] == json!([{}]);
            assert_eq!(is_open, least == "-", "{at}: its security in the description");
            let told = operation["x-least-role"].as_str().unwrap_or("-");
            assert_eq!(told, least, "{at}: its role in the description");
            for role in ROLES {
                let client = match role {
                    "-" => world.stranger(),
                    // Anew each time: some of these end the session.
                    name => world.signed_in(name, PASSWORD).await,
                };
                let method: Method = method.to_uppercase().parse().unwrap();
                let answer = client.send(method.clone(), &address, "").await;
                let refused = matches!(answer.status, 401 | 403);
                // Signing in and claiming refuse too, but not for want of a role: with 415 here.
                assert_eq!(refused, rank(role) < rank(least), "{at} as {role}: {answer:?}");
                if refused {
                    let status = if role == "-" { 401 } else { 403 };
                    assert_eq!(answer.status, status, "{at} as {role}");
                    if method != Method::HEAD {
                        let detail = answer.expect(status).detail();
                        let says = if role == "-" { "sign in" } else { least };
                        assert!(detail.contains(says), "{at} as {role}: {detail}");
                    }
                }
                world.pass(3);
            }
            routes += 1;
        }
    }
    assert!(expected.is_empty(), "there is no such route: {expected:?}");
    assert!(routes > 50, "{routes}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_to_those_only_who_may_look() {
    let world = World::start().await;
    let stranger = world.stranger();
    stranger.get("/api/nothing-of-the-kind").await.expect(401);
    stranger.get("/api").await.expect(401);
    stranger.get("/").await.expect(200);
    // Not the API for the router, and so not for the guard.
    stranger.get("/%61pi/status").await.expect(404);
    let viewer = world.account("Vera", "viewer").await;
    viewer.get("/api/nothing-of-the-kind").await.expect(404);
    // A method nobody decided about takes an admin, even to learn that there is none.
    viewer.send(Method::DELETE, "/api/status", "").await.expect(403);
    world.admin().await.send(Method::DELETE, "/api/status", "").await.expect(405);
    // What answers to GET answers to HEAD, to the same people.
    viewer.send(Method::HEAD, "/api/status", "").await.expect(200);
    viewer.send(Method::HEAD, "/api/playlists", "").await.expect(403);
    viewer.send(Method::HEAD, "/api/audit", "").await.expect(403);
}
