//! From a complete upload, or a file someone put into `media/`, to an entry of the library.
//!
//! Looking at a file takes as long as it takes and happens off the owner's thread.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use prismatron_core::id::UploadId;
use prismatron_core::media::MediaInfo;
use prismatron_core::port::{MediaError, MediaFault, Prober};
use rustix::fs::OFlags;

use crate::error::StoreError;
use crate::finding::Finding;
use crate::folders::Folders;
use crate::library::{MediaEntry, NewMedia};
use crate::name;
use crate::owner::{Queue, State};
use crate::upload::Lease;

/// What was found by looking at a file.
pub(crate) struct Examined {
    info: MediaInfo,
    thumbnail: Option<Vec<u8>>,
}

/// Probes a file; blocks. A file the prober panics on is refused, so that it is not met again.
fn examine(prober: &dyn Prober, path: &Path, name: &str) -> Result<Examined, StoreError> {
    let refused = |reason: String| StoreError::Refused { name: name.into(), reason };
    let probed = catch_unwind(AssertUnwindSafe(|| {
        let info = prober.probe(path)?;
        let thumbnail = prober.thumbnail(path, &info);
        Ok(Examined {
            info,
            thumbnail: thumbnail
                .inspect_err(|error| tracing::warn!(name, %error, "no thumbnail"))
                .ok(),
        })
    }));
    match probed {
        Ok(Ok(examined)) => Ok(examined),
        Ok(Err(MediaError { fault: MediaFault::Io, reason })) => {
            Err(StoreError::io("probe", path, io::Error::other(reason)))
        }
        Ok(Err(error)) => Err(refused(error.reason)),
        Err(_) => Err(refused("reading it failed in an unforeseen way".into())),
    }
}

/// Looks at a complete upload; blocks. The lease goes on to [`State::take_in`].
pub(crate) fn examine_upload(
    lease: &mut Lease,
    prober: &dyn Prober,
) -> Result<Examined, StoreError> {
    let part = lease.part.clone();
    lease.progress.catch_up(&part)?;
    let file = File::open(&part).map_err(StoreError::on("open", &part))?;
    file.sync_all().map_err(StoreError::on("make durable", &part))?;
    examine(prober, &part, &lease.record.name)
}

impl State {
    /// Moves an examined upload into the library, or removes it where it was refused.
    #[allow(clippy::needless_pass_by_value, reason = "the lease ends here")]
    pub(crate) fn take_in(
        &mut self,
        lease: Lease,
        examined: Result<Examined, StoreError>,
    ) -> Result<Arc<MediaEntry>, StoreError> {
        let id = lease.id;
        let taken = examined.and_then(|Examined { info, thumbnail }| {
            let new = NewMedia {
                name: lease.record.name.clone(),
                info,
                thumbnail,
                bytes: lease.progress.offset,
                crc32: lease.progress.crc32(),
                upload: Some(id),
            };
            self.library.take_in(&lease.part, new, self.now())
        });
        if matches!(taken, Ok(_) | Err(StoreError::Refused { .. }))
            && let Err(error) = self.uploads.remove(id)
        {
            tracing::warn!(%id, error = error.sentence(), "could not remove an ended upload");
        }
        self.publish_usage();
        taken
    }
}

/// What an earlier run left to be taken in; done beside everything else.
pub(crate) struct Backlog {
    pub(crate) folders: Folders,
    pub(crate) prober: Arc<dyn Prober>,
    pub(crate) queue: Queue,
    /// Files in `media/` without a sidecar, by file name.
    pub(crate) strays: Vec<PathBuf>,
    /// Uploads that are complete.
    pub(crate) complete: Vec<UploadId>,
}

impl Backlog {
    /// Starts a thread for it, where there is something to do. It ends early when the store is closed.
    pub(crate) fn start(self) -> io::Result<()> {
        if self.strays.is_empty() && self.complete.is_empty() {
            return Ok(());
        }
        let thread = std::thread::Builder::new().name("store-intake".into());
        thread.spawn(move || {
            let _span = tracing::info_span!("intake").entered();
            // The only error here is that the store has been closed.
            let _ = self.work();
        })?;
        Ok(())
    }

    fn work(&self) -> Result<(), StoreError> {
        for id in &self.complete {
            self.finish(*id)?;
        }
        for file in &self.strays {
            self.adopt(file)?;
        }
        Ok(())
    }

    fn finish(&self, id: UploadId) -> Result<(), StoreError> {
        let queue = self.queue.clone();
        let lent = self.queue.ask(move |state| state.uploads.lend_to_finish(id, queue))?;
        // Someone else was faster.
        let Ok(mut lease) = lent else { return Ok(()) };
        let subject = lease.record.name.clone();
        let examined = examine_upload(&mut lease, &*self.prober);
        self.queue.ask(move |state| match state.take_in(lease, examined) {
            Ok(entry) => tracing::info!(id = %entry.id, name = entry.name, "finished an upload"),
            Err(error) => state.findings.add(Finding { subject, message: error.sentence() }),
        })
    }

    fn adopt(&self, file: &Path) -> Result<(), StoreError> {
        let path = self.folders.media.join(file);
        let subject = self.folders.subject(&path);
        let mut go_on = |_| self.queue.ask(|_| ()).is_ok();
        let found = sum(&path, &mut go_on).and_then(|(bytes, crc32)| {
            let name = name::display_name(&file.to_string_lossy());
            let Examined { info, thumbnail } = examine(&*self.prober, &path, &name)?;
            Ok(NewMedia { name, info, thumbnail, bytes, crc32, upload: None })
        });
        self.queue.ask(move |state| {
            let now = state.now();
            let message = match found.and_then(|new| state.library.take_in(&path, new, now)) {
                Ok(entry) => format!(
                    "“{}” was found in the media folder and taken into the library.",
                    entry.name
                ),
                Err(error) => format!(
                    "This was found in the media folder and could not be taken into the library: {}.",
                    error.sentence()
                ),
            };
            state.findings.add(Finding { subject, message });
            state.publish_usage();
        })
    }
}

/// Opens a media file that is a file and no link to one.
pub(crate) fn open(path: &Path) -> Result<File, StoreError> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::options()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
        .map_err(StoreError::on("open", path))?;
    let meta = file.metadata().map_err(StoreError::on("look at", path))?;
    if meta.is_file() {
        return Ok(file);
    }
    let error = io::Error::new(io::ErrorKind::InvalidInput, "it is not a file");
    Err(StoreError::io("open", path, error))
}

/// Length and CRC-32 (IEEE 802.3) of a file; after every piece `go_on` is told its length and says whether to go on.
pub(crate) fn sum(
    path: &Path,
    go_on: &mut dyn FnMut(u64) -> bool,
) -> Result<(u64, u32), StoreError> {
    let mut file = open(path)?;
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((bytes, hasher.finalize())),
            Ok(count) => {
                hasher.update(&buffer[..count]);
                bytes += count as u64;
                if !go_on(count as u64) {
                    return Err(StoreError::Closed);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(StoreError::io("read", path, error)),
        }
    }
}
