//! Accounts across restarts of the real program.

use std::process::{Command, Output};

use prismatron_tests::appliance::{Appliance, Start, agent, binary};
use serde_json::{Value, json};

/// Posts without a token; returns status, cookie and body.
fn post(appliance: &Appliance, path: &str, body: &Value) -> (u16, String, Value) {
    let url = format!("{}{path}", appliance.base);
    let request = agent().post(&url).header("Content-Type", "application/json");
    let mut answer = request.send(body.to_string()).unwrap();
    let cookie = answer.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap());
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or("").to_owned();
    let text = answer.body_mut().read_to_string().unwrap();
    (answer.status().as_u16(), cookie, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// A cookie is named by the port, which is another one in each run of a test.
fn at_port_of(appliance: &Appliance, cookie: &str) -> String {
    let (name, value) = cookie.split_once('=').unwrap();
    let (name, _) = name.rsplit_once('_').unwrap();
    let port = appliance.address().rsplit(':').next().unwrap();
    format!("{name}_{port}={value}")
}

fn status(appliance: &Appliance, method: &str, path: &str, cookie: &str) -> u16 {
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", appliance.base))
        .header("Cookie", cookie);
    agent().run(request.body(()).unwrap()).unwrap().status().as_u16()
}

fn verify(appliance: &Appliance) -> Output {
    Command::new(binary())
        .args(["verify", "--data-dir"])
        .arg(appliance.data_dir())
        .output()
        .unwrap()
}

#[test]
fn the_claim_code_is_said_until_there_is_an_admin_and_sessions_outlive_a_restart() {
    let first = Appliance::start(&Start::default());
    let code = first.claim.clone().expect("a claim code on the terminal");
    let folder = first.folder();
    drop(first);

    let mut appliance = Appliance::start_in(folder.clone(), &Start::default());
    assert_eq!(appliance.claim.as_deref(), Some(code.as_str()), "it stays the same");
    let ada = json!({ "name": "Ada", "password": "correct horse" });
    let (refused, _, _) = post(&appliance, "/api/session", &ada);
    assert_eq!(refused, 401);
    let claim = json!({ "code": code, "name": "Ada", "password": "correct horse" });
    let (claimed, staying, session) = post(&appliance, "/api/claim", &claim);
    assert_eq!((claimed, &session["role"]), (200, &json!("admin")), "{session}");
    let (signed_in, leaving, _) = post(&appliance, "/api/session", &ada);
    assert_eq!(signed_in, 200);
    assert_eq!(status(&appliance, "DELETE", "/api/session", &leaving), 204);
    appliance.signal("-TERM");
    assert!(appliance.wait().success());
    drop(appliance);

    let appliance = Appliance::start_in(folder, &Start::default());
    assert_eq!(appliance.claim, None);
    let [staying, leaving] = [staying, leaving].map(|cookie| at_port_of(&appliance, &cookie));
    assert_eq!(status(&appliance, "GET", "/api/accounts", &staying), 200);
    assert_eq!(status(&appliance, "GET", "/api/accounts", &leaving), 401, "signed out for good");
    assert_eq!(post(&appliance, "/api/session", &ada).0, 200);

    // All of it stands in the audit log, over three runs, and nobody has touched it.
    appliance.wait_for("the sign-in in the audit log", |_| {
        let page = appliance.get("/api/audit");
        page["lines"][0]["who"] == "account Ada" && page["lines"][0]["status"] == 200
    });
    let output = verify(&appliance);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("lines of the audit log"), "{said}");
    let log = appliance.data_dir().join("logs/audit.log");
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.contains("correct horse") && !text.contains(&code), "{text}");
    std::fs::write(&log, text.replacen("account Ada", "account Eve", 1)).unwrap();
    let output = verify(&appliance);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && said.contains("audit.log:"), "{said}");
}

#[test]
fn another_sites_name_leads_nowhere_unless_it_is_configured() {
    let appliance = Appliance::start(&Start::with("(host_names: [\"wall.example.org\"])"));
    let get = |host: &str| {
        let request = agent().get(format!("{}/api/health", appliance.base)).header("Host", host);
        request.call().unwrap().status().as_u16()
    };
    assert_eq!(get("wall.example.org"), 200);
    assert_eq!(get("localhost"), 200);
    assert_eq!(get("evil.example"), 421);
}

/// Kibibytes of memory the program has.
fn memory(appliance: &Appliance) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", appliance.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn guessing_leaves_no_memory_behind() {
    // Safe mode: nothing else takes memory meanwhile.
    let mut start = Start::default();
    start.args.push("--safe-mode".into());
    let appliance = Appliance::start(&start);
    let guess = |number: u32| {
        let output = Command::new("curl")
            .args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "--interface"])
            .arg(format!("127.9.0.{number}"))
            .args(["-H", "Content-Type: application/json", "-d"])
            .arg(
                json!({ "name": format!("user {number}"), "password": "not this one" }).to_string(),
            )
            .arg(format!("{}/api/session", appliance.base))
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "401");
    };
    // The first takes what all others share.
    guess(1);
    let before = memory(&appliance);
    (2..25).for_each(guess);
    let grown = memory(&appliance).saturating_sub(before);
    // Each hash works in 19 MiB.
    assert!(grown < 30 << 10, "{grown} KiB more after 23 guesses");
}
