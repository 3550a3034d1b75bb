//! The web: the HTTP API, signing in, live events and the page.
//!
//! Handlers translate: a request becomes a wire type, the wire type a domain type (or a problem document
//! that says why not), and the owner of the state in question (engine or store) is asked to change it. They
//! keep no state of their own beyond who is signed in.
//!
//! Invariants: a route below `/api` is reached by those only whom [`access`] lets; what changes something is
//! refused to pages of other origins, and written to the audit log; nothing a client sends or fails to take
//! is collected in memory beyond a fixed bound; [`serve`] ends within two seconds of its token, whatever
//! clients do.
//!
//! The API is described by [`openapi_json`], made from the code; the page is embedded from `ui/`.

pub mod access;
mod app;
mod arrivals;
pub mod blackout;
pub mod client;
mod diagnostics;
pub mod displays;
mod extract;
mod headers;
mod health;
mod openapi;
mod page;
mod problem;
pub mod range;
mod routes;
mod safe_mode;
mod server;
mod setup;
pub mod tls;
pub mod tus;
mod view;
mod wire;
mod writers;

pub use access::{Access, Identity, script_token};
pub use diagnostics::name as diagnostics_name;
pub use safe_mode::{Cause, SafeMode};
pub use server::{WebError, serve};
pub use setup::{Find, Log, Places, WallDefaults, WebSetup};

/// The description of the API, OpenAPI 3.1.
pub fn openapi_json() -> String {
    openapi::json().to_owned()
}

/// Reads bytes as every body and message a client may send; for fuzzing, where the wire types themselves
/// are not to be seen.
#[cfg(fuzzing)]
pub fn read_requests(json: &[u8]) {
    use prismatron_core::colour::ColourSettings;
    use prismatron_core::{id::ItemId, layout::Layout, output::OutputSpec};

    if let Ok(items) = serde_json::from_slice::<wire::playlist::NewItems>(json) {
        for item in items.items {
            let _ = item.into_item(ItemId(1));
        }
    }
    if let Ok(layout) = serde_json::from_slice::<wire::layout::NewLayout>(json)
        && let Ok(layout) = Layout::try_from(layout)
    {
        let _ = layout.resolve();
    }
    if let Ok(change) = serde_json::from_slice::<wire::settings::SettingsChange>(json) {
        let _ = change.apply(ColourSettings::default());
    }
    if let Ok(outputs) = serde_json::from_slice::<wire::output::NewOutputs>(json) {
        let _ = Vec::<OutputSpec>::try_from(outputs);
    }
    if let Ok(schedule) = serde_json::from_slice::<wire::schedule::NewSchedule>(json) {
        for rule in schedule.rules {
            let _ = rule.into_rule();
        }
    }
    let _ = serde_json::from_slice::<wire::preview::PreviewRequest>(json);
    let _ = serde_json::from_slice::<wire::event::Request>(json);
    let _ = serde_json::from_slice::<wire::system::When>(json);
    if let Ok(source) = serde_json::from_slice::<wire::update::UpdateSource>(json) {
        let _ = source.url();
    }
    let _ = serde_json::from_slice::<wire::update::Install>(json);
}
