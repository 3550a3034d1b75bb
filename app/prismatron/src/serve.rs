//! `prismatron serve`: every part, made in order and handed to those who need it, and ended in turn.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use prismatron_core::port::Clock;
use prismatron_engine::{self as engine, Ending, Engine, EngineSetup, Mode};
use prismatron_media::{FfmpegState, Limits, Media, Probe};
use prismatron_output::{self as output, Outputs, StatusBoard};
use prismatron_store::{self as store, Store, config::Config};
use prismatron_web::{Access, WallDefaults, WebSetup};
use tokio_util::sync::CancellationToken;

use crate::clock::MonotonicClock;
use crate::{cli, demo, identity, listen, position, stop};

/// Plays until it is asked to end.
///
/// # Errors
/// Something without which there is nothing to play or no page: a wrong configuration, a data directory
/// that cannot be used, no port.
pub(crate) fn run(options: cli::Serve) -> anyhow::Result<ExitCode> {
    // A configuration that is wrong stops the start before anything else has happened.
    let config =
        options.config.as_deref().map(store::config::load).transpose()?.unwrap_or_default();
    let data_dir = options
        .data_dir
        .or_else(|| config.data_dir.clone())
        .unwrap_or_else(|| PathBuf::from(cli::DATA_DIR));
    let listener = listen::listen(options.listen.or(config.listen))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let ended = runtime.block_on(serve(config, &data_dir, listener, options.safe_mode));
    // A read that hangs on a dead disk must not keep the program.
    runtime.shutdown_background();
    ended.map(|()| ExitCode::SUCCESS)
}

async fn serve(
    config: Config,
    data_dir: &Path,
    listener: TcpListener,
    safe_mode: bool,
) -> anyhow::Result<()> {
    let limits = Limits { max_pixels: config.max_pixels, ..Limits::default() };
    let (store, kept) =
        Store::open(data_dir, Arc::new(Probe::new(limits.clone())), config.storage)?;
    let first_start = demo::is_due(&kept);
    if first_start && let Err(error) = demo::begin(&kept).await {
        tracing::warn!("the demonstration cannot be made: {error}");
    }

    // The engine comes before the page: light first.
    let clock: Arc<dyn Clock> = Arc::new(MonotonicClock::new());
    let defaults = WallDefaults {
        layout_configured: config.layout.is_some(),
        layout: config.layout.clone().unwrap_or_default(),
        outputs_configured: !config.outputs.is_empty(),
        outputs: config.outputs.clone(),
    };
    let (engine, player, board) =
        start_engine(&config, &kept, limits, &defaults, Arc::clone(&clock), safe_mode).await?;

    let access = Access::new(&kept.signing_key(), Arc::clone(&clock));
    announce(&listener, &access, data_dir)?;
    let shutdown = CancellationToken::new();
    let web = tokio::spawn(prismatron_web::serve(WebSetup {
        listener,
        access,
        engine: player.clone(),
        store: kept.clone(),
        outputs: board,
        effects: prismatron_media::effects(),
        fonts: prismatron_media::fonts,
        notices: notices(),
        version: env!("CARGO_PKG_VERSION"),
        safe_mode,
        defaults,
        clock,
        shutdown: shutdown.clone(),
    }));
    let keeper = tokio::spawn(position::keep(kept.clone(), player.clone()));
    if first_start {
        tokio::spawn(demo::complete(kept.clone(), player));
    }

    let why = stop::asked().await?;
    tracing::info!("{why}: stopping");
    stop::arm_deadline();
    shutdown.cancel();
    if let Ok(Err(error)) = web.await {
        tracing::error!("the page: {error}");
    }
    keeper.abort();
    let last = tokio::task::spawn_blocking(|| engine.stop(Ending::Black)).await?;
    if let Some(last) = last {
        position::save(&kept, &last).await;
    }
    tokio::task::spawn_blocking(|| store.close()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Starts the player where it stood when it was last ended.
async fn start_engine(
    config: &Config,
    kept: &store::Handle,
    limits: Limits,
    defaults: &WallDefaults,
    clock: Arc<dyn Clock>,
    safe_mode: bool,
) -> anyhow::Result<(Engine, engine::Handle, StatusBoard)> {
    let settings = kept.settings().borrow().clone();
    let playlist = settings
        .active
        .and_then(|id| kept.playlists().borrow().get(id).map(|stored| stored.playlist.clone()));
    let resume = position::load(kept).await;
    let stopped = resume.as_ref().is_some_and(|position| position.mode == Mode::Stopped);
    let identity = identity::load(kept).await;
    let (sinks, board) =
        Outputs::with_settings(output::Settings { identity, ..output::Settings::default() });
    let setup = EngineSetup {
        opener: Arc::new(Media::new(Arc::new(kept.clone()), limits)),
        sinks: Box::new(sinks),
        clock,
        layout: layout(&settings, defaults),
        outputs: settings.outputs.clone().unwrap_or_else(|| defaults.outputs.clone()),
        colour: settings.colour,
        fps: config.fps,
        playlist,
        resume,
        autoplay: !safe_mode && !stopped,
    };
    let (engine, handle) = Engine::start(setup)?;
    Ok((engine, handle, board))
}

/// The layout set on the page, unless it cannot be any more: one bad setting must not keep the wall dark.
fn layout(settings: &store::Settings, defaults: &WallDefaults) -> prismatron_core::layout::Layout {
    match &settings.layout {
        Some(layout) => match layout.resolve() {
            Ok(_) => layout.clone(),
            Err(error) => {
                tracing::warn!("the layout set on the page is not used: {error}");
                defaults.layout.clone()
            }
        },
        None => defaults.layout.clone(),
    }
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
fn announce(listener: &TcpListener, access: &Access, data_dir: &Path) -> anyhow::Result<()> {
    let address = listen::reachable(listener).context("cannot tell the address")?;
    let lines = [
        format!("Prismatron {}", env!("CARGO_PKG_VERSION")),
        format!("  page      http://{address}/"),
        format!("  sign in   http://{address}{}", access.sign_in_path()),
        format!("  data      {}", data_dir.display()),
    ];
    // Nobody may be reading; the wall plays all the same.
    let _ = writeln!(std::io::stdout(), "{}", lines.join("\n"));
    Ok(())
}
