//! Named tokens for scripts: 256 random bits, shown once. What is kept is their SHA-256, which is as good as
//! a slow hash for what cannot be guessed.

use prismatron_store::{Accounts, ApiToken};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::random_text;

/// What every token begins with, so that a leaked one is recognised.
const PREFIX: &str = "prismatron_";

/// A new token and the hash to keep of it.
pub(super) fn make() -> (String, String) {
    let token = format!("{PREFIX}{}", random_text());
    let hash = digits(&token);
    (token, hash)
}

/// The hash of a token; `None` for what is none of ours.
pub(super) fn hash(token: &str) -> Option<String> {
    token.starts_with(PREFIX).then(|| digits(token))
}

/// The token with this hash.
pub(super) fn find<'a>(accounts: &'a Accounts, hash: &str) -> Option<&'a ApiToken> {
    let is_it = |token: &&ApiToken| bool::from(token.hash.as_bytes().ct_eq(hash.as_bytes()));
    accounts.tokens().find(is_it)
}

fn digits(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_from_others_and_hashed() {
        let (token, kept) = make();
        assert_eq!(hash(&token).as_deref(), Some(kept.as_str()));
        assert_eq!(hash("eyJhbGciOiJIUzI1NiJ9.e30."), None);
        // What coreutils' sha256sum gives.
        assert_eq!(
            hash("prismatron_").as_deref(),
            Some("61f3af4f595c5e06aa4c5b54abc6f7535bee57ead2de7e5404ebc2c0d9a80b70")
        );
        assert_ne!(make().0, token);
    }
}
