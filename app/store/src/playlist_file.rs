//! A playlist as a file, to be kept or taken elsewhere. It has no media, only what they are known again by.

use std::sync::Arc;

use prismatron_core::id::PlaylistId;
use prismatron_core::playlist::Playlist;
use serde::{Deserialize, Serialize};

use crate::document::{self, Format};
use crate::error::StoreError;
use crate::medium::Mediums;
use crate::owner::State;
use crate::playlists::StoredPlaylist;
use crate::rules;

const FORMAT: Format = Format { kind: "playlist-file", version: 1 };

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaylistFile {
    playlist: Playlist,
    media: Mediums,
}

/// What came of a playlist's file.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The playlist it is now, beside all others.
    pub stored: Arc<StoredPlaylist>,
    /// Names of files that it plays and that are not here.
    pub missing_media: Vec<String>,
}

impl State {
    /// A playlist as a file.
    pub(crate) fn export(&self, id: PlaylistId) -> Result<Vec<u8>, StoreError> {
        let all = self.playlists.subscribe().borrow().clone();
        let playlist = all.get(id).ok_or(StoreError::NoSuchPlaylist(id))?.playlist.clone();
        let media = Mediums::of([&playlist], &self.library.subscribe().borrow());
        document::encode(FORMAT, &PlaylistFile { playlist, media })
            .map_err(|reason| StoreError::Encode { what: "the playlist".into(), reason })
    }

    /// Makes another playlist of a file.
    pub(crate) fn import_playlist(&mut self, bytes: &[u8]) -> Result<Imported, StoreError> {
        let file = document::decode(FORMAT, bytes).map_err(|fault| StoreError::Invalid {
            what: "the playlist's file".into(),
            reason: format!("cannot be used: {fault}"),
        })?;
        let PlaylistFile { mut playlist, media } = file;
        rules::check_playlist(&mut playlist)?;
        let found = media.find(&self.library.subscribe().borrow());
        found.relink(&mut playlist);
        let stored = self.playlists.add(playlist)?;
        Ok(Imported { stored, missing_media: found.missing.into_iter().collect() })
    }
}
