//! One million RGB LEDs over loopback DDP against what the kernel takes without any of our work.
//!
//! Baselines send the same datagrams, encoded beforehand, by a bare `sendmmsg` loop and a bare
//! `UDP_SEGMENT` loop. All take turns, so that a busy machine slows them alike; each figure is the median of
//! its rounds, and each ratio that of the ratios to the faster baseline of the same round. Nobody reads the
//! receiving socket: what is measured is sending.
//!
//! `cargo bench -p prismatron-output --bench million`; without `--bench` one short round is made.

#![allow(unsafe_code, reason = "the baselines call the kernel as barely as can be")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark stops at what it cannot do")]

use std::mem::{size_of, zeroed};
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use prismatron_core::frame::Rgb8;
use prismatron_core::output::{ColourOrder, OutputSpec, Probe, Protocol};
use prismatron_core::port::{Sink, SinkFactory};
use prismatron_output::ddp::Ddp;
use prismatron_output::{Encoder, Offload, Outputs, Packets, StatusBoard, Stream, Transport};

const LEDS: usize = 1_000_000;
const BIG: usize = 1450;

fn bare_sendmmsg(socket: &UdpSocket, bytes: &[u8]) {
    let mut vectors: Vec<libc::iovec> = bytes
        .chunks(BIG)
        .map(|datagram| libc::iovec {
            iov_base: datagram.as_ptr().cast_mut().cast(),
            iov_len: datagram.len(),
        })
        .collect();
    let mut headers: Vec<libc::mmsghdr> = vectors
        .iter_mut()
        .map(|vector| {
            // SAFETY: all-zero is the empty message header.
            let mut header: libc::mmsghdr = unsafe { zeroed() };
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            header
        })
        .collect();
    let mut sent = 0;
    while sent < headers.len() {
        let rest = &mut headers[sent..];
        let count = rest.len().min(1024);
        // SAFETY: the headers point to vectors, and those into `bytes`; all outlive the call.
        let n = unsafe { libc::sendmmsg(socket.as_raw_fd(), rest.as_mut_ptr(), count as u32, 0) };
        sent += usize::try_from(n).unwrap();
    }
}

fn bare_offload(socket: &UdpSocket, bytes: &[u8]) {
    for chunk in bytes.chunks(BIG * 45) {
        // SAFETY: the control buffer has room for one aligned header and its u16, and everything pointed
        // to outlives the call.
        let n = unsafe {
            let mut control = [0_u64; 8];
            let mut vector =
                libc::iovec { iov_base: chunk.as_ptr().cast_mut().cast(), iov_len: chunk.len() };
            let mut header: libc::msghdr = zeroed();
            header.msg_iov = &mut vector;
            header.msg_iovlen = 1;
            header.msg_control = control.as_mut_ptr().cast();
            header.msg_controllen = libc::CMSG_SPACE(size_of::<u16>() as u32) as _;
            let message = libc::CMSG_FIRSTHDR(&header);
            (*message).cmsg_level = libc::SOL_UDP;
            (*message).cmsg_type = libc::UDP_SEGMENT;
            (*message).cmsg_len = libc::CMSG_LEN(size_of::<u16>() as u32) as _;
            libc::CMSG_DATA(message).cast::<u16>().write_unaligned(BIG as u16);
            libc::sendmsg(socket.as_raw_fd(), &header, 0)
        };
        assert_eq!(n.cast_unsigned(), chunk.len(), "{}", std::io::Error::last_os_error());
    }
}

/// Encoding and sending without the threads and the slot between.
struct Ours {
    ddp: Ddp,
    packets: Packets,
    transport: Transport,
    number: u64,
}

impl Ours {
    fn new(peer: SocketAddr, offload: Offload) -> Self {
        let transport = Transport::to_peer(peer, offload, Duration::from_secs(1)).unwrap();
        let ddp = Ddp::new(1, ColourOrder::Rgb, LEDS);
        Self { packets: ddp.packets(), ddp, transport, number: 0 }
    }

    /// What an output's thread does with a frame.
    fn send(&mut self) {
        self.ddp.stamp(&mut self.packets, self.number, Stream::Lasts);
        self.number += 1;
        let delivery = self.transport.send(&self.packets, 0..self.packets.len());
        assert_eq!(delivery.datagrams, 2084);
    }
}

/// A whole output: one frame is handed over while the one before it goes out.
struct Whole {
    sink: Box<dyn Sink>,
    board: StatusBoard,
    submitted: u64,
}

impl Whole {
    fn new(peer: SocketAddr) -> Self {
        let (outputs, board) = Outputs::new();
        let spec = OutputSpec {
            name: "bench".to_owned(),
            enabled: true,
            protocol: Protocol::default(),
            hosts: vec![peer.to_string()],
            leds: None,
            colour_order: ColourOrder::Rgb,
            max_fps: None,
            pace_ms: 0,
            power: None,
            probe: Probe::None,
        };
        let sink = outputs.make(&spec, LEDS).unwrap();
        Self { sink, board, submitted: 0 }
    }

    fn send(&mut self, leds: &[Rgb8]) {
        self.sink.submit(leds);
        self.submitted += 1;
        self.until(1);
    }

    fn sent(&self) -> u64 {
        self.board.snapshot()[0].frames
    }

    /// Waits until no more than so many frames are under way.
    fn until(&self, under_way: u64) {
        loop {
            let status = &self.board.snapshot()[0];
            if status.frames + status.dropped_frames + under_way >= self.submitted {
                break;
            }
            // Long enough to leave the processor to the output, short against a frame.
            std::thread::sleep(Duration::from_micros(50));
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

const NAMES: [&str; 6] = [
    "bare sendmmsg loop",
    "bare UDP_SEGMENT loop",
    "output thread, sendmmsg",
    "output thread, UDP_SEGMENT",
    "encoding and output thread",
    "whole output, from the sink",
];

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (rounds, frames) = if measured { (61, 10_u64) } else { (1, 1) };
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let peer = receiver.local_addr().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(peer).unwrap();

    let leds: Vec<Rgb8> =
        (0..LEDS as u32).map(|n| n.to_le_bytes()[..3].try_into().unwrap()).collect();
    let mut offloaded = Ours::new(peer, Offload::Allowed);
    let mut plain = Ours::new(peer, Offload::Refused);
    let mut whole = Whole::new(peer);
    offloaded.packets.fill(&leds);
    plain.packets.fill(&leds);
    let bytes = offloaded.packets.bytes(0..2084).to_vec();

    let mut rounds_taken = Vec::new();
    for round in 0..rounds {
        let mut seconds = [0.0; NAMES.len()];
        for turn in 0..NAMES.len() {
            let which = (round + turn) % NAMES.len();
            let before = whole.sent();
            let begun = Instant::now();
            for _ in 0..frames {
                match which {
                    0 => bare_sendmmsg(&socket, &bytes),
                    1 => bare_offload(&socket, &bytes),
                    2 => plain.send(),
                    3 => offloaded.send(),
                    4 => {
                        offloaded.packets.fill(&leds);
                        offloaded.send();
                    }
                    _ => whole.send(&leds),
                }
            }
            let mut sent = frames;
            if which == 5 {
                whole.until(0);
                // One that was replaced before its turn does not count.
                sent = whole.sent() - before;
            }
            seconds[which] = begun.elapsed().as_secs_f64() / sent as f64;
        }
        rounds_taken.push(seconds);
    }
    assert_eq!(offloaded.transport.offload(), Offload::Allowed, "the kernel refuses offload");
    println!("one million RGB LEDs over loopback DDP, {} bytes a frame", bytes.len());
    println!("{:<30} {:>10} {:>10} {:>8}", "", "ms/frame", "Gbit/s", "ratio");
    for (which, name) in NAMES.iter().enumerate() {
        let seconds = median(rounds_taken.iter().map(|round| round[which]).collect());
        let ratio = median(rounds_taken.iter().map(|r| r[0].min(r[1]) / r[which]).collect());
        let gigabits = bytes.len() as f64 * 8e-9 / seconds;
        println!("{name:<30} {:>10.3} {gigabits:>10.2} {ratio:>8.2}", seconds * 1e3);
    }
}
