//! `prismatron console`: what somebody at the serial line sees and may do.
//!
//! Holding the machine in hand is all the authority that is asked for; so it may do what its menu has, and nothing else:
//! there is no shell, no path and no program to be named here. What is typed only chooses from the menu.

mod banner;
mod deeds;
mod menu;

use std::io::{self, BufRead};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use deeds::Machine;
use menu::Menu;

/// How often it is looked whether what the banner says has changed.
const LOOK: Duration = Duration::from_secs(3);
/// Longest line that is read; the rest of it is dropped.
const LONGEST: u64 = 80;

/// Talks until the line is closed.
///
/// # Errors
/// The terminal is gone, or there is no runtime.
pub(crate) fn run() -> anyhow::Result<()> {
    let typed = listen();
    let mut menu = Menu::new(Machine::new()?, io::stdout());
    menu.begin()?;
    loop {
        match typed.recv_timeout(LOOK) {
            Ok(line) => menu.hear(&line)?,
            Err(RecvTimeoutError::Timeout) => menu.look()?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// Lines as they are typed.
fn listen() -> Receiver<String> {
    let (line, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let mut limited = io::Read::take(&mut input, LONGEST);
            match limited.read_until(b'\n', &mut bytes) {
                Ok(0) | Err(_) => return,
                Ok(_) if line.send(String::from_utf8_lossy(&bytes).trim().to_owned()).is_err() => {
                    return;
                }
                Ok(_) => {}
            }
        }
    });
    lines
}
