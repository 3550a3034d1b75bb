//! SIGHUP: opens the log again, and reads the configuration again.
//!
//! A configuration that is wrong changes nothing; one that is good is applied as far as it can be while it
//! plays, and what takes a restart is named. Both are told in the log and on the page.

use std::sync::Arc;

use prismatron_core::layout::Layout;
use prismatron_engine::{self as engine, Command};
use prismatron_store::config::Config;
use prismatron_store::{self as store, Finding, StoreError};
use prismatron_system::notify;
use prismatron_web::WallDefaults;
use prismatron_web::tls::Tls;
use tokio::sync::{Notify, watch};

use crate::configured::Sources;
use crate::log::LogFile;
use crate::secure;

/// What findings about the configuration are about.
const SUBJECT: &str = "configuration";

/// What is read again, and who is told.
pub(crate) struct Reload {
    /// Where the configuration is, if there is one.
    pub(crate) sources: Sources,
    /// What it said when it was last applied.
    pub(crate) config: Config,
    /// What the page is made secure with.
    pub(crate) tls: Option<Tls>,
    pub(crate) log: LogFile,
    pub(crate) store: store::Handle,
    pub(crate) engine: engine::Handle,
    pub(crate) defaults: watch::Sender<Arc<WallDefaults>>,
}

impl Reload {
    /// Reloads each time it is asked to. Never ends.
    pub(crate) async fn run(mut self, asked: Arc<Notify>) {
        loop {
            asked.notified().await;
            notify::reloading();
            let trouble = self.reload().await;
            tracing::info!("{}", trouble.as_deref().unwrap_or("reloaded"));
            notify::reloaded(trouble.as_deref());
        }
    }

    /// Does it, and says in a line what is to be known of it.
    async fn reload(&mut self) -> Option<String> {
        if let Err(error) = self.log.reopen() {
            tracing::error!("the log file cannot be opened again: {error}");
        }
        self.store.audit().reopen();
        self.sources.config.as_ref()?;
        let sources = self.sources.clone();
        let read = tokio::task::spawn_blocking(move || sources.load()).await;
        let outcome = match read {
            Ok(Ok(config)) => self.apply(config).await,
            Ok(Err(error)) => Err(error),
            Err(error) => Err(error.into()),
        };
        let (trouble, told) = match outcome {
            Ok(late) if late.is_empty() => (None, self.store.settle(SUBJECT).await),
            Ok(late) => {
                let late = late.join(", ");
                let message = format!("changed, but only a restart applies: {late}");
                (Some(format!("Reloaded; {message}")), self.found(message).await)
            }
            Err(error) => {
                let message = format!("not used, the one before stays in force: {error:#}");
                (Some("The new configuration is not used".into()), self.found(message).await)
            }
        };
        if let Err(error) = told {
            tracing::warn!("the page cannot tell of the configuration: {error}");
        }
        trouble
    }

    async fn found(&self, message: String) -> Result<(), StoreError> {
        self.store.report(Finding { subject: SUBJECT.into(), message }).await
    }

    /// Applies what can be, and names the rest.
    async fn apply(&mut self, new: Config) -> anyhow::Result<Vec<&'static str>> {
        let old = &self.config;
        // First, since it may be refused.
        secure::renew(self.tls.as_ref(), old, &new).await?;
        if new.storage != old.storage {
            self.store.set_limits(new.storage).await?;
        }
        if new.layout != old.layout || new.outputs != old.outputs {
            self.defaults.send_replace(Arc::new(wall_defaults(&new)));
            self.fit_wall().await?;
        }
        // Compared with what was read at the start: only a restart changes that.
        let late = late(old, &new);
        let Config { listen, ref data_dir, fps, max_pixels, ref host_names, ref board, .. } =
            self.config;
        let (data_dir, host_names, board) = (data_dir.clone(), host_names.clone(), board.clone());
        let of_start = Config { listen, data_dir, fps, max_pixels, host_names, board, ..new };
        let tls = if secure::is_another_way(old, &of_start) { &old.tls } else { &of_start.tls };
        self.config = Config { tls: tls.clone(), ..of_start };
        Ok(late)
    }

    /// Has the engine show the wall that is in force now, also if the page changes it at the same time.
    async fn fit_wall(&self) -> anyhow::Result<()> {
        loop {
            let settings = self.store.settings().borrow().clone();
            let defaults = Arc::clone(&self.defaults.borrow());
            let command = Command::SetWall {
                layout: layout(&settings, &defaults),
                outputs: settings.outputs.clone().unwrap_or_else(|| defaults.outputs.clone()),
            };
            let done = self.engine.send(command).await;
            let now = self.store.settings().borrow().clone();
            if (&now.layout, &now.outputs) == (&settings.layout, &settings.outputs) {
                return done.map(drop).map_err(anyhow::Error::from);
            }
        }
    }
}

/// What differs and is read at the start only.
fn late(old: &Config, new: &Config) -> Vec<&'static str> {
    let differs = [
        ("listen", old.listen != new.listen),
        ("data_dir", old.data_dir != new.data_dir),
        ("fps", old.fps != new.fps),
        ("max_pixels", old.max_pixels != new.max_pixels),
        ("host_names", old.host_names != new.host_names),
        ("board", old.board != new.board),
        ("tls", secure::is_another_way(old, new)),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// The wall of a configuration.
pub(crate) fn wall_defaults(config: &Config) -> WallDefaults {
    WallDefaults {
        layout_configured: config.layout.is_some(),
        layout: config.layout.clone().unwrap_or_default(),
        outputs_configured: !config.outputs.is_empty(),
        outputs: config.outputs.clone(),
    }
}

/// The layout set on the page, unless it cannot be any more: one bad setting must not keep the wall dark.
pub(crate) fn layout(settings: &store::Settings, defaults: &WallDefaults) -> Layout {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_a_restart_is_named() {
        let old = Config::default();
        let new = Config {
            listen: Some(([127, 0, 0, 1], 80).into()),
            max_pixels: 1,
            outputs: Vec::new(),
            ..Config::default()
        };
        assert_eq!(late(&old, &new), ["listen", "max_pixels"]);
        assert!(late(&old, &old).is_empty());
    }
}
