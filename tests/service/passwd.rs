//! `prismatron passwd`: on a terminal and by a pipe, for whoever may open the socket.

use prismatron_tests::appliance::PATIENCE;
use prismatron_tests::machine::Machine;
use prismatron_tests::terminal::Terminal;
use serde_json::json;

use crate::playing;

const OLD: &str = "correct horse";
const NEW: &str = "battery staple";

/// Runs the command on a terminal, types these two, waits until it says this, and returns whether it went well.
fn type_twice(machine: &Machine, first: &str, second: &str, says: &str) -> bool {
    let mut terminal = Terminal::open(PATIENCE);
    let mut child = machine
        .command(&["setsid", "--wait", "--ctty", "prismatron", "passwd", " ada "])
        .stdin(terminal.stream())
        .stdout(terminal.stream())
        .stderr(terminal.stream())
        .spawn()
        .unwrap();
    terminal.type_unseen("New password of Ada: ", first);
    terminal.type_unseen("The same again: ", second);
    let is_good = child.wait().unwrap().success();
    let screen = terminal.wait_for(says);
    assert!(!screen.contains(first) && !screen.contains(second), "{screen}");
    is_good
}

#[test]
fn a_password_is_set_unseen_and_ends_what_was_begun_with_the_old_one() {
    let (machine, _display, api) = playing();
    let sign_in = |password: &str| machine.in_network(|| api.sign_in("Ada", password));
    let is_signed_in = |cookie: &str| machine.in_network(|| api.is_signed_in(cookie));
    let ada = json!({ "name": "Ada", "role": "admin", "password": OLD });
    machine.in_network(|| api.send("POST", "/api/accounts", &ada));
    let (status, cookie) = sign_in(OLD);
    assert!(status == 200 && is_signed_in(&cookie));

    assert!(!type_twice(&machine, NEW, "another one", "not the same"));
    assert!(is_signed_in(&cookie), "nothing has changed");
    assert!(type_twice(&machine, NEW, NEW, "Ada has another password"));
    assert!(!is_signed_in(&cookie), "the session is over");
    assert_eq!(sign_in(OLD).0, 401);
    assert_eq!(sign_in(NEW).0, 200);

    // By a pipe, and what is said where it cannot be.
    machine.shell(&format!("printf '{OLD}\\r\\nmore\\n' | prismatron passwd ADA"));
    assert_eq!(sign_in(OLD).0, 200);
    machine.run(&["useradd", "guest"]);
    let as_guest = ["setpriv", "--reuid=guest", "--regid=guest", "--init-groups"].join(" ");
    for (line, why) in [
        ("echo short | prismatron passwd Ada".to_owned(), "at least 10 characters"),
        ("prismatron passwd Ada".to_owned(), "at least 10 characters"),
        ("echo long enough | prismatron passwd Eve".to_owned(), "there is no account “Eve”"),
        (format!("echo long enough | {as_guest} prismatron passwd Ada"), "Permission denied"),
    ] {
        let output = machine.try_run(&["sh", "-c", &line]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why), "{line}: {said}");
    }
    assert_eq!(sign_in(OLD).0, 200);

    let audit = || machine.read("/var/lib/prismatron/logs/audit.log");
    let is_set = |line: &&str| line.contains("\"of Ada\"") && line.contains("local user 0");
    machine.wait_until("both in the audit log", || audit().lines().filter(is_set).count() == 2);
    let audit = audit();
    assert!(![OLD, NEW].iter().any(|password| audit.contains(password)), "{audit}");
}
