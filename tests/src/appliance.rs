//! The real program in a folder of its own, and what a script would say to it.

use std::io::{BufRead, BufReader};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::api::Api;
use crate::said::Said;

/// Nothing here takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// No answer takes this long, also of an emulated machine while it starts.
const ANSWER: Duration = Duration::from_secs(120);

/// `target/<profile>/prismatron`, beside the test that runs.
///
/// # Panics
/// It is not built.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("PRISMATRON_BIN") {
        return path.into();
    }
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    if path.ends_with("deps") {
        path.pop();
    }
    path.push("prismatron");
    assert!(path.exists(), "{} is not there: cargo build --package prismatron", path.display());
    path
}

/// How the program is started.
#[derive(Default)]
pub struct Start {
    /// Text of the configuration file.
    pub config: String,
    /// More arguments.
    pub args: Vec<String>,
    /// Environment variables to set.
    pub env: Vec<(String, String)>,
    /// Whether it takes itself for the main process of a systemd unit.
    pub by_systemd: bool,
}

impl Start {
    /// With this configuration.
    pub fn with(config: impl Into<String>) -> Self {
        Self { config: config.into(), ..Self::default() }
    }
}

/// The program while it runs; it is killed when this is dropped.
pub struct Appliance {
    child: Child,
    api: Api,
    /// The address that signs a browser in.
    pub sign_in: String,
    /// The claim code, where nobody has claimed it.
    pub claim: Option<String>,
    /// The fingerprint of its certificate, where it has one.
    pub fingerprint: Option<String>,
    log: Said,
    folder: Arc<TempDir>,
}

impl Appliance {
    /// Starts it in a new folder and waits for its address.
    pub fn start(start: &Start) -> Self {
        Self::start_in(Arc::new(TempDir::new().unwrap()), start)
    }

    /// Starts it in a folder that may hold data.
    ///
    /// # Panics
    /// It ends before it has said its address, or says none.
    pub fn start_in(folder: Arc<TempDir>, start: &Start) -> Self {
        let config = folder.path().join("prismatron.ron");
        std::fs::write(&config, if start.config.is_empty() { "()" } else { &start.config })
            .unwrap();
        let mut command = if start.by_systemd {
            // systemd names the process that it starts, which a shell becomes here.
            let mut shell = Command::new("sh");
            shell.args(["-c", r#"SYSTEMD_EXEC_PID=$$ exec "$0" "$@""#]).arg(binary());
            shell
        } else {
            Command::new(binary())
        };
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--config"])
            .arg(&config)
            .arg("--data-dir")
            .arg(data_dir(&folder))
            .args(&start.args)
            .envs(start.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Said::default();
        log.listen(child.stderr.take().unwrap());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut claim, mut fingerprint) = (None, None);
        let sign_in = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let said = |label: &str| {
                    let rest = line.trim().strip_prefix(label)?;
                    rest.split_whitespace().next().map(String::from)
                };
                claim = claim.take().or(said("claim "));
                fingerprint = fingerprint.take().or(said("SHA-256 "));
                line.split_whitespace().find(|w| w.contains("#code=")).map(String::from)
            })
            .unwrap_or_else(|| panic!("no address; log: {}", log.text()));
        std::thread::spawn(move || lines.for_each(drop));
        let base = sign_in.split("/#").next().unwrap().to_owned();
        let token = token(&data_dir(&folder));
        Self {
            child,
            api: Api { base, token, patience: PATIENCE },
            sign_in,
            claim,
            fingerprint,
            log,
            folder,
        }
    }

    /// Its data directory.
    pub fn data_dir(&self) -> PathBuf {
        data_dir(&self.folder)
    }

    /// The folder around it, to start again in.
    pub fn folder(&self) -> Arc<TempDir> {
        Arc::clone(&self.folder)
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has logged this.
    ///
    /// # Panics
    /// It does not.
    pub fn wait_for_log(&self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.log().contains(text) {
            assert!(Instant::now() < until, "never logged “{text}”:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Writes another configuration over the one it was started with.
    pub fn configure(&self, config: &str) {
        std::fs::write(self.config(), config).unwrap();
    }

    /// Its configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("prismatron.ron")
    }

    /// Sends a signal.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "it does not end\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// It is spoken to through its API.
impl Deref for Appliance {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

impl Drop for Appliance {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("── log of the program\n{}", self.log());
        }
    }
}

fn data_dir(folder: &TempDir) -> PathBuf {
    folder.path().join("data")
}

/// What `prismatron token` prints.
///
/// # Panics
/// It prints none.
pub fn token(data_dir: &Path) -> String {
    let output =
        Command::new(binary()).args(["token", "--data-dir"]).arg(data_dir).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// An HTTP client that reports 4xx and 5xx as answers.
pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(ANSWER))
        .build()
        .into()
}
