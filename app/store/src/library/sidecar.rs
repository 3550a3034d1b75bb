//! What is kept of a media file beside it.

use prismatron_core::id::{MediaId, UploadId};
use prismatron_core::media::MediaInfo;
use serde::{Deserialize, Serialize};

use super::MediaEntry;
use crate::document::Format;
use crate::name;
use crate::time::Millis;

/// The stored form of a [`MediaEntry`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sidecar {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) info: MediaInfo,
    pub(crate) bytes: u64,
    pub(crate) crc32: u32,
    pub(crate) added: Millis,
    /// The upload it came from.
    pub(crate) upload: Option<UploadId>,
    /// Since when it is in the trash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Millis>,
}

impl Sidecar {
    pub(crate) const FORMAT: Format = Format { kind: "media", version: 1 };

    /// Whether the file's name is one this id may have: nothing else is ever opened.
    pub(crate) fn is_for(&self, id: MediaId) -> bool {
        let extension = self.file.strip_prefix(&format!("{id}."));
        extension.is_some_and(|extension| name::extension("", &self.file) == extension)
    }

    pub(super) fn entry(self, id: MediaId) -> MediaEntry {
        let Self { name, file, info, bytes, crc32, added, .. } = self;
        MediaEntry { id, name, file, info, bytes, crc32, added: added.into() }
    }

    pub(super) fn of(entry: &MediaEntry) -> Self {
        let MediaEntry { name, file, info, bytes, crc32, added, .. } = entry.clone();
        let (upload, deleted) = (None, None);
        Self { name, file, info, bytes, crc32, added: added.into(), upload, deleted }
    }
}
