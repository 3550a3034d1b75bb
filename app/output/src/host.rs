//! Hosts as people write them.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use crate::error::OutputError;

/// A controller to send to: a name or an address, and a port where it is not the protocol's own.
///
/// Written as `wled.local`, `wled.local:4048`, `192.0.2.7`, `192.0.2.7:4048`, `2001:db8::7`,
/// `[2001:db8::7]:4048` or, for one network interface, `fe80::7%eth0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    text: String,
    name: String,
    port: Option<u16>,
}

impl Host {
    /// The name or address alone.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port it names, or the protocol's.
    pub fn port(&self, protocol: u16) -> u16 {
        self.port.unwrap_or(protocol)
    }

    /// The address where no name must be looked up.
    pub fn literal(&self) -> Option<IpAddr> {
        self.name.parse().ok()
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Host {
    type Err = OutputError;

    fn from_str(text: &str) -> Result<Self, OutputError> {
        parse(text.trim())
            .map(|(name, port)| Self { text: text.trim().to_owned(), name: name.to_owned(), port })
            .map_err(|reason| OutputError::Host { host: text.to_owned(), reason })
    }
}

fn parse(text: &str) -> Result<(&str, Option<u16>), &'static str> {
    if text.contains("://") || text.contains('/') {
        return Err("is written as a name or address alone, without http:// or a path");
    }
    let (name, port) = if let Some(rest) = text.strip_prefix('[') {
        let (name, after) = rest.split_once(']').ok_or("lacks the closing bracket")?;
        if !name.contains(':') {
            return Err("has brackets, which only IPv6 addresses take");
        }
        match after.strip_prefix(':') {
            Some(port) => (name, Some(port)),
            None if after.is_empty() => (name, None),
            None => return Err("has something other than :port after the bracket"),
        }
    } else if text.matches(':').count() == 1 {
        let (name, port) = text.split_once(':').ok_or("is empty")?;
        (name, Some(port))
    } else {
        (text, None)
    };
    let port = match port.map(str::parse::<u16>) {
        None => None,
        Some(Ok(port)) if port > 0 => Some(port),
        Some(_) => return Err("has a port that is not from 1 to 65535"),
    };
    check_name(name)?;
    Ok((name, port))
}

fn check_name(name: &str) -> Result<(), &'static str> {
    if name.contains(':') {
        let (address, zone) = name.split_once('%').map_or((name, None), |(a, z)| (a, Some(z)));
        let whole = zone.is_none_or(|zone| !zone.is_empty());
        return match address.parse::<std::net::Ipv6Addr>() {
            Ok(_) if whole => Ok(()),
            _ => Err("is not an IPv6 address"),
        };
    }
    if name.is_empty() {
        return Err("is empty");
    }
    if name.len() > 253 || name.split('.').any(|label| label.len() > 63) {
        return Err("is longer than names may be");
    }
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.chars().all(allowed) || name.starts_with(['-', '.']) {
        return Err("is neither a name nor an address");
    }
    let numeric = name.split('.').all(|label| label.bytes().all(|b| b.is_ascii_digit()));
    if numeric && name.parse::<IpAddr>().is_err() {
        return Err("is not an IPv4 address: four numbers up to 255");
    }
    Ok(())
}

/// Asks the system for the addresses of a name. Blocks.
pub(crate) fn look_up(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((name, port).to_socket_addrs()?.collect())
}

/// The address to send to: the one in use while the name still has it, else the first IPv4 address (which
/// controllers speak) and failing that the first of all.
pub(crate) fn prefer(found: &[SocketAddr], in_use: Option<SocketAddr>) -> Option<SocketAddr> {
    in_use
        .filter(|address| found.contains(address))
        .or_else(|| found.iter().copied().find(SocketAddr::is_ipv4))
        .or_else(|| found.first().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> (String, u16, bool) {
        let host: Host = text.parse().expect(text);
        (host.name().to_owned(), host.port(4048), host.literal().is_some())
    }

    #[test]
    fn names_and_addresses_with_and_without_port() {
        assert_eq!(host("wled.local"), ("wled.local".into(), 4048, false));
        assert_eq!(host(" wled-3_a:5000 "), ("wled-3_a".into(), 5000, false));
        assert_eq!(host("192.0.2.7"), ("192.0.2.7".into(), 4048, true));
        assert_eq!(host("192.0.2.7:81"), ("192.0.2.7".into(), 81, true));
        assert_eq!(host("::1"), ("::1".into(), 4048, true));
        assert_eq!(host("[::1]"), ("::1".into(), 4048, true));
        assert_eq!(host("[2001:db8::7]:99"), ("2001:db8::7".into(), 99, true));
        assert_eq!(host("fe80::7%eth0"), ("fe80::7%eth0".into(), 4048, false));
    }

    #[test]
    fn what_cannot_be_a_host_is_refused_with_its_reason() {
        let refused = [
            ("", "empty"),
            (":4048", "empty"),
            ("http://wled.local", "without http://"),
            ("wled.local/json", "without http://"),
            ("wled local", "neither a name"),
            ("-x", "neither a name"),
            ("wled:0", "port"),
            ("wled:99999", "port"),
            ("wled:x", "port"),
            ("192.0.2.300", "four numbers"),
            ("192.0.2", "four numbers"),
            ("1:2:3", "IPv6"),
            ("[::1", "bracket"),
            ("[::1]4048", "bracket"),
            ("[wled]", "brackets"),
            ("fe80::1%", "IPv6"),
        ];
        for (text, expected) in refused {
            let error = text.parse::<Host>().expect_err(text).to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn the_address_in_use_is_kept_while_the_name_has_it() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let found = [at("[::1]:1"), at("127.0.0.1:1"), at("127.0.0.2:1")];
        assert_eq!(prefer(&found, None), Some(found[1]));
        assert_eq!(prefer(&found, Some(found[2])), Some(found[2]));
        assert_eq!(prefer(&found, Some(at("127.0.0.9:1"))), Some(found[1]));
        assert_eq!(prefer(&found[..1], None), Some(found[0]));
        assert_eq!(prefer(&[], None), None);
    }
}
