//! A disk with a volatile write cache, as real ones have: what was not flushed when the power goes may be lost, and of
//! what is lost each sector is by chance.
//!
//! QEMU reaches it as a network block device, written from the description of that protocol: fixed newstyle handshake,
//! simple replies, commands to read, write, flush, trim and write zeroes, and forced unit access
//! (<https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md>).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Bytes that are written whole or not at all.
const SECTOR: u64 = 512;
/// Longest request that is taken.
const LONGEST: u32 = 32 << 20;

const HANDSHAKE: u64 = 0x4e42_444d_4147_4943;
const OPTION: u64 = 0x4948_4156_454f_5054;
const OPTION_REPLY: u64 = 0x0003_e889_0455_65a9;
const REQUEST: u32 = 0x2560_9513;
const REPLY: u32 = 0x6744_6698;

/// Fixed newstyle, and no zeroes after the export.
const SERVER_FLAGS: u16 = 0b11;
/// There are flags; it can flush, force unit access, trim and write zeroes.
const EXPORT_FLAGS: u16 = 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6;
const FORCE_UNIT_ACCESS: u16 = 1;

const OPT_ABORT: u32 = 2;
const OPT_GO: u32 = 7;
const REPLY_ACK: u32 = 1;
const REPLY_INFO: u32 = 3;
const REPLY_UNSUPPORTED: u32 = 1 << 31 | 1;
const INFO_EXPORT: u16 = 0;

const READ: u16 = 0;
const WRITE: u16 = 1;
const DISCONNECT: u16 = 2;
const FLUSH: u16 = 3;
const TRIM: u16 = 4;
const WRITE_ZEROES: u16 = 6;

/// What the disk holds, and what it would lose.
struct Disk {
    file: File,
    size: u64,
    /// Sectors that were written and not flushed, by their number.
    unflushed: BTreeMap<u64, [u8; SECTOR as usize]>,
}

/// A disk, as long as this lives.
pub struct VolatileDisk {
    disk: Arc<Mutex<Disk>>,
    socket: PathBuf,
}

impl VolatileDisk {
    /// Serves an image at a socket.
    ///
    /// # Panics
    /// The image cannot be opened, or the socket not be made.
    pub fn serve(image: &Path, socket: &Path) -> Self {
        let file = File::options().read(true).write(true).open(image).unwrap();
        let size = file.metadata().unwrap().len();
        let disk = Arc::new(Mutex::new(Disk { file, size, unflushed: BTreeMap::new() }));
        let listener = UnixListener::bind(socket).unwrap();
        let shared = Arc::clone(&disk);
        std::thread::spawn(move || {
            // One at a time; it ends when the socket's file is gone and nobody has come since.
            for peer in listener.incoming().map_while(Result::ok) {
                // A peer that was killed has just gone.
                let _ = talk(peer, &shared);
            }
        });
        Self { disk, socket: socket.to_owned() }
    }

    /// What QEMU calls it.
    pub fn url(&self) -> String {
        format!("nbd+unix:///?socket={}", self.socket.display())
    }

    /// It has the time to write all that it holds.
    ///
    /// # Panics
    /// The image cannot be written.
    pub fn flush(&self) {
        self.disk.lock().unwrap().flush().unwrap();
    }

    /// The power goes: of what was not flushed each sector is kept or lost by chance. Returns how many were lost.
    ///
    /// # Panics
    /// The image cannot be written.
    pub fn lose_power(&self, chance: &mut fastrand::Rng) -> usize {
        let mut disk = self.disk.lock().unwrap();
        let before = disk.unflushed.len();
        disk.unflushed.retain(|_, _| chance.bool());
        let lost = before - disk.unflushed.len();
        disk.flush().unwrap();
        lost
    }
}

impl Disk {
    fn read(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(bytes, at)?;
        let (first, end) = (at / SECTOR, (at + bytes.len() as u64).div_ceil(SECTOR));
        for (number, sector) in self.unflushed.range(first..end) {
            let start = (number * SECTOR - at) as usize;
            bytes[start..start + SECTOR as usize].copy_from_slice(sector);
        }
        Ok(())
    }

    fn write(&mut self, at: u64, bytes: &[u8]) {
        for (number, sector) in (at / SECTOR..).zip(bytes.as_chunks().0) {
            self.unflushed.insert(number, *sector);
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        for (number, sector) in std::mem::take(&mut self.unflushed) {
            self.file.write_all_at(&sector, number * SECTOR)?;
        }
        Ok(())
    }

    fn holds(&self, at: u64, length: u32) -> bool {
        let whole = at.is_multiple_of(SECTOR) && u64::from(length).is_multiple_of(SECTOR);
        whole && at.checked_add(length.into()).is_some_and(|end| end <= self.size)
    }
}

fn talk(mut peer: UnixStream, disk: &Mutex<Disk>) -> io::Result<()> {
    if !greet(&mut peer, disk.lock().unwrap().size)? {
        return Ok(());
    }
    loop {
        if u32::from_be_bytes(take(&mut peer)?) != REQUEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let flags = u16::from_be_bytes(take(&mut peer)?);
        let command = u16::from_be_bytes(take(&mut peer)?);
        let cookie: [u8; 8] = take(&mut peer)?;
        let at = u64::from_be_bytes(take(&mut peer)?);
        let length = u32::from_be_bytes(take(&mut peer)?);
        if command == DISCONNECT {
            return Ok(());
        }
        let mut bytes = Vec::new();
        if command == WRITE {
            if length > LONGEST {
                return Err(io::ErrorKind::InvalidData.into());
            }
            bytes.resize(length as usize, 0);
            peer.read_exact(&mut bytes)?;
        }
        let mut disk = disk.lock().unwrap();
        let done = match command {
            READ | WRITE | WRITE_ZEROES if !disk.holds(at, length) => {
                Err(io::ErrorKind::InvalidInput.into())
            }
            READ => {
                bytes.resize(length as usize, 0);
                disk.read(at, &mut bytes)
            }
            WRITE => {
                disk.write(at, &bytes);
                bytes.clear();
                Ok(())
            }
            WRITE_ZEROES => {
                disk.write(at, &vec![0; length as usize]);
                Ok(())
            }
            // What was trimmed may be read as it was.
            TRIM => Ok(()),
            FLUSH => disk.flush(),
            _ => Err(io::ErrorKind::Unsupported.into()),
        };
        let done = match flags & FORCE_UNIT_ACCESS {
            0 => done,
            _ => done.and_then(|()| disk.flush()),
        };
        drop(disk);
        // EINVAL, of which nobody asks more.
        let error: u32 = if done.is_ok() { 0 } else { 22 };
        peer.write_all(&[&REPLY.to_be_bytes()[..], &error.to_be_bytes(), &cookie].concat())?;
        if done.is_ok() && command == READ {
            peer.write_all(&bytes)?;
        }
    }
}

/// Agrees on the one export there is; whether the other has not given up.
fn greet(peer: &mut UnixStream, size: u64) -> io::Result<bool> {
    peer.write_all(
        &[&HANDSHAKE.to_be_bytes()[..], &OPTION.to_be_bytes(), &SERVER_FLAGS.to_be_bytes()]
            .concat(),
    )?;
    let _client_flags: [u8; 4] = take(peer)?;
    loop {
        if u64::from_be_bytes(take(peer)?) != OPTION {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let option: [u8; 4] = take(peer)?;
        let length = u32::from_be_bytes(take(peer)?).min(LONGEST);
        peer.read_exact(&mut vec![0; length as usize])?;
        let mut reply = |kind: u32, data: &[u8]| {
            let length = data.len() as u32;
            let head = [
                &OPTION_REPLY.to_be_bytes()[..],
                &option,
                &kind.to_be_bytes(),
                &length.to_be_bytes(),
            ];
            peer.write_all(&[head.concat(), data.to_vec()].concat())
        };
        match u32::from_be_bytes(option) {
            OPT_GO => {
                let export = [
                    &INFO_EXPORT.to_be_bytes()[..],
                    &size.to_be_bytes(),
                    &EXPORT_FLAGS.to_be_bytes(),
                ];
                reply(REPLY_INFO, &export.concat())?;
                reply(REPLY_ACK, &[])?;
                return Ok(true);
            }
            OPT_ABORT => {
                reply(REPLY_ACK, &[])?;
                return Ok(false);
            }
            _ => reply(REPLY_UNSUPPORTED, &[])?,
        }
    }
}

fn take<const N: usize>(peer: &mut UnixStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    peer.read_exact(&mut bytes)?;
    Ok(bytes)
}
