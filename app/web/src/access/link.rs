//! One-time links: each signs one browser in, once.

use std::sync::{Mutex, PoisonError};

use subtle::ConstantTimeEq;

use super::random_text;

/// Most links that wait to be used; the oldest gives way.
const WAITING: usize = 8;

/// Codes that have been handed out and not been used.
#[derive(Default)]
pub(super) struct Links {
    codes: Mutex<Vec<String>>,
}

impl Links {
    /// A new code of 256 random bits.
    pub(super) fn issue(&self) -> String {
        let code = random_text();
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() == WAITING {
            codes.remove(0);
        }
        codes.push(code.clone());
        code
    }

    /// Whether the code was waiting; it no longer is.
    pub(super) fn redeem(&self, code: &str) -> bool {
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = None;
        // All are compared, each in constant time: how long it takes says nothing about them.
        for (index, waiting) in codes.iter().enumerate() {
            if bool::from(waiting.as_bytes().ct_eq(code.as_bytes())) {
                found = Some(index);
            }
        }
        found.map(|index| codes.remove(index)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_works_once() {
        let links = Links::default();
        let (first, second) = (links.issue(), links.issue());
        assert!(!links.redeem(""));
        assert!(!links.redeem(&first[1..]));
        assert!(links.redeem(&second));
        assert!(!links.redeem(&second));
        assert!(links.redeem(&first));
    }

    #[test]
    fn the_oldest_of_many_gives_way() {
        let links = Links::default();
        let first = links.issue();
        let later: Vec<_> = (0..WAITING).map(|_| links.issue()).collect();
        assert!(!links.redeem(&first));
        assert!(later.iter().all(|code| links.redeem(code)));
    }
}
