//! Rereads all media and holds them against the checksums taken when they came.
//!
//! Changes nothing and needs no lock: it may run beside the program that owns the data directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use prismatron_core::id::MediaId;

use crate::document;
use crate::error::StoreError;
use crate::file;
use crate::folders::Folders;
use crate::intake;
use crate::library::Sidecar;

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Bytes read.
    pub done: u64,
    /// Bytes to read in all.
    pub total: u64,
}

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Files that were held against their checksum.
    pub files: usize,
    /// Bytes that were read.
    pub bytes: u64,
    /// What is not as it came, by path.
    pub damaged: Vec<Damage>,
}

/// A file that is not as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Its display name; that of the file where not even that is known.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: DamageKind,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DamageKind {
    /// Its bytes are others than those that came.
    Rotted,
    /// It has another length.
    Length {
        /// That it had.
        expected: u64,
        /// That it has.
        found: u64,
    },
    /// It is not there.
    Missing,
    /// It cannot be read.
    Unreadable(String),
    /// What is known of it cannot be read.
    Sidecar(String),
}

impl std::fmt::Display for DamageKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rotted => write!(f, "its bytes have changed"),
            Self::Length { expected, found } => {
                write!(f, "it is {found} bytes long and was {expected}")
            }
            Self::Missing => write!(f, "it is missing"),
            Self::Unreadable(reason) => write!(f, "it cannot be read: {reason}"),
            Self::Sidecar(reason) => write!(f, "what is known of it cannot be read: {reason}"),
        }
    }
}

/// Rereads all media of a data directory, telling now and then how far it is.
///
/// # Errors
/// The folder of media cannot be listed.
pub fn verify(
    data_dir: &Path,
    mut progress: impl FnMut(VerifyProgress),
) -> Result<VerifyReport, StoreError> {
    let folders = Folders::at(data_dir);
    let mut report = VerifyReport::default();
    let mut sidecars = Vec::new();
    for id in ids(&folders)? {
        let path = folders.sidecar(id);
        let read = file::read(&path).map_err(|error| error.to_string()).and_then(|bytes| {
            document::decode::<Sidecar>(Sidecar::FORMAT, &bytes).map_err(|fault| fault.to_string())
        });
        match read {
            // What is in the trash is not played.
            Ok(sidecar) if sidecar.deleted.is_some() => {}
            Ok(sidecar) if sidecar.is_for(id) => sidecars.push((id, sidecar)),
            Ok(_) => {
                let kind = DamageKind::Sidecar("it names another file".into());
                report.damaged.push(Damage { name: id.to_string(), path, kind });
            }
            Err(reason) => {
                let kind = DamageKind::Sidecar(reason);
                report.damaged.push(Damage { name: id.to_string(), path, kind });
            }
        }
    }
    let total = sidecars.iter().map(|(_, sidecar)| sidecar.bytes).fold(0, u64::saturating_add);
    let mut done = 0_u64;
    for (id, sidecar) in sidecars {
        let path = folders.media.join(&sidecar.file);
        let before = done;
        let mut tell = |count| {
            done = done.saturating_add(count).min(before.saturating_add(sidecar.bytes));
            progress(VerifyProgress { done, total });
            true
        };
        let kind = match intake::sum(&path, &mut tell) {
            Ok((found, _)) if found != sidecar.bytes => {
                Some(DamageKind::Length { expected: sidecar.bytes, found })
            }
            Ok((_, crc32)) => (crc32 != sidecar.crc32).then_some(DamageKind::Rotted),
            Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Some(DamageKind::Missing)
            }
            Err(error) => Some(DamageKind::Unreadable(error.sentence())),
        };
        // It may have been deleted meanwhile.
        if fs::symlink_metadata(folders.sidecar(id)).is_err() {
            continue;
        }
        report.files += 1;
        report.bytes = report.bytes.saturating_add(sidecar.bytes);
        done = before.saturating_add(sidecar.bytes);
        if let Some(kind) = kind {
            report.damaged.push(Damage { name: sidecar.name, path, kind });
        }
    }
    progress(VerifyProgress { done: total, total });
    report.damaged.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(report)
}

/// The ids of all sidecars.
fn ids(folders: &Folders) -> Result<Vec<MediaId>, StoreError> {
    let folder = &folders.media;
    let mut ids = Vec::new();
    for entry in fs::read_dir(folder).map_err(StoreError::on("list", folder))? {
        let name = entry.map_err(StoreError::on("list", folder))?.file_name();
        let stem = name.to_str().and_then(|name| name.strip_suffix(".ron"));
        ids.extend(stem.and_then(|stem| stem.parse::<MediaId>().ok()));
    }
    ids.sort_unstable();
    Ok(ids)
}
