//! A root's shell on the machine's second serial line, which only the images of tests have.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{PATIENCE, connect};

/// The line, from the machine's start on: what is said where nobody listens is lost.
pub(super) struct Shell {
    line: UnixStream,
    is_there: Cell<bool>,
}

impl Shell {
    /// Connects to the line, which QEMU makes when it starts.
    pub(super) fn connect(socket: &Path) -> Self {
        let line = connect(socket);
        line.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        Self { line, is_there: Cell::new(false) }
    }

    /// Runs a line of shell, and returns how it ended and what it said.
    pub(super) fn run(&self, line: &str) -> (i32, String) {
        if !self.is_there.replace(true) {
            self.read_until("<<ready>>");
        }
        writeln!(&self.line, "{{ {line}\n}} 2>&1; echo \"<<\"\"end $?>>\"").unwrap();
        let (said, rest) = self.read_until("<<end ");
        let (status, _) = self.read_on(rest, ">>");
        (status.parse().unwrap(), said.trim().to_owned())
    }

    fn read_until(&self, mark: &str) -> (String, String) {
        self.read_on(String::new(), mark)
    }

    /// Reads until there is a mark; what is before it and what is after it.
    fn read_on(&self, before: String, mark: &str) -> (String, String) {
        let until = Instant::now() + PATIENCE;
        let (mut said, mut bytes) = (before.into_bytes(), [0; 4096]);
        loop {
            let text = String::from_utf8_lossy(&said);
            if let Some((before, after)) = text.split_once(mark) {
                return (before.to_owned(), after.to_owned());
            }
            assert!(Instant::now() < until, "the shell never says “{mark}”: {text}");
            match (&self.line).read(&mut bytes) {
                Ok(0) => panic!("the machine is off, before the shell says “{mark}”: {text}"),
                Ok(count) => said.extend_from_slice(&bytes[..count]),
                Err(error) if is_waiting(&error) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// Whether nothing has come yet. A read with a timeout is broken off when the computer was suspended.
fn is_waiting(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
