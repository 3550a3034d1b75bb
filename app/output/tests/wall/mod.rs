//! Controllers on loopback.
#![allow(dead_code, reason = "each test program uses some of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "it is all tests")]

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use prismatron_core::output::{ColourOrder, OutputSpec, Probe, Protocol};

/// Nothing here takes nearly as long; what does has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A socket that frames arrive at.
pub(crate) struct Receiver {
    /// Receives, but not for ever.
    pub(crate) socket: UdpSocket,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Receiver {
    /// At any port of 127.0.0.1.
    pub(crate) fn new() -> Self {
        Self::at("127.0.0.1:0".parse().unwrap())
    }

    /// At this address.
    pub(crate) fn at(address: SocketAddr) -> Self {
        let socket = UdpSocket::bind(address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let address = socket.local_addr().unwrap();
        Self { socket, address }
    }

    /// As it is written in a configuration.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// The next datagram.
    pub(crate) fn next(&self) -> Vec<u8> {
        let mut buffer = vec![0; 2048];
        let length = self.socket.recv(&mut buffer).expect("no datagram came");
        buffer.truncate(length);
        buffer
    }

    /// The LED values in the next DDP datagram.
    pub(crate) fn leds(&self) -> Vec<u8> {
        self.next().split_off(10)
    }

    /// Receives until a datagram does it.
    pub(crate) fn until(&self, mut done: impl FnMut(&[u8]) -> bool) {
        let enough = std::time::Instant::now() + PATIENCE;
        while !done(&self.next()) {
            assert!(std::time::Instant::now() < enough, "datagrams come, but not the right one");
        }
    }

    /// Forgets what has arrived.
    pub(crate) fn drain(&self) {
        self.socket.set_nonblocking(true).unwrap();
        while self.socket.recv(&mut [0; 2048]).is_ok() {}
        self.socket.set_nonblocking(false).unwrap();
    }
}

/// An output that sends to these hosts.
pub(crate) fn spec(protocol: Protocol, hosts: &[String]) -> OutputSpec {
    OutputSpec {
        name: "wall".to_owned(),
        enabled: true,
        protocol,
        hosts: hosts.to_vec(),
        leds: None,
        colour_order: ColourOrder::Rgb,
        max_fps: None,
        pace_ms: 0,
        power: None,
        probe: Probe::None,
    }
}
