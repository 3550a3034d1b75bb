//! Signed tokens: what a session cookie or a script's bearer token says and how that is believed.
//!
//! JSON Web Tokens, HS256 and nothing else. A token keeps its id when it is renewed, so that ending the
//! session of that id ends it whichever of its tokens is presented.
//!
//! The time of day may jump: a board without a battery wakes in 1970 and learns the date later. So the age
//! of a session that was begun or renewed in this *run* of the program is told by the monotonic clock, whose
//! reading it carries, and a jump changes nothing. Only for one that is older than the program the time of
//! day must do; one from the future is not believed then, so that a clock that went back keeps no session
//! alive. The worst of it is that somebody signs in again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use prismatron_core::id::AccountId;
use serde::{Deserialize, Serialize};

use super::{random_text, signature};

/// How long a session lasts without being used.
pub(super) const SESSION: Duration = Duration::from_secs(20 * 60);
const SCRIPT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How far the time of day may go back over a restart before sessions of then are not believed.
const SLACK: u64 = 120;
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
    /// Whose session it is; nobody's in particular where it was begun by the terminal's link.
    pub(super) sub: Option<AccountId>,
    /// Of the account when they signed in.
    pub(super) generation: u64,
    /// Issued, in seconds since 1970.
    pub(super) iat: u64,
    /// Expires, in seconds since 1970.
    pub(super) exp: u64,
    /// Stays the same when the token is renewed.
    pub(super) jti: String,
    /// Which run of the program issued it.
    pub(super) run: String,
    /// Issued, in seconds of that run's clock.
    pub(super) tick: u64,
}

/// A reading of both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) day: SystemTime,
    /// Since the program's start.
    pub(super) tick: Duration,
}

/// Signs and checks tokens.
pub(super) struct Signet {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    /// This run of the program.
    run: String,
}

impl Signet {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        signature::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        // Held against the injected clocks in `open`.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(key),
            decoding: DecodingKey::from_secret(key),
            validation,
            run: random_text(),
        }
    }

    /// A new session of an account in this generation, or of nobody in particular.
    pub(super) fn session(&self, of: Option<(AccountId, u64)>, now: Moment) -> Claims {
        self.claims(Kind::Session, of, now)
    }

    pub(super) fn script(&self, now: Moment) -> Claims {
        self.claims(Kind::Script, None, now)
    }

    fn claims(&self, kind: Kind, of: Option<(AccountId, u64)>, now: Moment) -> Claims {
        let life = match kind {
            Kind::Session => SESSION,
            Kind::Script => SCRIPT,
        };
        let iat = seconds(now.day);
        Claims {
            aud: AUDIENCE.into(),
            kind,
            sub: of.map(|(id, _)| id),
            generation: of.map_or(0, |(_, generation)| generation),
            iat,
            exp: iat + life.as_secs(),
            jti: random_text(),
            run: self.run.clone(),
            tick: now.tick.as_secs(),
        }
    }

    /// How old a session is; `None` where its times cannot be.
    fn age(&self, claims: &Claims, now: Moment) -> Option<u64> {
        if claims.run == self.run {
            return now.tick.as_secs().checked_sub(claims.tick);
        }
        let day = seconds(now.day);
        (claims.iat <= day + SLACK).then(|| day.saturating_sub(claims.iat))
    }

    /// How many seconds a session has left.
    pub(super) fn left(&self, claims: &Claims, now: Moment) -> Option<u64> {
        SESSION.as_secs().checked_sub(self.age(claims, now)?).filter(|left| *left > 0)
    }

    /// The same session with a full life before it, once half of the old one is over.
    pub(super) fn renewed(&self, claims: &Claims, now: Moment) -> Option<Claims> {
        let half = SESSION.as_secs() / 2;
        let is_due = claims.run != self.run || self.age(claims, now)? >= half;
        (claims.kind == Kind::Session && is_due).then(|| {
            let of = claims.sub.map(|id| (id, claims.generation));
            Claims { jti: claims.jti.clone(), ..self.session(of, now) }
        })
    }

    pub(super) fn seal(&self, claims: &Claims) -> String {
        // Claims are plain text and numbers and the key has the right kind: this cannot fail.
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .unwrap_or_default()
    }

    /// What a token says, if it is ours and not over.
    pub(super) fn open(&self, token: &str, now: Moment) -> Option<Claims> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?;
        let claims = data.claims;
        let is_current = match claims.kind {
            Kind::Session => self.left(&claims, now).is_some(),
            // Who can read the key can have a new one: nothing is gained by doubting the date.
            Kind::Script => seconds(now.day) < claims.exp,
        };
        is_current.then_some(claims)
    }
}

/// Seconds since 1970; 0 before.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];
    const LIFE: u64 = SESSION.as_secs();
    /// In the year 2026.
    const TODAY: u64 = 1_770_000_000;

    fn at(day: u64, tick: u64) -> Moment {
        Moment { day: UNIX_EPOCH + Duration::from_secs(day), tick: Duration::from_secs(tick) }
    }

    #[test]
    fn a_token_says_what_was_sealed_until_it_expires() {
        let signet = Signet::new(&KEY);
        let claims = signet.session(Some((AccountId(7), 3)), at(TODAY, 100));
        let token = signet.seal(&claims);
        assert_eq!(signet.open(&token, at(TODAY + LIFE - 1, 100 + LIFE - 1)), Some(claims));
        assert_eq!(signet.open(&token, at(TODAY + LIFE, 100 + LIFE)), None);
    }

    #[test]
    fn tokens_of_others_are_not_believed() {
        let signet = Signet::new(&KEY);
        let now = at(TODAY, 0);
        let claims = signet.session(None, now);
        assert_eq!(signet.open(&Signet::new(&[8; 32]).seal(&claims), now), None);
        let elsewhere = signet.seal(&Claims { aud: "other".into(), ..claims.clone() });
        assert_eq!(signet.open(&elsewhere, now), None);
        // {"alg":"none"} with an empty signature.
        let body = signet.seal(&claims).split('.').nth(1).map(str::to_owned).unwrap();
        assert_eq!(signet.open(&format!("eyJhbGciOiJub25lIn0.{body}."), now), None);
        for text in ["", ".", "..", "a.b.c"] {
            assert_eq!(signet.open(text, now), None);
        }
    }

    #[test]
    fn a_session_is_renewed_in_its_second_half_under_the_same_id() {
        let signet = Signet::new(&KEY);
        let claims = signet.session(Some((AccountId(7), 3)), at(TODAY, 0));
        assert_eq!(signet.renewed(&claims, at(TODAY, LIFE / 2 - 1)), None);
        let renewed = signet.renewed(&claims, at(TODAY, LIFE / 2)).unwrap();
        assert_eq!((&renewed.jti, renewed.sub), (&claims.jti, claims.sub));
        assert_eq!(renewed.generation, 3);
        assert_eq!(renewed.tick, LIFE / 2);
        let script = signet.script(at(TODAY, 0));
        assert_eq!(signet.renewed(&script, at(1 << 40, 1 << 30)), None);
    }

    #[test]
    fn a_jump_of_the_date_neither_ends_a_session_nor_lengthens_it() {
        let signet = Signet::new(&KEY);
        let token = signet.seal(&signet.session(None, at(50, 40)));
        assert!(signet.open(&token, at(TODAY, 100)).is_some(), "1970, then today");
        assert!(signet.open(&token, at(TODAY, 40 + LIFE)).is_none());
        let token = signet.seal(&signet.session(None, at(TODAY, 40)));
        assert!(signet.open(&token, at(50, 40 + LIFE - 1)).is_some(), "today, then 1970");
        assert!(signet.open(&token, at(50, 40 + LIFE)).is_none());
    }

    #[test]
    fn over_a_restart_the_date_decides_and_the_future_is_not_believed() {
        let before = Signet::new(&KEY);
        let token = before.seal(&before.session(None, at(TODAY, 40)));
        let after = Signet::new(&KEY);
        let claims = after.open(&token, at(TODAY + 60, 1)).unwrap();
        assert!(after.renewed(&claims, at(TODAY + 60, 1)).is_some(), "to this run's clock");
        assert!(after.open(&token, at(TODAY + LIFE, 1)).is_none());
        assert!(after.open(&token, at(TODAY - 3600, 1)).is_none(), "the clock went back");
        assert!(after.open(&token, at(50, 1)).is_none());
    }
}
