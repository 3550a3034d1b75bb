//! Who may do what: signing in, sessions, tokens for scripts, and the guard before every route.
//!
//! Terms: an [`Identity`] is who a request comes from; a *link* signs a browser in once; a *session* is
//! kept by a signed cookie; a *script token* is sent as `Authorization: Bearer`. Invariant: a route that is
//! not listed as open in [`guard`] is reached with an identity or not at all.

mod attempts;
pub mod cookie;
pub(crate) mod guard;
mod link;
mod origin;
pub(crate) mod password;
mod signature;
mod token;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::http::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prismatron_core::port::Clock;
use serde::{Deserialize, Serialize};

use token::{Claims, Kind, Signet};

/// What somebody may do. There is one role so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Admin,
}

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    claims: Claims,
}

impl Identity {
    /// What they may do.
    pub(crate) fn role(&self) -> Role {
        self.claims.role
    }

    /// What they are called where it is told who did something.
    pub(crate) fn who(&self) -> &'static str {
        match self.role() {
            Role::Admin => "admin",
        }
    }
}

/// Why a sign-in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Wrong code or password.
    Wrong,
    /// Too many wrong ones; try again after this long.
    Wait(Duration),
}

/// Tells the time of day. Tests hold their own.
pub type TimeOfDay = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Signs people in and remembers who signed out.
#[derive(Clone)]
pub struct Access {
    inner: Arc<Inner>,
}

struct Inner {
    signet: Signet,
    links: link::Links,
    attempts: attempts::Attempts,
    passwords: password::Passwords,
    /// Ids of ended sessions and when the last token that carries one has expired.
    revoked: Mutex<HashMap<String, u64>>,
    clock: Arc<dyn Clock>,
    time: TimeOfDay,
}

impl Access {
    /// With the key that signs tokens and the clock by which failed sign-ins wait.
    pub fn new(key: &[u8; 32], clock: Arc<dyn Clock>) -> Self {
        Self::with_time(key, clock, Arc::new(SystemTime::now))
    }

    /// As [`Access::new`], with another time of day for when sessions end.
    pub fn with_time(key: &[u8; 32], clock: Arc<dyn Clock>, time: TimeOfDay) -> Self {
        let inner = Inner {
            signet: Signet::new(key),
            links: link::Links::default(),
            attempts: attempts::Attempts::default(),
            passwords: password::Passwords::default(),
            revoked: Mutex::default(),
            clock,
            time,
        };
        Self { inner: Arc::new(inner) }
    }

    /// A new one-time link: path and fragment to put behind the server's address. The fragment never
    /// reaches a server, so no log holds the code.
    pub fn sign_in_path(&self) -> String {
        format!("/#code={}", self.inner.links.issue())
    }

    /// Signs in with a one-time code.
    pub(crate) fn by_code(&self, code: &str, from: IpAddr) -> Result<(Identity, String), Refusal> {
        let inner = &self.inner;
        if inner.links.redeem(code) {
            inner.attempts.succeeded(from);
            return Ok(self.start());
        }
        let now = inner.clock.now();
        if let Some(wait) = inner.attempts.wait(from, now) {
            return Err(Refusal::Wait(wait));
        }
        inner.attempts.failed(from, now);
        Err(Refusal::Wrong)
    }

    /// Signs in with the password whose hash is given; without a hash every password is wrong.
    pub(crate) async fn by_password(
        &self,
        password: String,
        hash: Option<String>,
        from: IpAddr,
    ) -> Result<(Identity, String), Refusal> {
        let inner = &self.inner;
        let now = inner.clock.now();
        if let Some(wait) = inner.attempts.wait(from, now) {
            return Err(Refusal::Wait(wait));
        }
        // Counted before it is looked at, so that many at once are not all looked at.
        inner.attempts.failed(from, now);
        let right = match hash {
            Some(hash) if password.len() <= password::LONGEST => {
                inner.passwords.matches(password, hash).await
            }
            _ => false,
        };
        if !right {
            return Err(Refusal::Wrong);
        }
        inner.attempts.succeeded(from);
        Ok(self.start())
    }

    /// The stored form of a new password.
    pub(crate) async fn hash(&self, password: String) -> Option<String> {
        self.inner.passwords.hash(password).await
    }

    /// Ends the session of this identity, whichever of its tokens is presented from now on.
    pub(crate) fn end(&self, identity: &Identity) {
        let now = token::seconds((self.inner.time)());
        let until = identity.claims.exp.max(now + token::SESSION.as_secs());
        let mut revoked = self.inner.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        revoked.retain(|_, until| now < *until);
        revoked.insert(identity.claims.jti.clone(), until);
    }

    /// Whether the session of this identity has been ended.
    pub(crate) fn has_ended(&self, identity: &Identity) -> bool {
        let revoked = self.inner.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        revoked.contains_key(&identity.claims.jti)
    }

    fn start(&self) -> (Identity, String) {
        let claims = Claims::new(Kind::Session, Role::Admin, (self.inner.time)());
        let token = self.inner.signet.seal(&claims);
        (Identity { claims }, token)
    }

    fn identify(&self, token: &str, kind: Kind) -> Option<Identity> {
        let claims = self.inner.signet.open(token, (self.inner.time)())?;
        let identity = Identity { claims };
        (identity.claims.kind == kind && !self.has_ended(&identity)).then_some(identity)
    }

    fn renewal(&self, identity: &Identity) -> Option<HeaderValue> {
        let claims = identity.claims.renewed((self.inner.time)())?;
        cookie::keep(&self.inner.signet.seal(&claims))
    }
}

/// A token for scripts, good for a year, signed with the data directory's key.
pub fn script_token(signing_key: &[u8; 32]) -> String {
    let claims = Claims::new(Kind::Script, Role::Admin, SystemTime::now());
    Signet::new(signing_key).seal(&claims)
}

/// 256 random bits as text that may stand in an address.
fn random_text() -> String {
    let mut bytes = [0; 32];
    fill_random(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[allow(clippy::expect_used, reason = "no secret may be made without randomness")]
fn fill_random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}
