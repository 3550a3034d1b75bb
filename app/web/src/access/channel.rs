//! How browsers reach the page: what its cookie is called and which pages are its own depend on that.

use axum::http::{HeaderMap, HeaderValue, header};

use super::cookie;
use super::token::SESSION;

/// Most session tokens of a request that are looked at.
const MOST: usize = 8;

/// How browsers reach the page, at the port it listens at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// As plain HTTP from here; somebody in between may speak TLS for us.
    Plain(u16),
    /// By our own TLS, and in no other way.
    Tls(u16),
}

impl Channel {
    /// The session cookie's name. With its prefix browsers take it from nobody who does not speak TLS, nor
    /// from another host, and show it to none of them (RFC 6265bis, section 4.1.3.2). With the port two displays of
    /// one machine do not sign each other's people out: cookies do not tell ports apart (RFC 6265, section 8.5).
    fn cookie(self) -> String {
        match self {
            Self::Plain(port) => format!("prismatron_session_{port}"),
            Self::Tls(port) => format!("__Host-prismatron_session_{port}"),
        }
    }

    /// The session tokens a browser sent: it may send several, where another program on the same host has set a
    /// cookie of that name for some path.
    pub(super) fn sessions(self, headers: &HeaderMap) -> impl Iterator<Item = &str> {
        let name = self.cookie();
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(move |line| cookie::find(line, &name).collect::<Vec<_>>())
            .take(MOST)
    }

    /// `Set-Cookie` that keeps a token.
    pub(crate) fn keep(self, token: &str) -> Option<HeaderValue> {
        self.set_cookie(token, SESSION.as_secs())
    }

    /// `Set-Cookie` that forgets it.
    pub(crate) fn forget(self) -> Option<HeaderValue> {
        self.set_cookie("", 0)
    }

    fn set_cookie(self, token: &str, age: u64) -> Option<HeaderValue> {
        let secure = match self {
            Self::Plain(_) => "",
            Self::Tls(_) => "; Secure",
        };
        let name = self.cookie();
        let text =
            format!("{name}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={age}{secure}");
        HeaderValue::from_str(&text).ok()
    }

    /// Whether a page that was loaded by this scheme may be ours.
    pub(super) fn is_scheme(self, scheme: &str) -> bool {
        match self {
            Self::Plain(_) => matches!(scheme, "http" | "https"),
            Self::Tls(_) => scheme == "https",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_of_another_channel_is_none() {
        let (plain, tls) = (Channel::Plain(8080), Channel::Tls(8080));
        for (channel, other) in [(plain, tls), (tls, plain), (plain, Channel::Plain(8081))] {
            let set = channel.keep("a.b.c").unwrap();
            let pair = set.to_str().unwrap().split(';').next().unwrap().parse().unwrap();
            let headers = HeaderMap::from_iter([(header::COOKIE, pair)]);
            assert!(channel.sessions(&headers).eq(["a.b.c"]));
            assert_eq!(other.sessions(&headers).next(), None);
            assert_eq!(set.to_str().unwrap().contains("; Secure"), channel == tls);
        }
    }
}
