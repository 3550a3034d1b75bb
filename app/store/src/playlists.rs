//! Playlists on the disk, a document each, named by id: a damaged one hides no other, and a name given
//! twice overwrites nothing.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use prismatron_core::id::PlaylistId;
use prismatron_core::playlist::{Order, Playlist, Repeat};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::document::Format;
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::finding::{Finding, Findings};
use crate::folders::Folders;
use crate::{key, name, rules};

/// A playlist and how often it has been saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredPlaylist {
    /// Another number for every saved state of this playlist; grows.
    pub revision: u64,
    /// The playlist.
    pub playlist: Playlist,
}

/// All playlists, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Playlists(Vec<Arc<StoredPlaylist>>);

impl Playlists {
    /// Most playlists there may be.
    pub const MAX: usize = 1000;

    /// The playlist with this id.
    pub fn get(&self, id: PlaylistId) -> Option<&Arc<StoredPlaylist>> {
        self.0.iter().find(|stored| stored.playlist.id == id)
    }

    /// All of them by name, upper and lower case alike.
    pub fn iter(&self) -> std::slice::Iter<'_, Arc<StoredPlaylist>> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Playlists {
    type Item = &'a Arc<StoredPlaylist>;
    type IntoIter = std::slice::Iter<'a, Arc<StoredPlaylist>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

const FORMAT: Format = Format { kind: "playlist", version: 1 };

/// Keeps all playlists.
#[derive(Debug)]
pub(crate) struct PlaylistShelf {
    folders: Folders,
    all: BTreeMap<PlaylistId, Arc<StoredPlaylist>>,
    /// The last revisions of those that were deleted since the start: no other state is to have the same.
    gone: BTreeMap<PlaylistId, u64>,
    published: watch::Sender<Arc<Playlists>>,
}

impl PlaylistShelf {
    pub(crate) fn load(folders: &Folders, findings: &Findings) -> Result<Self, StoreError> {
        let folder = &folders.playlists;
        file::clean(folder)?;
        let mut ids = Vec::new();
        for entry in fs::read_dir(folder).map_err(StoreError::on("list", folder))? {
            let entry = entry.map_err(StoreError::on("list", folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let stem = name.strip_suffix(".previous").unwrap_or(&name).strip_suffix(".ron");
            ids.extend(stem.and_then(|stem| stem.parse::<PlaylistId>().ok()));
        }
        ids.sort_unstable();
        ids.dedup();
        let mut shelf = Self {
            folders: folders.clone(),
            all: BTreeMap::new(),
            gone: BTreeMap::new(),
            published: watch::Sender::new(Arc::default()),
        };
        for id in ids {
            let path = folders.playlist(id);
            if let Some(message) = shelf.load_one(id) {
                findings.add(Finding { subject: folders.subject(&path), message });
            }
        }
        shelf.publish();
        Ok(shelf)
    }

    /// Loads a playlist; returns what is to be said about it.
    fn load_one(&mut self, id: PlaylistId) -> Option<String> {
        let path = self.folders.playlist(id);
        let loaded = match file::load::<StoredPlaylist>(&path, FORMAT) {
            Ok(loaded) => loaded,
            Err(error) => {
                return Some(format!("This playlist cannot be used: {}", error.sentence()));
            }
        };
        let Some(mut stored) = loaded.value else {
            return loaded.trouble.map(|trouble| format!("This playlist {trouble}."));
        };
        // A copied file is a playlist of its own.
        stored.playlist.id = id;
        if let Err(error) = rules::check_playlist(&mut stored.playlist) {
            let aside = file::set_aside(&path).and_then(|_| file::remove(&path));
            let aside = aside.err().map(|error| error.sentence()).unwrap_or_default();
            return Some(format!("This playlist was set aside: {error}. {aside}"));
        }
        let name = stored.playlist.name.clone();
        if loaded.is_previous {
            // The revision after this one was given out for what is lost now.
            stored.revision = stored.revision.saturating_add(2);
            file::restore(&path, FORMAT, &stored);
        }
        self.all.insert(id, Arc::new(stored));
        loaded.trouble.map(|trouble| format!("The playlist “{name}” {trouble}."))
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Playlists>> {
        self.published.subscribe()
    }

    pub(crate) fn create(&mut self, given: &str) -> Result<Arc<StoredPlaylist>, StoreError> {
        let name = name::check(given)?;
        let (order, repeat) = (Order::default(), Repeat::default());
        self.add(Playlist { id: PlaylistId(0), name, items: Vec::new(), order, repeat })
    }

    /// Keeps a playlist, which has passed the rules, under an id of its own.
    pub(crate) fn add(&mut self, playlist: Playlist) -> Result<Arc<StoredPlaylist>, StoreError> {
        self.check_room()?;
        let id = key::new_id(|id| self.folders.playlist(PlaylistId(id)).exists())?;
        let playlist = Playlist { id: PlaylistId(id), ..playlist };
        self.put(StoredPlaylist { revision: 1, playlist })
    }

    pub(crate) fn save(
        &mut self,
        mut playlist: Playlist,
        expected: Option<u64>,
    ) -> Result<Arc<StoredPlaylist>, StoreError> {
        let current = self.current(playlist.id, expected)?;
        rules::check_playlist(&mut playlist)?;
        if current.playlist == playlist {
            return Ok(Arc::clone(current));
        }
        let revision = self.next_revision(playlist.id);
        self.put(StoredPlaylist { revision, playlist })
    }

    /// A revision that no state of this playlist has had, whether it is there or was deleted.
    fn next_revision(&self, id: PlaylistId) -> u64 {
        let kept = self.all.get(&id).map(|stored| stored.revision);
        kept.or_else(|| self.gone.get(&id).copied()).map_or(1, |last| last.saturating_add(1))
    }

    /// Sets a playlist whole, or keeps it again where the one with its id was deleted.
    pub(crate) fn set(
        &mut self,
        mut playlist: Playlist,
        expected: Option<u64>,
    ) -> Result<Arc<StoredPlaylist>, StoreError> {
        if expected.is_some() || self.all.contains_key(&playlist.id) {
            return self.save(playlist, expected);
        }
        self.check_room()?;
        rules::check_playlist(&mut playlist)?;
        let revision = self.next_revision(playlist.id);
        self.put(StoredPlaylist { revision, playlist })
    }

    fn check_room(&self) -> Result<(), StoreError> {
        if self.all.len() >= Playlists::MAX {
            return Err(StoreError::TooMany { what: "playlists", limit: Playlists::MAX });
        }
        Ok(())
    }

    /// Sets a playlist, which has passed the rules, as it was in a snapshot.
    pub(crate) fn put_back(&mut self, playlist: Playlist) -> Result<(), StoreError> {
        let current = self.all.get(&playlist.id);
        if current.is_some_and(|stored| stored.playlist == playlist) {
            return Ok(());
        }
        let revision = self.next_revision(playlist.id);
        self.put(StoredPlaylist { revision, playlist }).map(drop)
    }

    pub(crate) fn delete(
        &mut self,
        id: PlaylistId,
        expected: Option<u64>,
    ) -> Result<(), StoreError> {
        let revision = self.current(id, expected)?.revision;
        file::remove(&self.folders.playlist(id))?;
        self.all.remove(&id);
        if self.gone.len() >= Playlists::MAX {
            self.gone.pop_first();
        }
        self.gone.insert(id, revision);
        self.publish();
        Ok(())
    }

    fn current(
        &self,
        id: PlaylistId,
        expected: Option<u64>,
    ) -> Result<&Arc<StoredPlaylist>, StoreError> {
        let stored = self.all.get(&id).ok_or(StoreError::NoSuchPlaylist(id))?;
        match expected {
            Some(revision) if revision != stored.revision => {
                Err(StoreError::Stale { playlist: id, current: stored.revision })
            }
            _ => Ok(stored),
        }
    }

    fn put(&mut self, stored: StoredPlaylist) -> Result<Arc<StoredPlaylist>, StoreError> {
        let id = stored.playlist.id;
        file::save(&self.folders.playlist(id), FORMAT, &stored, Keep::Previous)?;
        let stored = Arc::new(stored);
        self.all.insert(id, Arc::clone(&stored));
        self.publish();
        Ok(stored)
    }

    fn publish(&self) {
        let mut all: Vec<_> = self.all.values().cloned().collect();
        all.sort_by_cached_key(|stored| stored.playlist.name.to_lowercase());
        self.published.send_replace(Arc::new(Playlists(all)));
    }
}
