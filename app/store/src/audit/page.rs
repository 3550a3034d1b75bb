//! Reading the log from its end, some lines at a time.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::AuditRecord;
use super::line::Line;
use crate::error::StoreError;

/// Read at once; longer than any line.
const BLOCK: usize = 64 << 10;
/// Most that is read for a page, whatever is in the file.
const BLOCKS: usize = 64;

/// Some lines of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// Newest first. Lines that cannot be understood are left out.
    pub records: Vec<AuditRecord>,
    /// Where the page before this one in time begins, if there is one.
    pub next: Option<u64>,
}

pub(super) fn read(path: &Path, before: Option<u64>, most: usize) -> Result<AuditPage, StoreError> {
    match File::open(path) {
        Ok(file) => read_from(&file, before, most).map_err(StoreError::on("read", path)),
        // Just being rotated, or never been written.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok(AuditPage { records: Vec::new(), next: None })
        }
        Err(error) => Err(StoreError::io("open", path, error)),
    }
}

fn read_from(file: &File, before: Option<u64>, most: usize) -> io::Result<AuditPage> {
    let length = file.metadata()?.len();
    // A place in a file that has been rotated since may lie anywhere in this one: what is no whole line
    // there is left out.
    let mut end = before.unwrap_or(length).min(length);
    let mut records = Vec::new();
    for _ in 0..BLOCKS {
        if end == 0 || records.len() == most {
            break;
        }
        let start = end.saturating_sub(BLOCK as u64);
        let mut block = vec![0; usize::try_from(end - start).unwrap_or(BLOCK)];
        if let Err(error) = file.read_exact_at(&mut block, start) {
            if error.kind() != ErrorKind::UnexpectedEof {
                return Err(error);
            }
            // Half a line was just taken back, because the disk is full.
            end = file.metadata()?.len().min(end);
            continue;
        }
        let reached = start + read_block(&block, start == 0, most, &mut records) as u64;
        // A block in which no line begins holds none of ours.
        end = if reached == end { start } else { reached };
    }
    Ok(AuditPage { records, next: (end > 0).then_some(end) })
}

/// Reads the lines of a block from its end, and returns where the first of them begins.
fn read_block(block: &[u8], is_first: bool, most: usize, records: &mut Vec<AuditRecord>) -> usize {
    let mut end = block.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    if end == 0 && !is_first {
        return block.len();
    }
    while end > 0 && records.len() < most {
        let start = match block[..end - 1].iter().rposition(|b| *b == b'\n') {
            Some(at) => at + 1,
            None if is_first => 0,
            // It begins in the block before.
            None => break,
        };
        records.extend(Line::read(&block[start..end - 1]).map(|line| line.record));
        end = start;
    }
    end
}
