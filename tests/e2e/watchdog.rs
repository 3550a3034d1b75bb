//! The watchdog is fed while every part lives, and not when one of them stands still. Threads are stopped
//! from outside, one at a time, as a debugger does it (`ptrace(2)`).

use std::fs;
use std::time::Instant;

use nix::sys::ptrace;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use prismatron_tests::appliance::{Appliance, PATIENCE, Start};
use prismatron_tests::ddp::Display;
use prismatron_tests::systemd::NotifySocket;

use crate::{LEDS, small_wall};

/// A thread that stands still until this is dropped.
struct Frozen(Pid);

impl Frozen {
    fn new(thread: Pid) -> Self {
        ptrace::attach(thread).unwrap();
        waitpid(thread, Some(WaitPidFlag::__WALL)).unwrap();
        Self(thread)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        let _ = ptrace::detach(self.0, None);
    }
}

/// The threads of a program that have this name.
fn threads(pid: u32, name: &str) -> Vec<Pid> {
    let mut found = Vec::new();
    for thread in fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let thread = thread.unwrap();
        let named = fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
        if named.trim() == name {
            found.push(Pid::from_raw(thread.file_name().to_str().unwrap().parse().unwrap()));
        }
    }
    found
}

fn start() -> (NotifySocket, Display, Appliance) {
    let socket = NotifySocket::new();
    let display = Display::new(LEDS);
    let mut start = Start {
        env: socket.env(),
        ..Start::with(small_wall(&format!("(hosts: [{:?}])", display.address())))
    };
    start.env.push(("WATCHDOG_USEC".into(), "2000000".into()));
    let appliance = Appliance::start(&start);
    socket.wait_for("READY=1");
    for _ in 0..3 {
        socket.wait_for("WATCHDOG=1");
    }
    (socket, display, appliance)
}

/// Freezes a thread, and holds that this is noticed, and that its thaw is.
fn freeze(name: &str, found: &str) {
    let (socket, _display, appliance) = start();
    let threads = threads(appliance.pid(), name);
    assert_eq!(threads.len(), 1, "threads named {name}");
    let frozen = Frozen::new(threads[0]);
    appliance.wait_for_log(&format!("the watchdog is not fed: {found}"));
    socket.drain();
    // It is not fed either while other things are told.
    let until = Instant::now() + std::time::Duration::from_millis(2500);
    while Instant::now() < until {
        appliance.get("/api/health");
        assert!(!socket.drain().iter().any(|told| told.contains("WATCHDOG")), "{found}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    drop(frozen);
    socket.wait_for("WATCHDOG=1");
    appliance.wait_for_log("the watchdog is fed again");
    assert_eq!(appliance.log().matches("the watchdog is not fed").count(), 1, "it is said once");
}

#[test]
fn a_player_that_stands_still_is_noticed() {
    freeze("player", "player: no sign of life");
}

#[test]
fn an_output_that_stands_still_is_noticed() {
    freeze("output", "output “127.0.0.1:");
}

#[test]
fn nobody_feeds_it_for_a_runtime_that_stands_still() {
    let (socket, _display, appliance) = start();
    let workers = threads(appliance.pid(), "tokio-rt-worker");
    assert!(workers.len() >= 2, "{workers:?}");
    // The thread that began the runtime waits in it and takes part in nothing.
    let frozen: Vec<_> = workers.into_iter().map(Frozen::new).collect();
    socket.drain();
    let until = Instant::now() + std::time::Duration::from_millis(2500);
    while Instant::now() < until {
        assert!(!socket.drain().iter().any(|told| told.contains("WATCHDOG")));
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    drop(frozen);
    socket.wait_for("WATCHDOG=1");
    assert!(until.elapsed() < PATIENCE);
}

#[test]
fn a_wall_that_stands_still_by_order_is_alive() {
    let (socket, _display, appliance) = start();
    appliance.send("POST", "/api/control/stop", &serde_json::json!({}));
    socket.drain();
    // Longer than a part may be silent.
    for _ in 0..6 {
        socket.wait_for("WATCHDOG=1");
    }
    assert!(!appliance.log().contains("the watchdog is not fed"), "{}", appliance.log());
}
