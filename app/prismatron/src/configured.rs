//! The configuration as it is in force: the file's, and on an appliance what its setup file says about outputs and
//! names.

use std::path::PathBuf;

use clap::Args;
use prismatron_core::board::BoardSpec;
use prismatron_store as store;
use prismatron_store::config::{self, Config, Setup};

/// Where the configuration comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub(crate) struct Sources {
    /// Configuration file (RON)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What the appliance's setup file says; need not be there
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) setup: Option<PathBuf>,
}

impl Sources {
    /// Reads it.
    ///
    /// # Errors
    /// The configuration is wrong. A setup file that is does not count: it was checked when the machine was
    /// booted, and the page tells of it.
    pub(crate) fn load(&self) -> anyhow::Result<Config> {
        let mut config = self.config.as_deref().map(config::load).transpose()?.unwrap_or_default();
        if let Some(setup) = self.setup() {
            let outputs = setup.outputs();
            if !outputs.is_empty() {
                config.outputs = outputs;
            }
            if setup.board != BoardSpec::default() {
                config.board = setup.board;
            }
            config.host_names.extend(setup.host_name.map(|name| format!("{name}.local")));
        }
        Ok(config)
    }

    /// Takes over the claim code of the setup file where nobody has an account yet.
    pub(crate) async fn set_claim_code(&self, store: &store::Handle) {
        let Some(code) = self.setup().and_then(|setup| setup.claim_code) else { return };
        if store.accounts().borrow().is_claimed() {
            return;
        }
        if let Err(error) = store.renew_claim(Some(code)).await {
            tracing::warn!("the claim code of the setup file does not count: {error}");
        }
    }

    fn setup(&self) -> Option<Setup> {
        let file = self.setup.as_deref().filter(|file| file.exists())?;
        Setup::load(file).map_err(|error| tracing::warn!("{error}")).ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    #[test]
    fn the_setup_files_outputs_take_the_place_of_the_configurations() {
        let folder = tempfile::tempdir().unwrap();
        let (config, setup) = (folder.path().join("config.ron"), folder.path().join("setup.ron"));
        std::fs::write(&config, "(fps: 30.0, outputs: [(hosts: [\"one\"])])").unwrap();
        let sources = Sources { config: Some(config), setup: Some(setup.clone()) };
        let hosts = || sources.load().unwrap().outputs[0].hosts.clone();
        assert_eq!(hosts(), ["one"]);
        std::fs::write(&setup, "(host_name: \"lobby\", outputs: [(hosts: [\"two\"])])").unwrap();
        assert_eq!(hosts(), ["two"]);
        assert_eq!(sources.load().unwrap().host_names, ["lobby.local"]);
        std::fs::write(&setup, "(host_name: \"lobby\")").unwrap();
        assert_eq!(hosts(), ["one"]);
        std::fs::write(&setup, "nonsense").unwrap();
        assert_eq!(hosts(), ["one"]);
    }
}
