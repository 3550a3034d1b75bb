//! The number of the log's last line, kept beside what the operator composes: lines that are taken off the log's end leave
//! no trace in the log itself.
//!
//! It is never ahead of the log, and rarely more than some seconds behind: what is taken away before that is not missed.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::FILE;
use super::writer::End;
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::folders::Folders;
use crate::owner::STATE;

/// Its name among the states.
const NAME: &str = "state-audit.ron";

/// The number that is kept.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    seq: u64,
}

impl Mark {
    /// What is kept; 0 where nothing is.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    fn read(folders: &Folders) -> Result<Self, StoreError> {
        let path = folders.playlists.join(NAME);
        let seq = file::peek(&path, STATE)?.unwrap_or_default();
        Ok(Self { path, seq })
    }

    /// [`Mark::read`], where one that is damaged says nothing.
    pub(super) fn load(folders: &Folders) -> Self {
        Self::read(folders).unwrap_or_else(|error| {
            tracing::warn!("it is not known how long the audit log was: {}", error.sentence());
            Self { path: folders.playlists.join(NAME), seq: 0 }
        })
    }

    /// How many lines a log lacks whose last whole one has this number, beside one that was cut off after so many bytes:
    /// that is told by itself.
    pub(super) fn missing(&self, last: u64, cut_off: u64) -> u64 {
        self.seq.saturating_sub(last).saturating_sub(u64::from(cut_off > 0))
    }

    /// Keeps another number. One that cannot be kept is tried again with the next.
    pub(super) fn keep(&mut self, seq: u64) {
        if seq == self.seq {
            return;
        }
        match file::save(&self.path, STATE, &seq, Keep::Last) {
            Ok(()) => self.seq = seq,
            Err(error) => {
                tracing::debug!("how long the audit log is was not kept: {}", error.sentence());
            }
        }
    }
}

/// How many lines have been taken off the end of a data directory's audit log, as far as is known. Takes no lock and
/// changes nothing.
///
/// # Errors
/// What is kept of the log's length, or the log, cannot be read.
pub fn missing_audit_lines(data_dir: &Path) -> Result<u64, StoreError> {
    let folders = Folders::at(data_dir);
    let mark = Mark::read(&folders)?;
    let log = folders.logs.join(FILE);
    for path in [&log, &file::with_suffix(&log, ".1")] {
        let Ok(mut file) = File::open(path) else { continue };
        match End::read(&mut file).map_err(StoreError::on("read", path))? {
            End::Whole { chain, cut_off, .. } => return Ok(mark.missing(chain.seq, cut_off)),
            // Just rotated: the last line is in the file before.
            End::Empty { .. } => {}
            // What is left cannot be told; the reading of all of it names the line.
            End::Damaged => return Ok(0),
        }
    }
    Ok(mark.missing(0, 0))
}
