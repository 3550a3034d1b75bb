//! Files that are whole whenever the power goes.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Fills a file beside and has it take the place of the one that is there. It is on the disk when this returns.
///
/// # Errors
/// The disk, or what fills it.
pub(super) fn replace(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let draft = path.with_extension("new");
    let mut file = File::create(&draft)?;
    fill(&mut file)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(path.parent().unwrap_or(path))?.sync_all()
}
