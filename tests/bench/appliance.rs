//! Figures of the whole program, each beside a baseline of the same minute.
//!
//! `UPLOAD_MIB` sets the size of the upload (4096 unless set).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench ends where it goes wrong"
)]

mod table;

use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use prismatron_tests::appliance::{Appliance, Start, binary};
use prismatron_tests::ddp::Display;
use prismatron_tests::media::ffmpeg;
use serde_json::json;
use table::{heading, median, row};

const WALL: &str = "pieces: [Matrix(columns: 80, rows: 40, serpentine: true)]";
const LEDS: usize = 3200;
const RUNS: usize = 7;

fn main() {
    heading();
    steady();
    start();
    restart();
    play_still();
    upload();
}

fn wall(display: &Display) -> Start {
    Start::with(format!("(layout: ({WALL}), outputs: [(hosts: [{:?}])])", display.address()))
}

/// Seconds of processor time a process has used: fields 14 and 15 of `/proc/PID/stat`, in ticks of 10 ms.
fn cpu(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// A line of `/proc/PID/status`, in MiB.
fn memory(pid: u32, line: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with(line)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// Processor time and memory while an effect plays at 60 fps; baseline: a bare loop that sends as many
/// bytes as often from a ready buffer.
fn steady() {
    const SECONDS: f64 = 20.0;
    let mut display = Display::new(LEDS);
    let appliance = Appliance::start(&wall(&display));
    appliance.play(&json!([{
        "content": {"type": "effect", "effect": "plasma", "params": {}},
        "duration_seconds": 3600,
    }]));
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        display.next(Duration::from_secs(1));
    }
    let pid = appliance.pid();
    let (used, began, mut frames) = (cpu(pid), Instant::now(), 0);
    while began.elapsed().as_secs_f64() < SECONDS {
        frames += u32::from(display.next(Duration::from_secs(1)).is_some());
    }
    let measured = (cpu(pid) - used) / began.elapsed().as_secs_f64() * 100.0;
    let fps = f64::from(frames) / began.elapsed().as_secs_f64();
    let resident = memory(pid, "VmRSS");
    drop(appliance);

    let own = std::process::id();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let target = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (used, began) = (cpu(own), Instant::now());
    let packet = [0; 1450];
    let mut due = Instant::now();
    while began.elapsed().as_secs_f64() < SECONDS / 2.0 {
        for _ in 0..7 {
            let _ = socket.send_to(&packet, target);
        }
        due += Duration::from_micros(16_667);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    let baseline = (cpu(own) - used) / began.elapsed().as_secs_f64() * 100.0;
    row("effect, 3,200 LEDs: % of a core vs bare sends", measured, baseline.max(0.1), "%", "≤ 8 %");
    row("  frames a second vs 60", fps, 60.0, "", "");
    row("  resident memory vs its limit", resident, 40.0, "Mi", "≤ 40 MiB");
}

/// From the start of the process to the first DDP picture; baseline: the same program started to print
/// its version.
fn start() {
    let mut display = Display::new(LEDS);
    let start = wall(&display);
    // The first start makes the data directory.
    let folder = Appliance::start(&start).folder();
    let mut measured = Vec::new();
    let mut baseline = Vec::new();
    for _ in 0..RUNS {
        while display.next(Duration::from_millis(100)).is_some() {}
        let began = Instant::now();
        let running = std::thread::scope(|scope| {
            let running = scope.spawn(|| Appliance::start_in(folder.clone(), &start));
            let shown = display.wait_for("the first picture", |_| true);
            measured.push((shown.at - began).as_secs_f64() * 1e3);
            running.join().unwrap()
        });
        drop(running);
        let began = Instant::now();
        Command::new(binary()).arg("--version").stdout(Stdio::null()).status().unwrap();
        baseline.push(began.elapsed().as_secs_f64() * 1e3);
    }
    row("start to first frame vs --version", median(measured), median(baseline), "ms", "≤ 150 ms");
}

/// From the answer that a restart is accepted to the first picture of the program that follows, which has
/// another socket; baseline: a first start to the same picture.
fn restart() {
    let wire = UdpSocket::bind("127.0.0.1:0").unwrap();
    wire.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let output = format!("(hosts: [\"{}\"])", wire.local_addr().unwrap());
    let start = Start::with(format!("(layout: ({WALL}), outputs: [{output}])"));
    let another = |than: Option<SocketAddr>| loop {
        match wire.recv_from(&mut [0; 2048]) {
            Ok((_, from)) if Some(from) != than => return (from, Instant::now()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => panic!("{error}"),
        }
    };
    let (mut measured, mut baseline) = (Vec::new(), Vec::new());
    let mut before = None;
    for _ in 0..RUNS {
        let began = Instant::now();
        let (appliance, (from, shown)) = std::thread::scope(|scope| {
            let started = scope.spawn(|| Appliance::start(&start));
            let first = another(before);
            (started.join().unwrap(), first)
        });
        baseline.push((shown - began).as_secs_f64() * 1e3);
        appliance.send("POST", "/api/system/restart", &json!({}));
        let accepted = Instant::now();
        let (from, shown) = another(Some(from));
        measured.push((shown - accepted).as_secs_f64() * 1e3);
        before = Some(from);
        drop(appliance);
        wire.set_nonblocking(true).unwrap();
        while wire.recv(&mut [0; 2048]).is_ok() {}
        wire.set_nonblocking(false).unwrap();
    }
    row(
        "restart accepted to next frame vs a first start",
        median(measured),
        median(baseline),
        "ms",
        "≤ 500 ms",
    );
}

/// From the command to play a still to its light; baseline: a request that does nothing.
fn play_still() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("photo.jpg");
    let photo = "testsrc2=s=1920x1080:d=1,hue=s=0,lutyuv=y=255";
    ffmpeg(&["-f", "lavfi", "-i", photo, "-frames:v", "1", "-q:v", "3"], &file);
    let mut display = Display::new(LEDS);
    let appliance = Appliance::start(&wall(&display));
    let media = appliance.upload_media(&file);
    appliance.play(&json!([{
        "content": {"type": "media", "media": media},
        "duration_seconds": 3600,
        "transition": {"type": "cut", "duration_seconds": 0},
    }]));
    let mut measured = Vec::new();
    let mut baseline = Vec::new();
    for _ in 0..RUNS {
        appliance.send("POST", "/api/control/stop", &json!({}));
        display.wait_for("black", prismatron_tests::ddp::Shown::is_black);
        let began = Instant::now();
        appliance.send("POST", "/api/control/play", &json!({}));
        let shown = display.wait_for("the still", |shown| shown.rgb(0)[0] > 200);
        measured.push((shown.at - began).as_secs_f64() * 1e3);
        let began = Instant::now();
        appliance.get("/api/health");
        baseline.push(began.elapsed().as_secs_f64() * 1e3);
    }
    row(
        "play to first frame of a 2 MP still vs a GET",
        median(measured),
        median(baseline),
        "ms",
        "≤ 50 ms",
    );
}

/// A large video over tus; baseline: `dd` with fsync to the same disk. Higher is better here.
fn upload() {
    let mib: u64 = std::env::var("UPLOAD_MIB").map_or(4096, |n| n.parse().unwrap());
    let folder = tempfile::TempDir::new_in(".").unwrap();
    let file = folder.path().join("small.mp4");
    ffmpeg(&["-f", "lavfi", "-i", "testsrc=d=1", "-pix_fmt", "yuv420p"], &file);
    // A whole video, then a `free` box that fills it up: real media of any size.
    let mut head = fs::read(&file).unwrap();
    let length = mib << 20;
    let filler = length - head.len() as u64;
    head.extend([0, 0, 0, 1]);
    head.extend(b"free");
    head.extend(filler.to_be_bytes());

    let display = Display::new(LEDS);
    let mut start = wall(&display);
    start.args = vec!["--safe-mode".into()];
    let began = Instant::now();
    dd(folder.path(), mib);
    let baseline = mib as f64 / began.elapsed().as_secs_f64();

    let holder = std::sync::Arc::new(tempfile::TempDir::new_in(".").unwrap());
    let appliance = Appliance::start_in(holder, &start);
    let before = memory(appliance.pid(), "VmHWM");
    let began = Instant::now();
    tus(&appliance, &head, length);
    let measured = mib as f64 / began.elapsed().as_secs_f64();
    let grown = memory(appliance.pid(), "VmHWM") - before;
    row(&format!("upload of {mib} MiB, MiB a second vs dd"), measured, baseline, "", "≥ 0.7");
    row("  most memory it took vs the upload", grown, mib as f64, "Mi", "flat");
}

fn dd(folder: &Path, mib: u64) {
    let target = folder.join("dd");
    let status = Command::new("dd")
        .args(["if=/dev/zero", "bs=1M", "conv=fsync", "status=none"])
        .arg(format!("count={mib}"))
        .arg(format!("of={}", target.display()))
        .status()
        .unwrap();
    assert!(status.success());
    fs::remove_file(target).unwrap();
}

/// Creates an upload and sends all of it in one PATCH.
fn tus(appliance: &Appliance, head: &[u8], length: u64) {
    let common = format!(
        "Host: {}\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\nConnection: close\r\n",
        appliance.address(),
        appliance.token
    );
    // "large.mp4" in base64.
    let create = format!(
        "POST /api/uploads HTTP/1.1\r\n{common}Upload-Length: {length}\r\n\
         Upload-Metadata: filename bGFyZ2UubXA0\r\nContent-Length: 0\r\n\r\n"
    );
    let answer = exchange(appliance.connect(), create.as_bytes(), &[], 0);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let location = answer
        .lines()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("location: ").map(String::from))
        .unwrap();
    let path = &location[location.find("/api").unwrap()..];
    let patch = format!(
        "PATCH {path} HTTP/1.1\r\n{common}Upload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {length}\r\n\r\n"
    );
    let answer = exchange(appliance.connect(), patch.as_bytes(), head, length - head.len() as u64);
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

/// Sends a request with a body that ends in `filler` zeros and returns the head of the answer.
fn exchange(mut peer: TcpStream, request: &[u8], body: &[u8], mut filler: u64) -> String {
    peer.write_all(request).unwrap();
    peer.write_all(body).unwrap();
    let zeros = vec![0; 1 << 20];
    while filler > 0 {
        let n = filler.min(zeros.len() as u64);
        peer.write_all(&zeros[..n as usize]).unwrap();
        filler -= n;
    }
    let mut answer = String::new();
    let mut reader = BufReader::new(peer);
    while reader.read_line(&mut answer).unwrap() > 2 {}
    let mut rest = Vec::new();
    let _ = reader.read_to_end(&mut rest);
    answer
}
