//! The settings that last worked: a copy of what was set on the page, made when a run has ended well or they
//! have been in force for long. A program that keeps crashing offers to go back to them.
//!
//! They are `settings-proven.ron`, of the form of the settings themselves; what is replaced by them becomes
//! `settings-replaced.ron`, so that nothing is lost.

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::finding::Finding;
use crate::owner::State;
use crate::settings::Settings;

const PROVEN: &str = "settings-proven.ron";
const REPLACED: &str = "settings-replaced.ron";

impl State {
    /// Keeps the settings as they are as those that last worked.
    pub(crate) fn prove_settings(&self) -> Result<(), StoreError> {
        let current = self.settings.borrow().clone();
        if self.proven_settings()?.as_ref() == Some(&*current) {
            return Ok(());
        }
        file::save(&self.beside_settings(PROVEN), Settings::FORMAT, &*current, Keep::Previous)
    }

    /// The settings that last worked, if there are any that still can be.
    pub(crate) fn proven_settings(&self) -> Result<Option<Settings>, StoreError> {
        let path = self.beside_settings(PROVEN);
        let loaded = file::load::<Settings>(&path, Settings::FORMAT)?;
        if let Some(trouble) = loaded.trouble {
            let message = format!("The file of the settings that last worked {trouble}.");
            self.findings.add(Finding { subject: self.folders.subject(&path), message });
        }
        Ok(loaded.value.and_then(|mut settings| settings.settle().is_ok().then_some(settings)))
    }

    /// Goes back to the settings that last worked, and keeps those until now beside them. The playlist stays
    /// where the one of then has been deleted.
    pub(crate) fn restore_settings(&mut self) -> Result<Arc<Settings>, StoreError> {
        let mut proven = self.proven_settings()?.ok_or(StoreError::NothingProven)?;
        let current = self.settings.borrow().clone();
        let playlists = self.playlists.subscribe();
        if proven.active.is_some_and(|id| playlists.borrow().get(id).is_none()) {
            proven.active = current.active;
        }
        if proven != *current {
            let replaced = self.beside_settings(REPLACED);
            file::save(&replaced, Settings::FORMAT, &*current, Keep::Previous)?;
        }
        self.save_settings(proven)
    }

    fn beside_settings(&self, name: &str) -> PathBuf {
        self.folders.playlists.join(name)
    }
}
