//! The logs, present and rotated: the ends of them.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flate2::read::MultiGzDecoder;

use super::MOST;
use super::archive::Entry;

/// Most bytes of all logs together.
pub(super) const ALL: usize = 16 << 20;
/// With less room than this nothing more is read.
const LEAST: usize = 64 << 10;
/// Most that is unpacked of one that is compressed, in bytes.
const UNPACKED: u64 = 80 << 20;
/// Those that should be there.
const PRESENT: [&str; 2] = ["prismatron.log", "audit.log"];

/// The logs in a folder, those of now first, then the rotated ones, the latest first; each is read when it is
/// asked for. What does not fit is named without being read.
pub(super) fn entries(folder: &Path) -> impl Iterator<Item = Entry> {
    let mut left = ALL;
    let (rotated, trouble) = match rotated(folder) {
        Ok(rotated) => (rotated, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let present = PRESENT.map(|name| folder.join(name));
    let trouble = trouble.map(|error| Entry {
        name: "logs/".into(),
        about: "Logs that were rotated".into(),
        content: Err(error),
    });
    let all = present.into_iter().chain(rotated);
    let read = all.map(move |path| {
        let entry = entry(&path, left);
        left = left.saturating_sub(entry.content.as_ref().map_or(0, Vec::len));
        entry
    });
    read.chain(trouble)
}

/// The rotated logs of a folder, the latest first.
fn rotated(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_ours = |name: &str| {
        PRESENT.iter().any(|log| name.strip_prefix(log).is_some_and(|rest| rest.starts_with('.')))
    };
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    for file in fs::read_dir(folder)? {
        let file = file?;
        if !file.file_name().to_str().is_some_and(is_ours) {
            continue;
        }
        let meta = file.metadata()?;
        if meta.is_file() {
            found.push((meta.modified()?, file.path()));
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

fn entry(path: &Path, left: usize) -> Entry {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_packed = name.ends_with(".gz");
    let content = match left {
        ..LEAST => Err(io::Error::other("there was no more room")),
        _ if is_packed => end_of_packed(path, MOST.min(left)),
        _ => end_of(path, MOST.min(left)),
    };
    let (content, is_whole) = match content {
        Ok((content, is_whole)) => (Ok(content), is_whole),
        Err(error) => (Err(error), true),
    };
    let about = if is_whole { "As it is" } else { "Its end" };
    let name = format!("logs/{}", name.strip_suffix(".gz").unwrap_or(&name));
    Entry { name, about: about.into(), content }
}

/// The end of a file, from a whole line on, and whether that is all of it.
fn end_of(path: &Path, most: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut file = open(path)?;
    let length = file.metadata()?.len();
    let skipped = length.saturating_sub(most as u64);
    file.seek(SeekFrom::Start(skipped))?;
    let mut bytes = Vec::new();
    // It may be growing.
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(from_whole_line(bytes, skipped == 0))
}

/// The same of a file that is compressed: all of it has to be unpacked.
fn end_of_packed(path: &Path, most: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut unpacked = MultiGzDecoder::new(open(path)?).take(UNPACKED);
    let mut end = VecDeque::new();
    let (mut part, mut is_whole) = ([0; 32 << 10], true);
    loop {
        let count = unpacked.read(&mut part)?;
        if count == 0 {
            return Ok(from_whole_line(end.into(), is_whole));
        }
        end.extend(&part[..count]);
        let surplus = end.len().saturating_sub(most);
        is_whole &= surplus == 0;
        end.drain(..surplus);
    }
}

/// The file itself: what a link leads to is no log of ours.
fn open(path: &Path) -> io::Result<File> {
    if !fs::symlink_metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    File::open(path)
}

fn from_whole_line(mut bytes: Vec<u8>, is_whole: bool) -> (Vec<u8>, bool) {
    if !is_whole {
        let first = bytes.iter().position(|b| *b == b'\n').map_or(bytes.len(), |at| at + 1);
        bytes.drain(..first);
    }
    (bytes, is_whole)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn the_end_begins_with_a_whole_line_packed_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let (plain, packed) = (folder.path().join("a"), folder.path().join("b.gz"));
        let text = "one\ntwo\nthree\n".repeat(20_000);
        fs::write(&plain, &text).unwrap();
        let mut encoder = GzEncoder::new(File::create(&packed).unwrap(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap();
        for read in [end_of(&plain, 11), end_of_packed(&packed, 11)] {
            assert_eq!(read.unwrap(), (b"two\nthree\n".to_vec(), false));
        }
        for read in [end_of(&plain, 1 << 20), end_of_packed(&packed, 1 << 20)] {
            assert_eq!(read.unwrap(), (text.clone().into_bytes(), true));
        }
    }

    #[test]
    fn all_together_have_a_bound_and_what_has_no_room_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let line = "a line of sixteen\n";
        let long = line.repeat(MOST / line.len() + 10);
        for number in 1..=10 {
            fs::write(folder.path().join(format!("prismatron.log.{number}")), &long).unwrap();
        }
        fs::write(folder.path().join("another.log.1"), "not ours").unwrap();
        fs::write(folder.path().join("prismatron.log"), "now\n").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("audit.log")).unwrap();
        let all: Vec<_> = entries(folder.path()).collect();
        assert_eq!(all.len(), 12);
        assert_eq!(all[0].content.as_ref().unwrap(), b"now\n");
        assert_eq!(all[1].content.as_ref().unwrap_err().to_string(), "it is no file");
        let total: usize = all.iter().filter_map(|e| e.content.as_ref().ok()).map(Vec::len).sum();
        assert!((ALL - LEAST..=ALL).contains(&total), "{total}");
        let last = all.last().unwrap().content.as_ref().unwrap_err();
        assert_eq!(last.to_string(), "there was no more room");
    }
}
