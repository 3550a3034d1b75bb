//! Passwords: argon2id, kept as a PHC string. Hashing takes memory and time on purpose, so it runs on a
//! blocking thread, one at a time, and always in the same memory: an allocator that keeps nineteen mebibytes
//! for each thread that has ever hashed would fill a small machine while somebody guesses.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use super::fill_random;

/// Least bytes of a password.
pub(crate) const SHORTEST: usize = 10;
/// Most bytes of a password; more is refused before it is hashed.
pub(crate) const LONGEST: usize = 1024;
/// Bytes of salt, as RFC 9106 recommends.
const SALT: usize = 16;

/// Hashes and checks passwords.
pub(super) struct Passwords {
    place: Arc<Semaphore>,
    memory: Arc<Mutex<Vec<Block>>>,
    computed: AtomicU64,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            place: Arc::new(Semaphore::new(1)),
            memory: Arc::default(),
            computed: AtomicU64::new(0),
        }
    }
}

impl Passwords {
    /// The PHC string of a password; `None` where there is no thread for it.
    pub(super) async fn hash(&self, password: String) -> Option<String> {
        let mut salt = [0; SALT];
        fill_random(&mut salt);
        let params = Params::default();
        let output = self.compute(password, salt.to_vec(), params.clone()).await?;
        let hash = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).ok()?,
            salt: Some(Salt::new(&salt).ok()?),
            hash: Some(output),
        };
        Some(hash.to_string())
    }

    /// Whether the password is the one that was hashed. Without a hash none is, and finding that out takes
    /// as long.
    pub(super) async fn matches(&self, password: String, hash: Option<String>) -> bool {
        let Some(hash) = hash else {
            self.hash(password).await;
            return false;
        };
        let Some((params, salt, expected)) = read(&hash) else { return false };
        let output = self.compute(password, salt, params).await;
        output.is_some_and(|output| output.as_bytes().ct_eq(expected.as_bytes()).into())
    }

    /// How many hashes have been computed.
    pub(super) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    async fn compute(&self, password: String, salt: Vec<u8>, params: Params) -> Option<Output> {
        let place = Arc::clone(&self.place).acquire_owned().await.ok()?;
        let memory = Arc::clone(&self.memory);
        self.computed.fetch_add(1, Ordering::Relaxed);
        let work = move || {
            let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
            memory.resize(params.block_count(), Block::new());
            let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            let memory = memory.as_mut_slice();
            let done = argon2
                .hash_password_into_with_memory(password.as_bytes(), &salt, &mut output, memory)
                .ok()
                .and_then(|()| Output::new(&output).ok());
            // Kept until the work is done, whether or not somebody still waits for it.
            drop(place);
            done
        };
        tokio::task::spawn_blocking(work).await.ok()?
    }
}

/// A PHC string of ours, taken apart.
fn read(hash: &str) -> Option<(Params, Vec<u8>, Output)> {
    let hash = PasswordHash::new(hash).ok()?;
    let is_ours = hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
    let params = Params::try_from(&hash).ok().filter(|_| is_ours)?;
    let output = hash.hash.filter(|output| output.len() == Params::DEFAULT_OUTPUT_LEN)?;
    Some((params, hash.salt?.to_vec(), output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_knows_its_password_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(passwords.hash("correct horse".into()).await.unwrap(), hash, "salted");
        assert!(passwords.matches("correct horse".into(), Some(hash.clone())).await);
        assert!(!passwords.matches("Correct horse".into(), Some(hash)).await);
        assert!(!passwords.matches("correct horse".into(), None).await);
        assert_eq!(passwords.computed(), 5);
        assert!(!passwords.matches("correct horse".into(), Some("nonsense".into())).await);
    }

    #[tokio::test]
    async fn a_hash_of_the_reference_implementation_is_understood() {
        let passwords = Passwords::default();
        let hash = "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyAgIQ$eZ8dfHLYtC5OIus/+DeRtCEk91j633ja1UnwIPgACS0";
        assert!(passwords.matches("correct horse".into(), Some(hash.into())).await);
        assert!(!passwords.matches("wrong horse".into(), Some(hash.into())).await);
    }
}
