//! What systemd sees of the program, and what it does to it: the start, reloads, restarts, crashes.

use std::fs;
use std::io::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::ptrace::{self, Options};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;
use prismatron_tests::appliance::{Appliance, Start, binary};
use prismatron_tests::ddp::Display;
use prismatron_tests::systemd::NotifySocket;
use serde_json::json;

use crate::{LEDS, is_primary, small_wall, solid};

fn under(socket: &NotifySocket, output: &str) -> Start {
    Start { env: socket.env(), ..Start::with(small_wall(output)) }
}

#[test]
fn it_is_ready_with_the_first_light_and_tells_its_end() {
    let socket = NotifySocket::new();
    let mut display = Display::new(LEDS);
    let mut appliance =
        Appliance::start(&under(&socket, &format!("(hosts: [{:?}])", display.address())));
    let ready = socket.wait_for("READY=1");
    let arrived = display.next(Duration::from_millis(10));
    assert!(arrived.is_some(), "there was no light yet");
    assert!(ready.contains("STATUS=Playing “Demonstration”; 1 of 1 outputs sending"), "{ready}");
    let pid = fs::read_to_string(socket.pid_file()).unwrap();
    assert_eq!(pid, format!("{}\n", appliance.pid()));
    appliance.send("POST", "/api/control/pause", &json!({}));
    socket.wait_for("STATUS=Paused in “Demonstration”; 1 of 1 outputs sending");
    appliance.signal("-TERM");
    assert!(appliance.wait().success());
    socket.wait_for("STOPPING=1");
    assert!(!socket.pid_file().exists());
}

#[test]
fn a_wall_whose_controller_is_not_found_starts_all_the_same() {
    let socket = NotifySocket::new();
    let _appliance = Appliance::start(&under(&socket, "(hosts: [\"no-such.invalid\"])"));
    let ready = socket.wait_for("READY=1");
    assert!(ready.contains("0 of 1 outputs sending"), "{ready}");
}

#[test]
fn a_reload_applies_what_is_good_and_refuses_what_is_not() {
    let socket = NotifySocket::new();
    let mut display = Display::new(LEDS);
    let output = format!("(hosts: [{:?}])", display.address());
    let appliance = Appliance::start(&under(&socket, ""));
    socket.wait_for("READY=1");
    let log = appliance.data_dir().join("logs/prismatron.log");
    fs::rename(&log, log.with_extension("1")).unwrap();

    appliance.configure(&small_wall(&output));
    appliance.signal("-HUP");
    let reloading = socket.wait_for("RELOADING=1");
    assert!(reloading.contains("MONOTONIC_USEC="), "{reloading}");
    socket.wait_for("READY=1");
    display.wait_for("light", |shown| !shown.is_black());
    assert_eq!(appliance.get("/api/outputs")["source"], "config");
    assert!(fs::read_to_string(&log).unwrap().contains("reloaded"), "the log is opened anew");

    appliance.configure("(outputs: [(hosts: 7)])");
    appliance.signal("-HUP");
    let refused = socket.wait_for("READY=1");
    assert!(refused.contains("The new configuration is not used"), "{refused}");
    let found = |status: &serde_json::Value| status["health"]["findings"].to_string();
    let status = appliance.wait_for("a finding", |status| found(status).contains("configuration"));
    assert!(found(&status).contains("prismatron.ron:1:"), "{status:#}");
    assert_eq!(status["outputs"].as_array().unwrap().len(), 1, "the old one stays in force");

    // What is set on the page has the last word, and what takes a restart is named.
    appliance.send("PUT", "/api/outputs", &json!({"outputs": []}));
    appliance.configure(&small_wall(&output).replacen('(', "(fps: 30, ", 1));
    appliance.signal("-HUP");
    let ready = socket.wait_for("READY=1");
    assert!(ready.contains("only a restart applies: fps"), "{ready}");
    assert_eq!(appliance.get("/api/outputs")["outputs"], json!([]));
    appliance.configure(&small_wall(&output));
    appliance.signal("-HUP");
    socket.wait_for("READY=1");
    appliance.wait_for("no finding", |status| !found(status).contains("configuration"));
}

#[test]
fn a_restart_by_itself_keeps_picture_address_and_place() {
    let mut display = Display::new(LEDS);
    let output = format!("(hosts: [{:?}])", display.address());
    let appliance = Appliance::start(&Start::with(small_wall(&output)));
    appliance.play(&json!([solid("#00ff00", 3600.0), solid("#ff0000", 3600.0)]));
    appliance.send("POST", "/api/control/next", &json!({}));
    display.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
    let accepted = appliance.send("POST", "/api/system/restart", &json!({}));
    assert_eq!(accepted["status"], "accepted");
    // The second start says so in the same log; its page answers at the same address.
    let until = Instant::now() + prismatron_tests::appliance::PATIENCE;
    while appliance.log().matches("sending host").count() < 2 {
        let shown = display.next(Duration::from_millis(100));
        assert!(shown.is_none_or(|shown| is_primary(shown.rgb(0), 0)), "another picture");
        assert!(Instant::now() < until, "it does not come back\n{}", appliance.log());
    }
    let again = Instant::now();
    display.wait_for("red again", |shown| shown.at > again && is_primary(shown.rgb(0), 0));
    std::net::TcpStream::connect(appliance.address()).unwrap();
    let status = appliance.wait_for("the item it was at", |s| s["player"]["item"]["index"] == 1);
    assert_eq!(status["system"]["supervisor"], "none");
    assert_eq!(appliance.call("POST", "/api/system/reboot", None).0, 503);
}

#[test]
fn where_systemd_cannot_be_asked_the_exit_code_asks_for_a_restart() {
    let mut display = Display::new(LEDS);
    let output = format!("(hosts: [{:?}])", display.address());
    let mut start = Start { by_systemd: true, ..Start::with(small_wall(&output)) };
    start.env.push(("DBUS_SYSTEM_BUS_ADDRESS".into(), "unix:path=/nonexistent/bus".into()));
    let mut appliance = Appliance::start(&start);
    appliance.play(&json!([solid("#ff0000", 3600.0)]));
    display.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
    let (status, refused) = appliance.call("POST", "/api/system/reboot", None);
    assert_eq!(status, 503, "{refused}");
    appliance.send("POST", "/api/system/restart", &json!({}));
    assert_eq!(appliance.wait().code(), Some(123));
    while let Some(shown) = display.next(Duration::from_millis(200)) {
        assert!(is_primary(shown.rgb(0), 0), "the picture is not held");
    }
}

#[test]
fn a_blackout_after_a_crash_darkens_every_host() {
    let (mut used, mut spare, mut set) =
        (Display::new(LEDS), Display::new(LEDS), Display::new(LEDS));
    let output =
        format!("(hosts: [{:?}, {:?}, \"no-such.invalid\"])", used.address(), spare.address());
    let mut appliance = Appliance::start(&Start::with(small_wall(&output)));
    appliance.play(&json!([solid("#ff0000", 3600.0)]));
    used.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
    let blackout = |appliance: &Appliance, result: &str| {
        let done = Command::new(binary())
            .arg("blackout")
            .env("SERVICE_RESULT", result)
            .args(["--config".as_ref(), appliance.config().as_os_str()])
            .args(["--data-dir".as_ref(), appliance.data_dir().as_os_str()])
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    };
    // Where not even the configuration can be read, nobody knows how many LEDs there are but these.
    let outputs = json!({"outputs": [{
        "name": "set", "protocol": {"type": "ddp"}, "hosts": [set.address()],
        "leds": {"first": 0, "count": LEDS}}]});

    appliance.signal("-KILL");
    appliance.wait();
    let idle = blackout(&appliance, "success");
    assert!(idle.contains("ended well"), "{idle}");
    assert_eq!(blackout(&appliance, "signal"), "black went out to 2 of 3 hosts\n");
    for display in [&mut used, &mut spare] {
        display.wait_for("black", |shown| shown.is_black());
    }

    let mut appliance = Appliance::start_in(appliance.folder(), &Start::with(small_wall(&output)));
    appliance.send("PUT", "/api/outputs", &outputs);
    set.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
    appliance.signal("-KILL");
    appliance.wait();
    appliance.configure("this is no configuration");
    assert_eq!(blackout(&appliance, "watchdog"), "black went out to 1 of 1 hosts\n");
    set.wait_for("black", |shown| shown.is_black());
}

#[test]
fn a_blackout_that_knows_nothing_says_what_is_missing() {
    let mut display = Display::new(LEDS);
    let folder = tempfile::tempdir().unwrap();
    let (config, none) = (folder.path().join("wall.ron"), folder.path().join("none"));
    let output = format!("(hosts: [{:?}])", display.address());
    fs::write(&config, small_wall(&output)).unwrap();
    let blackout = |arguments: &[(&str, &std::path::Path)]| {
        let mut command = Command::new(binary());
        command.current_dir(folder.path()).arg("blackout");
        for (name, value) in arguments {
            command.arg(name).arg(value);
        }
        let done = command.output().unwrap();
        (done.status.success(), String::from_utf8(done.stderr).unwrap())
    };
    let (is_good, error) = blackout(&[("--data-dir", &none)]);
    assert!(!is_good && error.contains("none is no data directory"), "{error}");
    let (is_good, error) = blackout(&[]);
    assert!(!is_good && error.contains("prismatron-data is no data directory"), "{error}");
    let (is_good, error) = blackout(&[("--config", &none), ("--data-dir", folder.path())]);
    assert!(!is_good && error.contains("could not read"), "{error}");
    // What is known is darkened all the same.
    let (is_good, error) = blackout(&[("--config", &config), ("--data-dir", &none)]);
    assert!(!is_good && error.contains("none is no data directory"), "{error}");
    assert!(display.wait_for("black", |_| true).is_black());
    // Nobody has named one.
    let (is_good, error) = blackout(&[("--config", &config)]);
    assert!(is_good, "{error}");
    // A folder that is there, and another than it should be.
    let (is_good, error) = blackout(&[("--data-dir", folder.path())]);
    assert!(!is_good && error.contains("is no data directory"), "{error}");
    // A machine on which nothing has been set or played yet.
    fs::create_dir(folder.path().join("playlists")).unwrap();
    let (is_good, error) = blackout(&[("--data-dir", folder.path())]);
    assert!(is_good, "{error}");
}

#[test]
fn an_end_that_is_asked_for_during_a_restart_is_the_end() {
    let mut display = Display::new(LEDS);
    let output = format!("(hosts: [{:?}])", display.address());
    let mut appliance = Appliance::start(&Start::with(small_wall(&output)));
    appliance.play(&json!([solid("#ff0000", 3600.0)]));
    display.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
    // A long answer that nobody takes keeps the page a moment.
    let noise: String = (0_u32..200_000)
        .fold(String::new(), |text, n| text + &format!("{:08x}\n", n.wrapping_mul(2_654_435_761)));
    for number in 1..=6 {
        let log = appliance.data_dir().join(format!("logs/prismatron.log.{number}"));
        fs::write(log, &noise).unwrap();
    }
    let mut slow = appliance.connect();
    let head = format!(
        "GET /api/system/diagnostics HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
        appliance.address(),
        appliance.token,
    );
    slow.write_all(head.as_bytes()).unwrap();
    assert!(slow.peek(&mut [0]).unwrap() > 0, "it has begun");
    appliance.send("POST", "/api/system/restart", &json!({}));
    appliance.wait_for_log("restart: stopping");
    appliance.signal("-TERM");
    let status = appliance.wait();
    assert!(status.success(), "{status}");
    assert_eq!(appliance.log().matches("sending host").count(), 1, "it came back");
    let mut last = None;
    while let Some(shown) = display.next(Duration::from_millis(200)) {
        last = Some(shown);
    }
    assert!(last.expect("a last picture").is_black());
}

#[test]
fn an_end_that_is_asked_for_between_one_program_and_the_next_is_the_end() {
    let mut display = Display::new(LEDS);
    let output = format!("(hosts: [{:?}])", display.address());
    let mut appliance = Appliance::start(&Start::with(small_wall(&output)));
    appliance.play(&json!([solid("#ff0000", 3600.0)]));
    display.wait_for("red", |shown| is_primary(shown.rgb(0), 0));
    // It stops where the one has gone and the next has not done anything yet.
    let pid = Pid::from_raw(i32::try_from(appliance.pid()).unwrap());
    ptrace::attach(pid).unwrap();
    assert!(matches!(waitpid(pid, None), Ok(WaitStatus::Stopped(..))));
    ptrace::setoptions(pid, Options::PTRACE_O_TRACEEXEC).unwrap();
    ptrace::cont(pid, None).unwrap();
    appliance.send("POST", "/api/system/restart", &json!({}));
    assert!(matches!(waitpid(pid, None), Ok(WaitStatus::PtraceEvent(..))), "{}", appliance.log());
    appliance.signal("-TERM");
    ptrace::detach(pid, None).unwrap();
    let status = appliance.wait();
    assert!(status.success(), "{status}");
    assert!(appliance.log().contains("SIGTERM: stopping"), "{}", appliance.log());
    let mut last = None;
    while let Some(shown) = display.next(Duration::from_millis(200)) {
        last = Some(shown);
    }
    assert!(last.expect("a last picture").is_black());
}
