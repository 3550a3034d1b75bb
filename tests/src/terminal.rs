//! A terminal with somebody before it.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::said::Said;

/// A terminal.
pub struct Terminal {
    keyboard: File,
    line: OwnedFd,
    screen: Said,
    patience: Duration,
}

impl Terminal {
    /// A new one, on which nothing takes longer than this unless it hangs.
    pub fn open(patience: Duration) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let line = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        let keyboard = File::from(master);
        let screen = Said::default();
        screen.listen(keyboard.try_clone().unwrap());
        Self { keyboard, line, screen, patience }
    }

    /// A stream of a program that runs on it.
    pub fn stream(&self) -> Stdio {
        self.line.try_clone().unwrap().into()
    }

    /// All that it has shown, once this is among it.
    ///
    /// # Panics
    /// It never is.
    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    fn wait(&self, what: &str, is_there: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + self.patience;
        loop {
            let screen = self.screen.text();
            if is_there(&screen) {
                return screen;
            }
            assert!(Instant::now() < until, "never “{what}”: {screen}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types a line once this is shown and what is typed is not.
    ///
    /// # Panics
    /// It does not come to that.
    pub fn type_unseen(&mut self, after: &str, line: &str) {
        let is_seen = || tcgetattr(&self.line).unwrap().local_modes.contains(LocalModes::ECHO);
        self.wait(after, |screen| screen.ends_with(after) && !is_seen());
        self.type_keys(&format!("{line}\n"));
    }

    /// Types these.
    pub fn type_keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }
}
