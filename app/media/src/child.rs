//! A program that is run on a file nobody vouches for: no shell, no standard input, bounded memory and time,
//! no writing of files, its complaints kept, and gone for certain when its owner is.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use prismatron_core::port::{MediaError, MediaFault};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Resource, Rlimit, prlimit};

/// Most address space a child may take: enough for 8K video, far from all a machine has.
const MEMORY: u64 = 3 << 30;

/// How much of what a child complains about is kept: its last words.
const WORDS: usize = 4096;

/// A running child.
pub(crate) struct Child {
    process: std::process::Child,
    output: ChildStdout,
    errors: Option<ChildStderr>,
    words: Vec<u8>,
}

/// Why nothing more can be read from a child.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It has said nothing for too long.
    Silent,
    /// The pipe failed.
    Io(io::Error),
}

impl Child {
    /// Starts the program with these arguments.
    pub(crate) fn start(program: &Path, arguments: &[OsString]) -> Result<Self, MediaError> {
        let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
        let failed = |error: &dyn std::fmt::Display| {
            MediaError::new(MediaFault::Io, format!("{name} cannot be started: {error}"))
        };
        let mut process = Command::new(program)
            .args(arguments)
            .env("LC_ALL", "C")
            .env("AV_LOG_FORCE_NOCOLOR", "1")
            .env_remove("FFREPORT")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(&error))?;
        confine(&process);
        let (output, errors) = (process.stdout.take(), process.stderr.take());
        let Some(output) = output else {
            let _ = process.kill();
            let _ = process.wait();
            return Err(failed(&"it has no output"));
        };
        // Frames are large; every wake-up saved is one less on each side. Refused, it works all the same.
        let _ = rustix::pipe::fcntl_setpipe_size(&output, 1 << 20);
        Ok(Self { process, output, errors, words: Vec::new() })
    }

    /// Fills the buffer, or as much of it as comes before the output ends. Gives up when nothing at all comes
    /// for `patience`.
    pub(crate) fn fill(&mut self, buffer: &mut [u8], patience: Duration) -> Result<usize, Fault> {
        let mut filled = 0;
        while filled < buffer.len() {
            self.await_output(patience)?;
            match self.output.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::Io(error)),
            }
        }
        Ok(filled)
    }

    /// Reads all output up to `most` bytes, in `patience` altogether.
    pub(crate) fn read_all(&mut self, most: usize, patience: Duration) -> Result<Vec<u8>, Fault> {
        let deadline = Instant::now() + patience;
        let mut all = Vec::new();
        let mut buffer = [0; 16384];
        while all.len() < most {
            let left = deadline.saturating_duration_since(Instant::now());
            let room = (most - all.len()).min(buffer.len());
            self.await_output(left)?;
            match self.output.read(&mut buffer[..room]) {
                Ok(0) => break,
                Ok(n) => all.extend_from_slice(&buffer[..n]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::Io(error)),
            }
        }
        Ok(all)
    }

    /// Waits for output (or its end), listening to complaints meanwhile.
    fn await_output(&mut self, patience: Duration) -> Result<(), Fault> {
        let deadline = Instant::now() + patience;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = Timespec::try_from(left).map_err(|_| Fault::Silent)?;
            let mut waited = [
                PollFd::new(&self.output, PollFlags::IN),
                PollFd::from_borrowed_fd(
                    self.errors.as_ref().map_or(self.output.as_fd(), AsFd::as_fd),
                    PollFlags::IN,
                ),
            ];
            let count = if self.errors.is_some() { 2 } else { 1 };
            match poll(&mut waited[..count], Some(&timeout)) {
                Ok(0) => return Err(Fault::Silent),
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(Fault::Io(error.into())),
            }
            let [output, errors] = waited.map(|fd| !fd.revents().is_empty());
            if errors && self.errors.is_some() {
                self.listen();
            }
            if output {
                return Ok(());
            }
        }
    }

    /// Takes in what the child complains about: one read, which does not block after a poll.
    fn listen(&mut self) {
        let mut buffer = [0; 1024];
        let Some(errors) = &mut self.errors else { return };
        match errors.read(&mut buffer) {
            Ok(n) if n > 0 => {
                self.words.extend_from_slice(&buffer[..n]);
                let surplus = self.words.len().saturating_sub(WORDS);
                self.words.drain(..surplus);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => self.errors = None,
        }
    }

    /// Lets a child whose output has ended come to its end, and says how it did; it is killed if it does not.
    pub(crate) fn finish(&mut self, patience: Duration) -> Result<ExitStatus, Fault> {
        let deadline = Instant::now() + patience;
        while let Some(errors) = &self.errors {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = Timespec::try_from(left).map_err(|_| Fault::Silent)?;
            match poll(&mut [PollFd::new(errors, PollFlags::IN)], Some(&timeout)) {
                Ok(0) => break,
                Ok(_) => self.listen(),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(Fault::Io(error.into())),
            }
        }
        if self.errors.is_some() {
            // It has closed its output and still holds on to the rest.
            let _ = self.process.kill();
        }
        self.process.wait().map_err(Fault::Io)
    }

    /// What it has complained about, in one line, without what only its authors understand.
    pub(crate) fn words(&self, file: &Path) -> String {
        explain(&self.words, file)
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Either may fail only because it is gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Limits what the child may use. It has hardly begun to load its libraries by now.
fn confine(process: &std::process::Child) {
    let Some(pid) = i32::try_from(process.id()).ok().and_then(Pid::from_raw) else { return };
    let limit = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    for (resource, most) in [(Resource::As, MEMORY), (Resource::Fsize, 0), (Resource::Core, 0)] {
        if let Err(error) = prlimit(Some(pid), resource, limit(most)) {
            tracing::debug!(?resource, %error, "a child process is not limited");
        }
    }
}

/// The last complaints of ffmpeg or ffprobe: without prefixes in brackets, the file's name and repetitions.
fn explain(words: &[u8], file: &Path) -> String {
    let words = String::from_utf8_lossy(words);
    let name = format!("file:{}", file.display());
    let words = words.replace(&name, "").replace(name.trim_start_matches("file:"), "");
    let mut lines: Vec<&str> = Vec::new();
    for line in words.lines() {
        let mut line = line.trim();
        while let Some((_, rest)) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            line = rest.trim_start();
        }
        let line = line.trim_start_matches([':', ' ']);
        if !line.is_empty() && line != "Conversion failed!" && !lines.contains(&line) {
            lines.push(line);
        }
    }
    let last = lines.len().saturating_sub(3);
    lines[last..].join("; ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Child {
        Child::start(Path::new("/bin/sh"), &["-c".into(), script.into()]).unwrap()
    }

    #[test]
    fn output_and_complaints_are_kept_apart() {
        let mut child = shell("echo out; echo '[x @ 0x1] [y] bad thing' >&2; echo end; exit 3");
        let mut buffer = [0; 64];
        let n = child.fill(&mut buffer, SOON).unwrap();
        assert_eq!(&buffer[..n], b"out\nend\n");
        assert_eq!(child.finish(SOON).unwrap().code(), Some(3));
        assert_eq!(child.words(Path::new("f")), "bad thing");
    }

    #[test]
    fn endless_complaints_neither_block_nor_pile_up() {
        let mut child = shell(
            "i=0; while [ $i -lt 20000 ]; do echo complaint $i >&2; i=$((i+1)); done; echo x",
        );
        assert_eq!(child.read_all(100, SOON).unwrap(), b"x\n");
        child.finish(SOON).unwrap();
        assert!(child.words.len() <= WORDS);
        assert!(child.words(Path::new("f")).ends_with("complaint 19999"));
    }

    #[test]
    fn silence_is_not_waited_for_without_end() {
        let mut child = shell("exec sleep 1000");
        let fault = child.fill(&mut [0; 1], Duration::from_millis(1));
        assert!(matches!(fault, Err(Fault::Silent)), "{fault:?}");
    }

    #[test]
    fn no_file_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        let limited = "until [ \"$(ulimit -f)\" = 0 ]; do :; done";
        let script = format!("{limited}; echo hi > {}; echo done", file.display());
        let mut child = shell(&script);
        let _ = child.read_all(100, SOON);
        let _ = child.finish(SOON);
        assert_eq!(std::fs::read(&file).unwrap_or_default(), b"");
    }

    #[test]
    fn explanations_are_for_people() {
        let words = b"[mov,mp4 @ 0x55] moov atom not found\nfile:/data/a b: Invalid data found\nConversion failed!\n";
        assert_eq!(
            explain(words, Path::new("/data/a b")),
            "moov atom not found; Invalid data found"
        );
        assert_eq!(explain(b"\xff\xfe[", Path::new("x")), "\u{fffd}\u{fffd}[");
    }
}
