//! Everything that is found out of a bundle before it may be installed.

use std::fs;
use std::path::PathBuf;

use super::bundle::{Bundle, Source};
use super::inspect::Inspector;
use super::rauc::Rauc;
use super::refusal::{Cause, Refusal};
use super::version::Direction;
use crate::bus::{Bus, Reason};

/// What is looked at, and by what.
pub(super) struct Examination {
    pub(super) bus: Bus,
    pub(super) inspector: Inspector,
    /// The version that runs.
    pub(super) running: Option<String>,
    pub(super) is_clock_set: bool,
    pub(super) source: Source,
    /// Its length, where it is here.
    pub(super) bytes: Option<u64>,
}

impl Examination {
    /// # Errors
    /// Why it may not be installed.
    pub(super) async fn examine(self) -> Result<Bundle, Refusal> {
        let found = self.inspector.inspect(&self.source, self.is_clock_set).await?;
        let silent =
            |reason: Reason| Refusal::new(Cause::Other, format!("RAUC does not answer: {reason}."));
        let rauc = Rauc::connect(&self.bus).await.map_err(silent)?;
        let own = rauc.compatible().await.map_err(silent)?;
        let manifest = found.manifest;
        if manifest.compatible != own {
            return Err(Refusal::wrong_compatible(&own, &manifest.compatible));
        }
        let slots = rauc.slots(self.running.as_deref()).await.map_err(silent)?;
        if let Some(room) = size_of(&slots.other.device)
            && manifest.image_bytes > room
        {
            return Err(Refusal::too_large(manifest.image_bytes, room));
        }
        let direction = Direction::between(slots.booted.version.as_deref(), &manifest.version);
        Ok(Bundle {
            source: self.source,
            version: manifest.version,
            compatible: manifest.compatible,
            description: manifest.description,
            build: manifest.build,
            signer: found.signer,
            bytes: self.bytes,
            image_bytes: manifest.image_bytes,
            changelog: manifest.changelog,
            direction,
            manifest_hash: manifest.hash,
        })
    }
}

/// The room there is in a slot: of a block device by its size in sectors of 512 bytes in `/sys`, since its node may not be
/// opened. `None` where that cannot be told.
fn size_of(device: &str) -> Option<u64> {
    let path: PathBuf = fs::canonicalize(device).ok()?;
    let metadata = fs::metadata(&path).ok()?;
    if metadata.is_file() {
        return Some(metadata.len());
    }
    let name = path.file_name()?.to_str()?;
    let sectors = fs::read_to_string(format!("/sys/class/block/{name}/size")).ok()?;
    sectors.trim().parse::<u64>().ok()?.checked_mul(512)
}
