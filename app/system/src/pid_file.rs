//! The PID file, for operators' scripts: systemd itself knows the process.

use std::fs;
use std::path::Path;

use crate::runtime::{self, Published};

/// Its name in the runtime directory.
const NAME: &str = "prismatron.pid";

/// `prismatron.pid` in the runtime directory that systemd made; removed when this is dropped.
#[derive(Debug)]
pub struct PidFile(#[allow(dead_code, reason = "removed when dropped")] Published);

impl PidFile {
    /// Writes it where `RUNTIME_DIRECTORY` says. That it cannot be written is logged and no reason not to
    /// start.
    pub fn write() -> Option<Self> {
        let text = format!("{}\n", std::process::id());
        Published::write(&runtime::directory()?, NAME, &text).map(Self)
    }

    /// Whether the process runs that has written it in this runtime directory.
    pub fn is_alive(runtime_directory: &Path) -> bool {
        let pid = fs::read_to_string(runtime_directory.join(NAME)).ok();
        let pid = pid.and_then(|pid| pid.trim().parse::<u32>().ok());
        pid.is_some_and(|pid| Path::new("/proc").join(pid.to_string()).exists())
    }
}
