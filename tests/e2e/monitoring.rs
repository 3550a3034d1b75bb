//! Monitoring by the real Prometheus, set up as the operations guide says.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use prismatron_tests::appliance::{Appliance, PATIENCE, Start, agent};
use prismatron_tests::ddp::Display;
use prismatron_tests::guide;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{LEDS, small_wall};

fn tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where `prometheus` and `promtool` are.
fn programs() -> PathBuf {
    let fetched = tests().join("e2e/prometheus");
    let fetched = Command::new(fetched).stderr(Stdio::inherit()).output().unwrap();
    assert!(fetched.status.success(), "Prometheus cannot be fetched");
    String::from_utf8(fetched.stdout).unwrap().trim().into()
}

/// Prometheus while it runs.
struct Prometheus {
    child: Child,
    address: String,
    _folder: TempDir,
}

impl Prometheus {
    /// Scrapes this display as often as can be.
    fn start(appliance: &Appliance, token: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        fs::write(at("token"), token).unwrap();
        let config = guide::block("Monitor", "yaml")
            .replace("192.0.2.7:8080", appliance.address())
            .replace("/etc/prometheus/prismatron.token", &at("token"))
            .replace(
                "/etc/prometheus/alerts.yml",
                &tests().join("../docs/alerts.yml").display().to_string(),
            );
        assert!(config.contains(appliance.address()), "{config}");
        let often = "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n";
        fs::write(at("prometheus.yml"), format!("{often}{config}")).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(programs().join("prometheus"))
            .arg(format!("--config.file={}", at("prometheus.yml")))
            .arg(format!("--storage.tsdb.path={}", at("data")))
            .arg(format!("--web.listen-address={free}"))
            .stderr(fs::File::create(at("log")).unwrap())
            .spawn()
            .unwrap();
        Self { child, address: free.to_string(), _folder: folder }
    }

    /// What a query comes to: labels and value of each.
    fn query(&self, query: &str) -> Vec<Value> {
        let url = format!("http://{}/api/v1/query", self.address);
        let Ok(mut answer) = agent().get(&url).query("query", query).call() else {
            return Vec::new();
        };
        let text = answer.body_mut().read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        answer["data"]["result"].as_array().cloned().unwrap_or_default()
    }

    fn wait_for(&self, query: &str) -> Vec<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.query(query);
            if !found.is_empty() {
                return found;
            }
            let targets = self.query("up");
            assert!(Instant::now() < until, "never {query}; {targets:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn each_alert_fires_when_it_should_and_not_before() {
    let alerts = tests().join("e2e/alerts.yml");
    let tested =
        Command::new(programs().join("promtool")).args(["test", "rules"]).arg(alerts).output();
    let tested = tested.unwrap();
    assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
}

#[test]
fn prometheus_collects_what_there_is_and_alerts() {
    let (left, right) = (Display::new(LEDS), Display::new(LEDS));
    let name = r#"the "left" \ one"#;
    let outputs = format!(
        "(name: {name:?}, hosts: [{:?}]), (name: \"right\", hosts: [{:?}])",
        left.address(),
        right.address()
    );
    let appliance = Appliance::start(&Start::with(small_wall(&outputs)));
    let token = json!({"name": "prometheus", "role": "viewer", "days": 1});
    let token =
        appliance.send("POST", "/api/tokens", &token)["secret"].as_str().unwrap().to_owned();
    let prometheus = Prometheus::start(&appliance, &token);

    let sending =
        prometheus.wait_for(r#"prismatron_output{job="prismatron",state="sending"} == 1"#);
    let mut names: Vec<_> =
        sending.iter().map(|one| one["metric"]["output"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["right", name]);
    assert_eq!(prometheus.wait_for("prismatron_health{state=\"ok\"}").len(), 1);
    prometheus.wait_for("rate(prismatron_output_frames_total[1m]) > 0");
    prometheus
        .wait_for(&format!("prismatron_build_info{{version={:?}}}", env!("CARGO_PKG_VERSION")));
    // The machine is read within the first half minute.
    prometheus.wait_for("prismatron_memory_available_bytes{of=\"machine\"} > 1e6");
    let free = appliance.get("/api/status")["storage"]["free_bytes"].as_f64().unwrap();
    let told = prometheus.wait_for("prismatron_storage_free_bytes")[0]["value"][1].clone();
    let told: f64 = told.as_str().unwrap().parse().unwrap();
    assert!((told / free - 1.0).abs() < 0.5, "{told} of {free}");

    // Every number that an alert is about is there, but those of what this machine may not have.
    let rules = fs::read_to_string(tests().join("../docs/alerts.yml")).unwrap();
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let mut seen = 0;
    for name in rules.split(|c| !is_name(c)).filter(|word| word.starts_with("prismatron_")) {
        prometheus.wait_for(name);
        seen += 1;
    }
    assert!(seen >= 9, "{seen}");

    let alerts = r#"ALERTS{alertname="PrismatronOutputFailing"}"#;
    assert!(prometheus.query(alerts).is_empty(), "{:?}", prometheus.query(alerts));
    drop(left);
    let alert = prometheus.wait_for(alerts);
    assert_eq!(alert[0]["metric"]["output"], name);
    assert_eq!(alert[0]["metric"]["alertstate"], "pending");
}

#[test]
fn a_number_is_nobody_elses() {
    let appliance = Appliance::start(&Start::with(small_wall("")));
    let url = format!("{}/api/metrics", appliance.base);
    assert_eq!(agent().get(&url).call().unwrap().status(), 401);
    let bearer = format!("Bearer {}", appliance.token);
    let mut answer = agent().get(&url).header("Authorization", bearer).call().unwrap();
    let form = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(form, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = answer.body_mut().read_to_string().unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(!text.contains(&appliance.token));
}
