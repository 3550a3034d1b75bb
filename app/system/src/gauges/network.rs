//! Addresses of the machine, from the kernel's tables that every process sees of its own network: asking for them would
//! take a netlink socket, which the service may not have.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

/// Addresses that others can type: neither loopback nor those of one link alone.
pub(super) fn addresses(root: &Path) -> Vec<IpAddr> {
    let read = |file| fs::read_to_string(root.join("proc/self/net").join(file)).unwrap_or_default();
    let v4 = local(&read("fib_trie")).into_iter().map(IpAddr::V4);
    let v6 = read("if_inet6");
    let v6 = v6.lines().filter_map(interface_address).map(IpAddr::V6);
    let mut all: Vec<IpAddr> = v4.chain(v6).filter(|address| !address.is_loopback()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Addresses of the routing table that are the machine's own: below each stands what it is, and `host LOCAL` is that.
fn local(trie: &str) -> Vec<Ipv4Addr> {
    let mut at: Option<Ipv4Addr> = None;
    let mut found = Vec::new();
    for line in trie.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            at = address.parse().ok();
        } else if line.starts_with("/32 host LOCAL") {
            found.extend(at);
        }
    }
    found
}

/// The address in a line of `if_inet6`, which begins with its 32 digits.
fn interface_address(line: &str) -> Option<Ipv6Addr> {
    let digits = line.split_whitespace().next().filter(|digits| digits.len() == 32)?;
    let address = Ipv6Addr::from(u128::from_str_radix(digits, 16).ok()?);
    (!address.is_unicast_link_local()).then_some(address)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;
    use crate::gauges::tests::lay_out;

    const TRIE: &str = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     \
        +-- 127.0.0.0/8 2 0 2\n        |-- 127.0.0.1\n           /32 host LOCAL\n     \
        +-- 192.0.2.0/24 2 0 2\n        |-- 192.0.2.0\n           /24 link UNICAST\n        \
        |-- 192.0.2.17\n           /32 host LOCAL\n        |-- 192.0.2.255\n           /32 link BROADCAST\n\
        Local:\n        |-- 192.0.2.17\n           /32 host LOCAL\n";
    const INET6: &str = "00000000000000000000000000000001 01 80 10 80       lo\n\
        fe800000000000000000000000000001 02 40 20 80     eth0\n\
        20010db8000000000000000000000017 02 40 00 80     eth0\n";

    #[test]
    fn those_are_told_that_can_be_typed() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(addresses(root.path()), Vec::<IpAddr>::new());
        let (trie, inet6) = ("proc/self/net/fib_trie", "proc/self/net/if_inet6");
        lay_out(root.path(), &[(trie, TRIE), (inet6, INET6)]);
        let expected: Vec<IpAddr> =
            ["192.0.2.17", "2001:db8::17"].iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(addresses(root.path()), expected);
    }
}
