//! Whole outputs over real sockets on loopback.
#![allow(clippy::unwrap_used, reason = "it is all tests")]

mod wall;

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use prismatron_core::output::{Probe, Protocol};
use prismatron_core::port::SinkFactory;
use prismatron_core::unit::Fps;
use prismatron_output::{Offload, OutputState, Outputs, Resolver, Settings, StatusBoard, Timing};
use wall::{Receiver, spec};

const DDP: Protocol = Protocol::Ddp { destination: 1 };

/// Times so short that a test need not wait for them.
fn brisk() -> Settings {
    let ms = Duration::from_millis;
    Settings {
        timing: Timing {
            keep_alive: ms(10),
            retry: ms(5),
            retry_at_most: ms(20),
            network_at_most: ms(20),
            trial: ms(50),
            probe: ms(5),
            probe_answer: Duration::from_secs(10),
            ..Timing::default()
        },
        ..Settings::default()
    }
}

/// No keep-alive before the test is over.
fn quiet() -> Settings {
    let keep_alive = Duration::from_secs(3600);
    Settings { timing: Timing { keep_alive, ..brisk().timing }, ..Settings::default() }
}

fn state(board: &StatusBoard) -> OutputState {
    board.snapshot()[0].state
}

#[test]
fn a_still_frame_is_sent_again_and_again() {
    let receiver = Receiver::new();
    let (outputs, board) = Outputs::with_settings(brisk());
    let mut sink = outputs.make(&spec(DDP, &[receiver.host()]), 2).unwrap();
    sink.submit(&[[1, 2, 3], [4, 5, 6]]);
    for n in 0..20 {
        let datagram = receiver.next();
        assert_eq!(datagram[1], n % 15 + 1, "sequence numbers go on");
        assert_eq!(datagram[10..], [1, 2, 3, 4, 5, 6]);
    }
    let status = &board.snapshot()[0];
    assert_eq!(status.state, OutputState::Sending);
    assert_eq!(status.host, Some(receiver.host()));
    assert!(status.frames >= 19 && status.datagrams >= 19, "{status:?}");
    assert_eq!((status.send_errors, status.failovers, status.dropped_frames), (0, 0, 0));
}

#[test]
fn offload_and_sendmmsg_put_the_same_on_the_wire() {
    let leds: Vec<_> = (0..5000_u32).map(|n| [n as u8, (n >> 8) as u8, 7]).collect();
    for offload in [Offload::Allowed, Offload::Refused] {
        let receiver = Receiver::new();
        let (outputs, board) = Outputs::with_settings(Settings { offload, ..quiet() });
        let mut sink = outputs.make(&spec(DDP, &[receiver.host()]), leds.len()).unwrap();
        sink.submit(&leds);
        let seen: Vec<u8> = (0..11).flat_map(|_| receiver.leds()).collect();
        assert_eq!(seen, leds.as_flattened());
        drop(sink);
        assert!(board.snapshot().is_empty());
    }
}

#[test]
fn a_paced_frame_arrives_whole_and_in_order() {
    let receiver = Receiver::new();
    let (outputs, _board) = Outputs::with_settings(quiet());
    let mut paced = spec(DDP, &[receiver.host()]);
    paced.pace_ms = 20;
    let mut sink = outputs.make(&paced, 3200).unwrap();
    let leds: Vec<_> = (0..3200_u32).map(|n| [n as u8, (n >> 8) as u8, 7]).collect();
    sink.submit(&leds);
    let seen: Vec<u8> = (0..7).flat_map(|_| receiver.leds()).collect();
    assert_eq!(seen, leds.as_flattened());
}

#[test]
fn a_capped_output_skips_to_the_newest_frame() {
    let receiver = Receiver::new();
    let (outputs, _board) = Outputs::with_settings(quiet());
    let mut capped = spec(DDP, &[receiver.host()]);
    capped.max_fps = Some(Fps::try_from(1.0).unwrap());
    let mut sink = outputs.make(&capped, 1).unwrap();
    sink.submit(&[[0; 3]]);
    assert_eq!(receiver.leds(), [0; 3]);
    for n in 1..=9 {
        sink.submit(&[[n; 3]]);
    }
    assert_eq!(receiver.leds(), [9; 3], "the eight before it were held back and replaced");
}

#[test]
fn the_last_frame_goes_out_however_soon_the_sink_is_dropped() {
    let receiver = Receiver::new();
    let (outputs, _board) = Outputs::with_settings(quiet());
    let mut capped = spec(DDP, &[receiver.host()]);
    capped.max_fps = Some(Fps::try_from(1.0).unwrap());
    for _ in 0..20 {
        let mut sink = outputs.make(&capped, 1).unwrap();
        sink.submit(&[[0; 3]]);
        drop(sink);
        assert_eq!(receiver.leds(), [0; 3]);
    }
    let mut sink = outputs.make(&capped, 1).unwrap();
    sink.submit(&[[255; 3]]);
    assert_eq!(receiver.leds(), [255; 3]);
    sink.submit(&[[0; 3]]);
    drop(sink);
    assert_eq!(receiver.leds(), [0; 3]);
}

#[test]
fn an_e131_stream_ends_with_three_words_of_farewell() {
    let receiver = Receiver::new();
    let (outputs, _board) = Outputs::with_settings(quiet());
    let protocol =
        Protocol::Sacn { universe: 3, priority: 90, sync_universe: Some(8), multicast: false };
    let mut sink = outputs.make(&spec(protocol, &[receiver.host()]), 171).unwrap();
    sink.submit(&[[5; 3]; 171]);
    let lengths: Vec<_> = (0..3).map(|_| receiver.next().len()).collect();
    assert_eq!(lengths, [636, 129, 49]);
    drop(sink);
    let ends: Vec<_> = (0..6)
        .map(|_| {
            let datagram = receiver.next();
            (datagram[112], datagram[114], datagram[111])
        })
        .collect();
    let expected: Vec<_> = (1..=3).flat_map(|n| [(0x40, 3, n), (0x40, 4, n)]).collect();
    assert_eq!(ends, expected);
}

#[test]
fn leds_that_are_missing_are_black_and_surplus_ones_are_left_out() {
    let receiver = Receiver::new();
    let (outputs, _board) = Outputs::with_settings(quiet());
    let mut sink = outputs.make(&spec(DDP, &[receiver.host()]), 2).unwrap();
    sink.submit(&[[9; 3]]);
    assert_eq!(receiver.leds(), [9, 9, 9, 0, 0, 0]);
    sink.submit(&[[9; 3]; 3]);
    assert_eq!(receiver.leds(), [9; 6]);
}

/// A resolver that says it was asked and then blocks until it is let go.
#[test]
fn a_resolver_that_hangs_delays_nobody() {
    let (asked, was_asked) = mpsc::channel();
    let (let_go, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let answered = Arc::new(AtomicBool::new(false));
    let answers = Arc::clone(&answered);
    let resolver: Resolver = Arc::new(move |_, _| {
        asked.send(()).unwrap();
        let _ = held.lock().unwrap().recv();
        answers.store(true, Ordering::SeqCst);
        Err(ErrorKind::NotFound.into())
    });
    let (outputs, board) = Outputs::with_settings(Settings { resolver, ..brisk() });
    let receiver = Receiver::new();
    let mut stuck = outputs.make(&spec(DDP, &["wled.invalid".into()]), 1).unwrap();
    let mut fine = spec(DDP, &[receiver.host()]);
    fine.name = "fine".to_owned();
    let mut fine = outputs.make(&fine, 1).unwrap();
    was_asked.recv().unwrap();
    for n in 0..100 {
        stuck.submit(&[[n; 3]]);
        fine.submit(&[[n; 3]]);
        receiver.until(|datagram| datagram[10] == n);
    }
    // Its thread may not have begun yet.
    while board.snapshot()[0].message.is_none() {
        std::thread::yield_now();
    }
    let status = &board.snapshot()[0];
    assert_eq!((status.state, status.frames), (OutputState::Waiting, 0));
    assert_eq!(status.message.as_deref(), Some("looking up wled.invalid"));
    assert_eq!(status.dropped_frames, 99);
    drop(stuck);
    assert!(!answered.load(Ordering::SeqCst), "the drop waited for the resolver");
    assert_eq!(board.snapshot().len(), 1);
    let_go.send(()).unwrap();
}

#[test]
fn a_name_that_does_not_exist_is_waited_for_and_dropped_at_once() {
    let (outputs, board) = Outputs::with_settings(brisk());
    let mut sink = outputs.make(&spec(DDP, &["no-such-host.invalid".into()]), 1).unwrap();
    sink.submit(&[[1; 3]]);
    assert_eq!(state(&board), OutputState::Waiting);
    drop(sink);
    assert!(board.snapshot().is_empty());
}

#[test]
fn what_was_to_be_shown_is_shown_when_the_name_is_found_at_last() {
    let receiver = Receiver::new();
    let address = receiver.address;
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let resolver: Resolver = Arc::new(move |name, port| {
        assert_eq!((name, port), ("wled.local", 4048));
        match count.fetch_add(1, Ordering::SeqCst) {
            0..5 => Err(ErrorKind::NotFound.into()),
            _ => Ok(vec![address]),
        }
    });
    let (outputs, board) = Outputs::with_settings(Settings { resolver, ..brisk() });
    let mut sink = outputs.make(&spec(DDP, &["wled.local".into()]), 1).unwrap();
    sink.submit(&[[7; 3]]);
    assert_eq!(receiver.leds(), [7; 3]);
    receiver.until(|_| state(&board) == OutputState::Sending);
    assert_eq!(board.snapshot()[0].host.as_deref(), Some("wled.local"));
    assert!(asked.load(Ordering::SeqCst) >= 6);
}

#[test]
fn without_a_probe_a_refusing_host_is_left_and_returned_to() {
    let (first, second) = (Receiver::new(), Receiver::new());
    let (outputs, board) = Outputs::with_settings(brisk());
    let hosts = [first.host(), second.host()];
    let mut sink = outputs.make(&spec(DDP, &hosts), 1).unwrap();
    sink.submit(&[[1; 3]]);
    first.next();
    let address = first.address;
    drop(first);
    second.next();
    second.until(|_| board.snapshot()[0].host == Some(second.host()));
    let status = &board.snapshot()[0];
    assert_eq!((status.state, status.failovers), (OutputState::Sending, 1));
    assert!(status.send_errors >= 3);
    let message = status.message.as_deref().unwrap();
    assert_eq!(message, format!("sends to {address} failed; sending to {}", second.address));

    let first = Receiver::at(address);
    first.until(|_| board.snapshot()[0].host == Some(first.host()));
    assert_eq!(board.snapshot()[0].message, None);
    second.drain();
    sink.submit(&[[2; 3]]);
    first.until(|datagram| datagram[10] == 2);
    assert_eq!(board.snapshot()[0].failovers, 1, "the way back is none");
}

/// A WLED's HTTP server for as long as it is held.
struct Controller {
    address: SocketAddr,
    thread: Option<std::thread::JoinHandle<()>>,
    gone: Arc<AtomicBool>,
}

impl Controller {
    fn at(address: SocketAddr, name: &'static str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let gone = Arc::new(AtomicBool::new(false));
        let its_end = Arc::clone(&gone);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if its_end.load(Ordering::SeqCst) {
                    return;
                }
                let _ = answer(stream.unwrap(), name);
            }
        });
        Self { address, thread: Some(thread), gone }
    }
}

impl Drop for Controller {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn answer(mut stream: TcpStream, name: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let body = format!(r#"{{"ver":"0.15.0","name":"{name}","leds":{{"count":1}}}}"#);
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn with_a_probe_frames_follow_the_controller_that_answers() {
    let first = Receiver::new();
    let second = Receiver::at("127.0.0.2:0".parse().unwrap());
    let web = Controller::at("127.0.0.1:0".parse().unwrap(), "one");
    let port = web.address.port();
    let _other = Controller::at(SocketAddr::new(second.address.ip(), port), "two");
    let (outputs, board) = Outputs::with_settings(brisk());
    let mut wall = spec(DDP, &[first.host(), second.host()]);
    wall.probe = Probe::WledPort(port);
    let mut sink = outputs.make(&wall, 2).unwrap();
    sink.submit(&[[1; 3]; 2]);
    first.until(|_| board.snapshot()[0].alive == Some(true));
    let status = &board.snapshot()[0];
    assert_eq!(status.device.as_deref(), Some("one (WLED 0.15.0), 1 LEDs"));
    assert_eq!(status.message.as_deref(), Some("the controller drives 1 LEDs, 2 are sent to it"));

    // Its UDP port stays open: only the probe can tell.
    let address = web.address;
    drop(web);
    second.until(|_| board.snapshot()[0].host == Some(second.host()));
    second.until(|_| board.snapshot()[0].alive == Some(true));
    let status = &board.snapshot()[0];
    assert_eq!((status.state, status.failovers), (OutputState::Sending, 1));
    assert!(status.message.as_deref().unwrap().contains("does not answer"), "{status:?}");
    assert_eq!(status.device.as_deref(), Some("two (WLED 0.15.0), 1 LEDs"));

    first.drain();
    let _web = Controller::at(address, "one");
    first.until(|_| board.snapshot()[0].host == Some(first.host()));
    assert_eq!(board.snapshot()[0].failovers, 1);
}

#[test]
fn a_controller_that_never_answers_its_probe_still_gets_frames_and_an_end() {
    let receiver = Receiver::new();
    // Takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (outputs, board) = Outputs::with_settings(brisk());
    let mut wall = spec(DDP, &[receiver.host()]);
    wall.probe = Probe::WledPort(silent.local_addr().unwrap().port());
    let mut sink = outputs.make(&wall, 1).unwrap();
    sink.submit(&[[1; 3]]);
    let (stream, _) = silent.accept().unwrap();
    receiver.next();
    assert_eq!(board.snapshot()[0].alive, None);
    drop(sink);
    assert!(board.snapshot().is_empty(), "the drop waited for the probe");
    drop(stream);
}

#[test]
fn with_every_host_down_the_output_fails_and_goes_on_trying() {
    let (first, second) = (Receiver::new(), Receiver::new());
    let hosts = [first.host(), second.host()];
    let (one, two) = (first.address, second.address);
    drop((first, second));
    let (outputs, board) = Outputs::with_settings(brisk());
    let mut sink = outputs.make(&spec(DDP, &hosts), 1).unwrap();
    let third = Receiver::new();
    let mut tick = spec(DDP, &[third.host()]);
    tick.name = "tick".to_owned();
    let mut tick = outputs.make(&tick, 1).unwrap();
    sink.submit(&[[1; 3]]);
    tick.submit(&[[1; 3]]);
    third.until(|_| state(&board) == OutputState::Failing);
    let message = board.snapshot()[0].message.clone().unwrap();
    assert!(message.contains("connection refused"), "{message}");
    let second = Receiver::at(two);
    assert_eq!(second.leds(), [1; 3]);
    second.until(|_| board.snapshot()[0].host == Some(second.host()));
    let first = Receiver::at(one);
    first.until(|_| board.snapshot()[0].host == Some(first.host()));
}

#[test]
fn what_is_done_about_a_host_that_fails_is_counted_and_whether_it_helps() {
    // A link-local address without an interface has no way at all, on any machine.
    let (closed, open) = (Receiver::new(), Receiver::new());
    let refusing = closed.host();
    drop(closed);
    let (outputs, board) = Outputs::with_settings(brisk());
    let hosts = ["[fe80::1]".to_owned(), refusing, open.host()];
    let mut sink = outputs.make(&spec(DDP, &hosts), 1).unwrap();
    sink.submit(&[[5; 3]]);
    open.until(|leds| leds[10..] == [5; 3]);
    let settled = || board.next_host().succeeded == 1;
    while !settled() {
        open.next();
    }
    let next_host = board.next_host();
    assert!(next_host.tried >= 2, "one that refuses is no help: {next_host:?}");
    assert!(next_host.last.is_some_and(|last| last.elapsed().unwrap() < Duration::from_secs(60)));
    drop(sink);

    // All outputs are counted together, whichever there are now.
    let mut lone = outputs.make(&spec(DDP, &hosts[..1]), 1).unwrap();
    lone.submit(&[[5; 3]]);
    while board.reopened().tried < 3 {
        std::thread::yield_now();
    }
    assert_eq!((board.reopened().succeeded, board.next_host().succeeded), (0, 1));
}
