//! Who may do what: signing in, sessions, tokens for scripts, and the guard before every route.
//!
//! Terms: an [`Identity`] is who a request comes from; a *link* signs a browser in once; a *session* is
//! kept by a signed cookie; a *script token* is signed by the data directory's key, an *API token* has a
//! name and is stored as a hash; both are sent as `Authorization: Bearer`. The *claim code* makes the first
//! admin's account.
//!
//! Invariants: a route is reached by those whom [`rights`] lets, or not at all; every identity is held
//! against the accounts that are published at that moment, so that whoever loses a right has lost it; what
//! limits guessing never limits who comes with a right one-time code.

mod api_token;
mod attempts;
mod channel;
pub mod cookie;
pub(crate) mod guard;
mod hosts;
mod identity;
mod limit;
mod link;
mod origin;
pub(crate) mod password;
pub(crate) mod rights;
mod sign_in;
mod signature;
mod token;

use std::collections::VecDeque;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prismatron_core::id::AccountId;
use prismatron_core::port::Clock;
use prismatron_core::role::Role;
use prismatron_store::{Accounts, AuditLog};
use tokio::sync::watch;

pub(crate) use channel::Channel;
pub(crate) use hosts::{machine_names, tidy};
pub use identity::Identity;
pub(crate) use identity::Who;
use limit::Limiter;
pub(crate) use rights::Limit;
pub(crate) use sign_in::{Refusal, SignInError, Whence, owns};
use token::{Claims, Kind, Moment, Signet};

/// Tells the time of day. Tests hold their own.
pub type TimeOfDay = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Signs people in and knows who is who.
#[derive(Clone)]
pub struct Access {
    inner: Arc<Inner>,
}

struct Inner {
    store: prismatron_store::Handle,
    signet: Signet,
    links: link::Links,
    by_address: attempts::Attempts<IpAddr>,
    /// By the name that was given, whether or not there is such an account.
    by_name: attempts::Attempts<String>,
    /// Passwords that may be looked at for strangers, in all.
    strangers: Limiter<()>,
    /// Which accounts were lately signed in to from where; the latest last.
    familiar: Mutex<VecDeque<(AccountId, IpAddr)>>,
    passwords: password::Passwords,
    uploads: Limiter<String>,
    system: Limiter<String>,
    /// Lines in the audit log about what each was refused.
    refused: Limiter<String>,
    hosts: hosts::Hosts,
    clock: Arc<dyn Clock>,
    time: TimeOfDay,
}

const fn count(n: u32) -> NonZeroU32 {
    match NonZeroU32::new(n) {
        Some(n) => n,
        None => NonZeroU32::MIN,
    }
}

impl Access {
    /// With the store that keeps the accounts, the clock by which limits are counted, and names the machine
    /// goes by beside its own.
    pub fn new(
        store: prismatron_store::Handle,
        clock: Arc<dyn Clock>,
        host_names: &[String],
    ) -> Self {
        Self::with_time(store, clock, host_names, Arc::new(SystemTime::now))
    }

    /// As [`Access::new`], with another time of day.
    pub fn with_time(
        store: prismatron_store::Handle,
        clock: Arc<dyn Clock>,
        host_names: &[String],
        time: TimeOfDay,
    ) -> Self {
        let inner = Inner {
            signet: Signet::new(&store.signing_key()),
            store,
            links: link::Links::default(),
            by_address: attempts::Attempts::default(),
            by_name: attempts::Attempts::default(),
            strangers: Limiter::new(count(30), Duration::from_millis(500), Arc::clone(&clock)),
            familiar: Mutex::default(),
            passwords: password::Passwords::default(),
            uploads: Limiter::new(count(300), Duration::from_millis(250), Arc::clone(&clock)),
            system: Limiter::new(count(20), Duration::from_secs(3), Arc::clone(&clock)),
            refused: Limiter::new(count(500), Duration::from_millis(500), Arc::clone(&clock)),
            hosts: hosts::Hosts::new(host_names),
            clock,
            time,
        };
        Self { inner: Arc::new(inner) }
    }

    /// A new one-time link for whoever reads the terminal: path and fragment to put behind the server's
    /// address. The fragment never reaches a server, so no log holds the code.
    pub fn sign_in_path(&self) -> String {
        path(&self.inner.links.issue_lasting())
    }

    /// A new one-time link that brings another device into the same account.
    pub(crate) fn link_for(&self, identity: &Identity) -> String {
        let generation = |id| self.accounts().get(id).map(|account| (id, account.generation));
        let whom = identity.account().and_then(generation);
        path(&self.inner.links.issue(whom, self.inner.clock.now()))
    }

    /// The code that makes the first admin's account, as people read it, until there is one. For whoever has
    /// a place to show it where only those see it who own the machine.
    pub fn claim_code(&self) -> Option<String> {
        self.accounts().claim_code().map(ToString::to_string)
    }

    /// How many passwords have been hashed since the start: what guessing has cost.
    pub fn hashes_computed(&self) -> u64 {
        self.inner.passwords.computed()
    }

    /// How many addresses and names are remembered for failed sign-ins: what guessing takes of memory.
    pub fn failures_remembered(&self) -> usize {
        self.inner.by_address.len() + self.inner.by_name.len()
    }

    /// The stored form of a new password.
    pub(crate) async fn hash(&self, password: String) -> Option<String> {
        self.inner.passwords.hash(password).await
    }

    /// Everybody who may come in now.
    pub(crate) fn accounts(&self) -> Arc<Accounts> {
        Arc::clone(&self.watch_accounts().borrow())
    }

    /// Everybody who may come in, and every change of it.
    pub(crate) fn watch_accounts(&self) -> watch::Receiver<Arc<Accounts>> {
        self.inner.store.accounts()
    }

    pub(crate) fn audit(&self) -> &AuditLog {
        self.inner.store.audit()
    }

    /// The time of day.
    pub(crate) fn today(&self) -> SystemTime {
        (self.inner.time)()
    }

    fn moment(&self) -> Moment {
        Moment { day: self.today(), tick: self.inner.clock.now() }
    }

    /// Takes one from a rate.
    ///
    /// # Errors
    /// How long to wait until there is one.
    fn take(&self, limit: Limit, identity: &Identity) -> Result<(), Duration> {
        // The machine's own socket is the way in that nothing may block.
        if matches!(identity.who, Who::Local { .. }) {
            return Ok(());
        }
        let limiter = match limit {
            Limit::Uploads => &self.inner.uploads,
            Limit::System => &self.inner.system,
        };
        limiter.take(&identity.key())
    }

    /// Whether somebody who was let in may no longer be: signed out, deleted, or of another role by now.
    pub(crate) fn is_over(&self, identity: &Identity) -> bool {
        let accounts = self.accounts();
        let role = match &identity.who {
            Who::Local { .. } | Who::Script => return false,
            Who::Token { id, .. } => {
                let token = accounts.token(*id).filter(|token| self.today() < token.expires());
                token.and_then(|token| accounts.token_role(token))
            }
            Who::Account { .. } | Who::Link => {
                identity.claims.as_ref().and_then(|claims| role_of(&accounts, claims))
            }
        };
        role != Some(identity.role)
    }

    /// Who brings this cookie.
    fn by_session(&self, token: &str) -> Option<Identity> {
        let claims = self.inner.signet.open(token, self.moment())?;
        if claims.kind != Kind::Session {
            return None;
        }
        self.identity_of(claims)
    }

    fn identity_of(&self, claims: Claims) -> Option<Identity> {
        let accounts = self.accounts();
        let role = role_of(&accounts, &claims)?;
        let who = match claims.sub {
            Some(id) => Who::Account { id, name: accounts.get(id)?.name.clone() },
            None => Who::Link,
        };
        Some(Identity { who, role, claims: Some(claims) })
    }

    /// Who brings this bearer token.
    fn by_bearer(&self, token: &str) -> Option<Identity> {
        if let Some(hash) = api_token::hash(token) {
            let accounts = self.accounts();
            let token = api_token::find(&accounts, &hash)?;
            let role = accounts.token_role(token).filter(|_| self.today() < token.expires())?;
            let who = Who::Token { id: token.id, name: token.name.clone(), owner: token.owner };
            return Some(Identity { who, role, claims: None });
        }
        let claims = self.inner.signet.open(token, self.moment())?;
        (claims.kind == Kind::Script).then_some(Identity {
            who: Who::Script,
            role: Role::Admin,
            claims: Some(claims),
        })
    }

    /// How many seconds the session has left.
    pub(crate) fn left(&self, identity: &Identity) -> Option<u64> {
        let claims = identity.claims.as_ref().filter(|claims| claims.kind == Kind::Session)?;
        self.inner.signet.left(claims, self.moment())
    }

    /// The token of a session that was just begun.
    pub(crate) fn token(&self, identity: &Identity) -> Option<String> {
        Some(self.inner.signet.seal(identity.claims.as_ref()?))
    }

    fn renewal(&self, identity: &Identity) -> Option<String> {
        let claims = self.inner.signet.renewed(identity.claims.as_ref()?, self.moment())?;
        Some(self.inner.signet.seal(&claims))
    }

    /// Host and port where a request that came in plain is to be made over TLS; `None` where it is not meant
    /// for us.
    pub(crate) fn again(&self, headers: &HeaderMap) -> Option<String> {
        self.inner.hosts.again(headers)
    }
}

/// What a session's holder may do now; `None` where it is over.
fn role_of(accounts: &Accounts, claims: &Claims) -> Option<Role> {
    if accounts.has_ended(&claims.jti) {
        return None;
    }
    match claims.sub {
        Some(id) => {
            let account = accounts.get(id)?;
            (account.generation == claims.generation).then_some(account.role)
        }
        None => Some(Role::Admin),
    }
}

/// A token for scripts, good for a year, signed with the data directory's key.
pub fn script_token(signing_key: &[u8; 32]) -> String {
    let signet = Signet::new(signing_key);
    signet.seal(&signet.script(Moment { day: SystemTime::now(), tick: Duration::ZERO }))
}

/// Where a link with this code leads.
fn path(code: &str) -> String {
    format!("/#code={code}")
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use prismatron_core::media::MediaInfo;
    use prismatron_core::port::{MediaError, MediaFault, Prober};
    use prismatron_store::{StorageLimits, Store};

    use super::*;

    /// A store and what lets people in to it.
    pub(super) struct World {
        pub(super) access: Access,
        _store: Store,
        _folder: tempfile::TempDir,
    }

    struct Nothing;

    impl Prober for Nothing {
        fn probe(&self, _: &Path) -> Result<MediaInfo, MediaError> {
            Err(MediaError::new(MediaFault::Unsupported, "nothing is a medium here"))
        }

        fn thumbnail(&self, _: &Path, _: &MediaInfo) -> Result<Vec<u8>, MediaError> {
            Ok(Vec::new())
        }
    }

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Duration {
            Duration::ZERO
        }
    }

    impl World {
        pub(super) fn open() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let limits =
                StorageLimits { quota: None, reserve: 0, upload_expiry: Duration::from_secs(1) };
            let (store, handle) = Store::open(folder.path(), Arc::new(Nothing), limits).unwrap();
            let access = Access::new(handle, Arc::new(Still), &[]);
            Self { access, _store: store, _folder: folder }
        }
    }
}
