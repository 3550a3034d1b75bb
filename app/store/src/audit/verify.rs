//! Reading a whole log and holding the chain against it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::line::{Chain, LONGEST, Line};
use crate::error::StoreError;

/// What a reading of the whole log came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// How many lines are as they were written.
    pub lines: u64,
    /// The first that is not.
    pub bad: Option<BadLine>,
}

/// A line that is not as it was written, or does not follow the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from 1.
    pub line: u64,
    /// What is wrong with it, in words for people.
    pub reason: String,
}

/// Reads a log and names the first line that is not as it was written. What comes after that line is not
/// looked at.
///
/// # Errors
/// The file cannot be read.
pub fn verify_audit(path: &Path) -> Result<AuditReport, StoreError> {
    let mut file = BufReader::new(File::open(path).map_err(StoreError::on("open", path))?);
    let mut chain: Option<Chain> = None;
    let mut lines = 0;
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        let read = file.by_ref().take(limit).read_until(b'\n', &mut bytes);
        if read.map_err(StoreError::on("read", path))? == 0 {
            return Ok(AuditReport { lines, bad: None });
        }
        if let Err(reason) = check(&mut chain, &bytes) {
            let bad = BadLine { line: lines + 1, reason: reason.into() };
            return Ok(AuditReport { lines, bad: Some(bad) });
        }
        lines += 1;
    }
}

fn check(chain: &mut Option<Chain>, bytes: &[u8]) -> Result<(), &'static str> {
    let line = bytes.strip_suffix(b"\n").ok_or("it is cut off")?;
    let line = Line::read(line).ok_or("it is not of the form of a line")?;
    if chain.is_none() {
        *chain = line.origin();
    }
    chain.as_mut().ok_or("the lines before it are gone")?.follow(&line)
}
