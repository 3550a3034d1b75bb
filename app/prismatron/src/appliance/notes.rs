//! What people have to know of the machine, one file a subject, in memory: it is true of this boot only.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use prismatron_store::{self as store, Finding};
use tokio::time::{MissedTickBehavior, interval};

/// The folder; each file's name is a subject, its text the message.
pub(crate) const NOTES: &str = "/run/prismatron-notes";
/// How often the service looks at them.
const LOOK: Duration = Duration::from_secs(5);

/// Something people have to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// What it is about.
    pub(crate) subject: String,
    /// In words.
    pub(crate) message: String,
}

/// Leaves a note, in place of the one about the same subject, and says it. That it cannot be left is no
/// reason to stop.
pub(crate) fn leave(folder: &Path, subject: &str, message: &str) {
    println!("Prismatron: {subject}: {message}");
    let note = folder.join(subject);
    // The service is to read it, whatever the unit that leaves it keeps from others.
    let left = fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, Permissions::from_mode(0o755)))
        .and_then(|()| fs::write(&note, message))
        .and_then(|()| fs::set_permissions(&note, Permissions::from_mode(0o644)));
    if let Err(error) = left {
        eprintln!("{}: {error}", folder.display());
    }
}

/// Takes the note about a subject away.
pub(crate) fn take_away(folder: &Path, subject: &str) {
    match fs::remove_file(folder.join(subject)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            eprintln!("{}: {error}", folder.display());
        }
        _ => {}
    }
}

/// All of them, by subject.
pub(crate) fn all(folder: &Path) -> Vec<Note> {
    let mut notes: Vec<Note> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let subject = entry.file_name().into_string().ok()?;
            let message = fs::read_to_string(entry.path()).ok()?;
            Some(Note { subject, message })
        })
        .collect();
    notes.sort_by(|a, b| a.subject.cmp(&b.subject));
    notes
}

/// Has the page tell what there is, whenever that changes. Never ends.
pub(crate) async fn report(store: store::Handle) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told: Vec<Note> = Vec::new();
    loop {
        looks.tick().await;
        let now = all(Path::new(NOTES));
        for gone in told.iter().filter(|old| !now.iter().any(|new| new.subject == old.subject)) {
            if store.settle(gone.subject.clone()).await.is_err() {
                return;
            }
        }
        for note in now.iter().filter(|new| !told.contains(new)) {
            let Note { subject, message } = note.clone();
            if store.report(Finding { subject, message }).await.is_err() {
                return;
            }
        }
        told = now;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_unit_keeps_from_others_the_service_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("notes");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("kernel"), "").unwrap();
        for (path, mode) in [(&folder, 0o750), (&folder.join("kernel"), 0o640)] {
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
        leave(&folder, "kernel", "It stopped.");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("kernel"))), (0o755, 0o644));
    }

    #[test]
    fn the_last_note_about_a_subject_stands_until_it_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("notes");
        assert_eq!(all(&folder), []);
        take_away(&folder, "data");
        leave(&folder, "data", "one");
        leave(&folder, "setup file", "three");
        leave(&folder, "data", "two");
        let note = |subject: &str, message: &str| Note {
            subject: subject.into(),
            message: message.into(),
        };
        assert_eq!(all(&folder), [note("data", "two"), note("setup file", "three")]);
        take_away(&folder, "data");
        assert_eq!(all(&folder), [note("setup file", "three")]);
    }
}
