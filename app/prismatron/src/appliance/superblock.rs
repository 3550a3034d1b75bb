//! What a partition holds, by its first bytes and where ext4 keeps copies of them.
//!
//! The layout of ext4's superblock, which is at byte 1024 and little-endian, is from the kernel's
//! `Documentation/filesystems/ext4/super.rst`.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes that are looked at: as far as any file system or partition table has its mark.
const HEAD: usize = 1 << 20;
const SUPERBLOCK: usize = 1024;
const BLOCKS_LOW: usize = SUPERBLOCK + 0x4;
const LOG_BLOCK_SIZE: usize = SUPERBLOCK + 0x18;
const MAGIC: usize = SUPERBLOCK + 0x38;
const INCOMPATIBLE: usize = SUPERBLOCK + 0x60;
const BLOCKS_HIGH: usize = SUPERBLOCK + 0x150;
/// Feature: block numbers have 64 bits.
const WIDE: u32 = 0x80;
/// Where ext4 has its first copy of the superblock, by its block size: the block, and its bytes (`e2fsck(8)`, `-b`).
pub(crate) const COPIES: [(u64, u64); 2] = [(32768, 4096), (8193, 1024)];

/// What a partition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Nothing was ever written there.
    Nothing,
    /// An ext4 file system of so many bytes.
    Ext4(u64),
    /// Something else, or what is left of a file system.
    SomethingElse,
}

/// A partition, or a file in place of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Bytes.
    pub(crate) size: u64,
    /// What is there.
    pub(crate) holds: Holds,
}

/// Looks at a partition.
///
/// # Errors
/// It cannot be read.
pub(crate) fn look(device: &Path) -> io::Result<Partition> {
    let mut file = File::open(device)?;
    let size = file.seek(SeekFrom::End(0))?;
    let mut read = |at, most| {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(at))?;
        (&file).take(most).read_to_end(&mut bytes)?;
        io::Result::Ok(bytes)
    };
    let mut holds = holds(&read(0, HEAD as u64)?);
    // The beginning alone may be wiped; what the copies describe is there still.
    for (block, bytes) in COPIES {
        if holds == Holds::Nothing && !is_blank(&read(block * bytes, bytes)?) {
            holds = Holds::SomethingElse;
        }
    }
    Ok(Partition { size, holds })
}

fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == 0)
}

fn holds(head: &[u8]) -> Holds {
    if is_blank(head) {
        return Holds::Nothing;
    }
    ext4(head).map_or(Holds::SomethingElse, Holds::Ext4)
}

/// The size of the ext4 file system that begins so.
fn ext4(head: &[u8]) -> Option<u64> {
    let word = |at: usize| head.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    if head.get(MAGIC..MAGIC + 2)? != [0x53, 0xef] {
        return None;
    }
    let high = if word(INCOMPATIBLE)? & WIDE == 0 { 0 } else { word(BLOCKS_HIGH)? };
    let blocks = u64::from(high) << 32 | u64::from(word(BLOCKS_LOW)?);
    let block = 1024_u64.checked_shl(word(LOG_BLOCK_SIZE)?)?;
    blocks.checked_mul(block)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_told_from_something() {
        assert_eq!(holds(&[0; HEAD]), Holds::Nothing);
        let mut head = vec![0; HEAD];
        head[HEAD - 1] = 1;
        assert_eq!(holds(&head), Holds::SomethingElse);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(mut bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
            let _ = holds(&bytes);
            if bytes.len() > MAGIC + 2 {
                bytes[MAGIC..MAGIC + 2].copy_from_slice(&[0x53, 0xef]);
                let _ = holds(&bytes);
            }
        }
    }
}
