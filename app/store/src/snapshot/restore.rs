//! Going back to a snapshot, of this machine or another.

use std::collections::BTreeSet;

use prismatron_core::layout::Layout;

use super::{Occasion, Snapshot, SnapshotInfo};
use crate::error::StoreError;
use crate::owner::State;
use crate::playlists::Playlists;
use crate::rules;

/// What came of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What was there before: restored, it takes this one back.
    pub before: SnapshotInfo,
    /// Names of files that playlists play and that are not here.
    pub missing_media: Vec<String>,
    /// Names of accounts that are not here.
    pub missing_accounts: Vec<String>,
}

impl State {
    /// Sets everything as it is in a snapshot. Nothing has changed where it cannot be used; where the disk fails
    /// half-way, what was there before is a snapshot too.
    pub(crate) fn restore(&mut self, bytes: &[u8]) -> Result<Restored, StoreError> {
        let Snapshot { mut settings, mut playlists, mut schedule, media, accounts } =
            Snapshot::decode(bytes)?;
        settings.settle()?;
        schedule.as_mut().map_or(Ok(()), rules::check_schedule)?;
        if let Some(Err(error)) = settings.layout.as_ref().map(Layout::resolve) {
            return Err(StoreError::Invalid {
                what: "the backup".into(),
                reason: format!("has a layout that cannot be: {error}"),
            });
        }
        let ids: BTreeSet<_> = playlists.iter().map(|playlist| playlist.id).collect();
        if playlists.len() > Playlists::MAX {
            return Err(StoreError::TooMany { what: "playlists", limit: Playlists::MAX });
        }
        if ids.len() < playlists.len() {
            return Err(StoreError::Invalid {
                what: "the backup".into(),
                reason: "has the same playlist twice".into(),
            });
        }
        let found = media.find(&self.library.subscribe().borrow());
        for playlist in &mut playlists {
            rules::check_playlist(playlist)?;
            found.relink(playlist);
        }
        settings.active = settings.active.filter(|id| ids.contains(id));

        let current = Snapshot::of(self);
        let before = self.snapshots.put(&current, Occasion::BeforeRestore, self.now())?;
        for playlist in playlists {
            self.playlists.put_back(playlist)?;
        }
        for gone in current.playlists.iter().filter(|playlist| !ids.contains(&playlist.id)) {
            self.playlists.delete(gone.id, None)?;
        }
        self.save_settings(settings)?;
        if let Some(schedule) = schedule {
            self.schedule.save(schedule, None)?;
        }
        let names = self.accounts.subscribe().borrow().clone();
        let absent = accounts.into_iter().map(|person| person.name);
        let missing_accounts = absent.filter(|name| names.named(name).is_none()).collect();
        let missing_media = found.missing.into_iter().collect();
        Ok(Restored { before, missing_media, missing_accounts })
    }
}
