//! Signed tokens: what a session cookie or a script's bearer token says and how that is believed.
//!
//! JSON Web Tokens, HS256 and nothing else. A token keeps its id when it is renewed, so that revoking the
//! id ends the session whichever of its tokens is presented.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::{Role, random_text, signature};

/// How long a session lasts without being used.
pub(super) const SESSION: Duration = Duration::from_secs(12 * 60 * 60);
const SCRIPT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const AUDIENCE: &str = "prismatron";

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A browser's cookie.
    Session,
    /// A script's bearer token.
    Script,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) aud: String,
    pub(super) kind: Kind,
    pub(super) role: Role,
    /// Issued, in seconds since 1970.
    pub(super) iat: u64,
    /// Expires, in seconds since 1970.
    pub(super) exp: u64,
    /// Stays the same when the token is renewed.
    pub(super) jti: String,
}

impl Claims {
    pub(super) fn new(kind: Kind, role: Role, now: SystemTime) -> Self {
        let life = match kind {
            Kind::Session => SESSION,
            Kind::Script => SCRIPT,
        };
        let iat = seconds(now);
        let exp = iat + life.as_secs();
        Self { aud: AUDIENCE.into(), kind, role, iat, exp, jti: random_text() }
    }

    /// The same session with a full life before it, once half of the old one is over.
    pub(super) fn renewed(&self, now: SystemTime) -> Option<Self> {
        let now = seconds(now);
        let half = self.iat + (self.exp.saturating_sub(self.iat)) / 2;
        (self.kind == Kind::Session && now >= half).then(|| Self {
            iat: now,
            exp: now + SESSION.as_secs(),
            ..self.clone()
        })
    }
}

/// Signs and checks tokens.
pub(super) struct Signet {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Signet {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        signature::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        // Held against the injected time in `open`.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation,
        }
    }

    pub(super) fn seal(&self, claims: &Claims) -> String {
        // Claims are plain text and numbers and the key has the right kind: this cannot fail.
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .unwrap_or_default()
    }

    /// What a token says, if it is ours and not over.
    pub(super) fn open(&self, token: &str, now: SystemTime) -> Option<Claims> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?;
        (seconds(now) < data.claims.exp).then_some(data.claims)
    }
}

/// Seconds since 1970; 0 before.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_token_says_what_was_sealed_until_it_expires() {
        let signet = Signet::new(&KEY);
        let claims = Claims::new(Kind::Session, Role::Admin, at(1000));
        let token = signet.seal(&claims);
        assert_eq!(signet.open(&token, at(1000 + 12 * 3600 - 1)), Some(claims));
        assert_eq!(signet.open(&token, at(1000 + 12 * 3600)), None);
    }

    #[test]
    fn tokens_of_others_are_not_believed() {
        let signet = Signet::new(&KEY);
        let claims = Claims::new(Kind::Session, Role::Admin, at(0));
        let forged = Signet::new(&[8; 32]).seal(&claims);
        assert_eq!(signet.open(&forged, at(1)), None);
        let elsewhere = signet.seal(&Claims { aud: "other".into(), ..claims.clone() });
        assert_eq!(signet.open(&elsewhere, at(1)), None);
        // {"alg":"none"} with an empty signature.
        let body = signet.seal(&claims).split('.').nth(1).map(str::to_owned).unwrap();
        assert_eq!(signet.open(&format!("eyJhbGciOiJub25lIn0.{body}."), at(1)), None);
        for text in ["", ".", "..", "a.b.c"] {
            assert_eq!(signet.open(text, at(1)), None);
        }
    }

    #[test]
    fn a_session_is_renewed_in_its_second_half_under_the_same_id() {
        let claims = Claims::new(Kind::Session, Role::Admin, at(0));
        assert_eq!(claims.renewed(at(6 * 3600 - 1)), None);
        let renewed = claims.renewed(at(6 * 3600)).unwrap();
        assert_eq!(renewed.jti, claims.jti);
        assert_eq!(renewed.exp, 18 * 3600);
        assert_eq!(Claims::new(Kind::Script, Role::Admin, at(0)).renewed(at(1 << 30)), None);
    }
}
