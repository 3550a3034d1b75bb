//! `tests/appliance/up`, by which anybody sees the appliance.

use std::fs;
use std::path::Path;
use std::process::Command;

use prismatron_tests::appliance::{agent, binary};
use prismatron_tests::qemu::{PATIENCE, free_port, script};
use prismatron_tests::terminal::Terminal;

#[test]
fn one_command_brings_it_to_the_terminal_and_a_browser() {
    let port = free_port();
    let mut terminal = Terminal::open(PATIENCE);
    let up = Path::new(env!("CARGO_MANIFEST_DIR")).join("appliance/up");
    // The terminal is its own, so that it ends with it.
    let mut up = Command::new("setsid")
        .args(["--wait", "--ctty"])
        .arg(up)
        .arg("--new")
        .env("PORT", port.to_string())
        .env("PRISMATRON_BIN", binary())
        .stdin(terminal.stream())
        .stdout(terminal.stream())
        .stderr(terminal.stream())
        .spawn()
        .unwrap();
    terminal.wait_for(&format!("The page will be at http://localhost:{port}"));
    terminal.wait_for("claim     ");
    terminal.wait_for("Choose a number");
    let mut page = agent().get(format!("http://localhost:{port}/")).call().unwrap();
    assert!(page.body_mut().read_to_string().unwrap().contains("<title>Prismatron</title>"));
    // The console: its network.
    terminal.type_keys("7\n");
    terminal.wait_for("10.0.2.15");
    // QEMU's own key to end it.
    terminal.type_keys("\u{1}x");
    terminal.wait_for("Enter boots it again, Ctrl-C does not.");
    terminal.type_keys("\u{4}");
    assert!(up.wait().unwrap().success());
    let kept = script("disk", &[]).with_file_name(format!("appliance-up-{port}"));
    for end in ["img", "img.made", "fd"] {
        fs::remove_file(kept.with_extension(end)).unwrap();
    }
}
