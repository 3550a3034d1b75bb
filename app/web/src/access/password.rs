//! Passwords: argon2id, kept as a PHC string. Hashing takes memory and time on purpose, so it runs on a
//! blocking thread and only a few at once.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// Least characters of a password.
pub(crate) const SHORTEST: usize = 10;
/// Most bytes of a password; more is refused before it is hashed.
pub(crate) const LONGEST: usize = 1024;
const AT_ONCE: usize = 2;

/// Hashes and checks passwords.
pub(super) struct Passwords {
    places: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Semaphore::new(AT_ONCE) }
    }
}

impl Passwords {
    /// The PHC string of a password; `None` where the machine has no randomness or memory for it.
    pub(super) async fn hash(&self, password: String) -> Option<String> {
        self.run(move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.ok().map(|hash| hash.to_string())
        })
        .await
        .flatten()
    }

    /// Whether the password is the one that was hashed.
    pub(super) async fn matches(&self, password: String, hash: String) -> bool {
        self.run(move || {
            PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
            })
        })
        .await
        .unwrap_or(false)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _place = self.places.acquire().await.ok()?;
        tokio::task::spawn_blocking(work).await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_knows_its_password_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.matches("correct horse".into(), hash.clone()).await);
        assert!(!passwords.matches("Correct horse".into(), hash).await);
        assert!(!passwords.matches("correct horse".into(), "nonsense".into()).await);
    }
}
