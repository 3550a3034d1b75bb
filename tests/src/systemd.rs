//! systemd's side of `sd_notify(3)`: a socket that a program tells how it fares.

use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Instant;

use tempfile::TempDir;

use crate::appliance::PATIENCE;

/// The socket, in a folder that is also the runtime directory.
pub struct NotifySocket {
    socket: UnixDatagram,
    folder: TempDir,
}

impl NotifySocket {
    /// A new one.
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, folder }
    }

    /// What systemd sets for the program.
    pub fn env(&self) -> Vec<(String, String)> {
        let folder = self.folder.path().display();
        vec![
            ("NOTIFY_SOCKET".into(), format!("{folder}/notify")),
            ("RUNTIME_DIRECTORY".into(), folder.to_string()),
        ]
    }

    /// The PID file that should be there.
    pub fn pid_file(&self) -> PathBuf {
        self.folder.path().join("prismatron.pid")
    }

    /// The next message that has this line.
    ///
    /// # Panics
    /// None comes.
    pub fn wait_for(&self, line: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let message = self.next().unwrap_or_else(|| panic!("{line} was never told"));
            if message.lines().any(|said| said == line) {
                return message;
            }
            assert!(Instant::now() < until, "much was told, but never {line}");
        }
    }

    /// Everything that was told and not yet taken.
    pub fn drain(&self) -> Vec<String> {
        self.socket.set_nonblocking(true).unwrap();
        let told = std::iter::from_fn(|| self.next()).collect();
        self.socket.set_nonblocking(false).unwrap();
        told
    }

    fn next(&self) -> Option<String> {
        let mut message = [0; 4096];
        let length = self.socket.recv(&mut message).ok()?;
        Some(String::from_utf8(message[..length].to_vec()).unwrap())
    }
}

impl Default for NotifySocket {
    fn default() -> Self {
        Self::new()
    }
}
