//! What a machine that is off holds, to go on from there more than once.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Vm, run};

/// Its disk's image, and what its firmware keeps.
pub(super) const DISK: &str = "disk.img";
pub(super) const VARIABLES: &str = "variables.fd";

/// What it held at one moment.
pub struct Kept(TempDir);

impl Vm {
    /// Keeps what it holds, disk and firmware.
    ///
    /// # Panics
    /// It is on.
    pub fn keep(&self) -> Kept {
        let kept = Kept(tempfile::tempdir().unwrap());
        self.copy_all(self.folder.path(), kept.0.path());
        kept
    }

    /// Holds again what it held then.
    ///
    /// # Panics
    /// It is on.
    pub fn put_back(&mut self, kept: &Kept) {
        self.copy_all(kept.0.path(), self.folder.path());
    }

    fn copy_all(&self, from: &Path, to: &Path) {
        assert!(self.running.is_none(), "it is on");
        if let Some(cache) = &self.cache {
            cache.flush();
        }
        copy(&[DISK, VARIABLES].map(|name| from.join(name)), to);
    }
}

/// Copies images, which are mostly holes.
pub(super) fn copy(images: &[PathBuf], to: &Path) {
    run(Command::new("cp").arg("--sparse=always").args(images).arg(to));
}
