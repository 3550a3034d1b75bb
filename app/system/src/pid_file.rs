//! The PID file, for operators' scripts: systemd itself knows the process.

use std::fs;
use std::path::{Path, PathBuf};

use crate::runtime;

/// Its name in the runtime directory.
const NAME: &str = "prismatron.pid";

/// `prismatron.pid` in the runtime directory that systemd made; removed when this is dropped.
#[derive(Debug)]
pub struct PidFile(PathBuf);

impl PidFile {
    /// Writes it where `RUNTIME_DIRECTORY` says. That it cannot be written is logged and no reason not to
    /// start.
    pub fn write() -> Option<Self> {
        Self::write_in(&runtime::directory()?)
    }

    fn write_in(folder: &Path) -> Option<Self> {
        let path = folder.join(NAME);
        match runtime::publish(&path, &format!("{}\n", std::process::id())) {
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
}
