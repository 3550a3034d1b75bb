//! The session cookie, read and written.

use axum::http::{HeaderMap, HeaderValue, header};

use super::token::SESSION;

const NAME: &str = "prismatron_session";

/// The session token a browser sent, if it sent one.
pub(super) fn read(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .find_map(|line| find(line, NAME))
}

/// The value of a cookie in a `Cookie` header.
pub fn find<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split(';')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key.trim() == name).then(|| value.trim()))
}

/// `Set-Cookie` that keeps a token.
pub(crate) fn keep(token: &str) -> Option<HeaderValue> {
    let age = SESSION.as_secs();
    let text = format!("{NAME}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={age}");
    HeaderValue::from_str(&text).ok()
}

/// `Set-Cookie` that forgets it.
pub(crate) fn forget() -> HeaderValue {
    HeaderValue::from_static("prismatron_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_its_cookie_among_others() {
        assert_eq!(find("a=b; prismatron_session=x.y.z; c=d", NAME), Some("x.y.z"));
        assert_eq!(find("prismatron_session=", NAME), Some(""));
        assert_eq!(find("xprismatron_session=1;prismatron_session", NAME), None);
    }

    proptest! {
        #[test]
        fn any_header_is_survived(line in ".*") {
            if let Some(value) = find(&line, NAME) {
                prop_assert!(line.contains(value));
            }
        }
    }
}
