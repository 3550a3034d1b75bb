//! The crash ladder: how often in a row the program has just ended without meaning to, and what a start makes
//! of it.
//!
//! A run leaves a mark in the runtime directory and takes it away when it ends well; a start that finds the
//! mark of the run before it counts one *unclean end* more. A run that lasts is no part of a row. systemd
//! keeps the directory from one automatic start to the next (`RuntimeDirectoryPreserve=restart`) and it is in
//! memory: a power cut or an operator's start begins a new row, so a wall that is switched off at the mains
//! every night is not taken for one that crashes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::runtime;

/// Its name in the runtime directory.
const NAME: &str = "unclean-ends";

/// The mark of this run.
#[derive(Debug)]
pub struct Ladder {
    mark: PathBuf,
    unclean_ends: u32,
}

impl Ladder {
    /// A run that lasts this long is no part of a row.
    pub const SETTLED: Duration = Duration::from_secs(10 * 60);
    /// With so many unclean ends right before it, a start plays nothing.
    pub const SAFE: u32 = 2;

    /// Counts how the runs before this one ended and leaves its mark. Without a runtime directory nothing is
    /// counted.
    pub fn climb() -> Option<Self> {
        runtime::directory().map(|folder| Self::climb_in(&folder))
    }

    fn climb_in(folder: &Path) -> Self {
        let mark = folder.join(NAME);
        let unclean_ends = match fs::read_to_string(&mark) {
            Ok(count) => count.trim().parse::<u32>().unwrap_or(0).saturating_add(1),
            Err(_) => 0,
        };
        let ladder = Self { mark, unclean_ends };
        ladder.leave(unclean_ends);
        ladder
    }

    /// How many runs in a row have ended unclean right before this one.
    pub fn unclean_ends(&self) -> u32 {
        self.unclean_ends
    }

    /// Whether this run had better play nothing.
    pub fn is_safe_mode_due(&self) -> bool {
        self.unclean_ends >= Self::SAFE
    }

    /// The run has lasted, or somebody says that all is well again: what was before it counts no more.
    pub fn forget(&self) {
        self.leave(0);
    }

    /// The run ends because it is meant to.
    pub fn end_well(&self) {
        if let Err(error) = fs::remove_file(&self.mark) {
            tracing::debug!("could not remove {}: {error}", self.mark.display());
        }
    }

    fn leave(&self, count: u32) {
        if let Err(error) = fs::write(&self.mark, format!("{count}\n")) {
            tracing::warn!("could not write {}: {error}", self.mark.display());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    #[test]
    fn two_crashes_in_a_row_are_one_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let start = || Ladder::climb_in(folder.path());
        assert_eq!(start().unclean_ends(), 0);
        let second = start();
        assert_eq!((second.unclean_ends(), second.is_safe_mode_due()), (1, false));
        let third = start();
        assert_eq!((third.unclean_ends(), third.is_safe_mode_due()), (2, true));
        third.end_well();
        assert_eq!(start().unclean_ends(), 0, "an end that was meant breaks the row");
    }

    #[test]
    fn a_run_that_lasts_is_no_part_of_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let start = || Ladder::climb_in(folder.path());
        start();
        start().forget();
        assert_eq!(start().unclean_ends(), 1, "only the end of the run that lasted");
    }

    #[test]
    fn a_mark_that_does_not_read_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), "\0\0").unwrap();
        assert_eq!(Ladder::climb_in(folder.path()).unclean_ends(), 1);
    }
}
