//! What media files are known again by, where they have other ids: their length and CRC-32.

use std::collections::{BTreeMap, BTreeSet};

use prismatron_core::id::MediaId;
use prismatron_core::playlist::{Content, Playlist};
use serde::{Deserialize, Serialize};

use crate::library::Library;

/// Media files of which only this is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Mediums(BTreeMap<MediaId, Medium>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Medium {
    name: String,
    bytes: u64,
    crc32: u32,
}

/// Which of them are here.
pub(crate) struct Found {
    here: BTreeMap<MediaId, MediaId>,
    /// Names of those that are not.
    pub(crate) missing: BTreeSet<String>,
}

impl Mediums {
    /// Those that items play, as far as they are in the library.
    pub(crate) fn of<'a>(
        playlists: impl IntoIterator<Item = &'a Playlist>,
        library: &Library,
    ) -> Self {
        let items = playlists.into_iter().flat_map(|playlist| &playlist.items);
        let ids = items.filter_map(|item| match item.content {
            Content::Media(id) => Some(id),
            _ => None,
        });
        let known = ids.filter_map(|id| {
            let entry = library.get(id)?;
            let medium =
                Medium { name: entry.name.clone(), bytes: entry.bytes, crc32: entry.crc32 };
            Some((id, medium))
        });
        Self(known.collect())
    }

    /// Looks for them in a library: by id, and otherwise for one that is alike.
    pub(crate) fn find(&self, library: &Library) -> Found {
        let mut found = Found { here: BTreeMap::new(), missing: BTreeSet::new() };
        for (id, medium) in &self.0 {
            let alike = || {
                let mut all = library.iter();
                all.find(|entry| (entry.bytes, entry.crc32) == (medium.bytes, medium.crc32))
                    .map(|entry| entry.id)
            };
            match library.get(*id).map(|_| *id).or_else(alike) {
                Some(here) => drop(found.here.insert(*id, here)),
                None => drop(found.missing.insert(medium.name.clone())),
            }
        }
        found
    }
}

impl Found {
    /// Has items play the files as they are called here.
    pub(crate) fn relink(&self, playlist: &mut Playlist) {
        for item in &mut playlist.items {
            if let Content::Media(id) = &mut item.content
                && let Some(here) = self.here.get(id)
            {
                *id = *here;
            }
        }
    }
}
