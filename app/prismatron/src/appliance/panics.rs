//! `prismatron kernel-panic`: keeps how the kernel stopped in the boot before, if it did.
//!
//! The kernel leaves its last lines in the firmware's variables or in memory that outlives a reset (pstore), whence
//! systemd-pstore brings them to the disk, for root alone, and unbounded. What is kept of them is what people are told,
//! beside why boots were given up.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;

use super::boots::{self, Failure};
use super::notes;

/// What notes are about.
const SUBJECT: &str = "kernel";
/// Lines that are kept up to the one that says why.
const LINES: usize = 40;
/// Longest line that is kept, in characters.
const LONGEST: usize = 300;
/// Most that is read of a dump, in bytes.
const LARGEST: u64 = 1 << 20;
/// Longest time between two pieces of a dump. A machine does not start and stop again within it.
const APART: Duration = Duration::from_secs(5);

/// Keeps the newest of what systemd-pstore has left in a folder, tells of it, and removes all of it.
///
/// # Errors
/// It cannot be read, kept or removed.
pub(crate) fn run(from: &Path, boots: &Path, notes: &Path) -> anyhow::Result<()> {
    let pieces = newest(from).with_context(|| format!("cannot read {}", from.display()))?;
    if pieces.is_empty() {
        return Ok(());
    }
    let mut text = Vec::new();
    for piece in pieces {
        let room = LARGEST.saturating_sub(text.len() as u64);
        fs::File::open(&piece)
            .and_then(|file| file.take(room).read_to_end(&mut text))
            .with_context(|| format!("cannot read {}", piece.display()))?;
    }
    let failure = read(&String::from_utf8_lossy(&text));
    boots::keep(boots, boots::PANIC, &failure)?;
    let last = failure.log.last().map(|line| format!(" It logged last: {line}"));
    let message = format!("It stopped, and was started again.{}", last.unwrap_or_default());
    notes::leave(notes, SUBJECT, &message);
    for entry in fs::read_dir(from)?.flatten() {
        let path = entry.path();
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// The newest dump in a folder and those in it, in the order of its lines.
///
/// In memory a dump is one file. Firmware keeps it in pieces, the last lines first, each by the second in which it was
/// written; systemd-pstore puts together those of one second (`SECONDS/COUNT/dmesg.txt`), and a slow firmware takes several.
fn newest(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    let mut folders = vec![(folder.to_owned(), None)];
    while let Some((folder, second)) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
            let name = name.to_string_lossy();
            let metadata = fs::symlink_metadata(&entry)?;
            if metadata.is_dir() {
                let named = name.parse().ok().map(Duration::from_secs);
                let named = named.and_then(|named| SystemTime::UNIX_EPOCH.checked_add(named));
                folders.push((entry, second.or(named)));
            } else if name == "dmesg.txt" || name.starts_with("dmesg-ramoops") {
                found.push((second.map_or_else(|| metadata.modified(), Ok)?, entry));
            }
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    let count = |path: &Path| Some(path.parent()?.file_name()?.to_owned());
    let last = found.chunk_by(|(later, last), (earlier, next)| {
        next.ends_with("dmesg.txt")
            && count(last) == count(next)
            && later.duration_since(*earlier).is_ok_and(|apart| apart <= APART)
    });
    let last = last.into_iter().next().unwrap_or_default();
    Ok(last.iter().map(|(_, path)| path.clone()).collect())
}

/// What a dump says: a heading for each piece, and lines as `<6>[   12.345678] text`.
fn read(dump: &str) -> Failure {
    let is_heading = |line: &str| {
        let word = line.split('#').next().unwrap_or_default();
        line.contains("Part") && (word == "Panic" || word == "Oops")
    };
    let mut log: Vec<String> = Vec::new();
    for line in dump.lines().filter(|line| !is_heading(line)) {
        let line = match line.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
            Some((level, rest)) if level.parse::<u8>().is_ok() => rest,
            _ => line,
        };
        let said: String =
            line.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
        let is_reason = said.contains("Kernel panic");
        log.push(said);
        if is_reason {
            break;
        }
    }
    log.drain(..log.len().saturating_sub(LINES));
    let version = env!("CARGO_PKG_VERSION").into();
    Failure { version, reason: "its kernel has stopped".into(), log }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    const DUMP: &str = "Panic#1 Part1\n<6>[   90.000000] sysrq: Trigger a crash\n\
        <0>[   90.000001] Kernel panic - not syncing: sysrq triggered crash\n<4>[   90.000002] Call Trace:\n";

    /// What systemd-pstore has put together of the pieces of a second.
    fn write(folder: &Path, second: u64, text: &str) {
        let folder = folder.join(format!("{second}/001"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("dmesg.txt"), text).unwrap();
    }

    #[test]
    fn the_newest_dump_is_kept_and_told_and_none_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let [from, boots, notes] =
            ["pstore", "boots", "notes"].map(|name| folder.path().join(name));
        fs::create_dir(&boots).unwrap();
        run(&from, &boots, &notes).unwrap();
        assert_eq!(boots::load(&boots, boots::PANIC), None, "there is no folder");
        write(&from, 1_795_729_000, DUMP);
        fs::write(from.join("1795729000/001/dmesg-efi-179572900001001"), "a piece").unwrap();
        let old = fs::File::create(from.join("dmesg-ramoops-0")).unwrap();
        old.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        run(&from, &boots, &notes).unwrap();
        let kept = boots::load(&boots, boots::PANIC).unwrap();
        let last = "[   90.000001] Kernel panic - not syncing: sysrq triggered crash";
        assert_eq!(kept.log.last().unwrap(), last);
        assert_eq!(kept.log.len(), 2);
        let [note] = &notes::all(&notes)[..] else { panic!("one note") };
        assert_eq!(
            note.message,
            format!("It stopped, and was started again. It logged last: {last}")
        );
        assert_eq!(fs::read_dir(&from).unwrap().count(), 0);
        boots::forget(&boots, boots::PANIC);
        run(&from, &boots, &notes).unwrap();
        assert_eq!(boots::load(&boots, boots::PANIC), None, "it is told once");
    }

    #[test]
    fn a_dump_that_took_the_firmware_some_seconds_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let [from, boots, notes] =
            ["pstore", "boots", "notes"].map(|name| folder.path().join(name));
        fs::create_dir(&boots).unwrap();
        write(&from, 1_795_729_002, "Panic#1 Part3\n<4>[   90.000000] one\n");
        write(
            &from,
            1_795_729_001,
            "Panic#1 Part2\n<4>[   90.000001] two\n<0>[   90.000002] Kernel panic - not syncing: three\n",
        );
        write(&from, 1_795_729_000, "Panic#1 Part1\n<0>[   90.000003] Kernel Offset: four\n");
        write(&from, 1_795_728_900, "Panic#1 Part1\n<0>[   80.000000] an earlier boot's\n");
        run(&from, &boots, &notes).unwrap();
        let kept = boots::load(&boots, boots::PANIC).unwrap();
        assert_eq!(
            kept.log,
            [
                "[   90.000000] one",
                "[   90.000001] two",
                "[   90.000002] Kernel panic - not syncing: three"
            ]
        );
    }

    #[test]
    fn whatever_is_there_is_bounded_and_no_terminal_s_business() {
        let long = format!("{}\u{1b}[2J{}\n", "x\n".repeat(1000), "y".repeat(9999));
        let Failure { log, .. } = read(&long);
        assert_eq!(log.len(), LINES);
        assert_eq!(log.last().unwrap(), &format!("[2J{}", "y".repeat(LONGEST - 3)));
        assert_eq!(read("").log, Vec::<String>::new());
    }
}
