//! A DDP display, written from the description at <http://www.3waylabs.com/ddp/>: ten bytes of header
//! (flags, sequence, data type, destination, 32-bit offset, 16-bit length, big-endian), then data; PUSH
//! says that what has arrived is to be shown.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

/// An emulated machine comes to light sooner, whatever else runs beside it.
const PATIENCE: Duration = Duration::from_secs(300);

/// A picture that was shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// All bytes of the display.
    pub data: Vec<u8>,
    /// When PUSH arrived.
    pub at: Instant,
}

impl Shown {
    /// The colour of an LED of three channels.
    pub fn rgb(&self, led: usize) -> [u8; 3] {
        self.data[led * 3..led * 3 + 3].try_into().unwrap()
    }

    /// Whether everything is dark.
    pub fn is_black(&self) -> bool {
        self.data.iter().all(|&byte| byte == 0)
    }
}

/// A display of so many bytes.
pub struct Display {
    socket: UdpSocket,
    data: Vec<u8>,
}

impl Display {
    /// A display of `leds` RGB LEDs.
    pub fn new(leds: usize) -> Self {
        Self::at("127.0.0.1:0", leds)
    }

    /// A display of `leds` RGB LEDs at this address.
    pub fn at(address: &str, leds: usize) -> Self {
        Self { socket: UdpSocket::bind(address).unwrap(), data: vec![0; leds * 3] }
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        self.socket.local_addr().unwrap().to_string()
    }

    /// The next picture, or `None` when there is none in time.
    ///
    /// # Panics
    /// A datagram is not as the description has it.
    pub fn next(&mut self, patience: Duration) -> Option<Shown> {
        let until = Instant::now() + patience;
        let mut packet = [0; 2048];
        loop {
            let left = until.checked_duration_since(Instant::now()).filter(|d| !d.is_zero())?;
            self.socket.set_read_timeout(Some(left)).unwrap();
            let n = match self.socket.recv(&mut packet) {
                Ok(n) => n,
                // A receive with a timeout is broken off when the machine was suspended.
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return None,
            };
            let (header, data) = packet[..n].split_at(10);
            assert_eq!(header[0] & 0xc0, 0x40, "version 1");
            assert_eq!(header[0] & 0x3e, 0, "no timecode, storage, reply or query");
            assert!(header[1] <= 15, "sequence {}", header[1]);
            assert_eq!(header[2], 0x0b, "RGB, 8 bits");
            assert_eq!(header[3], 1, "default output device");
            let offset = u32::from_be_bytes(header[4..8].try_into().unwrap()) as usize;
            let length = u16::from_be_bytes(header[8..10].try_into().unwrap()) as usize;
            assert_eq!(length, data.len(), "length");
            self.data[offset..offset + length].copy_from_slice(data);
            if header[0] & 1 == 1 {
                return Some(Shown { data: self.data.clone(), at: Instant::now() });
            }
        }
    }

    /// The first picture that is as wanted.
    ///
    /// # Panics
    /// None comes.
    pub fn wait_for(&mut self, what: &str, mut wanted: impl FnMut(&Shown) -> bool) -> Shown {
        let until = Instant::now() + PATIENCE;
        let mut last = None;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match self.next(left) {
                Some(shown) if wanted(&shown) => return shown,
                Some(shown) => last = Some(shown),
                None => break,
            }
        }
        let start = last.map(|shown: Shown| shown.data[..shown.data.len().min(12)].to_vec());
        panic!("never {what}; the last picture starts with {start:?}");
    }
}
