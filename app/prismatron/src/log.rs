//! Where the log goes: standard error, and while it serves also `logs/prismatron.log` of the data directory.
//!
//! systemd's journal keeps time and priority itself: on its stream a line has neither time nor colour but
//! the priority in front, as `sd-daemon(3)` describes. The file is for `logrotate`: it is opened again on
//! SIGHUP. Where nobody rotates it, it stops growing at [`MOST`].

use std::fmt;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{DefaultFields, Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter, layer};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

/// Most bytes of the file.
const MOST: u64 = 64 << 20;
/// What it ends with then.
const FULL: &[u8] = b"This file is full: nothing more is written to it until it is rotated.\n";
const NAME: &str = "prismatron.log";
/// Lines that are kept for whoever reads along.
const KEPT: usize = 512;
/// Most bytes of its end that are read at once.
const TAIL: u64 = 64 << 10;

/// Begins to log to standard error, and returns the file, which is yet to be opened.
pub(crate) fn begin() -> LogFile {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let stderr = layer().with_writer(io::stderr);
    let stderr = if is_journal(std::env::var("JOURNAL_STREAM").ok().as_deref()) {
        let line = Format::default().without_time().with_level(false).with_target(false);
        stderr.with_ansi(false).event_format(Prioritised(line)).boxed()
    } else {
        stderr.with_ansi(io::stderr().is_terminal()).with_target(false).boxed()
    };
    let file = LogFile::default();
    let plain = layer()
        .with_writer(file.clone())
        .with_ansi(false)
        .with_target(false)
        .fmt_fields(Plain(DefaultFields::new()));
    tracing_subscriber::registry().with(filter).with(stderr).with(plain).init();
    file
}

/// Whether standard error is the stream to the journal that `JOURNAL_STREAM` tells of (`systemd.exec(5)`):
/// a program started from another may have inherited the variable and yet write elsewhere.
fn is_journal(stream: Option<&str>) -> bool {
    let named = stream.and_then(|stream| stream.split_once(':'));
    let Some((device, inode)) = named else { return false };
    let Ok(stderr) = io::stderr().as_fd().try_clone_to_owned() else { return false };
    File::from(stderr)
        .metadata()
        .is_ok_and(|is| device.parse() == Ok(is.dev()) && inode.parse() == Ok(is.ino()))
}

/// A line with its priority in front.
struct Prioritised(Format<Full, ()>);

impl<S, N> FormatEvent<S, N> for Prioritised
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        self.0.format_event(context, writer, event)
    }
}

/// A level as `syslog(3)` numbers it.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

/// Fields without colours. A type of its own, since fields of spans are kept by the type that wrote them,
/// and those of a terminal have colours.
struct Plain(DefaultFields);

impl<'w> FormatFields<'w> for Plain {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        self.0.format_fields(writer, fields)
    }
}

/// The log file; clones write to the same. What cannot be written is lost: a full disk must not stop the
/// show.
#[derive(Debug, Clone)]
pub(crate) struct LogFile {
    open: Arc<Mutex<Open>>,
    /// Whoever reads along.
    lines: broadcast::Sender<Arc<str>>,
}

impl Default for LogFile {
    fn default() -> Self {
        Self { open: Arc::default(), lines: broadcast::Sender::new(KEPT) }
    }
}

#[derive(Debug, Default)]
struct Open {
    path: PathBuf,
    file: Option<File>,
    length: u64,
}

impl LogFile {
    /// Opens it in a folder, which is made where it is not there.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn open(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        self.lock().path = folder.join(NAME);
        self.reopen()
    }

    /// Opens it again: what was open may have been renamed.
    ///
    /// # Errors
    /// What the system said; nothing is written then.
    pub(crate) fn reopen(&self) -> io::Result<()> {
        let mut open = self.lock();
        open.file = None;
        let file = File::options().append(true).create(true).open(&open.path)?;
        open.length = file.metadata()?.len();
        open.file = Some(file);
        Ok(())
    }

    /// The last lines that were written to it.
    pub(crate) fn tail(&self, lines: usize) -> Vec<String> {
        let open = self.lock();
        let read = || {
            let mut file = File::open(&open.path)?;
            let end = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(end.saturating_sub(TAIL)))?;
            let mut bytes = Vec::new();
            file.take(TAIL).read_to_end(&mut bytes).map(|_| bytes)
        };
        let text = read().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let text = text.unwrap_or_default();
        let all: Vec<_> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].iter().map(|line| (*line).to_owned()).collect()
    }

    /// Lines as they are written from now on, with or without a file. Whoever is slow misses some.
    pub(crate) fn follow(&self) -> broadcast::Receiver<Arc<str>> {
        self.lines.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn write(&mut self, line: &[u8]) {
        let Some(file) = &mut self.file else { return };
        let after = self.length.saturating_add(line.len() as u64);
        if after > MOST {
            let _ = file.write_all(FULL);
            self.file = None;
            return;
        }
        if file.write_all(line).is_ok() {
            self.length = after;
        }
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lock().write(line);
        if self.lines.receiver_count() > 0 {
            let text = String::from_utf8_lossy(line);
            // The last of them may have gone by now.
            let _ = self.lines.send(Arc::from(text.trim_end()));
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_in_a_new_file_after_a_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let (path, rotated) = (folder.path().join("logs").join(NAME), folder.path().join("old"));
        let mut log = LogFile::default();
        log.write_all(b"nowhere\n").unwrap();
        log.open(&folder.path().join("logs")).unwrap();
        log.write_all(b"one\n").unwrap();
        fs::rename(&path, &rotated).unwrap();
        log.write_all(b"two\n").unwrap();
        log.reopen().unwrap();
        log.write_all(b"three\n").unwrap();
        assert_eq!(fs::read_to_string(rotated).unwrap(), "one\ntwo\n");
        assert_eq!(fs::read_to_string(path).unwrap(), "three\n");
    }

    #[test]
    fn its_end_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogFile::default();
        assert_eq!(log.tail(2), [""; 0]);
        log.open(folder.path()).unwrap();
        for line in ["one\n", "two\n", "three\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(log.tail(2), ["two", "three"]);
        assert_eq!(log.tail(9), ["one", "two", "three"]);
    }

    #[test]
    fn whoever_reads_along_is_told_each_line() {
        let mut log = LogFile::default();
        log.write_all(b"unheard\n").unwrap();
        let mut lines = log.follow();
        log.write_all(b"one\n").unwrap();
        log.write_all(b"two\n").unwrap();
        assert_eq!(&*lines.try_recv().unwrap(), "one");
        assert_eq!(&*lines.try_recv().unwrap(), "two");
        assert!(lines.try_recv().is_err());
    }

    #[test]
    fn it_stops_growing_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        File::create(&path).unwrap().set_len(MOST - 3).unwrap();
        let mut log = LogFile::default();
        log.open(folder.path()).unwrap();
        for _ in 0..3 {
            log.write_all(b"long\n").unwrap();
        }
        assert_eq!(fs::metadata(&path).unwrap().len(), MOST - 3 + FULL.len() as u64);
        log.reopen().unwrap();
        log.write_all(b"long\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), MOST - 3 + 2 * FULL.len() as u64);
    }

    #[test]
    fn a_journal_that_standard_error_does_not_go_to_is_none() {
        assert!(!is_journal(None));
        assert!(!is_journal(Some("0:0")));
        assert!(!is_journal(Some("journal")));
    }
}
