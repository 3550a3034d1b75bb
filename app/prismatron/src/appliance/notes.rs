//! What people have to know of the machine, one file a subject, in memory: it is true of this boot only.

use std::fs;
use std::io;
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
    let left = fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(subject), message));
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
