//! The schedule on the disk.

use std::path::PathBuf;
use std::sync::Arc;

use prismatron_core::schedule::Schedule;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::document::Format;
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::finding::{Finding, Findings};
use crate::folders::Folders;
use crate::rules;

/// The schedule and how often it has been saved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredSchedule {
    /// Another number for every saved state of it; grows. 0 is before the first.
    pub revision: u64,
    /// The schedule.
    pub schedule: Schedule,
}

const FORMAT: Format = Format { kind: "schedule", version: 1 };
const FILE: &str = "schedule.ron";

/// Keeps the schedule.
#[derive(Debug)]
pub(crate) struct ScheduleShelf {
    path: PathBuf,
    published: watch::Sender<Arc<StoredSchedule>>,
}

impl ScheduleShelf {
    /// Reads it. One that cannot be used is no reason not to start: nothing happens by itself then, and the page
    /// says so.
    pub(crate) fn load(folders: &Folders, findings: &Findings) -> Result<Self, StoreError> {
        let path = folders.playlists.join(FILE);
        let found = |message| findings.add(Finding { subject: folders.subject(&path), message });
        let mut stored = StoredSchedule::default();
        match file::load::<StoredSchedule>(&path, FORMAT) {
            Ok(loaded) => {
                if let Some(trouble) = loaded.trouble {
                    let used = if loaded.is_previous { "" } else { "; there is none now" };
                    found(format!("The schedule {trouble}{used}."));
                }
                stored = loaded.value.unwrap_or_default();
                if let Err(error) = rules::check_schedule(&mut stored.schedule) {
                    file::set_aside(&path)?;
                    found(format!("The schedule was set aside, there is none now: {error}."));
                    stored = StoredSchedule::default();
                } else if loaded.is_previous {
                    // The revision after this one was given out for what is lost now.
                    stored.revision = stored.revision.saturating_add(2);
                    file::restore(&path, FORMAT, &stored);
                }
            }
            Err(error @ StoreError::Newer { .. }) => {
                found(format!("{error}. Nothing happens by itself, changes are refused."));
            }
            Err(error) => return Err(error),
        }
        Ok(Self { path, published: watch::Sender::new(Arc::new(stored)) })
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<StoredSchedule>> {
        self.published.subscribe()
    }

    pub(crate) fn save(
        &mut self,
        mut schedule: Schedule,
        expected: Option<u64>,
    ) -> Result<Arc<StoredSchedule>, StoreError> {
        let current = self.published.borrow().clone();
        if expected.is_some_and(|revision| revision != current.revision) {
            return Err(StoreError::StaleSchedule { current: current.revision });
        }
        rules::check_schedule(&mut schedule)?;
        if current.schedule == schedule {
            return Ok(current);
        }
        let revision = current.revision.saturating_add(1);
        let stored = StoredSchedule { revision, schedule };
        file::save(&self.path, FORMAT, &stored, Keep::Previous)?;
        let stored = Arc::new(stored);
        self.published.send_replace(Arc::clone(&stored));
        Ok(stored)
    }
}
