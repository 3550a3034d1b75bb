//! What a machine is asked while it is on: by its shell and its page.

use std::path::Path;
use std::time::{Duration, Instant};

use super::PATIENCE;
use super::shell::Shell;
use crate::api::Api;

/// A machine that is on.
pub struct Guest {
    shell: Shell,
    page: u16,
}

impl Guest {
    /// One with a shell at this socket, and its page at this port.
    pub(super) fn connect(shell: &Path, page: u16) -> Self {
        Self { shell: Shell::connect(shell), page }
    }

    /// Runs a line of shell on it as root, which must succeed, and returns what it says.
    ///
    /// # Panics
    /// It fails, or does not end.
    pub fn shell(&self, line: &str) -> String {
        let (status, said) = self.try_shell(line);
        assert_eq!(status, 0, "{line}: {said}");
        said
    }

    /// Runs a line of shell on it as root, and returns how it ended and what it said.
    ///
    /// # Panics
    /// It does not end.
    pub fn try_shell(&self, line: &str) -> (i32, String) {
        self.shell.run(line)
    }

    /// Waits until a line of shell succeeds.
    pub fn wait_until(&self, line: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let (status, said) = self.try_shell(line);
            if status == 0 {
                return said;
            }
            assert!(Instant::now() < until, "{line}: {said}");
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Waits until this boot is confirmed: only then another system is installed.
    pub fn wait_until_confirmed(&self) {
        self.wait_until("systemctl is-active --quiet prismatron-mark-good.service");
    }

    /// Where its page is.
    pub fn page(&self) -> String {
        format!("http://127.0.0.1:{}", self.page)
    }

    /// Waits until the service is ready, and returns its API.
    pub fn api(&self) -> Api {
        self.wait_until("systemctl is-active --quiet prismatron.service");
        let token = "runuser --user=prismatron -- prismatron token --data-dir /var/lib/prismatron";
        // What it logs comes before.
        let said = self.shell(token);
        let token = said.lines().last().unwrap().trim().to_owned();
        assert_eq!(token.matches('.').count(), 2, "{said}");
        Api { base: self.page(), token, patience: PATIENCE }
    }
}
