//! Takes secrets out of texts.
//!
//! Nothing that is put into the archive should hold one; this is for what was logged by mistake. It knows the
//! secrets that are kept, and the looks of all others: 256 random bits as text, in one run, make at least
//! [`SECRET`] letters, which nothing else in a log is likely to have. Private keys in PEM go by their frame.

use prismatron_store::Accounts;

/// What stands in a secret's place.
pub(super) const REMOVED: &str = "[removed]";
/// Letters, digits, hyphens and underscores in one run that may be a secret: 43 are 256 bits in base 64.
const SECRET: usize = 40;

/// Takes secrets out of texts.
pub(super) struct Eraser {
    known: Vec<String>,
}

impl Eraser {
    /// For the secrets that are kept.
    pub(super) fn new(accounts: &Accounts, key: &[u8]) -> Self {
        let mut known = vec![key.iter().map(|byte| format!("{byte:02x}")).collect()];
        if let Some(code) = accounts.claim_code() {
            known.extend([code.to_string(), code.to_string().replace('-', "")]);
        }
        known.extend(accounts.all().map(|account| account.password_hash.clone()));
        known.extend(accounts.tokens().map(|token| token.hash.clone()));
        known.retain(|secret| !secret.is_empty());
        Self { known }
    }

    /// The text without them.
    pub(super) fn erase(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.known {
            if text.contains(secret) {
                text = text.replace(secret, REMOVED);
            }
        }
        let mut clean = String::with_capacity(text.len());
        let mut in_key = false;
        for line in text.split_inclusive('\n') {
            let begins = line.contains("-----BEGIN") && line.contains("PRIVATE KEY");
            if begins && !in_key {
                clean.push_str(REMOVED);
                clean.push('\n');
            }
            in_key |= begins;
            if !in_key {
                erase_runs(line, &mut clean);
            }
            in_key &= !line.contains("-----END");
        }
        clean
    }
}

fn erase_runs(line: &str, to: &mut String) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut rest = line;
    while let Some(start) = rest.find(is_part) {
        to.push_str(&rest[..start]);
        let run = &rest[start..];
        let run = &run[..run.find(|c| !is_part(c)).unwrap_or(run.len())];
        to.push_str(if run.len() >= SECRET { REMOVED } else { run });
        rest = &rest[start + run.len()..];
    }
    to.push_str(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eraser() -> Eraser {
        Eraser { known: vec!["01ABC-DEFGZ".into()] }
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        let code = "x".repeat(43);
        let text = format!(
            "claim 01ABC-DEFGZ\nsign in http://wall:8080/#code={code} now\n\
             -----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA\n-----END PRIVATE KEY-----\nlight is on\n"
        );
        assert_eq!(
            eraser().erase(&text),
            "claim [removed]\nsign in http://wall:8080/#code=[removed] now\n[removed]\nlight is on\n"
        );
        let plain = "2026-01-01T00:00:00Z  INFO output{name=\"wall\"}: sending host=192.0.2.1 “ä”";
        assert_eq!(eraser().erase(plain), plain);
    }

    #[test]
    fn a_key_on_one_line_takes_nothing_after_it_along() {
        let text = "-----BEGIN EC PRIVATE KEY----- aGVsbG8 -----END EC PRIVATE KEY-----\nafter\n";
        assert_eq!(eraser().erase(text), "[removed]\nafter\n");
    }

    proptest! {
        #[test]
        fn no_long_run_is_left(text in ".*|[a-z-]{0,200}|([a-z_]{30,50}[ /]){0,9}") {
            let clean = eraser().erase(&text);
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            prop_assert!(clean.split(|c| !is_part(c)).all(|run| run.len() < SECRET));
        }
    }
}
