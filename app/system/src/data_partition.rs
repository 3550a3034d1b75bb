//! The appliance's data partition where it was set aside: it could not be used when the machine started, and memory
//! took its place.
//!
//! The service may touch no disk. What somebody asks for on the page it leaves as a word in its runtime directory, on
//! which a unit of the appliance acts; how that went is a note of the appliance's.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, fs, io};

use crate::runtime;

/// The link to what is mounted in place of the data partition or is it.
const LINK: &str = "/run/prismatron-data";
/// What the request is called in the runtime directory.
const REQUEST: &str = "data-remedy";

/// What can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Check it once more, and keep what can be kept.
    Repair,
    /// Make it anew: what was on it is gone.
    Replace,
}

/// Whether the data partition is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataPartitionState {
    /// It is.
    InUse,
    /// Memory took its place.
    SetAside,
}

/// The data partition of the machine.
#[derive(Debug, Clone)]
pub struct DataPartition {
    link: PathBuf,
    requests: Option<PathBuf>,
}

impl DataPartition {
    /// This machine's.
    pub fn of_this_machine() -> Self {
        Self { link: LINK.into(), requests: runtime::directory() }
    }

    /// That of a machine whose root and runtime directory are this folder.
    pub fn below(root: &Path) -> Self {
        Self { link: root.join("prismatron-data"), requests: Some(root.into()) }
    }

    /// Whether it is used; `None` where the machine is no appliance.
    pub fn state(&self) -> Option<DataPartitionState> {
        let target = fs::read_link(&self.link).ok()?;
        Some(match target == self.memory() {
            true => DataPartitionState::SetAside,
            false => DataPartitionState::InUse,
        })
    }

    /// Asks for a remedy.
    ///
    /// # Errors
    /// The word cannot be left.
    pub fn request(&self, remedy: Remedy) -> io::Result<()> {
        let folder = self.requests.as_ref().ok_or(io::ErrorKind::NotFound)?;
        runtime::publish(&folder.join(REQUEST), &remedy.to_string())
    }

    /// The file that is mounted where it is set aside.
    fn memory(&self) -> PathBuf {
        memory_beside(&self.link)
    }
}

/// The file system in memory that takes the place of what a link should lead to.
pub fn memory_beside(link: &Path) -> PathBuf {
    link.with_extension("memory")
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repair => "repair",
            Self::Replace => "replace",
        })
    }
}

impl FromStr for Remedy {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        [Self::Repair, Self::Replace].into_iter().find(|one| one.to_string() == word).ok_or(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn it_is_set_aside_where_memory_is_mounted() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataPartition::below(folder.path());
        assert_eq!(data.state(), None);
        symlink("/dev/disk/by-partlabel/data", &data.link).unwrap();
        assert_eq!(data.state(), Some(DataPartitionState::InUse));
        fs::remove_file(&data.link).unwrap();
        symlink(data.memory(), &data.link).unwrap();
        assert_eq!(data.state(), Some(DataPartitionState::SetAside));
    }

    #[test]
    fn a_request_is_a_word_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataPartition::below(folder.path());
        for remedy in [Remedy::Repair, Remedy::Replace] {
            data.request(remedy).unwrap();
            let word = fs::read_to_string(folder.path().join(REQUEST)).unwrap();
            assert_eq!(word.parse(), Ok(remedy));
        }
        assert_eq!("erase everything".parse::<Remedy>(), Err(()));
        let nowhere = DataPartition { requests: None, ..data };
        assert!(nowhere.request(Remedy::Repair).is_err());
    }
}
