//! The PID file, for operators' scripts: systemd itself knows the process.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Its name in the runtime directory.
const NAME: &str = "prismatron.pid";

/// `prismatron.pid` in the runtime directory that systemd made; removed when this is dropped.
#[derive(Debug)]
pub struct PidFile(PathBuf);

impl PidFile {
    /// Writes it where `RUNTIME_DIRECTORY` says. That it cannot be written is logged and no reason not to
    /// start.
    pub fn write() -> Option<Self> {
        let folders = std::env::var_os("RUNTIME_DIRECTORY")?;
        Self::write_in(&first(&folders)?)
    }

    fn write_in(folder: &Path) -> Option<Self> {
        let path = folder.join(NAME);
        match fs::write(&path, format!("{}\n", std::process::id())) {
            Ok(()) => Some(Self(path)),
            Err(error) => {
                tracing::warn!("could not write {}: {error}", path.display());
                None
            }
        }
    }
}

impl Drop for PidFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::debug!("could not remove {}: {error}", self.0.display());
        }
    }
}

/// The first of the folders, which systemd separates by colons.
fn first(folders: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(folders).find(|folder| folder.is_absolute())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_while_the_program_runs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("prismatron.pid");
        let file = PidFile::write_in(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}\n", std::process::id()));
        drop(file);
        assert!(!path.exists());
        assert!(PidFile::write_in(&path).is_none(), "there is no such folder");
    }

    #[test]
    fn the_first_of_several_folders_is_taken() {
        assert_eq!(first(OsStr::new("/run/a:/run/b")), Some("/run/a".into()));
        assert_eq!(first(OsStr::new("")), None);
    }
}
