//! Whether a request comes from our own page: what keeps another site's page from using the browser's
//! cookie here.

use axum::http::{HeaderMap, HeaderName, Method, header};

use super::Channel;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a browser says that the request was made by a page of another origin. Requests that are not a
/// browser's carry neither header and pass.
pub(super) fn is_foreign(channel: Channel, headers: &HeaderMap) -> bool {
    if let Some(origin) = headers.get(header::ORIGIN) {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let origin = origin.to_str().ok().and_then(|origin| origin_host(channel, origin));
        return match (origin, host) {
            (Some(origin), Some(host)) => !origin.eq_ignore_ascii_case(host),
            _ => true,
        };
    }
    match headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes()) {
        None | Some(b"same-origin" | b"none") => false,
        Some(_) => true,
    }
}

/// Whether a request of this kind must come from our own page: it changes something, or opens a WebSocket,
/// which browsers let any page do.
pub(super) fn matters(method: &Method, headers: &HeaderMap) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
        || headers.contains_key(header::UPGRADE)
}

/// Host and port of an origin; `None` for `null` and what is no origin of ours.
fn origin_host(channel: Channel, origin: &str) -> Option<&str> {
    let (scheme, host) = origin.split_once("://")?;
    (channel.is_scheme(scheme) && !host.is_empty() && !host.contains('/')).then_some(host)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn foreign(pairs: &[(&'static str, &'static str)]) -> bool {
        is_foreign(Channel::Plain(8080), &headers(pairs))
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn only_our_own_page_or_no_browser_passes() {
        assert!(!foreign(&[("host", "wall:8080")]));
        assert!(!foreign(&[("host", "wall:8080"), ("origin", "http://Wall:8080")]));
        assert!(!foreign(&[("host", "wall"), ("sec-fetch-site", "same-origin")]));
        assert!(!foreign(&[("host", "wall"), ("sec-fetch-site", "none")]));
        assert!(foreign(&[("host", "wall:8080"), ("origin", "http://wall")]));
        assert!(foreign(&[("host", "wall:8080"), ("origin", "http://wall:8081")]));
        assert!(foreign(&[("host", "wall"), ("origin", "null")]));
        assert!(foreign(&[("host", "wall"), ("origin", "http://evil.example")]));
        assert!(foreign(&[("host", "wall"), ("origin", "file://wall")]));
        assert!(foreign(&[("origin", "http://wall")]));
        assert!(foreign(&[("host", "wall"), ("sec-fetch-site", "cross-site")]));
        assert!(foreign(&[("host", "wall"), ("sec-fetch-site", "same-site")]));
    }

    #[test]
    fn behind_tls_a_page_that_came_without_it_is_foreign() {
        let foreign = |origin: &'static str| {
            is_foreign(Channel::Tls(8080), &headers(&[("host", "wall:8080"), ("origin", origin)]))
        };
        assert!(!foreign("https://wall:8080"));
        assert!(foreign("http://wall:8080") && foreign("https://wall") && foreign("null"));
        // Where TLS ends in front of us, the page is still ours.
        assert!(!is_foreign(
            Channel::Plain(8080),
            &headers(&[("host", "wall"), ("origin", "https://wall")])
        ));
    }

    #[test]
    fn reading_is_free_and_upgrading_is_not() {
        let mut headers = HeaderMap::new();
        assert!(!matters(&Method::GET, &headers));
        assert!(matters(&Method::POST, &headers));
        assert!(matters(&Method::DELETE, &headers));
        headers.insert("upgrade", HeaderValue::from_static("websocket"));
        assert!(matters(&Method::GET, &headers));
    }
}
