//! The archive's form, written to somebody who takes it as it is made.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::stream;
use tokio::sync::mpsc;

use super::eraser::{Eraser, REMOVED};

/// Bytes handed over at once, and how many of these may wait.
const PART: usize = 64 << 10;
const WAITING: usize = 4;
/// The folder that everything is in, so that unpacking strews nothing about.
const FOLDER: &str = "prismatron-diagnostics";

/// A way from a thread to a client.
pub(super) fn pipe() -> (Pipe, Body) {
    let (sender, mut receiver) = mpsc::channel(WAITING);
    let body = Body::from_stream(stream::poll_fn(move |context| receiver.poll_recv(context)));
    (Pipe(sender), body)
}

/// The thread's end of it. Blocks while the client takes nothing, and fails once it has gone.
#[derive(Clone)]
pub(super) struct Pipe(mpsc::Sender<io::Result<Bytes>>);

impl Pipe {
    /// Breaks the answer off: a client must not take half an archive for a whole one.
    pub(super) fn fail(&self, error: io::Error) {
        let _ = self.0.blocking_send(Err(error));
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = Bytes::copy_from_slice(bytes);
        self.0.blocking_send(Ok(part)).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Something for the archive.
pub(super) struct Entry {
    pub(super) name: String,
    /// What it is, for people.
    pub(super) about: String,
    /// A text, or why there is none.
    pub(super) content: io::Result<Vec<u8>>,
}

/// Writes an archive, and its MANIFEST at the end.
pub(super) struct Writer {
    tar: tar::Builder<GzEncoder<BufWriter<Pipe>>>,
    eraser: Eraser,
    /// Seconds since 1970, of every file.
    time: u64,
    here: String,
    missing: String,
}

impl Writer {
    /// What is written passes the eraser.
    pub(super) fn new(to: Pipe, now: SystemTime, eraser: Eraser) -> Self {
        let to = BufWriter::with_capacity(PART, to);
        Self {
            tar: tar::Builder::new(GzEncoder::new(to, Compression::fast())),
            eraser,
            time: now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            here: String::new(),
            missing: String::new(),
        }
    }

    /// Adds an entry, or the name of what is missing.
    ///
    /// # Errors
    /// The client has gone.
    pub(super) fn add(&mut self, Entry { name, about, content }: Entry) -> io::Result<()> {
        match content {
            Ok(content) => {
                let text = self.eraser.erase(&String::from_utf8_lossy(&content));
                let _ = writeln!(self.here, "{name:<28} {:>9}  {about}", text.len());
                self.append(&name, text.as_bytes())
            }
            Err(error) => {
                let _ = writeln!(self.missing, "{name}: {error}");
                Ok(())
            }
        }
    }

    /// Adds MANIFEST, which begins with `heading`, and ends the archive.
    ///
    /// # Errors
    /// The client has gone.
    pub(super) fn end(mut self, heading: &str) -> io::Result<()> {
        let missing = if self.missing.is_empty() { "nothing\n" } else { &self.missing };
        let manifest = format!(
            "{heading}\nNo password, key, token or code is in here. What looks like one, because it was \
             logged by mistake, is\nreplaced by {REMOVED}.\n\nHere, with their bytes:\n{}\nNot here, and \
             why:\n{missing}",
            self.here
        );
        self.append("MANIFEST", manifest.as_bytes())?;
        let mut to = self.tar.into_inner()?.finish()?;
        to.flush()
    }

    fn append(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.time);
        self.tar.append_data(&mut header, format!("{FOLDER}/{name}"), content)
    }
}
