//! `prismatron data-partition`: leaves something to mount, whatever state the data partition is in.
//!
//! The partition itself is made and grown by systemd-repart before this. Its file system is checked at each boot, mended
//! where it can be. Where there is no partition, or none that can be read or mended, it is set aside and a file system in
//! memory takes its place for this boot: nothing is written to a disk that fails, and nothing is erased before somebody
//! asks for it. What was lost or may be is a note.
//!
//! `prismatron data-remedy` does what somebody has asked for then: it looks once more for what can be mended, or makes the
//! file system anew.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use nix::libc;
use prismatron_system::{Remedy, memory_beside};

use super::superblock::{self, COPIES, Holds};
use super::{notes, tool};

/// What notes are about.
const SUBJECT: &str = "data partition";
/// Bytes of the file system in memory. They are taken when they are used.
const MEMORY: u64 = 256 << 20;
/// A file system is grown when at least this much is to be had.
const WORTHWHILE: u64 = 16 << 20;
/// Exit codes of `e2fsck(8)`, which are added: errors were corrected, and the system should be rebooted.
const CORRECTED: i32 = 1;
const REBOOT: i32 = 2;
/// Bytes that are read of what was asked for.
const LONGEST_WORD: u64 = 64;

/// How the file system came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It is whole.
    Sound,
    /// There was none yet.
    Made,
    /// It was damaged and has been mended.
    Mended,
}

/// Leaves a link to what is to be mounted.
///
/// # Errors
/// Not even memory can be used.
pub(crate) fn run(device: &Path, link: &Path, notes: &Path) -> anyhow::Result<()> {
    let target = match prepare(device) {
        Ok(outcome) => {
            if let Some(message) = message(outcome) {
                notes::leave(notes, SUBJECT, message);
            }
            device.to_path_buf()
        }
        Err(error) => {
            let message = format!(
                "It cannot be used: {error:#}. It is set aside as it is: until the next start everything is kept in \
                 memory only, and what was on it is not to be seen."
            );
            notes::leave(notes, SUBJECT, &message);
            in_memory(link)?
        }
    };
    if fs::symlink_metadata(link).is_ok() {
        fs::remove_file(link).with_context(|| format!("cannot replace {}", link.display()))?;
    }
    std::os::unix::fs::symlink(target, link)
        .with_context(|| format!("cannot make {}", link.display()))
}

/// Sees to it that the partition has a file system without errors, as large as itself.
fn prepare(device: &Path) -> anyhow::Result<Outcome> {
    let found =
        superblock::look(device).with_context(|| format!("cannot read {}", device.display()))?;
    let outcome = match found.holds {
        Holds::Nothing => make(device).map(|()| Outcome::Made)?,
        Holds::Ext4(_) => check(device)?,
        Holds::SomethingElse => mend(device)?,
    };
    // After the check, which may have taken the superblock from a copy.
    if let Holds::Ext4(size) = superblock::look(device)?.holds
        && found.size.saturating_sub(size) >= WORTHWHILE
        && let Err(error) = grow(device)
    {
        eprintln!("{error:#}");
    }
    Ok(outcome)
}

/// Replays the journal and mends what takes no decision; then whatever else is needed.
fn check(device: &Path) -> anyhow::Result<Outcome> {
    let said = tool::run("e2fsck", [Path::new("-p"), device])?;
    match said.code {
        Some(0) => Ok(Outcome::Sound),
        // What it finds after a power cut is no news; the journal is for that.
        Some(code) if is_clean(code) => Ok(Outcome::Sound),
        _ => {
            println!("{}", said.text.trim_end());
            mend(device)
        }
    }
}

fn mend(device: &Path) -> anyhow::Result<Outcome> {
    let copies =
        COPIES.map(|(block, size)| ["-b".into(), block.to_string(), "-B".into(), size.to_string()]);
    for more in std::iter::once(vec![]).chain(copies.map(Vec::from)) {
        let options = ["-f".into(), "-y".into()].into_iter().chain(more);
        let said = tool::run("e2fsck", options.chain([device.display().to_string()]))?;
        if said.code.is_some_and(is_clean) {
            println!("{}", said.text.trim_end());
            return Ok(Outcome::Mended);
        }
    }
    anyhow::bail!("it holds no file system that can be mended")
}

/// Does what was asked for about a partition that was set aside. Whoever asks may not touch disks, and has left one word;
/// it counts once.
///
/// # Errors
/// Nothing was asked for, or the partition is in use.
pub(crate) fn remedy(
    device: &Path,
    link: &Path,
    request: &Path,
    notes: &Path,
) -> anyhow::Result<()> {
    let word = word(request);
    fs::remove_file(request).with_context(|| format!("cannot take {}", request.display()))?;
    let word = word.with_context(|| format!("cannot read {}", request.display()))?;
    let remedy: Remedy = word
        .trim()
        .parse()
        .map_err(|()| anyhow::anyhow!("“{}” is no remedy", word.trim().escape_debug()))?;
    let target = fs::read_link(link).with_context(|| format!("cannot read {}", link.display()))?;
    anyhow::ensure!(target == memory_beside(link), "{} is in use", device.display());
    let done = match remedy {
        Remedy::Repair => prepare(device).map(|_| "It has been mended"),
        Remedy::Replace => make(device).map(|()| "It has been made anew"),
    };
    let message = match done {
        Ok(done) => format!("{done}, and is used from the next start on."),
        Err(error) => format!("The attempt to {remedy} it has failed: {error:#}."),
    };
    notes::leave(notes, SUBJECT, &message);
    Ok(())
}

/// The word that was left. The folder is the display's, which is not trusted to have left a file there.
fn word(request: &Path) -> io::Result<String> {
    let file = File::options()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(request)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut word = String::new();
    file.take(LONGEST_WORD).read_to_string(&mut word)?;
    Ok(word)
}

/// Whether a file system that was checked has no errors now.
fn is_clean(code: i32) -> bool {
    code & !(CORRECTED | REBOOT) == 0
}

fn make(device: &Path) -> anyhow::Result<()> {
    // One in a hundred blocks is root's: the system's own files find room where the display's do not.
    let options = ["-q", "-F", "-t", "ext4", "-m", "1", "-L", "prismatron-data"];
    tool::require("mke2fs", options.map(Path::new).into_iter().chain([device])).map(drop)
}

fn grow(device: &Path) -> anyhow::Result<()> {
    // It takes a file system that has just been checked all over.
    tool::run("e2fsck", [Path::new("-f"), Path::new("-p"), device])?;
    tool::require("resize2fs", [device]).map(drop)
}

/// A file system in memory, beside the link.
fn in_memory(link: &Path) -> anyhow::Result<PathBuf> {
    let file = memory_beside(link);
    File::create(&file)
        .and_then(|made| made.set_len(MEMORY))
        .with_context(|| format!("cannot make {}", file.display()))?;
    make(&file)?;
    Ok(file)
}

fn message(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Sound | Outcome::Made => None,
        Outcome::Mended => Some(
            "It was damaged and has been mended at this start. Files may be missing; what was found without a name is \
             in lost+found.",
        ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use super::*;

    const SIZE: u64 = 64 << 20;

    /// A file in place of the partition, and where the rest goes.
    struct Place {
        folder: tempfile::TempDir,
        device: PathBuf,
    }

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let device = folder.path().join("device");
            File::create(&device).unwrap().set_len(SIZE).unwrap();
            Self { folder, device }
        }

        /// What is linked to, and what is noted.
        fn run(&self) -> (PathBuf, String) {
            let (link, folder) =
                (self.folder.path().join("link"), self.folder.path().join("notes"));
            let _ = fs::remove_dir_all(&folder);
            run(&self.device, &link, &folder).unwrap();
            let notes = notes::all(&folder).into_iter().map(|note| note.message).collect();
            (fs::read_link(link).unwrap(), notes)
        }

        /// What is noted when this was asked for.
        fn remedy(&self, word: &str) -> anyhow::Result<String> {
            let at = |name| self.folder.path().join(name);
            let (link, request, folder) = (at("link"), at("request"), at("notes"));
            fs::write(&request, word).unwrap();
            let done = remedy(&self.device, &link, &request, &folder);
            assert!(!request.exists());
            done?;
            Ok(notes::all(&folder).into_iter().map(|note| note.message).collect())
        }

        fn overwrite(&self, at: u64, bytes: &[u8]) {
            let mut file = File::options().write(true).open(&self.device).unwrap();
            file.seek(SeekFrom::Start(at)).unwrap();
            file.write_all(bytes).unwrap();
        }

        fn resize(&self, size: u64) {
            File::options().write(true).open(&self.device).unwrap().set_len(size).unwrap();
        }

        /// Puts a file on it.
        fn put(&self, name: &str) {
            let file = self.folder.path().join(name);
            fs::write(&file, name).unwrap();
            let request = format!("write {} {name}", file.display());
            let device = self.device.display().to_string();
            tool::require("debugfs", ["-w", "-R", &request, &device]).unwrap();
        }

        fn list(&self) -> String {
            let device = self.device.display().to_string();
            tool::require("debugfs", ["-R", "ls /", &device]).unwrap()
        }

        fn file_system(&self) -> u64 {
            match superblock::look(&self.device).unwrap().holds {
                Holds::Ext4(size) => size,
                other => panic!("it holds {other:?}"),
            }
        }
    }

    #[test]
    fn an_empty_one_gets_a_file_system_which_is_kept_and_grown() {
        let place = Place::new();
        assert_eq!(place.run(), (place.device.clone(), String::new()));
        assert_eq!(place.file_system(), SIZE);
        place.put("kept");
        place.resize(3 * SIZE);
        assert_eq!(place.run(), (place.device.clone(), String::new()));
        assert_eq!(place.file_system(), 3 * SIZE);
        assert!(place.list().contains("kept"));
    }

    #[test]
    fn a_lost_superblock_is_mended_from_a_copy_and_what_is_there_stays() {
        let place = Place::new();
        // Large enough to have copies.
        place.resize(4 * SIZE);
        place.run();
        place.put("kept");
        place.overwrite(0, &[0xa5; 2048]);
        let (target, note) = place.run();
        assert_eq!(target, place.device);
        assert!(note.contains("has been mended"), "{note}");
        assert!(place.list().contains("kept"));
        assert_eq!(place.run().1, "");
    }

    #[test]
    fn a_wiped_beginning_is_not_taken_for_a_new_partition() {
        let place = Place::new();
        // So large that what describes the first files is behind what is wiped.
        place.resize(64 * SIZE);
        place.run();
        place.put("kept");
        place.overwrite(0, &[0; 1 << 20]);
        let (target, note) = place.run();
        assert_eq!(target, place.device);
        assert!(note.contains("has been mended"), "{note}");
        assert!(place.list().contains("kept"));

        // Nor where it comes after the start, and somebody asks for it to be mended.
        let away = place.folder.path().join("away");
        fs::rename(&place.device, &away).unwrap();
        assert!(place.run().1.contains("in memory"));
        fs::rename(&away, &place.device).unwrap();
        place.overwrite(0, &[0; 1 << 20]);
        let note = place.remedy("repair").unwrap();
        assert!(note.contains("has been mended"), "{note}");
        assert!(place.list().contains("kept"));
    }

    #[test]
    fn garbage_is_set_aside_until_somebody_asks_for_it_to_be_replaced() {
        let place = Place::new();
        let garbage: Vec<u8> = (0..SIZE).map(|at| ((at * 2_654_435_761) >> 16) as u8 | 1).collect();
        place.overwrite(0, &garbage);
        let (target, note) = place.run();
        assert!(note.contains("no file system that can be mended"), "{note}");
        assert!(matches!(superblock::look(&target).unwrap().holds, Holds::Ext4(MEMORY)));
        assert!(fs::read(&place.device).unwrap() == garbage);

        let note = place.remedy("repair").unwrap();
        assert!(note.contains("to repair it has failed: it holds no file system"), "{note}");
        let request = place.folder.path().join("request");
        std::os::unix::fs::symlink("/dev/zero", &request).unwrap();
        assert!(word(&request).unwrap_err().to_string().contains("symbolic link"));
        fs::remove_file(&request).unwrap();
        assert_eq!(word(Path::new("/dev/zero")).unwrap_err().to_string(), "it is no file");
        let refused = place.remedy("erase everything").unwrap_err().to_string();
        assert!(refused.contains("“erase everything” is no remedy"), "{refused}");
        assert!(fs::read(&place.device).unwrap() == garbage);
        let note = place.remedy("replace").unwrap();
        assert!(note.contains("has been made anew, and is used from the next start on"), "{note}");
        assert_eq!(place.file_system(), SIZE);
        assert_eq!(place.run(), (place.device.clone(), String::new()));
        let refused = place.remedy("replace").unwrap_err().to_string();
        assert!(refused.contains("in use"), "{refused}");
    }

    #[test]
    fn without_a_partition_there_is_memory() {
        let place = Place::new();
        fs::remove_file(&place.device).unwrap();
        let (target, note) = place.run();
        assert!(note.contains("in memory"), "{note}");
        assert!(matches!(superblock::look(&target).unwrap().holds, Holds::Ext4(MEMORY)));
    }
}
