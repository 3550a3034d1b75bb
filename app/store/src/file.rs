//! Documents on the disk: written so that neither a power cut nor a full disk takes what was there.
//!
//! A save writes `<name>.tmp`, makes it durable, reads it back, keeps what was current as
//! `<name>.previous`, and renames the new one into place; when it returns, all of that is durable. A load
//! takes the current document, or failing that the previous one. What is damaged becomes
//! `<name>.corrupt-1`, `-2` …; only [`clean`] deletes anything, and only unfinished saves.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::document::{self, Fault, Format, MAX_BYTES};
use crate::error::StoreError;

/// What a load came to.
#[derive(Debug)]
pub(crate) struct Loaded<T> {
    /// The value, where a whole copy was found.
    pub(crate) value: Option<T>,
    /// Whether the value is not the current document but the one before.
    pub(crate) is_previous: bool,
    /// What was wrong, for a finding; the file it concerns is the document itself.
    pub(crate) trouble: Option<String>,
}

/// Whether the copy before the last save is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// As `<name>.previous`.
    Previous,
    /// Only the last one.
    Last,
}

/// Writes a document in place of the one that is there.
pub(crate) fn save<T: Serialize>(
    path: &Path,
    format: Format,
    value: &T,
    keep: Keep,
) -> Result<(), StoreError> {
    let bytes = document::encode(format, value)
        .map_err(|reason| StoreError::Encode { what: format.kind.into(), reason })?;
    save_bytes(path, format, &bytes, keep)
}

/// Writes what the copy before has told in place of what is damaged, where it can: it is used in either case.
pub(crate) fn restore<T: Serialize>(path: &Path, format: Format, value: &T) {
    if let Err(error) = save(path, format, value, Keep::Last) {
        let error = error.sentence();
        tracing::warn!(error, "a document stays damaged");
    }
}

/// Writes an encoded document in place of the one that is there.
pub(crate) fn save_bytes(
    path: &Path,
    format: Format,
    bytes: &[u8],
    keep: Keep,
) -> Result<(), StoreError> {
    if bytes.len() > MAX_BYTES {
        let (bytes, limit) = (bytes.len(), MAX_BYTES);
        return Err(StoreError::DocumentTooLarge { path: path.into(), bytes, limit });
    }
    let current_is_good = guard_current(path, format)?;
    let new = with_suffix(path, ".tmp");
    let result = write_durably(&new, bytes).and_then(|()| {
        if keep == Keep::Previous && current_is_good {
            keep_as_previous(path)?;
        }
        fs::rename(&new, path).map_err(StoreError::on("put in place", path))?;
        sync_folder_of(path)
    });
    if result.is_err() {
        // What could not be put in place may be what fills the disk.
        let _ = fs::remove_file(&new);
    }
    result
}

/// Whether what is about to be replaced is worth keeping. Damaged documents are set aside; those of a
/// newer version are an error, for they are not ours to replace.
fn guard_current(path: &Path, format: Format) -> Result<bool, StoreError> {
    match read(path) {
        Ok(bytes) => match document::check(format, &bytes) {
            Ok(_) => Ok(true),
            Err(Fault::Newer { found }) => {
                Err(StoreError::Newer { path: path.into(), found, known: format.version })
            }
            Err(_) => set_aside(path).map(|_| false),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) if is_not_ours(&error) => set_aside(path).map(|_| false),
        Err(error) => Err(StoreError::io("read", path, error)),
    }
}

/// Writes a new file, makes it durable and reads it back.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(StoreError::io("replace", path, error));
        }
        _ => {}
    }
    let mut file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(StoreError::on("create", path))?;
    file.write_all(bytes).map_err(StoreError::on("write", path))?;
    file.sync_all().map_err(StoreError::on("make durable", path))?;
    drop(file);
    let back = read(path).map_err(StoreError::on("read back", path))?;
    if back != bytes {
        let error = io::Error::new(io::ErrorKind::InvalidData, "other bytes came back");
        return Err(StoreError::io("read back", path, error));
    }
    Ok(())
}

fn keep_as_previous(path: &Path) -> Result<(), StoreError> {
    let previous = with_suffix(path, ".previous");
    let link = with_suffix(path, ".previous.tmp");
    let _ = fs::remove_file(&link);
    if fs::hard_link(path, &link).is_err() {
        // Some file systems have no hard links.
        let bytes = read(path).map_err(StoreError::on("read", path))?;
        write_durably(&link, &bytes)?;
    }
    fs::rename(&link, &previous).map_err(StoreError::on("keep", &previous))?;
    // Renaming one link of a file over another link of it does nothing and leaves both.
    let _ = fs::remove_file(&link);
    Ok(())
}

/// Reads a document, or the one before it where it is damaged or gone.
///
/// # Errors
/// The system refused, or the document is of a newer version; the files are as they were.
pub(crate) fn load<T: DeserializeOwned>(
    path: &Path,
    format: Format,
) -> Result<Loaded<T>, StoreError> {
    let mut trouble = None;
    match load_one(path, format)? {
        One::Whole(value) => {
            return Ok(Loaded { value: Some(value), is_previous: false, trouble });
        }
        One::Absent => {}
        One::Damaged { reason, aside } => {
            trouble = Some(format!("was damaged: {reason}. It was set aside as {aside}"));
        }
    }
    match load_one(&with_suffix(path, ".previous"), format)? {
        One::Whole(value) => {
            let before = trouble.unwrap_or_else(|| "was gone".into());
            let trouble = Some(format!("{before}; the version before it is used instead"));
            Ok(Loaded { value: Some(value), is_previous: true, trouble })
        }
        One::Absent => Ok(Loaded { value: None, is_previous: false, trouble }),
        One::Damaged { .. } => {
            let before = trouble.unwrap_or_else(|| "was gone".into());
            let trouble = Some(format!("{before}; the version before it was damaged too"));
            Ok(Loaded { value: None, is_previous: false, trouble })
        }
    }
}

/// Reads a document, or the one before it, for a program beside the one that owns the data directory:
/// changes nothing.
///
/// # Errors
/// The system refused, or neither is whole.
pub(crate) fn peek<T: DeserializeOwned>(
    path: &Path,
    format: Format,
) -> Result<Option<T>, StoreError> {
    let mut trouble = None;
    for path in [path, &with_suffix(path, ".previous")] {
        let failed = match read(path) {
            Ok(bytes) => match document::decode(format, &bytes) {
                Ok(value) => return Ok(Some(value)),
                Err(fault) => io::Error::new(io::ErrorKind::InvalidData, fault),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => error,
        };
        trouble = trouble.or(Some(StoreError::io("read", path, failed)));
    }
    trouble.map_or(Ok(None), Err)
}

enum One<T> {
    Whole(T),
    Absent,
    Damaged { reason: String, aside: String },
}

fn load_one<T: DeserializeOwned>(path: &Path, format: Format) -> Result<One<T>, StoreError> {
    let reason = match read(path) {
        Ok(bytes) => match document::decode(format, &bytes) {
            Ok(value) => return Ok(One::Whole(value)),
            Err(Fault::Newer { found }) => {
                return Err(StoreError::Newer { path: path.into(), found, known: format.version });
            }
            Err(fault) => fault.to_string(),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(One::Absent),
        Err(error) if is_not_ours(&error) => error.to_string(),
        Err(error) => return Err(StoreError::io("read", path, error)),
    };
    let aside = set_aside(path)?;
    let aside = aside.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(One::Damaged { reason, aside })
}

/// Reads a file of at most [`MAX_BYTES`] that is a file and no link to one.
///
/// # Errors
/// What the system said; `InvalidData` for what is no file or too long.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a file"));
    }
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too long"));
    }
    Ok(bytes)
}

/// Whether an error of [`read`] means that something else stands in a document's place.
fn is_not_ours(error: &io::Error) -> bool {
    // Opening a symbolic link gives ELOOP, a socket ENXIO, which std has no stable kinds for.
    let code = error.raw_os_error().map(rustix::io::Errno::from_raw_os_error);
    matches!(code, Some(rustix::io::Errno::LOOP | rustix::io::Errno::NXIO))
        || matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::IsADirectory)
}

/// Gives a damaged file a name under which nobody looks for it.
pub(crate) fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let mut number = 1_u32;
    let aside = loop {
        let aside = with_suffix(path, &format!(".corrupt-{number}"));
        match fs::symlink_metadata(&aside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => break aside,
            Err(error) => return Err(StoreError::io("look for", &aside, error)),
            Ok(_) => number += 1,
        }
    };
    fs::rename(path, &aside).map_err(StoreError::on("set aside", path))?;
    sync_folder_of(path)?;
    Ok(aside)
}

/// Removes a document and the one before it, in this order: a cut in between must not bring it back.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    for path in [&with_suffix(path, ".previous"), path] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io("remove", path, error));
            }
            _ => {}
        }
    }
    sync_folder_of(path)
}

/// Removes what unfinished saves left in a folder.
pub(crate) fn clean(folder: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(folder).map_err(StoreError::on("list", folder))? {
        let entry = entry.map_err(StoreError::on("list", folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_left_over =
            [".ron.tmp", ".previous.tmp", ".jpg.tmp"].iter().any(|end| name.ends_with(end));
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_left_over && !is_folder {
            let path = entry.path();
            fs::remove_file(&path).map_err(StoreError::on("remove", &path))?;
        }
    }
    Ok(())
}

/// Makes durable which names stand in the folder of a file.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Makes durable which names stand in a folder.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(StoreError::on("make durable", folder))
}

/// The path with something appended to its last part.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
