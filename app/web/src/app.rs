//! What handlers share.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use prismatron_core::colour::ColourSettings;
use prismatron_core::effect::EffectSpec;
use prismatron_core::layout::Wall;
use prismatron_core::port::Clock;
use prismatron_core::schedule::{Act, Obedience, Standing};
use prismatron_engine::{Command, PlayerState};
use prismatron_output::StatusBoard;
use prismatron_store::{Library, Playlists, Settings, StoredSchedule};
use prismatron_system::{Gauges, Zones};
use tokio::sync::{Mutex, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::{Access, Channel};
use crate::arrivals::Arrivals;
use crate::health::Health;
use crate::problem::Problem;
use crate::safe_mode::SafeMode;
use crate::setup::{Find, Log, WallDefaults, WebSetup};
use crate::tls::Tls;
use crate::writers::Writers;

/// Most WebSockets at once.
const MOST_SOCKETS: usize = 64;
/// Most who read the log along.
const MOST_READERS: usize = 8;
/// Most who look at something before it is on the wall.
const MOST_PREVIEWS: usize = 4;

/// What handlers share; cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) access: Access,
    /// What the network's connections are made secure with, if they are.
    pub(crate) tls: Option<Tls>,
    pub(crate) channel: Channel,
    pub(crate) engine: prismatron_engine::Handle,
    pub(crate) store: prismatron_store::Handle,
    pub(crate) outputs: StatusBoard,
    pub(crate) board: Option<watch::Receiver<prismatron_board::Outlook>>,
    pub(crate) system: prismatron_system::Handle,
    pub(crate) data_partition: prismatron_system::DataPartition,
    pub(crate) gauges: Gauges,
    pub(crate) update: prismatron_system::update::Handle,
    pub(crate) health: Health,
    pub(crate) zones: Zones,
    pub(crate) standing: watch::Receiver<Standing>,
    pub(crate) find: Find,
    pub(crate) effects: &'static [EffectSpec],
    pub(crate) fonts: fn() -> Vec<String>,
    pub(crate) notices: Vec<String>,
    pub(crate) version: &'static str,
    pub(crate) facts: Vec<(&'static str, String)>,
    pub(crate) boots: PathBuf,
    pub(crate) log: Log,
    pub(crate) safe_mode: SafeMode,
    defaults: watch::Receiver<Arc<WallDefaults>>,
    pub(crate) clock: Arc<dyn Clock>,
    /// When the server was started, by its clock.
    pub(crate) started: Duration,
    pub(crate) shutdown: CancellationToken,
    /// Work that goes on when the request it was for has gone.
    pub(crate) tasks: TaskTracker,
    /// A place for each WebSocket.
    pub(crate) sockets: Arc<Semaphore>,
    /// A place for each who looks at something before it is on the wall.
    pub(crate) previewing: Arc<Semaphore>,
    /// A place for each who reads the log along.
    pub(crate) reading_log: Arc<Semaphore>,
    /// The place for whoever looks for controllers.
    pub(crate) finding: Arc<Semaphore>,
    /// The place for whoever has diagnostics made.
    pub(crate) diagnosing: Arc<Semaphore>,
    /// Held while the displays of this machine are looked at.
    pub(crate) looking: Mutex<()>,
    /// Uploads that have lately become media.
    pub(crate) arrivals: Arrivals,
    /// Requests that are writing to uploads.
    pub(crate) writers: Writers,
    /// Held from reading a playlist until its change is saved and played.
    pub(crate) playlist_edit: Mutex<()>,
    /// Held until a change of the settings is saved and in force: the engine sees them in order.
    pub(crate) settings_edit: Mutex<()>,
}

impl App {
    pub(crate) fn new(setup: WebSetup) -> Self {
        Self(Arc::new(Shared {
            started: setup.clock.now(),
            access: setup.access,
            channel: {
                let port = setup.listener.local_addr().map_or(0, |address| address.port());
                setup.tls.as_ref().map_or(Channel::Plain(port), |_| Channel::Tls(port))
            },
            tls: setup.tls,
            engine: setup.engine,
            store: setup.store,
            outputs: setup.outputs,
            board: setup.board,
            system: setup.system,
            data_partition: setup.data_partition,
            gauges: setup.gauges.clone(),
            update: setup.update,
            health: Health::new(setup.gauges),
            zones: setup.zones,
            standing: setup.standing,
            find: setup.find,
            effects: setup.effects,
            fonts: setup.fonts,
            notices: setup.notices,
            version: setup.version,
            facts: setup.facts,
            boots: setup.boots,
            log: setup.log,
            safe_mode: setup.safe_mode,
            defaults: setup.defaults,
            clock: setup.clock,
            shutdown: setup.shutdown,
            tasks: TaskTracker::new(),
            sockets: Arc::new(Semaphore::new(MOST_SOCKETS)),
            previewing: Arc::new(Semaphore::new(MOST_PREVIEWS)),
            reading_log: Arc::new(Semaphore::new(MOST_READERS)),
            finding: Arc::new(Semaphore::new(1)),
            diagnosing: Arc::new(Semaphore::new(1)),
            looking: Mutex::default(),
            arrivals: Arrivals::default(),
            writers: Writers::default(),
            playlist_edit: Mutex::default(),
            settings_edit: Mutex::default(),
        }))
    }

    // Each takes its snapshot and lets go of the channel: nobody who publishes waits for a reader, and
    // two readers in one expression cannot lock each other out.

    /// The library now.
    pub(crate) fn library(&self) -> Arc<Library> {
        Arc::clone(&self.store.library().borrow())
    }

    /// The playlists now.
    pub(crate) fn playlists(&self) -> Arc<Playlists> {
        Arc::clone(&self.store.playlists().borrow())
    }

    /// The schedule now.
    pub(crate) fn schedule(&self) -> Arc<StoredSchedule> {
        Arc::clone(&self.store.schedule().borrow())
    }

    /// The time of day; 1970 where it is none.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::try_from(self.access.today()).unwrap_or_default()
    }

    /// The colours to be in force with these settings: with the schedule's brightness, where that is kept to.
    pub(crate) fn colour(&self, settings: &Settings) -> ColourSettings {
        let standing = self.standing.borrow();
        let scheduled = match &*standing {
            Standing::On(followed) if followed.brightness == Obedience::Kept => {
                followed.outlook.brightness.now.and_then(|now| self.schedule().schedule.act(&now))
            }
            _ => None,
        };
        match scheduled {
            Some(Act::Brightness(brightness)) => ColourSettings { brightness, ..settings.colour },
            _ => settings.colour,
        }
    }

    /// The settings now.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.store.settings().borrow())
    }

    /// The player's state now.
    pub(crate) fn player(&self) -> PlayerState {
        self.engine.state().borrow().clone()
    }

    /// The wall now.
    pub(crate) fn wall(&self) -> Arc<Wall> {
        Arc::clone(&self.engine.wall().borrow())
    }

    /// The wall unless it was set.
    pub(crate) fn defaults(&self) -> Arc<WallDefaults> {
        Arc::clone(&self.defaults.borrow())
    }

    /// Has the engine take on the wall of these settings.
    pub(crate) fn set_wall(&self, settings: &Settings) -> Command {
        let (layout, outputs) = (settings.layout.clone(), settings.outputs.clone());
        Command::SetWall {
            layout: layout.unwrap_or_else(|| self.defaults().layout.clone()),
            outputs: outputs.unwrap_or_else(|| self.defaults().outputs.clone()),
        }
    }

    /// Goes back to the settings that last worked, and leaves safe mode with them.
    pub(crate) async fn restore_settings(&self) -> Result<(), Problem> {
        let _playlist = self.playlist_edit.lock().await;
        let _settings = self.settings_edit.lock().await;
        let settings = self.store.restore_settings().await?;
        self.engine.send(self.set_wall(&settings)).await?;
        self.engine.send(Command::SetColour(self.colour(&settings))).await?;
        self.safe_mode.leave(&self.store).await?;
        let playlist = settings.active.and_then(|id| self.playlists().get(id).cloned());
        let stands_at = self.player().playlist.map(|(id, _)| id);
        let play = match playlist {
            // Where it stood.
            Some(stored) if Some(stored.playlist.id) == stands_at => Command::Play,
            Some(stored) => Command::Activate { playlist: stored.playlist.clone(), item: None },
            None => Command::Deactivate,
        };
        self.engine.send(play).await?;
        Ok(())
    }

    /// Changes the settings, keeps them, and has the engine follow with the command made of them.
    pub(crate) async fn change_settings(
        &self,
        edit: impl FnOnce(&mut Settings) + Send + 'static,
        follow: impl FnOnce(&Settings) -> Option<Command>,
    ) -> Result<(), Problem> {
        let _held = self.settings_edit.lock().await;
        let settings = self.store.edit_settings(edit).await?;
        if let Some(command) = follow(&settings) {
            self.engine.send(command).await?;
        }
        Ok(())
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
