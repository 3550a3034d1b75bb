//! Which names this machine goes by: what keeps another site from pointing its own name here (DNS rebinding)
//! and having a browser take what is answered for its own.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{HeaderMap, header};

/// The names the machine goes by, beside its addresses.
pub(super) struct Hosts {
    configured: Vec<String>,
}

impl Hosts {
    pub(super) fn new(configured: &[String]) -> Self {
        Self { configured: configured.iter().map(|name| tidy(name)).collect() }
    }

    /// Whether a request is meant for us.
    pub(super) fn accept(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        match (hosts.next().map(|host| host.to_str()), hosts.next()) {
            (Some(Ok(host)), None) => self.is_ours(host),
            _ => false,
        }
    }

    /// Host and port where a request that came in plain is to be made over TLS; `None` where it is not meant
    /// for us.
    pub(super) fn again(&self, headers: &HeaderMap) -> Option<String> {
        let host = headers.get(header::HOST).filter(|_| self.accept(headers))?.to_str().ok()?;
        let name = without_port(host)?;
        // What came without a port came by HTTP's own. TLS is spoken at the same, and not at its own.
        Some(match host[name.len()..].strip_prefix(':') {
            Some(port) if !port.is_empty() => host.to_owned(),
            _ => format!("{name}:80"),
        })
    }

    fn is_ours(&self, host: &str) -> bool {
        let Some(name) = without_port(host) else { return false };
        if let Some(address) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            return address.parse::<Ipv6Addr>().is_ok();
        }
        if name.parse::<IpAddr>().is_ok() {
            return true;
        }
        let name = tidy(name);
        name == "localhost" || self.configured.contains(&name) || is_of_machine(&name, &own_name())
    }
}

/// The host without its port; `None` where what follows the colon is none.
fn without_port(host: &str) -> Option<&str> {
    let end = host.rfind(']').map_or(0, |end| end + 1);
    match host[end..].find(':') {
        Some(at) => {
            let port = &host[end + at + 1..];
            (port.is_empty() || port.parse::<u16>().is_ok()).then_some(&host[..end + at])
        }
        None => Some(host),
    }
}

/// A name as it is compared.
pub(crate) fn tidy(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The machine's name now: it may be given another while this runs.
fn own_name() -> String {
    tidy(&rustix::system::uname().nodename().to_string_lossy())
}

/// What the machine is called by its own and by multicast DNS; nothing where it has no name.
pub(crate) fn machine_names() -> Vec<String> {
    names_of(&own_name())
}

fn names_of(own: &str) -> Vec<String> {
    let first = own.split('.').next().unwrap_or_default();
    let is_plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    };
    let mut names = vec![own.to_owned(), first.to_owned(), format!("{first}.local")];
    names.dedup();
    if is_plain(own) && !first.is_empty() { names } else { Vec::new() }
}

/// Whether a name is the machine's: in full, its first part, or that part as multicast DNS has it.
fn is_of_machine(name: &str, own: &str) -> bool {
    let first = own.split('.').next().unwrap_or_default();
    !first.is_empty()
        && (name == own || name == first || name.strip_suffix(".local") == Some(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_own_names_are_ours() {
        let hosts = Hosts::new(&["Wall.Example.org".into()]);
        for host in [
            "127.0.0.1",
            "10.0.0.7:8080",
            "[::1]:8080",
            "[2001:db8::1]",
            "localhost",
            "LOCALHOST:1",
            "wall.example.org:8080",
            "wall.example.org.",
            "localhost:",
        ] {
            assert!(hosts.is_ours(host), "{host}");
        }
        let own = own_name();
        assert!(own.is_empty() || hosts.is_ours(&own), "{own}");
        for host in [
            "",
            ":80",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "wall.example.org.evil.example",
            "example.org",
            "[::1",
            "[evil.example]",
            "localhost:x",
            "localhost:80:80",
            "a@localhost",
            "2130706433.evil",
            "::1",
        ] {
            assert!(!hosts.is_ours(host), "{host}");
        }
    }

    #[test]
    fn the_machine_goes_by_its_name_and_that_of_multicast_dns() {
        for name in ["wall", "wall.local"] {
            assert!(is_of_machine(name, "wall"), "{name}");
        }
        assert!(is_of_machine("wall.lan", "wall.lan") && is_of_machine("wall.local", "wall.lan"));
        for name in ["wall.lan", "local", ".local", "other.local"] {
            assert!(!is_of_machine(name, "wall"), "{name}");
        }
        assert!(!is_of_machine("", "") && !is_of_machine(".local", ""));
    }

    #[test]
    fn every_name_a_machine_is_called_by_is_its_own() {
        assert_eq!(names_of("wall.lan"), ["wall.lan", "wall", "wall.local"]);
        assert_eq!(names_of("wall"), ["wall", "wall.local"]);
        for own in ["wall.lan", "wall"] {
            assert!(names_of(own).iter().all(|name| is_of_machine(name, own)), "{own}");
        }
        assert!(names_of("").is_empty() && names_of("(none)").is_empty());
    }

    #[test]
    fn what_came_in_plain_is_led_to_the_same_port() {
        let hosts = Hosts::new(&["wall.example".into()]);
        let again = |host: &str| {
            hosts.again(&HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]))
        };
        for (host, there) in [
            ("wall.example:8080", "wall.example:8080"),
            ("[::1]:8080", "[::1]:8080"),
            ("[::1]", "[::1]:80"),
            ("10.0.0.7", "10.0.0.7:80"),
            ("localhost:", "localhost:80"),
        ] {
            assert_eq!(again(host).as_deref(), Some(there));
        }
        assert_eq!(again("evil.example"), None);
        assert_eq!(hosts.again(&HeaderMap::new()), None);
    }

    #[test]
    fn one_host_must_be_given() {
        let hosts = Hosts::new(&[]);
        let mut headers = HeaderMap::new();
        assert!(!hosts.accept(&headers));
        headers.append("host", "localhost".parse().unwrap());
        assert!(hosts.accept(&headers));
        headers.append("host", "localhost".parse().unwrap());
        assert!(!hosts.accept(&headers));
    }
}
