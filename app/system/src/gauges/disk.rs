//! Errors of a disk, as ext4 counts them in its superblock (`Documentation/ABI/testing/sysfs-fs-ext4`): such a
//! disk still works, and will not for long.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{major, minor};

use super::number;

/// Of the file system a folder is on; `None` where that is no ext4 or cannot be told.
pub(super) fn errors(sys: &Path, folder: &Path) -> Option<u64> {
    let device = fs::metadata(folder).ok()?.dev();
    let known = sys.join(format!("dev/block/{}:{}", major(device), minor(device)));
    let name = fs::read_link(known).ok()?.file_name()?.to_owned();
    number(&sys.join("fs/ext4").join(name).join("errors_count"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::gauges::tests::lay_out;

    #[test]
    fn errors_are_those_of_the_disk_the_folder_is_on() {
        let root = tempfile::tempdir().unwrap();
        let sys = root.path();
        assert_eq!(errors(sys, sys), None);
        lay_out(sys, &[("fs/ext4/mmcblk0p2/errors_count", "3\n")]);
        let device = fs::metadata(sys).unwrap().dev();
        fs::create_dir_all(sys.join("dev/block")).unwrap();
        let known = sys.join(format!("dev/block/{}:{}", major(device), minor(device)));
        symlink("../../devices/platform/mmc0/block/mmcblk0/mmcblk0p2", known).unwrap();
        assert_eq!(errors(sys, sys), Some(3));
        assert_eq!(errors(sys, &sys.join("missing")), None);
    }
}
