//! How much is kept and how much more may be.

use std::path::Path;
use std::time::Duration;

use rustix::fs::StatVfsMountFlags;

use crate::error::StoreError;

/// How much may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageLimits {
    /// Most bytes of media, finished or on their way; `None` is as many as fit.
    pub quota: Option<u64>,
    /// Bytes of the disk that uploads leave free.
    pub reserve: u64,
    /// How long an upload nobody continues is kept.
    pub upload_expiry: Duration,
}

impl Default for StorageLimits {
    /// No quota, 512 MiB reserve, a day.
    fn default() -> Self {
        Self { quota: None, reserve: 512 << 20, upload_expiry: Duration::from_secs(24 * 3600) }
    }
}

/// How much is kept and how much more may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageStatus {
    /// Bytes of media, finished or on their way.
    pub used: u64,
    /// Most bytes of media; `None` is as many as fit.
    pub quota: Option<u64>,
    /// Bytes free on the disk for this user.
    pub free: u64,
    /// Bytes of the disk that uploads leave free.
    pub reserve: u64,
    /// Uploads that have not ended.
    pub uploads_in_progress: usize,
    /// Whether the disk takes anything.
    pub access: DiskAccess,
}

/// Whether a disk takes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskAccess {
    /// It does.
    Writable,
    /// The system mounts it for reading only, as it does with one that fails.
    ReadOnly,
    /// The system does not say: nothing can be had of it.
    Unknown,
}

/// What is taken and promised, as the owner of the store counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Usage {
    /// Bytes of finished media.
    pub(crate) media: u64,
    /// Bytes of uploads on the disk.
    pub(crate) received: u64,
    /// Bytes promised of uploads, received or not.
    pub(crate) promised: u64,
    /// Uploads that have not ended.
    pub(crate) uploads: usize,
}

impl StorageLimits {
    /// Whether `more` bytes may be promised, beside all that already is.
    pub(crate) fn admit(&self, usage: Usage, free: u64, more: u64) -> Result<(), StoreError> {
        if let Some(quota) = self.quota {
            let left = quota.saturating_sub(usage.media.saturating_add(usage.promised));
            if more > left {
                return Err(StoreError::Quota { needed: more, left });
            }
        }
        let expected = usage.promised.saturating_sub(usage.received);
        let left = free.saturating_sub(self.reserve).saturating_sub(expected);
        if more > left {
            return Err(StoreError::NoRoom { needed: more, left });
        }
        Ok(())
    }
}

/// Bytes an unprivileged user may still write to the disk of a folder.
pub(crate) fn free(folder: &Path) -> Result<u64, StoreError> {
    let stat = rustix::fs::statvfs(folder)
        .map_err(|error| StoreError::io("ask for the free space of", folder, error.into()))?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Whether the disk of a folder takes anything.
pub(crate) fn access(folder: &Path) -> DiskAccess {
    match rustix::fs::statvfs(folder) {
        Ok(stat) if stat.f_flag.contains(StatVfsMountFlags::RDONLY) => DiskAccess::ReadOnly,
        Ok(_) => DiskAccess::Writable,
        Err(_) => DiskAccess::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: StorageLimits =
        StorageLimits { quota: Some(1000), reserve: 100, upload_expiry: Duration::ZERO };

    #[test]
    fn promises_of_other_uploads_count_before_their_bytes_are_there() {
        let usage = Usage { media: 300, received: 50, promised: 200, uploads: 1 };
        assert!(LIMITS.admit(usage, 10_000, 500).is_ok());
        assert!(matches!(
            LIMITS.admit(usage, 10_000, 501),
            Err(StoreError::Quota { needed: 501, left: 500 })
        ));
        // 150 bytes are still to come and 100 stay free.
        assert!(LIMITS.admit(usage, 300, 50).is_ok());
        assert!(matches!(
            LIMITS.admit(usage, 300, 51),
            Err(StoreError::NoRoom { needed: 51, left: 50 })
        ));
    }

    #[test]
    fn nothing_overflows() {
        let usage = Usage { media: u64::MAX, received: 0, promised: u64::MAX, uploads: 1 };
        assert!(LIMITS.admit(usage, u64::MAX, u64::MAX).is_err());
    }
}
