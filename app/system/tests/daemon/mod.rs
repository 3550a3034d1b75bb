//! A D-Bus daemon of a test's own.

use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A bus with nothing on it, in a folder of its own.
pub(crate) struct Daemon {
    pub(crate) address: String,
    _daemon: Child,
    _folder: TempDir,
}

impl Daemon {
    pub(crate) async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let config = folder.path().join("bus.conf");
        let text = format!(
            r#"<busconfig>
                 <listen>unix:path={}</listen>
                 <auth>EXTERNAL</auth>
                 <policy context="default">
                   <allow send_destination="*" eavesdrop="true"/>
                   <allow eavesdrop="true"/>
                   <allow own="*"/>
                 </policy>
               </busconfig>"#,
            folder.path().join("bus").display()
        );
        std::fs::write(&config, text).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg(format!("--config-file={}", config.display()))
            .args(["--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("dbus-daemon is not installed: apt-get install dbus");
        let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
        let address = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        Self { address, _daemon: daemon, _folder: folder }
    }
}
