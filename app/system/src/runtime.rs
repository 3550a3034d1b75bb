//! The runtime directory: in memory, made by systemd, gone when the service is stopped.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The one that `RUNTIME_DIRECTORY` names (`systemd.exec(5)`).
pub fn directory() -> Option<PathBuf> {
    first(&std::env::var_os("RUNTIME_DIRECTORY")?)
}

/// Puts a file in place that anyone may read, whatever the service's umask is; nobody sees half of it.
pub(crate) fn publish(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, text)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o644))?;
    fs::rename(&new, path)
}

/// A file in the runtime directory that anyone may read; removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Published(PathBuf);

impl Published {
    /// Writes it. That it cannot be written is logged and no reason not to start.
    pub(crate) fn write(folder: &Path, name: &str, text: &str) -> Option<Self> {
        let path = folder.join(name);
        match publish(&path, text) {
            Ok(()) => Some(Self(path)),
            Err(error) => {
                tracing::warn!("could not write {}: {error}", path.display());
                None
            }
        }
    }
}

impl Drop for Published {
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
    fn what_is_published_is_there_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("name");
        let file = Published::write(folder.path(), "name", "text\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "text\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        drop(file);
        assert!(!path.exists());
        assert!(Published::write(&path, "name", "").is_none(), "there is no such folder");
    }

    #[test]
    fn the_first_of_several_folders_is_taken() {
        assert_eq!(first(OsStr::new("/run/a:/run/b")), Some("/run/a".into()));
        assert_eq!(first(OsStr::new("")), None);
    }
}
