//! What the server is given.

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use prismatron_core::effect::EffectSpec;
use prismatron_core::layout::Layout;
use prismatron_core::output::OutputSpec;
use prismatron_core::port::Clock;
use prismatron_core::schedule::Standing;
use prismatron_output::{FoundController, StatusBoard};
use prismatron_system::Zones;
use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::safe_mode::SafeMode;
use crate::tls::Tls;

/// What the server is given. Everything it shows or changes, it does through these.
pub struct WebSetup {
    /// Where requests come in; bound already.
    pub listener: TcpListener,
    /// What the network is served with over TLS; plain HTTP is only led there then. Without, plain HTTP is
    /// all there is.
    pub tls: Option<Tls>,
    /// Where the machine's own administrators come in: whoever can open this socket is an admin.
    pub admin: Option<UnixListener>,
    /// Who may come in.
    pub access: Access,
    /// The player.
    pub engine: prismatron_engine::Handle,
    /// Everything that is kept.
    pub store: prismatron_store::Handle,
    /// How the outputs fare.
    pub outputs: StatusBoard,
    /// What is known of the appliance's own hardware, where some is configured.
    pub board: Option<watch::Receiver<prismatron_board::Outlook>>,
    /// What the operating system is asked through.
    pub system: prismatron_system::Handle,
    /// What the whole system is updated through.
    pub update: prismatron_system::update::Handle,
    /// Where the machine's heat, memory and clock are read.
    pub gauges: prismatron_system::Gauges,
    /// Time zones, and which the machine is in.
    pub zones: Zones,
    /// What has become of the schedule.
    pub standing: watch::Receiver<Standing>,
    /// The machine's data partition.
    pub data_partition: prismatron_system::DataPartition,
    /// Looks for controllers in the network for so long; blocks.
    pub find: Find,
    /// The catalogue of effects.
    pub effects: &'static [EffectSpec],
    /// The fonts that texts can name; may take a while when it is first asked.
    pub fonts: fn() -> Vec<String>,
    /// What the operator might want to do, such as install something.
    pub notices: Vec<String>,
    /// Of the program.
    pub version: &'static str,
    /// What the program was started with, each with its name: for diagnostics, so never a secret.
    pub facts: Vec<(&'static str, String)>,
    /// Where an appliance keeps why boots failed, each in a file of JSON: for diagnostics.
    pub boots: PathBuf,
    /// The program's log.
    pub log: Log,
    /// Whether it was started to play nothing.
    pub safe_mode: SafeMode,
    /// The wall unless it was set through the API, now and whenever it changes.
    pub defaults: watch::Receiver<Arc<WallDefaults>>,
    /// How many connections are served at once.
    pub places: Places,
    /// The engine's clock.
    pub clock: Arc<dyn Clock>,
    /// When this is cancelled, the server ends.
    pub shutdown: CancellationToken,
}

/// Looks for controllers in the network for so long; blocks.
pub type Find = Arc<dyn Fn(Duration) -> io::Result<Vec<FoundController>> + Send + Sync>;

/// The program's log.
#[derive(Clone)]
pub struct Log {
    /// Its last lines, so many at most, oldest first. Reads the disk.
    pub tail: Arc<dyn Fn(usize) -> Vec<String> + Send + Sync>,
    /// Its lines from now on.
    pub follow: Arc<dyn Fn() -> broadcast::Receiver<Arc<str>> + Send + Sync>,
}

/// Most connections at once; more wait to be taken.
const MOST_CONNECTIONS: usize = 256;

/// The places for connections; clones are the same places.
#[derive(Debug, Clone)]
pub struct Places(pub(crate) Arc<Semaphore>);

impl Places {
    /// Whether whoever comes now has to wait.
    pub fn are_taken(&self) -> bool {
        self.0.available_permits() == 0
    }
}

impl Default for Places {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST_CONNECTIONS)))
    }
}

/// The wall as it is without what was set through the API.
#[derive(Debug, Clone)]
pub struct WallDefaults {
    /// Where the LEDs are.
    pub layout: Layout,
    /// Whether the layout stands in the configuration file.
    pub layout_configured: bool,
    /// Who is told.
    pub outputs: Vec<OutputSpec>,
    /// Whether the outputs stand in the configuration file.
    pub outputs_configured: bool,
}
