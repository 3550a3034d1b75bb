//! What login prompts say above themselves: on the serial console and on a screen, to those who stand before the machine.

use std::fs;
use std::path::{Path, PathBuf};

use crate::runtime;

/// Its name in the runtime directory; `/etc/issue.d` has a link to it (`agetty(8)`).
const NAME: &str = "issue";

/// Lines in the runtime directory that systemd made; gone when this is dropped.
#[derive(Debug)]
pub struct Issue(PathBuf);

impl Issue {
    /// One that says nothing yet, where there is a place for it: `RUNTIME_DIRECTORY`.
    pub fn new() -> Option<Self> {
        runtime::directory().map(|folder| Self::in_folder(&folder))
    }

    fn in_folder(folder: &Path) -> Self {
        Self(folder.join(NAME))
    }

    /// Says these lines from now on. That they cannot be written is logged.
    pub fn say(&self, lines: &[String]) {
        // agetty would take a backslash for one of its own codes.
        let lines: String = lines.iter().map(|line| line.replace('\\', "\\\\") + "\n").collect();
        if let Err(error) = runtime::publish(&self.0, &format!("{lines}\n")) {
            tracing::warn!("could not write {}: {error}", self.0.display());
        }
    }
}

impl Drop for Issue {
    fn drop(&mut self) {
        // It may not have said anything.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    #[test]
    fn it_says_the_latest_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let issue = Issue::in_folder(folder.path());
        issue.say(&["one".into()]);
        issue.say(&[r"two \4".into(), "three".into()]);
        let path = folder.path().join("issue");
        assert_eq!(fs::read_to_string(&path).unwrap(), "two \\\\4\nthree\n\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(issue);
        assert!(!path.exists());
    }
}
