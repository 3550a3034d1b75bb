//! The description of the API, OpenAPI 3.1, made from the code.

use std::sync::OnceLock;

use axum::http::Method;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref,
    ResponseBuilder, SecurityRequirement,
};
use utoipa::{PartialSchema, ToSchema};

use crate::access::rights::{self, Need};
use crate::problem::{self, Problem};
use crate::routes;
use crate::wire::event::{Event, Request};
use crate::wire::preview::{PreviewEvent, PreviewRequest};
use crate::wire::system::LogEvent;

/// What the routes are added to: title, ways to sign in, and the answer to whatever goes wrong.
pub(crate) fn base() -> OpenApi {
    let mut components = Components::new();
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
        "prismatron_session_8080",
        "Set by `POST /api/session`. The name ends with the page's port, and begins with `__Host-` over TLS.",
    ));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "For scripts: made by `POST /api/tokens`, or printed by `prismatron token`.",
        ))
        .build();
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let problem =
        ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    let response = ResponseBuilder::new()
        .description("Why the request was not answered as asked.")
        .content(problem::MEDIA_TYPE, problem)
        .build();
    components.responses.insert("Problem".into(), response.into());
    let mut schemas = vec![
        (Problem::name().into_owned(), Problem::schema()),
        (Event::name().into_owned(), Event::schema()),
        (Request::name().into_owned(), Request::schema()),
        (LogEvent::name().into_owned(), LogEvent::schema()),
        (PreviewEvent::name().into_owned(), PreviewEvent::schema()),
        (PreviewRequest::name().into_owned(), PreviewRequest::schema()),
    ];
    Problem::schemas(&mut schemas);
    Event::schemas(&mut schemas);
    PreviewRequest::schemas(&mut schemas);
    LogEvent::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let info = InfoBuilder::new()
        .title("Prismatron")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Plays media to LEDs. Durations are in seconds, colours are `#rrggbb` in sRGB. Whatever \
             goes wrong is answered with a problem document (RFC 9457).",
        ))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").build()))
        .build();
    let nothing: [&str; 0] = [];
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([
            SecurityRequirement::new("session", nothing),
            SecurityRequirement::new("bearer", nothing),
        ]))
        .build()
}

/// The whole description as JSON.
pub(crate) fn json() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| {
        let mut document = routes::api().to_openapi();
        complete(&mut document);
        document.to_pretty_json().unwrap_or_default()
    })
}

/// In the order of [`complete`].
const METHODS: [Method; 7] = [
    Method::GET,
    Method::PUT,
    Method::POST,
    Method::DELETE,
    Method::OPTIONS,
    Method::HEAD,
    Method::PATCH,
];

/// Adds to every route the answer to whatever goes wrong and the least role it takes, and makes names of
/// routes unlike: they are those of functions in different modules.
fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
            &mut item.options,
            &mut item.head,
            &mut item.patch,
        ];
        for (method, operation) in METHODS.iter().zip(operations) {
            let Some(operation) = operation else { continue };
            if let (Some(tags), Some(id)) = (&operation.tags, &mut operation.operation_id)
                && let Some(tag) = tags.first()
            {
                *id = format!("{tag}_{id}");
            }
            if let Need::Least(role) = rights::need(method, Some(path)) {
                let least = Extensions::builder().add("x-least-role", role.to_string()).build();
                operation.extensions.get_or_insert_default().merge(least);
            }
            let problem = Ref::from_response_name("Problem").into();
            operation.responses.responses.entry("default".into()).or_insert(problem);
        }
    }
}
