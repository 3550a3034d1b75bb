//! The runtime directory: in memory, made by systemd, gone when the service is stopped.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The one that `RUNTIME_DIRECTORY` names (`systemd.exec(5)`).
pub(crate) fn directory() -> Option<PathBuf> {
    first(&std::env::var_os("RUNTIME_DIRECTORY")?)
}

/// Puts a file in place that anyone may read, whatever the service's umask is; nobody sees half of it.
pub(crate) fn publish(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, text)?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o644))?;
    fs::rename(&new, path)
}

/// The first of the folders, which systemd separates by colons.
fn first(folders: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(folders).find(|folder| folder.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_folders_is_taken() {
        assert_eq!(first(OsStr::new("/run/a:/run/b")), Some("/run/a".into()));
        assert_eq!(first(OsStr::new("")), None);
    }
}
