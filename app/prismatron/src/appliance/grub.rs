//! `prismatron grub-environment`: has GRUB and RAUC know of the slots, whatever the last power cut has left.
//!
//! Where GRUB starts the slots, it and RAUC keep which ones, and how often each was tried, in a file on the boot partition.
//! `grub-editenv`, which RAUC sets them by at each boot, empties that file before it writes it. Where the power goes in
//! between, GRUB starts slot A from then on, whichever ran, and RAUC can read and set nothing: there would be no update any
//! more. Such a file is made anew here, with the slot that runs first. The other one counts as good: whether it is nobody
//! knows any more, and its three tries tell.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;

use super::notes;
use super::replace::replace;

/// What notes are about.
const SUBJECT: &str = "boot loader";
/// Bytes of the file: GRUB writes it where it is, and cannot make it longer.
const SIZE: usize = 1024;
/// What it begins with (GRUB, `include/grub/lib/envblk.h`).
const HEAD: &str = "# GRUB Environment Block\n";
/// What RAUC refuses to go without (`src/bootloaders/grub.c`).
const NAMES: [&str; 5] = ["ORDER=", "A_OK=", "A_TRY=", "B_OK=", "B_TRY="];

/// Makes the file anew where it is not whole, and tells of it. `slot` is the one that runs.
///
/// # Errors
/// It cannot be read or made.
pub(crate) fn run(file: &Path, slot: &str, notes: &Path) -> anyhow::Result<()> {
    let found = match fs::read(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        found => found.with_context(|| format!("cannot read {}", file.display()))?,
    };
    if is_whole(&found) {
        return Ok(());
    }
    let made = make(file, slot).with_context(|| format!("cannot write {}", file.display()));
    let message = match &made {
        Ok(()) => format!(
            "What it knows of the slots was damaged, and has been made anew: slot {slot}, which runs, is the one to be \
             started. If that is not the one that ran before, roll back."
        ),
        Err(error) => {
            format!("What it knows of the slots is damaged, and nothing can be updated: {error:#}.")
        }
    };
    notes::leave(notes, SUBJECT, &message);
    made
}

fn is_whole(file: &[u8]) -> bool {
    let text = String::from_utf8_lossy(file);
    let has = |name: &&str| text.lines().any(|line| line.starts_with(*name));
    file.len() == SIZE && text.starts_with(HEAD) && NAMES.iter().all(has)
}

/// Makes it anew.
fn make(file: &Path, slot: &str) -> io::Result<()> {
    let other = if slot == "A" { "B" } else { "A" };
    // This start is the first try of the slot, until it is confirmed.
    let mut block = format!(
        "{HEAD}ORDER={slot} {other}\n{slot}_OK=1\n{slot}_TRY=1\n{other}_OK=1\n{other}_TRY=0\n"
    )
    .into_bytes();
    block.resize(SIZE, b'#');
    replace(file, |file| file.write_all(&block))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::appliance::tool;

    /// A folder in place of the boot partition, and what is noted.
    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn file(&self) -> PathBuf {
            self.0.path().join("grubenv")
        }

        /// What is noted where this slot runs.
        fn run(&self, slot: &str) -> String {
            let folder = self.0.path().join("notes");
            run(&self.file(), slot, &folder).unwrap();
            let notes = notes::all(&folder).into_iter().map(|note| note.message).collect();
            let _ = fs::remove_dir_all(&folder);
            notes
        }

        /// As RAUC does.
        fn edit(&self, arguments: &[&str]) -> String {
            let file = self.file().display().to_string();
            tool::require("grub-editenv", [&[file.as_str()], arguments].concat()).unwrap()
        }
    }

    #[test]
    fn what_a_cut_has_left_is_made_anew_with_the_slot_that_runs_first() {
        let place = Place::new();
        assert!(place.run("A").contains("slot A, which runs"), "there is none");
        let whole = fs::read(place.file()).unwrap();
        let mut torn = whole.clone();
        torn[..512].fill(0);
        for left in [b"", &whole[..512], &torn[..], &[&whole[..], b"#"].concat()] {
            fs::write(place.file(), left).unwrap();
            assert!(place.run("B").contains("slot B, which runs"));
            assert_eq!(place.edit(&["list"]), "ORDER=B A\nB_OK=1\nB_TRY=1\nA_OK=1\nA_TRY=0\n");
            assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 1, "a draft is left");
        }
        // Where there is no file grub-editenv makes one by itself, of which RAUC knows nothing either.
        fs::remove_file(place.file()).unwrap();
        place.edit(&["list"]);
        assert!(place.run("A").contains("slot A, which runs"));
    }

    #[test]
    fn what_is_whole_stays_as_it_is() {
        let place = Place::new();
        place.run("A");
        place.edit(&["set", "ORDER=B A", "A_OK=0"]);
        let whole = fs::read(place.file()).unwrap();
        assert_eq!(place.run("A"), "");
        assert_eq!(fs::read(place.file()).unwrap(), whole);
    }

    #[test]
    fn what_cannot_be_mended_is_told() {
        let place = Place::new();
        let notes = place.0.path().join("notes");
        fs::create_dir(place.0.path().join("grubenv.new")).unwrap();
        run(&place.file(), "A", &notes).unwrap_err();
        let [note] = &notes::all(&notes)[..] else { panic!("one note") };
        assert!(note.message.contains("nothing can be updated: cannot write"), "{}", note.message);
    }
}
