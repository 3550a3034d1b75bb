//! Random numbers that are kept: the key sessions and tokens are signed with, and ids.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::document::{self, Format};
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::finding::{Finding, Findings};
use crate::folders::{Folders, Lock};

/// 256 random bits.
pub(crate) type Key = [u8; 32];

const FORMAT: Format = Format { kind: "signing-key", version: 1 };
const FILE: &str = "signing-key.ron";

/// The stored form of a key: 64 hexadecimal digits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Digits(Key);

impl TryFrom<String> for Digits {
    type Error = &'static str;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        const EXPECTED: &str = "a key is 64 hexadecimal digits";
        let mut key = Key::default();
        if digits.len() != 2 * key.len() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(EXPECTED);
        }
        for (byte, at) in key.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| EXPECTED)?;
        }
        Ok(Self(key))
    }
}

impl From<Digits> for String {
    fn from(Digits(key): Digits) -> Self {
        key.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The key that signs sessions and tokens, for a program beside the running one. Makes it where there is
/// none yet.
///
/// # Errors
/// The data directory cannot be read or written.
pub fn signing_key(data_dir: &Path) -> Result<Key, StoreError> {
    let folders = Folders::at(data_dir);
    if let Some(key) = read(&folders)? {
        return Ok(key);
    }
    folders.create()?;
    let _lock = Lock::take(&folders)?;
    load(&folders, &Findings::new())
}

/// Reads the key without touching a damaged one, which is for the running program to set aside.
fn read(folders: &Folders) -> Result<Option<Key>, StoreError> {
    let path = folders.playlists.join(FILE);
    match file::read(&path) {
        Ok(bytes) => Ok(document::decode::<Digits>(FORMAT, &bytes).ok().map(|Digits(key)| key)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::io("read", &path, error)),
    }
}

/// Loads the key; makes one where there is none.
pub(crate) fn load(folders: &Folders, findings: &Findings) -> Result<Key, StoreError> {
    let path = folders.playlists.join(FILE);
    let loaded = file::load::<Digits>(&path, FORMAT)?;
    if let Some(Digits(key)) = loaded.value {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))
            .map_err(StoreError::on("protect", &path))?;
        return Ok(key);
    }
    if let Some(trouble) = loaded.trouble {
        let message =
            format!("The signing key {trouble}. A new one was made: all must sign in again.");
        findings.add(Finding { subject: folders.subject(&path), message });
    }
    let mut key = Key::default();
    getrandom::fill(&mut key).map_err(StoreError::Random)?;
    file::save(&path, FORMAT, &Digits(key), Keep::Last)?;
    Ok(key)
}

/// A random number that is not taken.
pub(crate) fn new_id(is_taken: impl Fn(u64) -> bool) -> Result<u64, StoreError> {
    loop {
        let id = getrandom::u64().map_err(StoreError::Random)?;
        if !is_taken(id) {
            return Ok(id);
        }
    }
}
