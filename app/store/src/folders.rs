//! Where things are in a data directory, and that only one process works in it.

use std::fs::{DirBuilder, File};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use prismatron_core::id::{MediaId, PlaylistId, UploadId};
use rustix::fs::FlockOperation;

use crate::error::StoreError;
use crate::file;
use crate::upload::Purpose;

/// The folders of a data directory.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    pub(crate) root: PathBuf,
    pub(crate) playlists: PathBuf,
    pub(crate) snapshots: PathBuf,
    pub(crate) media: PathBuf,
    pub(crate) thumbnails: PathBuf,
    /// Files on their way into the library and out of it. In `media/`, because nothing can be renamed from one mount
    /// to another, and the four folders may be four mounts.
    pub(crate) transit: PathBuf,
    pub(crate) uploads: PathBuf,
    pub(crate) logs: PathBuf,
}

impl Folders {
    /// The folders of a data directory that may not be there.
    pub(crate) fn at(root: &Path) -> Self {
        let (playlists, media) = (root.join("playlists"), root.join("media"));
        Self {
            root: root.into(),
            snapshots: playlists.join(".snapshots"),
            playlists,
            thumbnails: media.join("thumbnails"),
            transit: media.join("transit"),
            media,
            uploads: root.join("uploads"),
            logs: root.join("logs"),
        }
    }

    /// Makes what is missing.
    pub(crate) fn create(&self) -> Result<(), StoreError> {
        // Keys and password hashes are kept in the first.
        for (folder, mode) in [
            (&self.playlists, 0o700),
            (&self.snapshots, 0o700),
            (&self.media, 0o755),
            (&self.thumbnails, 0o755),
            (&self.transit, 0o755),
            (&self.uploads, 0o755),
            (&self.logs, 0o755),
        ] {
            if folder.is_dir() {
                continue;
            }
            DirBuilder::new()
                .recursive(true)
                .mode(mode)
                .create(folder)
                .map_err(StoreError::on("create the folder", folder))?;
            // Where all is there the folder around may be one of a read-only system, which has no such call.
            file::sync_folder_of(folder)?;
        }
        Ok(())
    }

    pub(crate) fn playlist(&self, id: PlaylistId) -> PathBuf {
        self.playlists.join(format!("{id}.ron"))
    }

    pub(crate) fn sidecar(&self, id: MediaId) -> PathBuf {
        self.media.join(format!("{id}.ron"))
    }

    pub(crate) fn thumbnail(&self, id: MediaId) -> PathBuf {
        self.thumbnails.join(format!("{id}.jpg"))
    }

    /// Where a deleted media file is while it can be brought back.
    pub(crate) fn trash(&self, id: MediaId) -> PathBuf {
        self.transit.join(format!("{id}.trash"))
    }

    /// Where a media file is while it is being deleted for good.
    pub(crate) fn deleted(&self, id: MediaId) -> PathBuf {
        self.transit.join(format!("{id}.deleted"))
    }

    pub(crate) fn part(&self, id: UploadId) -> PathBuf {
        self.transit.join(format!("{id}.part"))
    }

    /// An update on its way in: whoever installs it takes it from here.
    pub(crate) fn bundle(&self, id: UploadId) -> PathBuf {
        self.uploads.join(format!("{id}.raucb"))
    }

    /// Where the bytes of an upload go.
    pub(crate) fn arriving(&self, id: UploadId, purpose: Purpose) -> PathBuf {
        match purpose {
            Purpose::Media => self.part(id),
            Purpose::Update => self.bundle(id),
        }
    }

    pub(crate) fn upload(&self, id: UploadId) -> PathBuf {
        self.uploads.join(format!("{id}.ron"))
    }

    /// How a path is named to people: from the data directory on.
    pub(crate) fn subject(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// Whether this folder is one that everything is kept in: it has what a start, or an installation, makes there.
pub fn is_data_dir(folder: &Path) -> bool {
    Folders::at(folder).playlists.is_dir()
}

/// That no other process works with the data directory, for as long as this lives.
#[derive(Debug)]
pub(crate) struct Lock(#[allow(dead_code, reason = "holding it open is what it is for")] File);

impl Lock {
    /// Takes the lock, or names who has it.
    pub(crate) fn take(folders: &Folders) -> Result<Self, StoreError> {
        let path = folders.uploads.join("lock");
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::on("open", &path))?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut holder = String::new();
                let _ = file.take(200).read_to_string(&mut holder);
                let holder = match holder.trim() {
                    "" => "another process".into(),
                    holder => holder.into(),
                };
                return Err(StoreError::InUse { path: folders.root.clone(), holder });
            }
            Err(error) => return Err(StoreError::io("lock", &path, error.into())),
        }
        let program = std::env::current_exe().ok();
        let program = program.as_deref().and_then(Path::file_name).unwrap_or_default();
        let holder = format!("process {} ({})", std::process::id(), program.display());
        // Only for people to read: a full disk must not stop the start.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(holder.as_bytes()));
        Ok(Self(file))
    }
}
