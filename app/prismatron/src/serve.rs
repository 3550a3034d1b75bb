//! `prismatron serve`: every part, made in order and handed to those who need it, and ended in turn.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use prismatron_board::Strips;
use prismatron_core::port::Clock;
use prismatron_core::schedule::Standing;
use prismatron_core::unit::Brightness;
use prismatron_engine::{self as engine, Dimmer, Ending, Engine, EngineSetup, Mode};
use prismatron_media::{FfmpegState, Limits, Media, Probe};
use prismatron_output::{self as output, Outputs, StatusBoard};
use prismatron_store::{self as store, Store, config::Config};
use prismatron_system::{
    DataPartition, Gauges, Ladder, PageAddress, PageFile, PidFile, Supervisor, System, Zones,
    notify,
};
use prismatron_web::tls::Tls;
use prismatron_web::{Access, Log, Places, WallDefaults, WebSetup};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::bystanders::Bystanders;
use crate::clock::MonotonicClock;
use crate::devices::{Devices, Front};
use crate::leave::{Itself, Leave};
use crate::log::LogFile;
use crate::position::{self, Keeper};
use crate::proof::Proof;
use crate::reload::{self, Reload};
use crate::show::{End, Show};
use crate::stop::{self, Signals};
use crate::timekeeper::Timekeeper;
use crate::{
    appliance, blackout, cli, demo, diagnostics, identity, listen, pulse, ready, safe_mode, secure,
    updates,
};

/// How long the page waits for what there is to notice: a cold disk takes its time to start ffmpeg.
const NOTICING: Duration = Duration::from_secs(3);

/// Plays until it is asked to end.
///
/// # Errors
/// Something without which there is nothing to play or no page: a wrong configuration, a data directory
/// that cannot be used, no port.
pub(crate) fn run(options: cli::Serve, log: LogFile) -> anyhow::Result<ExitCode> {
    // From here on a signal waits for the show, which sees to it.
    stop::hold_signals()?;
    let admin = prismatron_system::admin_socket();
    // A configuration that is wrong stops the start before anything else has happened.
    let config = options.sources.load()?;
    let given = secure::given(&config)?;
    let data_dir = options
        .data_dir
        .clone()
        .or_else(|| config.data_dir.clone())
        .unwrap_or_else(|| PathBuf::from(cli::DATA_DIR));
    if let Err(error) = log.open(&data_dir.join("logs")) {
        tracing::warn!("there is no log file: {error}");
    }
    let listener = listen::listen(options.listen.or(config.listen))?;
    let itself = Itself {
        program: std::env::current_exe().context("cannot tell which program this is")?,
        arguments: options.arguments(listener.local_addr().context("cannot tell the address")?),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let start = Start { options, config, given, data_dir, listener, admin, itself, log };
    let ended = runtime.block_on(start.serve());
    // A read that hangs on a dead disk must not keep the program.
    runtime.shutdown_background();
    ended.map(Leave::now)
}

/// What a start is made of.
struct Start {
    options: cli::Serve,
    config: Config,
    /// The certificate that is configured.
    given: Option<Tls>,
    data_dir: PathBuf,
    listener: TcpListener,
    admin: Option<UnixListener>,
    itself: Itself,
    log: LogFile,
}

impl Start {
    async fn serve(self) -> anyhow::Result<Leave> {
        let Self { options, config, given, data_dir, listener, admin, itself, log } = self;
        let signals = Signals::listen()?;
        let _pid_file = PidFile::write();
        let ladder = Ladder::climb().map(Arc::new);
        // Its supply takes time to come on: everything else is made ready meanwhile.
        let devices = Devices::start(&config.board)?;
        let limits = Limits { max_pixels: config.max_pixels, ..Limits::default() };
        let (store, kept) =
            Store::open(&data_dir, Arc::new(Probe::new(limits.clone())), config.storage)?;
        let safe_mode = safe_mode::find(options.safe_mode, &kept, ladder.as_ref(), &log).await;
        options.sources.set_claim_code(&kept).await;
        let first_start = demo::is_due(&kept);
        if first_start && let Err(error) = demo::begin(&kept).await {
            tracing::warn!("the demonstration cannot be made: {error}");
        }

        // The engine comes before the page: light first.
        let clock: Arc<dyn Clock> = Arc::new(MonotonicClock::new());
        let wall = reload::wall_defaults(&config);
        let dims = BTreeMap::from([
            (Dimmer::Board, devices.ready().await),
            (Dimmer::Operator, prismatron_web::blackout::kept(&kept).await),
        ]);
        let may_play = !safe_mode.is_on();
        let (engine, player, board) =
            start_engine(&config, &kept, limits, &wall, Arc::clone(&clock), dims, may_play).await?;
        let noticing = tokio::task::spawn_blocking(notices);
        let telling = tokio::spawn(ready::tell(player.clone(), board.clone()));
        let (_system, system, orders) = System::start(Supervisor::detect());
        let (_updates, update) = updates::start(&kept, &player, &system).await;

        let access = Access::new(kept.clone(), Arc::clone(&clock), &config.host_names);
        let tls = secure::complete(given, &config, &kept).await?;
        let listening = listener.local_addr().context("cannot tell the address")?;
        let page = PageAddress { scheme: secure::scheme(tls.as_ref()), listening };
        announce(page, &access, tls.as_ref(), &data_dir);
        let _page_file = PageFile::write(page);
        let bystanders = Bystanders {
            store: kept.clone(),
            engine: player.clone(),
            safe_mode: safe_mode.clone(),
            tls: tls.clone(),
            listening,
        };
        let telling_bystanders = tokio::spawn(bystanders.tell());
        let zones = Zones::of_this_machine();
        let standing = watch::Sender::new(Standing::default());
        let timekeeper = Timekeeper {
            store: kept.clone(),
            engine: player.clone(),
            safe_mode: safe_mode.clone(),
            zones: zones.clone(),
            time: Arc::new(SystemTime::now),
            standing: standing.clone(),
        };
        let timekeeping = tokio::spawn(timekeeper.keep());
        let shutdown = CancellationToken::new();
        let (defaults, published) = watch::channel(Arc::new(wall));
        let places = Places::default();
        let notices = match timeout(NOTICING, noticing).await {
            Ok(noticed) => noticed.unwrap_or_default(),
            Err(_) => {
                tracing::warn!("ffmpeg does not tell its version");
                Vec::new()
            }
        };
        let web = tokio::spawn(prismatron_web::serve(WebSetup {
            listener,
            tls: tls.clone(),
            admin,
            access,
            engine: player.clone(),
            store: kept.clone(),
            outputs: board.clone(),
            board: devices.outlook(),
            system: system.clone(),
            update: update.clone(),
            gauges: Gauges::of_this_machine(),
            zones,
            standing: standing.subscribe(),
            data_partition: DataPartition::of_this_machine(),
            find: Arc::new(prismatron_output::find_wled),
            effects: prismatron_media::effects(),
            fonts: prismatron_media::fonts,
            notices,
            version: env!("CARGO_PKG_VERSION"),
            facts: diagnostics::facts(&options, &config, &data_dir),
            boots: appliance::BOOTS.into(),
            log: Log {
                tail: Arc::new({
                    let log = log.clone();
                    move |lines| log.tail(lines)
                }),
                follow: Arc::new({
                    let log = log.clone();
                    move || log.follow()
                }),
            },
            safe_mode: safe_mode.clone(),
            defaults: published,
            places: places.clone(),
            clock,
            shutdown: shutdown.clone(),
        }));
        let proof = Proof { store: kept.clone(), safe_mode: safe_mode.clone() };
        let proving = tokio::spawn(proof.clone().keep(Ladder::SETTLED));
        let front = Front {
            engine: player.clone(),
            outputs: board.clone(),
            store: kept.clone(),
            system,
            update,
            safe_mode: safe_mode.clone(),
            page,
        };
        let devices = devices.serve(front);
        let keeper = Keeper { store: kept.clone(), safe_mode };
        let parts =
            pulse::Parts { engine: player.clone(), outputs: board, page: listening, places };
        tokio::spawn(pulse::feed(parts));
        let reload_asked = Arc::new(Notify::new());
        let sources = options.sources.clone();
        let reload = Reload {
            sources: options.sources,
            config,
            tls,
            log,
            store: kept.clone(),
            engine: player.clone(),
            defaults,
        };
        let reloading = tokio::spawn(reload.run(Arc::clone(&reload_asked)));
        let keeping = tokio::spawn(keeper.clone().keep(player.clone()));
        if let Some(ladder) = ladder.clone() {
            tokio::spawn(safe_mode::settle(ladder));
        }
        tokio::spawn(appliance::report(kept.clone()));
        if first_start {
            tokio::spawn(demo::complete(kept.clone(), player.clone()));
        }

        let show = Show { signals, orders, reload: reload_asked, keeper: keeper.clone(), player };
        let End { why, mut ending, back, mut signals } = show.run().await;
        let mut leave = back.map_or(Leave::Done, |how| Leave::to_return(how, &itself));
        tracing::info!("{why}: stopping");
        // The last deadline knows of it too: what has asked for an end is taken, and is not there for the next.
        let is_to_end = Arc::new(AtomicBool::new(false));
        let (at_last, ends, cut) = (leave.clone(), Arc::clone(&is_to_end), devices.cut());
        stop::arm_deadline(move || {
            let at_last = if ends.load(Ordering::Relaxed) { Leave::Done } else { at_last };
            if at_last.is_for_good() {
                cut();
            }
            at_last.at_once()
        });
        telling.abort();
        telling_bystanders.abort();
        timekeeping.abort();
        reloading.abort();
        notify::stopping();
        shutdown.cancel();
        if let Ok(Err(error)) = web.await {
            tracing::error!("the page: {error}");
        }
        keeping.abort();
        proving.abort();
        // Whoever asks for an end while it is about to come back has it.
        if back.is_some() && signals.ask_to_stop() {
            tracing::info!("asked to end meanwhile: it does not come back");
            is_to_end.store(true, Ordering::Relaxed);
            (leave, ending) = (Leave::Done, Ending::Black);
        }
        let last = tokio::task::spawn_blocking(move || engine.stop(ending)).await?;
        // The last frame has gone out.
        devices.stop(ending).await;
        if let Some(last) = last {
            keeper.save(&last).await;
        }
        proof.add().await;
        tokio::task::spawn_blocking(|| store.close()).await?;
        if let Some(ladder) = ladder {
            ladder.end_well();
        }
        tracing::info!("stopped");
        if !leave.is_for_good() && signals.ask_to_stop() {
            // The picture has been left on.
            let darken = move || blackout::run(&sources, Some(data_dir));
            tokio::task::spawn_blocking(darken).await??;
            return Ok(Leave::Done);
        }
        Ok(leave)
    }
}

/// Starts the player where it stood when it was last ended.
async fn start_engine(
    config: &Config,
    kept: &store::Handle,
    limits: Limits,
    wall: &WallDefaults,
    clock: Arc<dyn Clock>,
    dims: BTreeMap<Dimmer, Brightness>,
    may_play: bool,
) -> anyhow::Result<(Engine, engine::Handle, StatusBoard)> {
    let settings = kept.settings().borrow().clone();
    let playlist = settings
        .active
        .and_then(|id| kept.playlists().borrow().get(id).map(|stored| stored.playlist.clone()));
    let resume = position::load(kept).await;
    let stopped = resume.as_ref().is_some_and(|position| position.mode == Mode::Stopped);
    let identity = identity::load(kept).await;
    let strips = Some(Arc::new(Strips::of_this_machine()) as _);
    let (sinks, board) = Outputs::with_settings(output::Settings {
        identity,
        strips,
        ..output::Settings::default()
    });
    let setup = EngineSetup {
        opener: Arc::new(Media::new(Arc::new(kept.clone()), limits)),
        sinks: Box::new(sinks),
        clock,
        layout: reload::layout(&settings, wall),
        outputs: settings.outputs.clone().unwrap_or_else(|| wall.outputs.clone()),
        colour: settings.colour,
        dims,
        fps: config.fps,
        playlist,
        resume,
        autoplay: may_play && !stopped,
    };
    let (engine, handle) = Engine::start(setup)?;
    Ok((engine, handle, board))
}

/// What the operator might want to do, for the page.
fn notices() -> Vec<String> {
    match prismatron_media::ffmpeg() {
        FfmpegState::Present { version } => {
            tracing::info!("ffmpeg {version}");
            Vec::new()
        }
        FfmpegState::Missing { advice } => {
            tracing::warn!("{advice}");
            vec![advice]
        }
    }
}

/// Says on the terminal where the page is.
fn announce(page: PageAddress, access: &Access, tls: Option<&Tls>, data_dir: &Path) {
    let page = format!("{}://{}", page.scheme, listen::reachable(page.listening));
    let mut lines =
        vec![format!("Prismatron {}", env!("CARGO_PKG_VERSION")), format!("  page      {page}/")];
    if let Some(tls) = tls {
        lines.push(format!("  SHA-256   {}   (of the certificate)", tls.fingerprint()));
    }
    if let Some(code) = access.claim_code() {
        lines.push(format!(
            "  claim     {code}   (asked for on the page to make the first account)"
        ));
    }
    lines.push(format!("  sign in   {page}{}", access.sign_in_path()));
    lines.push(format!("  data      {}", data_dir.display()));
    // Nobody may be reading; the wall plays all the same.
    let _ = writeln!(std::io::stdout(), "{}", lines.join("\n"));
}
