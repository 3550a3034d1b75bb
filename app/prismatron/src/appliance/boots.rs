//! What is kept of boots that failed: why, and what was logged last. On the data partition, which both slots share, so
//! that the slot that runs next can tell.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use serde_json::{Value, json};

use super::replace::replace;

/// The folder, with a file for each slot whose last boot failed, and one for the kernel that stopped last.
pub(crate) const BOOTS: &str = "/data/os/boots";
/// In place of a slot's name, for the kernel that stopped last: which slot's that was it does not tell.
pub(crate) const PANIC: &str = "panic";

/// In place of a slot's name, for a boot of it of which it is not known yet how it ends.
pub(crate) fn meanwhile(slot: &str) -> String {
    format!("{slot}-meanwhile")
}

/// The file that names the slot that was given up last and of which people were told.
const TOLD: &str = "told";
/// The file of a slot that was confirmed since it was chosen, behind its name.
const PROVEN: &str = "-proven";

/// How a boot of a slot failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Of the program.
    pub(crate) version: String,
    /// In words.
    pub(crate) reason: String,
    /// The last lines that were logged, oldest first.
    pub(crate) log: Vec<String>,
}

fn path(folder: &Path, slot: &str) -> PathBuf {
    folder.join(format!("{slot}.json"))
}

/// Keeps how a boot of a slot failed. It is on the disk when this returns: a reboot follows.
///
/// # Errors
/// It cannot be written.
pub(crate) fn keep(folder: &Path, slot: &str, failure: &Failure) -> anyhow::Result<()> {
    let Failure { version, reason, log } = failure;
    let text = json!({"version": version, "reason": reason, "log": log}).to_string();
    let path = path(folder, slot);
    let kept = replace(&path, |file| {
        // The service is to read it, whatever the unit that keeps it keeps from others.
        file.set_permissions(Permissions::from_mode(0o644))?;
        file.write_all(text.as_bytes())
    });
    kept.with_context(|| format!("cannot keep {}", path.display()))
}

/// How the last boot of a slot failed, if that is known.
pub(crate) fn load(folder: &Path, slot: &str) -> Option<Failure> {
    let text = fs::read_to_string(path(folder, slot)).ok()?;
    let kept: Value = serde_json::from_str(&text).ok()?;
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let lines = kept["log"].as_array().into_iter().flatten();
    Some(Failure {
        version: word(&kept["version"])?,
        reason: word(&kept["reason"])?,
        log: lines.filter_map(word).collect(),
    })
}

/// Why the last boot of a slot was given up, if that was since this time.
pub(crate) fn given_up(slot: &str, since: SystemTime) -> Option<String> {
    told(Path::new(BOOTS), slot, since)
}

/// The same of another folder: what its health gate has found, or its kernel has said, or else what was kept meanwhile.
pub(crate) fn told(folder: &Path, slot: &str, since: SystemTime) -> Option<String> {
    let is_since = |name: &str| {
        let kept = fs::metadata(path(folder, name)).and_then(|meta| meta.modified());
        kept.is_ok_and(|kept| kept >= since)
    };
    let meanwhile = meanwhile(slot);
    let name = [slot, PANIC, &meanwhile].into_iter().find(|name| is_since(name))?;
    let Failure { reason, log, .. } = load(folder, name)?;
    let last = log.last().map(|line| format!(". It logged last: {line}"));
    Some(format!("{reason}{}", last.unwrap_or_default()))
}

/// Whether people are to be told that a slot, chosen at this time, was given up: once.
pub(crate) fn is_news(folder: &Path, slot: &str, since: SystemTime) -> bool {
    let (file, this) = (folder.join(TOLD), chosen(slot, Some(since)));
    if fs::read_to_string(&file).is_ok_and(|last| last == this) {
        return false;
    }
    write(&file, &this);
    true
}

/// Keeps that a slot, as it was chosen at this time, was confirmed.
pub(crate) fn prove(folder: &Path, slot: &str, since: Option<SystemTime>) {
    if !is_proven(folder, slot, since) {
        write(&folder.join(format!("{slot}{PROVEN}")), &chosen(slot, since));
    }
}

/// Whether it was.
pub(crate) fn is_proven(folder: &Path, slot: &str, since: Option<SystemTime>) -> bool {
    let kept = fs::read_to_string(folder.join(format!("{slot}{PROVEN}")));
    kept.is_ok_and(|kept| kept == chosen(slot, since))
}

/// A slot, and when it was chosen; one that came with the disk never was.
fn chosen(slot: &str, since: Option<SystemTime>) -> String {
    let since = since.and_then(|since| since.duration_since(SystemTime::UNIX_EPOCH).ok());
    format!("{slot} {}", since.unwrap_or_default().as_secs())
}

fn write(file: &Path, text: &str) {
    if let Err(error) = fs::write(file, text) {
        eprintln!("{}: {error}", file.display());
    }
}

/// Forgets it: the slot has been confirmed since.
pub(crate) fn forget(folder: &Path, slot: &str) {
    for name in [slot, &meanwhile(slot)] {
        let _ = fs::remove_file(path(folder, name));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_slot_that_was_given_up_is_news_once() {
        let folder = tempfile::tempdir().unwrap();
        let is_news = |slot: &str, second: u64| {
            is_news(folder.path(), slot, SystemTime::UNIX_EPOCH + Duration::from_secs(second))
        };
        assert!(is_news("B", 1));
        assert!(!is_news("B", 1));
        assert!(is_news("B", 2), "it was tried once more");
        assert!(is_news("A", 2));
        assert!(!is_news("A", 2));
        let nowhere = folder.path().join("not/there");
        assert!(super::is_news(&nowhere, "B", SystemTime::UNIX_EPOCH), "rather twice than never");
    }

    #[test]
    fn a_slot_is_proven_as_it_was_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let since = |second| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
        assert!(!is_proven(folder.path(), "A", None));
        prove(folder.path(), "A", None);
        assert!(is_proven(folder.path(), "A", None));
        assert!(!is_proven(folder.path(), "A", since(1)), "there is another system in it");
        assert!(!is_proven(folder.path(), "B", None));
        prove(folder.path(), "A", since(1));
        assert!(is_proven(folder.path(), "A", since(1)));
    }

    #[test]
    fn a_failure_is_kept_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let failure =
            Failure { version: "1".into(), reason: "dark".into(), log: vec!["last".into()] };
        // What was given up half-way, of somebody who lets nobody read it.
        let draft = folder.path().join("B.new");
        fs::write(&draft, "").unwrap();
        fs::set_permissions(&draft, Permissions::from_mode(0o600)).unwrap();
        keep(folder.path(), "B", &failure).unwrap();
        assert_eq!(load(folder.path(), "B"), Some(failure));
        let mode = fs::metadata(path(folder.path(), "B")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
        assert_eq!(load(folder.path(), "A"), None);
        let (then, later) = (SystemTime::UNIX_EPOCH, SystemTime::now() + Duration::from_secs(60));
        let said = told(folder.path(), "B", then);
        assert_eq!(said.as_deref(), Some("dark. It logged last: last"));
        assert_eq!(told(folder.path(), "B", later), None, "it is of an earlier try");
        let stopped = Failure { version: "1".into(), reason: "stopped".into(), log: Vec::new() };
        keep(folder.path(), PANIC, &stopped).unwrap();
        assert_eq!(told(folder.path(), "A", then).as_deref(), Some("stopped"));
        assert_eq!(told(folder.path(), "B", then), said, "the slot's own comes first");
        let waits = Failure { version: "1".into(), reason: "waits".into(), log: Vec::new() };
        keep(folder.path(), &meanwhile("A"), &waits).unwrap();
        assert_eq!(told(folder.path(), "A", then).as_deref(), Some("stopped"), "it knows better");
        forget(folder.path(), PANIC);
        assert_eq!(told(folder.path(), "A", then).as_deref(), Some("waits"));
        assert_eq!(told(folder.path(), "B", then), said);
        forget(folder.path(), "A");
        assert_eq!(told(folder.path(), "A", then), None);
        forget(folder.path(), "B");
        assert_eq!(load(folder.path(), "B"), None);
        fs::write(folder.path().join("A.json"), "{\0").unwrap();
        assert_eq!(load(folder.path(), "A"), None);
    }
}
