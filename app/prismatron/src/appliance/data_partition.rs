//! `prismatron data-partition`: leaves something to mount, whatever state the data partition is in.
//!
//! The partition itself is made and grown by systemd-repart before this. Its file system is checked at each boot, mended
//! where it can be, and made anew only where none is left to mend: what that overwrites is set aside in a file, by which
//! `e2undo` brings it back. Where there is no partition, or none that can be read,
//! a file system in memory takes its place for this boot: nothing is written to a disk that fails. What was lost or
//! may be is a note.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::superblock::{self, Holds};
use super::{notes, tool};

/// What notes are about.
const SUBJECT: &str = "data partition";
/// Bytes of the file system in memory. They are taken when they are used.
const MEMORY: u64 = 256 << 20;
/// From this size on the journal of a file system would be larger than the one that is made where something is set aside.
const LARGE: u64 = 1 << 30;
/// A file system is grown when at least this much is to be had.
const WORTHWHILE: u64 = 16 << 20;
/// Exit codes of `e2fsck(8)`, which are added: errors were corrected, and the system should be rebooted.
const CORRECTED: i32 = 1;
const REBOOT: i32 = 2;
/// Where ext4 has its first copy of the superblock, by its block size (`e2fsck(8)`, `-b`).
const COPIES: [(&str, &str); 2] = [("32768", "4096"), ("8193", "1024")];

/// How the file system came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It is whole.
    Sound,
    /// There was none yet.
    Made,
    /// It was damaged and has been mended.
    Mended,
    /// What was there could not be mended.
    Replaced,
}

/// Leaves a link to what is to be mounted.
///
/// # Errors
/// Not even memory can be used.
pub(crate) fn run(device: &Path, link: &Path, notes: &Path) -> anyhow::Result<()> {
    let target = match prepare(device, &link.with_extension("undo")) {
        Ok(outcome) => {
            if let Some(message) = message(outcome) {
                notes::leave(notes, SUBJECT, message);
            }
            device.to_path_buf()
        }
        Err(error) => {
            let message = format!(
                "It cannot be used: {error:#}. Until the next start everything is kept in memory only, and what was \
                 on it is not to be seen."
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
/// Where that has to be made in place of something, what it overwrites goes to `undo`.
fn prepare(device: &Path, undo: &Path) -> anyhow::Result<Outcome> {
    let found =
        superblock::look(device).with_context(|| format!("cannot read {}", device.display()))?;
    let outcome = match found.holds {
        Holds::Nothing => make(device, &[]).map(|()| Outcome::Made)?,
        Holds::Ext4(_) if check(device)? => Outcome::Sound,
        Holds::Ext4(_) | Holds::SomethingElse if mend(device)? => Outcome::Mended,
        Holds::Ext4(_) | Holds::SomethingElse => {
            replace(device, found.size, undo)?;
            Outcome::Replaced
        }
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

/// Replays the journal and mends what takes no decision; whether that is enough.
fn check(device: &Path) -> anyhow::Result<bool> {
    let said = tool::run("e2fsck", [Path::new("-p"), device])?;
    // What it finds after a power cut is no news; the journal is for that.
    let is_sound = said.code.is_some_and(is_clean);
    if !is_sound {
        println!("{}", said.text.trim_end());
    }
    Ok(is_sound)
}

/// Mends whatever it takes to mend; whether there is a file system without errors then.
fn mend(device: &Path) -> anyhow::Result<bool> {
    let attempts =
        std::iter::once(vec![]).chain(COPIES.map(|(block, size)| vec!["-b", block, "-B", size]));
    for more in attempts {
        let arguments = ["-f", "-y"].into_iter().chain(more).map(Path::new).chain([device]);
        let said = tool::run("e2fsck", arguments)?;
        if said.code.is_some_and(is_clean) {
            println!("{}", said.text.trim_end());
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes a file system in place of what is there. Most of that is not overwritten, nor given back to the disk; what is goes
/// to `undo`, if there is room for it.
fn replace(device: &Path, size: u64, undo: &Path) -> anyhow::Result<()> {
    let _ = fs::remove_file(undo);
    let mut aside = vec![Path::new("-E"), Path::new("nodiscard"), Path::new("-z"), undo];
    if size >= LARGE {
        // The whole of the journal is written.
        aside.extend(["-J", "size=16"].map(Path::new));
    }
    make(device, &aside).or_else(|error| {
        eprintln!("nothing can be set aside: {error:#}");
        let _ = fs::remove_file(undo);
        make(device, &[])
    })
}

/// Whether a file system that was checked has no errors now.
fn is_clean(code: i32) -> bool {
    code & !(CORRECTED | REBOOT) == 0
}

fn make(device: &Path, more: &[&Path]) -> anyhow::Result<()> {
    // One in a hundred blocks is root's: the system's own files find room where the display's do not.
    let options = ["-q", "-F", "-t", "ext4", "-m", "1", "-L", "prismatron-data"];
    let options = options.iter().map(Path::new).chain(more.iter().copied()).chain([device]);
    tool::require("mke2fs", options).map(drop)
}

fn grow(device: &Path) -> anyhow::Result<()> {
    // It takes a file system that has just been checked all over.
    tool::run("e2fsck", [Path::new("-f"), Path::new("-p"), device])?;
    tool::require("resize2fs", [device]).map(drop)
}

/// A file system in memory, beside the link.
fn in_memory(link: &Path) -> anyhow::Result<PathBuf> {
    let file = link.with_extension("memory");
    File::create(&file)
        .and_then(|made| made.set_len(MEMORY))
        .with_context(|| format!("cannot make {}", file.display()))?;
    make(&file, &[])?;
    Ok(file)
}

fn message(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Sound | Outcome::Made => None,
        Outcome::Mended => Some(
            "It was damaged and has been mended at this start. Files may be missing; what was found without a name is \
             in lost+found.",
        ),
        Outcome::Replaced => Some(
            "It had no file system that could be mended, and was made anew at this start. What was on it before is not to be \
             seen any more; /data/os/set-aside.e2undo may bring it back.",
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
    fn garbage_is_set_aside_and_replaced_and_said_so() {
        let place = Place::new();
        let garbage: Vec<u8> = (0..SIZE).map(|at| ((at * 2_654_435_761) >> 16) as u8 | 1).collect();
        place.overwrite(0, &garbage);
        let (target, note) = place.run();
        assert_eq!(target, place.device);
        assert!(note.contains("made anew"), "{note}");
        assert_eq!(place.file_system(), SIZE);
        assert_eq!(place.run().1, "");
        let undo = place.folder.path().join("link.undo");
        // By force: it has been looked at since.
        tool::require("e2undo", [Path::new("-f"), &undo, &place.device]).unwrap();
        assert!(fs::read(&place.device).unwrap() == garbage, "not all of it was set aside");
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
