//! Coming in: by a one-time link, by name and password, by the claim code; and what slows guessing down.

use std::net::IpAddr;
use std::sync::PoisonError;
use std::time::Duration;

use prismatron_core::id::{AccountId, TokenId};
use prismatron_core::role::Role;
use prismatron_store::{Account, Accounts, ApiToken, ClaimCode, NewApiToken, StoreError, folded};
use subtle::ConstantTimeEq;

use super::{Access, Identity, Who, api_token, attempts, password};

/// Pairs of account and address that are remembered.
const FAMILIAR: usize = 256;

/// Where somebody signs in from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whence {
    /// The network, from this address as far as it tells peers apart.
    Network(IpAddr),
    /// The machine itself, by its own socket. Nothing keeps these waiting, whoever guesses elsewhere; they could set
    /// the password as well.
    Machine,
}

impl Whence {
    /// The network, from this address.
    pub(crate) fn address(address: IpAddr) -> Self {
        Self::Network(attempts::network(address))
    }
}

/// Why a sign-in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Wrong code, name or password.
    Wrong,
    /// Too many wrong ones; try again after this long.
    Wait(Duration),
}

/// Why there is no first account.
#[derive(Debug)]
pub(crate) enum SignInError {
    /// It was refused.
    Refused(Refusal),
    /// It could not be kept.
    Store(StoreError),
    /// The password could not be hashed.
    Hash,
}

impl From<Refusal> for SignInError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Access {
    /// Signs in with the code of a one-time link. A right one never waits.
    pub(crate) fn by_code(&self, code: &str, from: Whence) -> Result<Identity, Refusal> {
        let inner = &self.inner;
        let now = inner.clock.now();
        if let Some(whom) = inner.links.redeem(code, now)
            && let Some(identity) = self.identity_of(inner.signet.session(whom, self.moment()))
        {
            if let Whence::Network(from) = from {
                inner.by_address.forget(&from);
            }
            return Ok(identity);
        }
        self.may_try(from, now)?;
        self.failed(from, now);
        Err(Refusal::Wrong)
    }

    /// Signs in with name and password.
    pub(crate) async fn by_password(
        &self,
        name: &str,
        password: String,
        from: Whence,
    ) -> Result<Identity, Refusal> {
        let account = self.accounts().named(name).cloned();
        let account = self.check_password(name, account, password, from).await?;
        self.start(&account).ok_or(Refusal::Wrong)
    }

    /// Whether this is the password of somebody who is signed in.
    pub(crate) async fn check_own_password(
        &self,
        account: Account,
        password: String,
        from: Whence,
    ) -> Result<(), Refusal> {
        let name = account.name.clone();
        self.check_password(&name, Some(account), password, from).await.map(drop)
    }

    /// A session of an account in its present generation.
    pub(crate) fn start(&self, account: &Account) -> Option<Identity> {
        let of = Some((account.id, account.generation));
        self.identity_of(self.inner.signet.session(of, self.moment()))
    }

    /// Makes the first admin's account by the claim code, and signs in to it.
    pub(crate) async fn claim(
        &self,
        code: &str,
        name: String,
        password: String,
        from: Whence,
    ) -> Result<Identity, SignInError> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let accounts = self.accounts();
        let right = accounts.claim_code().ok_or(StoreError::Claimed)?;
        self.may_try(from, now)?;
        let code = ClaimCode::read(code)
            .filter(|code| bool::from(code.digits().ct_eq(right.digits())))
            .ok_or_else(|| {
                self.failed(from, now);
                Refusal::Wrong
            })?;
        let hash = self.hash(password).await.ok_or(SignInError::Hash)?;
        let account = inner.store.claim(code, name, hash).await?;
        tracing::info!(account = account.name, "claimed: the first admin's account is made");
        if let Whence::Network(from) = from {
            inner.by_address.forget(&from);
            self.remember(account.id, from);
        }
        self.start(&account).ok_or(SignInError::Refused(Refusal::Wrong))
    }

    /// Ends the session of this identity, whichever of its tokens is presented from now on.
    pub(crate) async fn end(&self, identity: &Identity) {
        let Some(claims) = &identity.claims else { return };
        if let Err(error) = self.inner.store.end_session(claims.jti.clone()).await {
            // It is over as long as the program runs, and by itself in a few minutes.
            tracing::warn!("a session that was ended is not remembered over a restart: {error}");
        }
    }

    /// Makes a named token for scripts; returns it and what to show, once.
    pub(crate) async fn make_token(
        &self,
        by: &Identity,
        name: String,
        role: Role,
        life: Duration,
    ) -> Result<(ApiToken, String), StoreError> {
        let (token, hash) = api_token::make();
        let created = self.today();
        let new = NewApiToken {
            name,
            role,
            hash,
            owner: by.account(),
            made_by: by.label(),
            created,
            expires: created + life,
        };
        Ok((self.inner.store.add_token(new).await?, token))
    }

    /// A token that this identity may see and delete: one of its own, or any for an admin.
    pub(crate) fn token_of(&self, id: TokenId, identity: &Identity) -> Option<ApiToken> {
        let accounts = self.accounts();
        accounts.token(id).filter(|token| owns(identity, token)).cloned()
    }

    fn may_try(&self, from: Whence, now: Duration) -> Result<(), Refusal> {
        match from {
            Whence::Network(from) => {
                let wait = self.inner.by_address.wait(&from, now);
                wait.map_or(Ok(()), |wait| Err(Refusal::Wait(wait)))
            }
            Whence::Machine => Ok(()),
        }
    }

    fn failed(&self, from: Whence, now: Duration) {
        if let Whence::Network(from) = from {
            self.inner.by_address.failed(&from, now);
        }
    }

    /// Holds a password against an account's. Where there is no such account the answer is the same, and
    /// takes as long.
    async fn check_password(
        &self,
        name: &str,
        account: Option<Account>,
        password: String,
        from: Whence,
    ) -> Result<Account, Refusal> {
        let inner = &self.inner;
        let now = inner.clock.now();
        self.may_try(from, now)?;
        let name = folded(name);
        if name.chars().count() > Accounts::MAX_NAME || password.len() > password::LONGEST {
            self.failed(from, now);
            return Err(Refusal::Wrong);
        }
        let hash = account.as_ref().map(|account| account.password_hash.clone());
        let Whence::Network(from) = from else {
            let is_right = inner.passwords.matches(password, hash).await;
            return account.filter(|_| is_right).ok_or(Refusal::Wrong);
        };
        if !account.as_ref().is_some_and(|account| self.is_familiar(account.id, from)) {
            if let Some(wait) = inner.by_name.wait(&name, now) {
                return Err(Refusal::Wait(wait));
            }
            inner.strangers.take(&()).map_err(Refusal::Wait)?;
        }
        // Counted before it is looked at, so that many at once are not all looked at.
        inner.by_address.failed(&from, now);
        inner.by_name.failed(&name, now);
        let is_right = inner.passwords.matches(password, hash).await;
        let account = account.filter(|_| is_right).ok_or(Refusal::Wrong)?;
        inner.by_address.take_back(&from);
        inner.by_name.take_back(&name);
        self.remember(account.id, from);
        Ok(account)
    }

    fn is_familiar(&self, account: AccountId, from: IpAddr) -> bool {
        let familiar = self.inner.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        familiar.contains(&(account, from))
    }

    fn remember(&self, account: AccountId, from: IpAddr) {
        let mut familiar = self.inner.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        familiar.retain(|pair| *pair != (account, from));
        if familiar.len() >= FAMILIAR {
            familiar.pop_front();
        }
        familiar.push_back((account, from));
    }
}

/// Whether somebody may see a token and delete it.
pub(crate) fn owns(identity: &Identity, token: &ApiToken) -> bool {
    identity.role() == Role::Admin
        || matches!(identity.who(), Who::Account { id, .. } if token.owner == Some(*id))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::access::tests::World;

    #[tokio::test]
    async fn the_machines_own_socket_waits_for_nobody() {
        let world = World::open();
        let access = &world.access;
        let hash = access.hash("correct horse".into()).await.unwrap();
        access.inner.store.create_account("Ada", Role::Admin, hash).await.unwrap();
        let guess = |from| access.by_password("Ada", "wrong".into(), from);
        for number in 0..50 {
            let from = Whence::address(Ipv4Addr::from(0x7f01_0000 + number).into());
            assert!(guess(from).await.is_err());
        }
        let strangers = Whence::address(Ipv4Addr::new(192, 0, 2, 1).into());
        let right = |from| access.by_password("Ada", "correct horse".into(), from);
        assert!(matches!(right(strangers).await, Err(Refusal::Wait(_))));
        // Nor for its own mistakes.
        for _ in 0..20 {
            assert_eq!(guess(Whence::Machine).await.err(), Some(Refusal::Wrong));
            assert_eq!(access.by_code("wrong", Whence::Machine).err(), Some(Refusal::Wrong));
        }
        assert!(right(Whence::Machine).await.is_ok());
        // Which is no help to others.
        assert!(matches!(right(strangers).await, Err(Refusal::Wait(_))));
    }
}
