//! What all outputs share: who they say they are, and their times.

use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};

use prismatron_core::port::StripOpener;

use crate::transport::Offload;

/// Finds the addresses of a name at a port; may block as long as it likes.
pub type Resolver = Arc<dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync>;

/// Settings of all outputs.
#[derive(Clone)]
pub struct Settings {
    /// Who the sender is.
    pub identity: Identity,
    /// Times.
    pub timing: Timing,
    /// Whether UDP segmentation offload is tried.
    pub offload: Offload,
    /// How names are looked up; the system's way unless set otherwise.
    pub resolver: Resolver,
    /// Opens LEDs on buses of this machine, where there is somebody who can.
    pub strips: Option<Arc<dyn StripOpener>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            identity: Identity::default(),
            timing: Timing::default(),
            offload: Offload::Allowed,
            resolver: Arc::new(crate::host::look_up),
            strips: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("identity", &self.identity)
            .field("timing", &self.timing)
            .field("offload", &self.offload)
            .finish_non_exhaustive()
    }
}

/// Who the sender is, as E1.31 receivers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Component identifier, a UUID. Receivers tell sources apart by it, so it is to be kept for good (ANSI
    /// E1.31-2018, section 5.6).
    pub cid: [u8; 16],
    /// Name of this sender; an output's own name follows it.
    pub name: String,
}

impl Identity {
    /// What is shown for one output.
    pub(crate) fn source_name(&self, output: &str) -> String {
        format!("{} {output}", self.name).trim().to_owned()
    }
}

impl Default for Identity {
    /// A random version 4 UUID, another each time.
    fn default() -> Self {
        // The standard library keys its hashers from the system's randomness: unique is all it must be.
        let random = |n: u64| RandomState::new().hash_one(n).to_be_bytes();
        let mut cid = [0; 16];
        cid[..8].copy_from_slice(&random(0));
        cid[8..].copy_from_slice(&random(1));
        cid[6] = cid[6] & 0x0F | 0x40;
        cid[8] = cid[8] & 0x3F | 0x80;
        Self { cid, name: "Prismatron".to_owned() }
    }
}

/// How long things take before something is done about them. Tests shorten them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// A still frame is sent again after this long. WLED takes over after 2.5 s of silence, E1.31
    /// receivers after the same, Art-Net nodes want one within 4 s.
    pub keep_alive: Duration,
    /// First wait before something that failed is tried again; doubled with every failure.
    pub retry: Duration,
    /// Longest wait before something that failed is tried again.
    pub retry_at_most: Duration,
    /// A socket whose sends have failed this long is given up for a new one, which may find another way.
    pub reopen: Duration,
    /// Longest wait for a network that is not there.
    pub network_at_most: Duration,
    /// A host that failed must take frames this long without an error before it is trusted again.
    pub trial: Duration,
    /// From one answered probe to the next.
    pub probe: Duration,
    /// Longest wait for the answer to a probe.
    pub probe_answer: Duration,
    /// A name that was found is looked up again after this long.
    pub lookup: Duration,
    /// Longest wait for room in the socket's buffer; what is left of the frame is then given up.
    pub send: Duration,
    /// Longest wait for an output's thread when its sink is dropped.
    pub stop: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(1),
            retry: Duration::from_millis(250),
            retry_at_most: Duration::from_secs(30),
            reopen: Duration::from_secs(10),
            network_at_most: Duration::from_secs(2),
            trial: Duration::from_secs(4),
            probe: Duration::from_secs(5),
            probe_answer: Duration::from_secs(2),
            lookup: Duration::from_secs(60),
            send: Duration::from_millis(100),
            stop: Duration::from_millis(900),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_cid_is_a_version_4_uuid_and_differs_each_time() {
        let (a, b) = (Identity::default(), Identity::default());
        assert_ne!(a.cid, b.cid);
        assert_eq!((a.cid[6] >> 4, a.cid[8] >> 6), (4, 2));
    }
}
