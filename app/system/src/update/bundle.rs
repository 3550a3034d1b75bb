//! What is known of a bundle before it is installed.

use std::fmt;
use std::path::PathBuf;

use prismatron_core::id::UploadId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::version::Direction;

/// Longest text of a manifest that is kept, in characters: it is signed, but may be long.
const LONGEST: usize = 4000;

/// Where a bundle is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Here, uploaded.
    Upload {
        /// As which upload.
        upload: UploadId,
        /// Its file's name.
        name: String,
        /// Where its bytes are.
        file: PathBuf,
    },
    /// On a server; RAUC reads of it what it needs.
    Url(String),
}

/// A bundle whose signature holds and that is meant for this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    /// Where it is.
    pub source: Source,
    /// Its version.
    pub version: String,
    /// The kind of machine it is for.
    pub compatible: String,
    /// What it says of itself.
    pub description: Option<String>,
    /// What it was built of.
    pub build: Option<String>,
    /// Who has signed it.
    pub signer: Option<String>,
    /// Its own length in bytes, where it is here.
    pub bytes: Option<u64>,
    /// How much of the slot it fills, in bytes.
    pub image_bytes: u64,
    /// What is new in it.
    pub changelog: Option<String>,
    /// Where it leads to from what runs.
    pub direction: Direction,
    /// SHA-256 of its manifest, where RAUC tells it: so that what is installed is what was looked at.
    pub manifest_hash: Option<String>,
}

/// What RAUC says of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Manifest {
    pub(super) version: String,
    pub(super) compatible: String,
    pub(super) description: Option<String>,
    pub(super) build: Option<String>,
    pub(super) image_bytes: u64,
    pub(super) changelog: Option<String>,
    pub(super) hash: Option<String>,
}

impl Source {
    /// How RAUC is told of it.
    pub(super) fn argument(&self) -> String {
        match self {
            Self::Upload { file, .. } => file.display().to_string(),
            Self::Url(url) => url.clone(),
        }
    }
}

impl fmt::Display for Source {
    /// What people know it by: of an address not what may be secret in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upload { name, .. } => f.write_str(name),
            Self::Url(url) => f.write_str(url.split(['?', '#']).next().unwrap_or(url)),
        }
    }
}

impl Manifest {
    /// Reads what `rauc info` says as `json-2`, or as `json` before RAUC 1.9, which has no changelog.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let update = value.get("update").unwrap_or(value);
        let text = |value: &Value| {
            let text = value.as_str()?.trim();
            (!text.is_empty()).then(|| text.chars().take(LONGEST).collect::<String>())
        };
        let images = value["images"].as_array().into_iter().flatten();
        // Before RAUC 1.9 each is an object whose only key is the slot's class.
        let sizes = images.filter_map(|image| match &image["size"] {
            Value::Null => image.as_object()?.values().find_map(|image| image["size"].as_u64()),
            size => size.as_u64(),
        });
        let meta = value["meta"].as_object().into_iter().flat_map(|groups| groups.values());
        let mut changelogs = meta.filter_map(|group| text(&group["changelog"]));
        Some(Self {
            version: text(&update["version"]).unwrap_or_default(),
            compatible: text(&update["compatible"])?,
            description: text(&update["description"]),
            build: text(&update["build"]),
            image_bytes: sizes.max().unwrap_or(0),
            changelog: changelogs.next(),
            hash: text(&value["manifest-hash"]),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_a_manifest_are_read() {
        let new = json!({
            "update": {"version": "2", "compatible": "wall", "description": "Evening"},
            "images": [{"slot-class": "rootfs", "size": 300}],
            "manifest-hash": "ab", "meta": {"prismatron": {"changelog": "One.\nTwo."}},
        });
        let known = Manifest {
            version: "2".into(),
            compatible: "wall".into(),
            description: Some("Evening".into()),
            build: None,
            image_bytes: 300,
            changelog: Some("One.\nTwo.".into()),
            hash: Some("ab".into()),
        };
        assert_eq!(Manifest::read(&new), Some(known.clone()));
        let old = json!({
            "version": "2", "compatible": "wall", "description": "Evening", "build": null,
            "images": [{"rootfs": {"filename": "root.img", "size": 300}}],
        });
        assert_eq!(Manifest::read(&old), Some(Manifest { changelog: None, hash: None, ..known }));
        for wrong in [json!(null), json!([]), json!({"version": "2"})] {
            assert_eq!(Manifest::read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn secrets_in_an_address_are_not_told() {
        let url = Source::Url("https://updates.example/wall.raucb?token=secret".into());
        assert_eq!(url.to_string(), "https://updates.example/wall.raucb");
        assert!(url.argument().contains("secret"));
    }
}
