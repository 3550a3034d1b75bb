//! The port the page is served on.

use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};

use anyhow::Context;

/// Ports tried after the usual one when nobody asked for a certain address.
const MORE_PORTS: u16 = 100;
/// Where the page is unless somebody says otherwise.
pub(crate) const USUAL: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Listens on the address asked for, or on the first free port from the usual one on.
///
/// # Errors
/// The address asked for cannot be listened on, or no port is free.
pub(crate) fn listen(asked: Option<SocketAddr>) -> anyhow::Result<TcpListener> {
    if let Some(address) = asked {
        return bind(address).with_context(|| format!("cannot listen on {address}"));
    }
    for more in 0..=MORE_PORTS {
        let address = SocketAddr::new(USUAL.ip(), USUAL.port() + more);
        match bind(address) {
            Ok(listener) => {
                if more > 0 {
                    let _ = writeln!(io::stdout(), "{USUAL} is taken, listening on {address}");
                }
                return Ok(listener);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error).with_context(|| format!("cannot listen on {address}")),
        }
    }
    anyhow::bail!(
        "ports {} to {} are all taken: give --listen",
        USUAL.port(),
        USUAL.port() + MORE_PORTS
    )
}

/// The address to tell people of a listener: where it takes any, that of the interface towards the network.
pub(crate) fn reachable(listening: SocketAddr) -> SocketAddr {
    let mut address = listening;
    if address.ip().is_unspecified() {
        // Connecting a UDP socket sends nothing; it only asks the routing table. The addresses are those set
        // aside for documentation (RFC 5737, RFC 3849).
        let (any, far, loopback) = if address.is_ipv4() {
            ("0.0.0.0:0", "192.0.2.1:9", Ipv4Addr::LOCALHOST.into())
        } else {
            ("[::]:0", "[2001:db8::1]:9", Ipv6Addr::LOCALHOST.into())
        };
        let asked = UdpSocket::bind(any).and_then(|socket| {
            socket.connect(far)?;
            socket.local_addr()
        });
        address.set_ip(asked.map_or(loopback, |here| here.ip()));
    }
    address
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
