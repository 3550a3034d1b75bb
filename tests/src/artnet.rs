//! An Art-Net 4 node, written from Artistic Licence's specification: `ArtDmx` (opcode 0x5000) carries up to
//! 512 channels for a 15-bit port-address, `ArtSync` (0x5200) says that all of them are to be shown.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

/// A node on a port of its own.
pub struct Node {
    socket: UdpSocket,
    universes: BTreeMap<u16, Vec<u8>>,
}

impl Default for Node {
    fn default() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        Self { socket, universes: BTreeMap::new() }
    }
}

impl Node {
    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        self.socket.local_addr().unwrap().to_string()
    }

    /// All universes at the next ArtSync, or `None` when there is none in time.
    ///
    /// # Panics
    /// A datagram is not as the specification has it.
    pub fn next(&mut self, patience: Duration) -> Option<BTreeMap<u16, Vec<u8>>> {
        let until = Instant::now() + patience;
        let mut packet = [0; 1024];
        loop {
            let left = until.checked_duration_since(Instant::now()).filter(|d| !d.is_zero())?;
            self.socket.set_read_timeout(Some(left)).unwrap();
            let Ok(n) = self.socket.recv(&mut packet) else { return None };
            let packet = &packet[..n];
            assert_eq!(&packet[..8], b"Art-Net\0");
            assert_eq!(u16::from_be_bytes([packet[10], packet[11]]), 14, "protocol version");
            match u16::from_le_bytes([packet[8], packet[9]]) {
                0x5000 => {
                    let universe = u16::from_le_bytes([packet[14], packet[15]]);
                    assert!(universe < 0x8000, "15 bits");
                    let length = usize::from(u16::from_be_bytes([packet[16], packet[17]]));
                    assert!(length.is_multiple_of(2) && (2..=512).contains(&length), "{length}");
                    assert_eq!(packet.len(), 18 + length);
                    self.universes.insert(universe, packet[18..].to_vec());
                }
                0x5200 => return Some(self.universes.clone()),
                opcode => panic!("opcode {opcode:#06x}"),
            }
        }
    }
}
