//! What the machine says of itself: heat, memory, clock, and errors of the disk.
//!
//! All of it is read from files that a hardened service can see: the unit hides `/proc` but for processes
//! (`ProcSubset=pid`) and the calls that tell of the clock (`ProtectClock=`), and leaves `/sys` and `/run` to be
//! read. Invariant: what a machine does not tell is `None`, never a guess. Nothing here judges.

mod clock;
mod disk;
mod memory;
mod network;
mod thermal;

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

pub use clock::ClockState;
pub(crate) use clock::is_believable;
pub use memory::Memory;
pub use thermal::Temperature;

/// Where the machine is read.
#[derive(Debug, Clone)]
pub struct Gauges {
    root: PathBuf,
}

/// What was read at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    /// Of the sensor that is closest to what it may have, or furthest beyond.
    pub temperature: Option<Temperature>,
    /// Of the whole machine.
    pub memory: Option<Memory>,
    /// What the unit may use of it (`MemoryMax=`), where it has a limit.
    pub allowance: Option<Memory>,
    /// How far the time of day can be trusted.
    pub clock: ClockState,
    /// Errors that the file system of the data directory has counted since it was made or last repaired.
    pub disk_errors: Option<u64>,
}

/// What the machine is and how it fares, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// What it is called in its network.
    pub host_name: String,
    /// Since it was switched on.
    pub uptime: Duration,
    /// Where others reach it.
    pub addresses: Vec<IpAddr>,
    /// Of all sensors, by name.
    pub temperatures: Vec<Temperature>,
    /// Of the whole machine.
    pub memory: Option<Memory>,
}

impl Gauges {
    /// Those of this machine.
    pub fn of_this_machine() -> Self {
        Self::below("/")
    }

    /// Those of a machine whose files stand below this folder.
    pub fn below(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Reads all of them. Reads files, of which a sick device may hold one up: not for async code.
    ///
    /// `data` is a folder on the disk in question, and `now` the time of day.
    pub fn read(&self, data: &Path, now: SystemTime) -> Readings {
        Readings {
            temperature: thermal::read(&self.at("sys/class/thermal")),
            memory: memory::of_machine(&self.root),
            allowance: memory::of_unit(&self.root),
            clock: clock::read(&self.at("run/systemd/timesync/synchronized"), now),
            disk_errors: disk::errors(&self.at("sys"), data),
        }
    }

    /// Reads what the machine is and how it fares. Reads files: not for async code.
    pub fn machine(&self) -> Machine {
        let since = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(since.tv_sec).unwrap_or_default();
        Machine {
            host_name: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            uptime: Duration::from_secs(seconds),
            addresses: network::addresses(&self.root),
            temperatures: thermal::all(&self.at("sys/class/thermal")),
            memory: memory::of_machine(&self.root),
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

/// The text of a file without the white space around it.
fn text(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

/// The number in a file.
fn number<T: FromStr>(path: &Path) -> Option<T> {
    text(path)?.parse().ok()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fs;
    use std::path::Path;

    /// Writes files below a folder, each with its text.
    pub(crate) fn lay_out(root: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("it stands in a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
    }
}
