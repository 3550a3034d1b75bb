//! The thread that writes the log.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::line::{Chain, LONGEST, Line, digits};
use super::mark::Mark;
use super::{AuditEvent, AuditLog, FILE, Message, Shared};
use crate::error::StoreError;
use crate::file;
use crate::finding::{Finding, Findings};
use crate::folders::Folders;
use crate::time::WallClock;

/// Lines that may wait to be written.
const WAITING: usize = 1024;
/// Lines that are made durable together.
const TOGETHER: usize = 128;
/// How soon after a line its number is kept elsewhere too: not for each, which would be a second file to make durable.
const MARKED: Duration = Duration::from_secs(5);

/// Writes the log until it is dropped, which writes what still waits.
#[derive(Debug)]
pub(crate) struct AuditWriter {
    queue: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl AuditWriter {
    /// Starts the thread. A log that cannot be written is told as a finding and tried again.
    pub(crate) fn start(
        folders: &Folders,
        findings: &Findings,
        clock: &WallClock,
    ) -> Result<(Self, AuditLog), StoreError> {
        let (queue, messages) = crossbeam_channel::bounded(WAITING);
        let shared = Arc::new(Shared {
            folders: folders.clone(),
            clock: Arc::clone(clock),
            lost: AtomicU64::new(0),
            reopen: AtomicBool::new(false),
        });
        let work = Work {
            path: folders.logs.join(FILE),
            open: None,
            chain: None,
            mark: Mark::load(folders),
            due: None,
            shared: Arc::clone(&shared),
            findings: findings.clone(),
            failing: false,
        };
        let thread = std::thread::Builder::new()
            .name("audit".into())
            .spawn(move || work.run(&messages))
            .map_err(StoreError::on("start the thread for", &folders.logs))?;
        let log = AuditLog { queue: queue.clone(), shared };
        Ok((Self { queue, thread: Some(thread) }, log))
    }
}

impl Drop for AuditWriter {
    fn drop(&mut self) {
        let _ = self.queue.send(Message::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the audit log had panicked");
        }
    }
}

/// The open file and how much of it is whole lines.
struct Open {
    file: File,
    length: u64,
}

struct Work {
    path: PathBuf,
    open: Option<Open>,
    /// Where the chain stands, once that is known.
    chain: Option<Chain>,
    mark: Mark,
    /// When the mark is to be moved, if lines have been written since.
    due: Option<Instant>,
    shared: Arc<Shared>,
    findings: Findings,
    failing: bool,
}

impl Work {
    fn run(mut self, messages: &Receiver<Message>) {
        let _span = tracing::info_span!("audit").entered();
        self.write(Vec::new());
        loop {
            let first = match self.next(messages) {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut lines = Vec::new();
            let mut stop = false;
            for message in first.into_iter().chain(messages.try_iter().take(TOGETHER)) {
                match message {
                    Message::Write(time, event) => lines.push((time, event)),
                    Message::Wake => {}
                    Message::Stop => stop = true,
                }
            }
            if self.shared.reopen.swap(false, Ordering::Acquire) {
                self.open = None;
            }
            self.write(lines);
            if stop || self.due.is_some_and(|due| due <= Instant::now()) {
                self.due = None;
                if let Some(chain) = self.chain {
                    self.mark.keep(chain.seq);
                }
            }
            if stop {
                return;
            }
        }
    }

    /// The next message, or that the mark is to be moved.
    fn next(&self, messages: &Receiver<Message>) -> Result<Message, RecvTimeoutError> {
        match self.due {
            Some(due) => messages.recv_deadline(due),
            None => messages.recv().map_err(RecvTimeoutError::from),
        }
    }

    /// Writes lines and makes them durable, or counts them as lost.
    fn write(&mut self, lines: Vec<(SystemTime, AuditEvent)>) {
        let count = lines.len() as u64;
        let lost = self.shared.lost.swap(0, Ordering::Relaxed);
        match self.try_write(lines, lost) {
            Ok(()) => {
                if std::mem::take(&mut self.failing) {
                    self.findings.settle(&self.subject());
                    tracing::info!("the audit log is written again");
                }
            }
            Err(error) => {
                self.shared.lost.fetch_add(lost + count, Ordering::Relaxed);
                if !std::mem::replace(&mut self.failing, true) {
                    let message = format!(
                        "The audit log cannot be written: {}. What happens meanwhile is only counted.",
                        error.sentence()
                    );
                    self.findings.add(Finding { subject: self.subject(), message });
                }
            }
        }
    }

    fn subject(&self) -> String {
        self.shared.folders.subject(&self.path)
    }

    fn try_write(
        &mut self,
        lines: Vec<(SystemTime, AuditEvent)>,
        lost: u64,
    ) -> Result<(), StoreError> {
        let now = (self.shared.clock)();
        let mut bytes = Vec::new();
        let mut chain = match (&self.open, self.chain) {
            (Some(_), Some(chain)) => chain,
            _ => self.open_file(now, &mut bytes)?,
        };
        let Some(open) = &mut self.open else { return Ok(()) };
        if lost > 0 {
            chain.append(now, AuditEvent::Lost { lines: lost }, &mut bytes);
        }
        for (time, event) in lines {
            chain.append(time, event, &mut bytes);
        }
        if bytes.is_empty() {
            return Ok(());
        }
        let written = open.file.write_all(&bytes).and_then(|()| open.file.sync_data());
        if let Err(error) = written {
            // Half a line would break the chain; what is cut off here has never been promised.
            let _ = open.file.set_len(open.length);
            self.open = None;
            return Err(StoreError::io("write", &self.path, error));
        }
        open.length += bytes.len() as u64;
        self.chain = Some(chain);
        self.due.get_or_insert_with(|| Instant::now() + MARKED);
        Ok(())
    }

    /// Opens the file, and writes to `bytes` what it must begin with or what was found of it.
    fn open_file(&mut self, now: SystemTime, bytes: &mut Vec<u8>) -> Result<Chain, StoreError> {
        let path = self.path.clone();
        let failed = |action| StoreError::on(action, &path);
        let mut file = append_to(&path).map_err(failed("open"))?;
        let mut end = End::read(&mut file).map_err(failed("read"))?;
        let was_damaged = matches!(end, End::Damaged);
        if was_damaged {
            let aside = file::set_aside(&path)?;
            let aside = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let message = format!(
                "The end of the audit log was damaged. It was set aside as {aside}, and a new one begun."
            );
            self.findings.add(Finding { subject: self.subject(), message });
            file = append_to(&path).map_err(failed("open"))?;
            end = End::Empty { cut_off: 0 };
        }
        let (length, cut_off, last, mut chain) = match end {
            End::Whole { length, chain, cut_off } => (length, cut_off, chain.seq, chain),
            End::Empty { .. } | End::Damaged => {
                let rotated = || File::open(file::with_suffix(&path, ".1")).ok();
                let before = self.chain.or_else(|| match End::read(&mut rotated()?).ok()? {
                    End::Whole { chain, .. } => Some(chain),
                    _ => None,
                });
                let mut chain = before.unwrap_or_default();
                let last = chain.seq;
                let after = digits(chain.crc);
                chain.append(now, AuditEvent::Begin { after }, bytes);
                file::sync_folder_of(&path)?;
                let cut_off = if let End::Empty { cut_off } = end { cut_off } else { 0 };
                (0, cut_off, last, chain)
            }
        };
        if cut_off > 0 {
            file.set_len(length).map_err(failed("mend"))?;
            chain.append(now, AuditEvent::CutOff { bytes: cut_off }, bytes);
        }
        let lines = self.mark.missing(last, cut_off);
        // In this run nobody else has written, and what was set aside is not gone.
        if lines > 0 && self.chain.is_none() && !was_damaged {
            chain.append(now, AuditEvent::Missing { lines }, bytes);
            let message = format!(
                "At least {lines} lines that had been written to the audit log are not there any more. The log says so too."
            );
            let subject = format!("{}: its end", self.subject());
            self.findings.add(Finding { subject, message });
        }
        self.open = Some(Open { file, length });
        Ok(chain)
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    fs::OpenOptions::new().read(true).append(true).create(true).mode(0o640).open(path)
}

/// What a file ends with.
pub(super) enum End {
    /// There is no whole line in it, and so many bytes of one that is not.
    Empty { cut_off: u64 },
    /// Whole lines, and so many bytes of one that is not.
    Whole { length: u64, chain: Chain, cut_off: u64 },
    /// Something that cannot be gone on from.
    Damaged,
}

impl End {
    pub(super) fn read(file: &mut File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        if length == 0 {
            return Ok(Self::Empty { cut_off: 0 });
        }
        // Two lines and what may have been cut off of a third.
        let start = length.saturating_sub(3 * LONGEST as u64);
        file.seek(SeekFrom::Start(start))?;
        let mut tail = Vec::new();
        file.take(length - start).read_to_end(&mut tail)?;
        let Some(end) = tail.iter().rposition(|b| *b == b'\n') else {
            // A first line that was never whole, or no log of ours.
            return Ok(if start == 0 { Self::Empty { cut_off: length } } else { Self::Damaged });
        };
        let cut_off = (tail.len() - end - 1) as u64;
        let mut lines = tail[..end].rsplit(|b| *b == b'\n');
        let (last, before) = (lines.next().unwrap_or_default(), lines.next());
        let Some(last) = Line::read(last) else { return Ok(Self::Damaged) };
        let origin = match before {
            Some(before) => Line::read(before).map(|line| line.chain()),
            None => last.origin(),
        };
        let follows = origin.is_some_and(|mut chain| chain.follow(&last).is_ok());
        Ok(if follows {
            Self::Whole { length: length - cut_off, chain: last.chain(), cut_off }
        } else {
            Self::Damaged
        })
    }
}
