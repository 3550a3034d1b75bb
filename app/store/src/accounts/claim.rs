//! The claim code: ten characters that a person copies from a screen or a wall.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::StoreError;

/// Crockford's base 32: no letter that looks like a digit, and no U.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 50 bits.
const LENGTH: usize = 10;

/// A code that makes the first admin's account. Shown in two groups of five.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClaimCode(String);

impl ClaimCode {
    /// A new one.
    pub(crate) fn random() -> Result<Self, StoreError> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).map_err(StoreError::Random)?;
        let digit = |byte: &u8| char::from(DIGITS[usize::from(byte % 32)]);
        Ok(Self(bytes.iter().map(digit).collect()))
    }

    /// What somebody typed, as far as it can be a code: in either case, with or without the hyphen, and with
    /// O, I and L for the digits they look like.
    pub fn read(text: &str) -> Option<Self> {
        let digits: Option<String> = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| match c.to_ascii_uppercase() {
                'O' => Some('0'),
                'I' | 'L' => Some('1'),
                c => u8::try_from(c).is_ok_and(|b| DIGITS.contains(&b)).then_some(c),
            })
            .collect();
        digits.filter(|digits| digits.len() == LENGTH).map(Self)
    }

    /// Its digits, for comparing.
    pub fn digits(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at(LENGTH / 2);
        write!(f, "{first}-{second}")
    }
}

/// Hides the code: it is a secret.
impl fmt::Debug for ClaimCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimCode(…)")
    }
}

impl TryFrom<String> for ClaimCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::read(&text).ok_or("a claim code has ten characters")
    }
}

impl From<ClaimCode> for String {
    fn from(code: ClaimCode) -> Self {
        code.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = ClaimCode::read("01ABC-DEFGZ").unwrap();
        assert_eq!(code.to_string(), "01ABC-DEFGZ");
        for typed in ["01abcdefgz", " oIabc defgz ", "OlABC-DEFGZ", "0-1-a-b-c-d-e-f-g-z"] {
            assert_eq!(ClaimCode::read(typed), Some(code.clone()), "{typed}");
        }
        for wrong in ["", "01ABC-DEFG", "01ABC-DEFGZZ", "01ABC-DEFGU", "01ABC-DEFGé"] {
            assert_eq!(ClaimCode::read(wrong), None, "{wrong}");
        }
        assert!(!format!("{code:?}").contains("ABC"));
    }

    #[test]
    fn codes_are_random_and_read_back() {
        let (first, second) = (ClaimCode::random().unwrap(), ClaimCode::random().unwrap());
        assert_ne!(first, second);
        assert_eq!(ClaimCode::read(&first.to_string()), Some(first));
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".*") {
            let _ = ClaimCode::read(&text);
        }
    }
}
