//! What a program or a machine says, while it says it.

use std::io::Read;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// All that has come so far; clones share it. It is bytes: what comes in one piece may end within a letter.
#[derive(Clone, Default)]
pub(crate) struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    /// How many bytes have come.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// What has come after so many bytes.
    pub(crate) fn after(&self, from: usize) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()[from..]).into_owned()
    }

    /// All that has come.
    pub(crate) fn text(&self) -> String {
        self.after(0)
    }

    /// Takes all that comes from there, on a thread of its own, which ends with it.
    pub(crate) fn listen(&self, mut to: impl Read + Send + 'static) -> JoinHandle<()> {
        let said = self.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = to.read(&mut buffer) {
                said.0.lock().unwrap().extend_from_slice(&buffer[..n]);
            }
        })
    }
}
