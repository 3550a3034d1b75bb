//! What the tests of the store share.

#![allow(dead_code, reason = "each test uses its part")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prismatron_core::media::{MediaInfo, MediaKind};
use prismatron_core::port::{MediaError, MediaFault, Prober};
use prismatron_core::unit::Size;
use prismatron_store::{Handle, NewUpload, StorageLimits, Store};

/// Finds a video in every file that begins with `video`, refuses all others.
pub(crate) struct FirstWord;

impl Prober for FirstWord {
    fn probe(&self, file: &Path) -> Result<MediaInfo, MediaError> {
        let bytes = std::fs::read(file).map_err(|error| MediaError::new(MediaFault::Io, error))?;
        if !bytes.starts_with(b"video") {
            return Err(MediaError::new(MediaFault::Unsupported, "this is no video"));
        }
        Ok(info())
    }

    fn thumbnail(&self, _: &Path, _: &MediaInfo) -> Result<Vec<u8>, MediaError> {
        Ok(b"a small jpeg".to_vec())
    }
}

pub(crate) fn info() -> MediaInfo {
    MediaInfo {
        kind: MediaKind::Video,
        format: "h264".into(),
        size: Size::new(64, 48).unwrap(),
        duration: Some(Duration::from_millis(1500)),
        fps: Some(29.97),
        loops: Some(1),
    }
}

pub(crate) const LIMITS: StorageLimits =
    StorageLimits { quota: None, reserve: 0, upload_expiry: Duration::from_secs(3600) };

pub(crate) fn open(data: &Path) -> (Store, Handle) {
    Store::open(data, Arc::new(FirstWord), LIMITS).unwrap()
}

pub(crate) fn open_with(data: &Path, limits: StorageLimits) -> (Store, Handle) {
    Store::open(data, Arc::new(FirstWord), limits).unwrap()
}

/// A minute of the year 2090, later than any real clock.
pub(crate) fn minute(minute: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(120 * 365 * 86_400 + minute * 60)
}

pub(crate) fn promised(length: u64) -> NewUpload {
    NewUpload { length: Some(length), name: "film.mkv".into(), ..NewUpload::default() }
}

/// Puts a file of these bytes into the library.
pub(crate) async fn add(handle: &Handle, bytes: &[u8]) -> prismatron_core::id::MediaId {
    let id = handle.begin_upload(promised(bytes.len() as u64)).await.unwrap().id;
    let mut writer = handle.open_upload(id, 0, None).await.unwrap();
    writer.write(bytes).await.unwrap();
    writer.finish().await.unwrap();
    handle.finish_upload(id).await.unwrap().id
}

/// All file names in a folder, sorted.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
