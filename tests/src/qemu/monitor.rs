//! QEMU's own console, where the machine's hardware is changed.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use super::{PATIENCE, connect};

/// What it says when it waits for a command.
const PROMPT: &[u8] = b"(qemu) ";

/// A connection to it.
pub(super) struct Monitor(UnixStream);

impl Monitor {
    /// Connects to its socket, which QEMU makes when it starts.
    pub(super) fn connect(socket: &Path) -> Self {
        let stream = connect(socket);
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut monitor = Self(stream);
        monitor.wait_for_prompt();
        monitor
    }

    /// Gives a command, and waits until it is carried out.
    pub(super) fn command(&mut self, line: &str) {
        writeln!(self.0, "{line}").unwrap();
        self.wait_for_prompt();
    }

    fn wait_for_prompt(&mut self) {
        let (mut said, mut byte) = (Vec::new(), [0]);
        while !said.ends_with(PROMPT) {
            self.0.read_exact(&mut byte).unwrap();
            said.push(byte[0]);
        }
    }
}
