//! One million RGB LEDs over loopback DDP against what the kernel takes without any of our work.
//!
//! Measured is the rate at which frames go out, of a steady stream in which every frame differs from the one
//! before in every LED. All rows but the last send the same four frames in turn:
//! - The *bare loops* only send, by `sendmmsg` and by `UDP_SEGMENT`, frames that were encoded beforehand. The
//!   faster of them is the baseline.
//! - The *output's thread* does what it does with laid-out frames, by itself.
//! - *Laid out and sent in turn* is all the work on LED values, one step after the other on one processor.
//! - The *whole output* is from its sink on. LED values are handed over a little more often than the
//!   baseline sends, and the time taken until the last of them has gone out. As when it plays, whoever hands
//!   a frame over lays it out while the output's thread sends the one before. A frame that was replaced
//!   before its turn cost its time and does not count.
//! - *One frame, over and over* is the bare `UDP_SEGMENT` loop where the processor's caches hold all it sends.
//!   It is the stricter measure, and tells what different frames cost any sender.
//!
//! All take turns, so that a busy machine slows them alike. Times and the first ratio are medians, the ratio
//! of those to the baseline of the same round. The second ratio is that of the least times, which others on
//! the machine disturb least. The whole output works on two processors at once, so they slow it more than
//! a loop which needs one.
//!
//! Nobody reads the receiving socket: what is measured is sending.
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
use prismatron_output::{
    Encoder, Offload, OutputStatus, Outputs, Packets, StatusBoard, Stream, Transport,
};

const LEDS: usize = 1_000_000;
/// Bytes of every datagram but the last.
const BIG: usize = 1450;
const DATAGRAMS: usize = 2084;
/// Different frames there are.
const FRAMES: usize = 4;

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

/// Laying out and sending without the thread and the slot between.
struct Ours {
    ddp: Ddp,
    frames: Vec<Packets>,
    transport: Transport,
    number: usize,
}

impl Ours {
    /// Starts with so many black frames.
    fn new(peer: SocketAddr, offload: Offload, frames: usize) -> Self {
        let transport = Transport::to_peer(peer, offload, Duration::from_secs(1)).unwrap();
        let ddp = Ddp::new(1, ColourOrder::Rgb, LEDS);
        Self { frames: vec![ddp.packets(); frames], ddp, transport, number: 0 }
    }

    /// The same with its frames laid out.
    fn filled(mut self, values: &Values) -> Self {
        for (number, packets) in self.frames.iter_mut().enumerate() {
            packets.fill(values.frame(number));
        }
        self
    }

    /// Does what an output's thread does with a frame.
    fn send(&mut self) {
        let packets = self.number % self.frames.len();
        let packets = &mut self.frames[packets];
        self.ddp.stamp(packets, self.number as u64, Stream::Lasts);
        self.number += 1;
        let delivery = self.transport.send(packets, 0..DATAGRAMS);
        assert_eq!(delivery.datagrams, DATAGRAMS as u64);
    }
}

/// A whole output.
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

    fn status(&self) -> OutputStatus {
        self.board.snapshot().remove(0)
    }

    /// Hands over a frame `each` so long until `frames` or more have gone out; returns how many have.
    fn send(&mut self, values: &Values, frames: u64, each: Duration) -> u64 {
        let before = self.status();
        let mut due = Instant::now();
        for number in 0.. {
            self.sink.submit(values.frame(number));
            self.submitted += 1;
            if self.status().frames - before.frames >= frames {
                break;
            }
            due += each;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        loop {
            let now = self.status();
            if now.frames + now.dropped_frames >= self.submitted {
                let sent = now.frames - before.frames;
                assert_eq!(now.datagrams - before.datagrams, sent * DATAGRAMS as u64);
                assert_eq!(now.send_errors, 0);
                return sent;
            }
            std::thread::sleep(Duration::from_micros(50));
        }
    }
}

/// LED values of frames that differ in every LED, in one buffer as the player has it.
struct Values(Vec<Rgb8>);

impl Values {
    fn new() -> Self {
        let led = |n: u32| n.wrapping_mul(0x9E37_79B1).to_le_bytes()[1..].try_into().unwrap();
        Self((0..(LEDS + FRAMES) as u32).map(led).collect())
    }

    fn frame(&self, number: usize) -> &[Rgb8] {
        &self.0[number % FRAMES..][..LEDS]
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

const NAMES: [&str; 7] = [
    "bare sendmmsg loop",
    "bare UDP_SEGMENT loop",
    "output's thread, sendmmsg",
    "output's thread, UDP_SEGMENT",
    "laid out and sent in turn",
    "whole output, from its sink",
    "(one frame, over and over)",
];

fn main() {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let (rounds, frames) = if measured { (41, 30) } else { (1, 1) };
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    let peer = receiver.local_addr().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(peer).unwrap();

    let values = Values::new();
    let mut plain = Ours::new(peer, Offload::Refused, FRAMES).filled(&values);
    let mut offloaded = Ours::new(peer, Offload::Allowed, FRAMES).filled(&values);
    let mut in_turn = Ours::new(peer, Offload::Allowed, 1);
    let mut whole = Whole::new(peer);
    let encoded: Vec<Vec<u8>> =
        offloaded.frames.iter().map(|packets| packets.bytes(0..DATAGRAMS).to_vec()).collect();

    let mut rounds_taken: Vec<[f64; NAMES.len()]> = Vec::new();
    let begun = Instant::now();
    bare_offload(&socket, &encoded[0]);
    let mut baseline = begun.elapsed().as_secs_f64();
    for round in 0..rounds {
        let mut seconds = [0.0; NAMES.len()];
        for turn in 0..NAMES.len() {
            let which = (round + turn) % NAMES.len();
            let begun = Instant::now();
            let mut sent = frames;
            if which == 5 {
                // More often than any loop has sent so far: the output never lacks a frame.
                let each = Duration::from_secs_f64(baseline * 0.9);
                sent = whole.send(&values, frames, each);
            } else {
                for number in 0..frames as usize {
                    match which {
                        0 => bare_sendmmsg(&socket, &encoded[number % FRAMES]),
                        1 => bare_offload(&socket, &encoded[number % FRAMES]),
                        2 => plain.send(),
                        3 => offloaded.send(),
                        4 => {
                            in_turn.frames[0].fill(values.frame(number));
                            in_turn.send();
                        }
                        _ => bare_offload(&socket, &encoded[0]),
                    }
                }
            }
            seconds[which] = begun.elapsed().as_secs_f64() / sent as f64;
        }
        baseline = baseline.min(seconds[0]).min(seconds[1]);
        rounds_taken.push(seconds);
    }
    assert_eq!(offloaded.transport.offload(), Offload::Allowed, "the kernel refuses offload");
    let bytes = encoded[0].len();
    println!("one million RGB LEDs over loopback DDP, {bytes} bytes a frame");
    println!("{:<30} {:>10} {:>10} {:>8} {:>8}", "", "ms/frame", "Gbit/s", "ratio", "at best");
    let least = |which: usize| rounds_taken.iter().map(|r| r[which]).fold(f64::MAX, f64::min);
    for (which, name) in NAMES.iter().enumerate() {
        let seconds = median(rounds_taken.iter().map(|round| round[which]).collect());
        let ratio = median(rounds_taken.iter().map(|r| r[0].min(r[1]) / r[which]).collect());
        let best = least(0).min(least(1)) / least(which);
        let gigabits = bytes as f64 * 8e-9 / seconds;
        let milliseconds = seconds * 1e3;
        println!("{name:<30} {milliseconds:>10.3} {gigabits:>10.2} {ratio:>8.2} {best:>8.2}");
    }
}
