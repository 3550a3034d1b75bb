//! Ten thousand wrong passwords from as many addresses, at the real service: what they cost, and that those at
//! the machine are not kept out by them.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use prismatron_tests::appliance::PATIENCE;
use prismatron_tests::machine::Machine;
use rustix::net::{AddressFamily, SocketType, bind, connect, socket};
use serde_json::{Value, json};

use crate::{UNIT, playing};

const GUESSES: u32 = 10_000;
const AT_ONCE: usize = 8;
/// What passes at once, and how many more pass in a second.
const BURST: u64 = 30;
const EACH_SECOND: u64 = 2;

const SERVICE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8080);
const OLD: &str = "correct horse";
const NEW: &str = "battery staple";

/// Posts a sign-in over a connection, and returns the status.
fn sign_in(mut connection: impl Read + Write, name: &str, password: &str) -> u16 {
    let body = json!({ "name": name, "password": password }).to_string();
    let request = format!(
        "POST /api/session HTTP/1.1\r\nHost: {SERVICE}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
}

/// A connection to the service from another address for each number: 127.1.0.1, 127.1.0.2 …
fn connect_from(number: u32) -> TcpStream {
    let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 1)) + number);
    let stream = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&stream, &SocketAddrV4::new(from, 0)).unwrap();
    connect(&stream, &SERVICE).unwrap();
    let stream = TcpStream::from(stream);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Guesses of several threads.
#[derive(Default)]
struct Storm {
    begun: AtomicU32,
    /// How many passwords were compared.
    looked_at: AtomicU64,
    /// Until then it goes on, however many there have been.
    may_end: AtomicBool,
}

impl Storm {
    /// Guesses at one account and at ever other names in turn; returns how often.
    fn guess(&self) -> u64 {
        let mut guesses = 0;
        loop {
            let number = self.begun.fetch_add(1, Ordering::Relaxed);
            if number >= GUESSES && self.may_end.load(Ordering::Relaxed) {
                return guesses;
            }
            let name =
                if number.is_multiple_of(2) { "Ada".to_owned() } else { format!("user {number}") };
            match sign_in(connect_from(number), &name, &format!("guess {number}")) {
                401 => drop(self.looked_at.fetch_add(1, Ordering::Relaxed)),
                status => assert_eq!(status, 429),
            }
            guesses += 1;
        }
    }
}

/// How many passwords the service has hashed since its start, as its diagnostics tell.
fn hashed(machine: &Machine) -> u64 {
    let counts = machine.shell(
        "rm -f /tmp/counts.tar.gz && prismatron diagnostics /tmp/counts.tar.gz >/dev/null && \
         tar -xzOf /tmp/counts.tar.gz prismatron-diagnostics/counts.json",
    );
    let counts: Value = serde_json::from_str(&counts).unwrap();
    counts["passwords_hashed"].as_u64().unwrap()
}

/// Processor time that a process has used: fields 14 and 15 of `/proc/PID/stat`, see `proc(5)`.
fn ticks(machine: &Machine, pid: &str) -> u64 {
    let stat = machine.shell(&format!("cat /proc/{pid}/stat"));
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn guessing_from_everywhere_costs_little_and_keeps_nobody_at_the_machine_out() {
    let (machine, mut display, api) = playing();
    let ada = json!({ "name": "Ada", "role": "admin", "password": OLD });
    machine.in_network(|| api.send("POST", "/api/accounts", &ada));
    let before = hashed(&machine);
    let pid = machine.show(UNIT, "MainPID");
    let cpu = || ticks(&machine, &pid);
    let storm = Arc::new(Storm::default());
    let (began, cpu_before) = (Instant::now(), cpu());
    // A thread is in the network of the one that it is started by.
    let guessing: Vec<_> = machine.in_network(|| {
        let one = || Arc::clone(&storm);
        let start = |storm: Arc<Storm>| std::thread::spawn(move || storm.guess());
        (0..AT_ONCE).map(|_| start(one())).collect()
    });
    let local = |password| sign_in(machine.connect("/run/prismatron-admin.sock"), "Ada", password);
    machine.wait_until("in the midst of it", || storm.begun.load(Ordering::Relaxed) > GUESSES / 4);
    assert_eq!(local(OLD), 200);
    machine.shell(&format!("echo '{NEW}' | prismatron passwd Ada"));
    assert_eq!(local(OLD), 401);
    assert_eq!(local(NEW), 200);
    for _ in 0..5 {
        assert!(machine.run(&["prismatron", "status"]).contains("playing"));
    }
    storm.may_end.store(true, Ordering::Relaxed);
    let guesses: u64 = guessing.into_iter().map(|one| one.join().unwrap()).sum();
    let cpu_used = cpu() - cpu_before;
    let most = BURST + EACH_SECOND * (began.elapsed().as_secs() + 1);
    let looked_at = storm.looked_at.load(Ordering::Relaxed);
    assert!(looked_at <= most, "{looked_at} of {guesses} were looked at, {most} may be");
    // Three sign-ins and a new password were ours.
    assert_eq!(hashed(&machine) - before, looked_at + 4);
    assert!(guesses >= GUESSES.into(), "{guesses}");
    assert_eq!(machine.show(UNIT, "MainPID"), pid, "it was not restarted");
    assert!(display.next(PATIENCE).is_some(), "the show goes on");

    let one = cpu();
    for _ in 0..10 {
        assert_eq!(sign_in(machine.connect("/run/prismatron-admin.sock"), "Ada", NEW), 200);
    }
    let one = (cpu() - one) as f64 / 10.0;
    assert!(
        (cpu_used as f64) < f64::from(GUESSES) * one / 4.0,
        "{cpu_used} ticks, {one} each hash"
    );
    println!(
        "{guesses} guesses, {looked_at} looked at: processor time of {:.0} hashes",
        cpu_used as f64 / one
    );
}
