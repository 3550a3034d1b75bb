//! Keeps the accounts: the owner's side.

use std::sync::Arc;

use prismatron_core::id::{AccountId, TokenId};
use prismatron_core::role::Role;
use tokio::sync::watch;
use unicode_normalization::UnicodeNormalization;
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

use super::{Account, Accounts, ApiToken, ClaimCode, NewApiToken, folded};
use crate::document::Format;
use crate::error::StoreError;
use crate::file::{self, Keep};
use crate::finding::{Finding, Findings};
use crate::folders::Folders;
use crate::time::Millis;
use crate::{key, name};

const FORMAT: Format = Format { kind: "accounts", version: 1 };
const FILE: &str = "accounts.ron";

/// Keeps the accounts.
#[derive(Debug)]
pub(crate) struct AccountShelf {
    folders: Folders,
    published: watch::Sender<Arc<Accounts>>,
}

impl AccountShelf {
    /// Loads the accounts; makes a claim code where no admin has one.
    pub(crate) fn load(folders: &Folders, findings: &Findings) -> Result<Self, StoreError> {
        let path = folders.playlists.join(FILE);
        let found = |message| findings.add(Finding { subject: folders.subject(&path), message });
        let published = watch::Sender::new(Arc::default());
        let shelf = Self { folders: folders.clone(), published };
        let loaded = match file::load::<Accounts>(&path, FORMAT) {
            Ok(loaded) => loaded,
            // A wall nobody can sign in to by name is better than a dark one; the terminal's link still works.
            Err(error @ StoreError::Newer { .. }) => {
                found(format!("{error}. Nobody can sign in by name."));
                return Ok(shelf);
            }
            Err(error) => return Err(error),
        };
        if let Some(trouble) = loaded.trouble {
            let used = if loaded.value.is_some() { "" } else { "; there are no accounts now" };
            found(format!(
                "The file of accounts {trouble}{used}. Check who may sign in and what they may do."
            ));
        }
        let mut accounts = loaded.value.unwrap_or_default();
        let has_no_way_in = !accounts.is_claimed() && accounts.claim.is_none();
        if has_no_way_in {
            accounts.claim = Some(ClaimCode::random()?);
        }
        // On a full disk it holds until the next start.
        if (has_no_way_in || loaded.is_previous)
            && let Err(error) = shelf.save(&accounts)
        {
            tracing::warn!(error = error.sentence(), "the accounts are not kept");
        }
        shelf.published.send_replace(Arc::new(accounts));
        Ok(shelf)
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Accounts>> {
        self.published.subscribe()
    }

    fn put(&mut self, accounts: Accounts) -> Result<(), StoreError> {
        self.save(&accounts)?;
        self.published.send_replace(Arc::new(accounts));
        Ok(())
    }

    fn save(&self, accounts: &Accounts) -> Result<(), StoreError> {
        file::save(&self.folders.playlists.join(FILE), FORMAT, accounts, Keep::Previous)
    }

    fn copy(&self) -> Accounts {
        self.published.borrow().as_ref().clone()
    }

    pub(crate) fn create(
        &mut self,
        name: &str,
        role: Role,
        password_hash: String,
    ) -> Result<Account, StoreError> {
        let mut all = self.copy();
        if all.accounts.len() >= Accounts::MAX {
            return Err(StoreError::TooMany { what: "accounts", limit: Accounts::MAX });
        }
        let name = free_name(&all, name, None)?;
        let id = AccountId(key::new_id(|id| all.get(AccountId(id)).is_some())?);
        let account = Account { id, name, role, password_hash, generation: 1 };
        all.accounts.push(account.clone());
        all.accounts.sort_by_cached_key(|account| folded(&account.name));
        if role == Role::Admin {
            all.claim = None;
        }
        self.put(all)?;
        Ok(account)
    }

    /// Makes the first admin's account, if there is none and the code is right.
    pub(crate) fn claim(
        &mut self,
        code: &ClaimCode,
        name: &str,
        password_hash: String,
    ) -> Result<Account, StoreError> {
        if self.published.borrow().claim.as_ref() != Some(code) {
            return Err(StoreError::Claimed);
        }
        self.create(name, Role::Admin, password_hash)
    }

    /// Puts another claim code in place of the one there is.
    pub(crate) fn renew_claim(&mut self, code: Option<ClaimCode>) -> Result<ClaimCode, StoreError> {
        let code = code.map_or_else(ClaimCode::random, Ok)?;
        let mut all = self.copy();
        if all.claim.as_ref() != Some(&code) {
            all.claim = Some(code.clone());
            self.put(all)?;
        }
        Ok(code)
    }

    /// Changes name and role, or neither where one of them cannot be.
    pub(crate) fn edit(
        &mut self,
        id: AccountId,
        name: Option<&str>,
        role: Option<Role>,
    ) -> Result<(), StoreError> {
        let all = self.copy();
        let before = all.get(id).ok_or(StoreError::NoSuchAccount(id))?.role;
        let name = name.map(|name| free_name(&all, name, Some(id))).transpose()?;
        let role = role.filter(|role| *role != before);
        if role.is_some_and(|role| role != Role::Admin) {
            keep_an_admin(&all, id)?;
        }
        self.change(all, id, |account| {
            if let Some(name) = name {
                account.name = name;
            }
            if let Some(role) = role {
                account.role = role;
                account.generation += 1;
            }
        })
    }

    pub(crate) fn set_password(
        &mut self,
        id: AccountId,
        hash: String,
    ) -> Result<Account, StoreError> {
        self.change(self.copy(), id, |account| {
            account.password_hash = hash;
            account.generation += 1;
        })?;
        let all = self.published.borrow();
        all.get(id).cloned().ok_or(StoreError::NoSuchAccount(id))
    }

    fn change(
        &mut self,
        mut all: Accounts,
        id: AccountId,
        edit: impl FnOnce(&mut Account),
    ) -> Result<(), StoreError> {
        let account = all.accounts.iter_mut().find(|account| account.id == id);
        edit(account.ok_or(StoreError::NoSuchAccount(id))?);
        all.accounts.sort_by_cached_key(|account| folded(&account.name));
        if all.is_claimed() {
            all.claim = None;
        }
        self.put(all)
    }

    /// Deletes an account and the tokens that go with it.
    pub(crate) fn delete(&mut self, id: AccountId) -> Result<(), StoreError> {
        let mut all = self.copy();
        all.get(id).ok_or(StoreError::NoSuchAccount(id))?;
        keep_an_admin(&all, id)?;
        all.accounts.retain(|account| account.id != id);
        all.tokens.retain(|token| token.owner != Some(id));
        self.put(all)
    }

    pub(crate) fn add_token(&mut self, new: NewApiToken) -> Result<ApiToken, StoreError> {
        let mut all = self.copy();
        let limit = Accounts::MAX_TOKENS_EACH;
        if all.tokens.iter().filter(|token| token.owner == new.owner).count() >= limit {
            return Err(StoreError::TooMany { what: "tokens", limit });
        }
        let id = TokenId(key::new_id(|id| all.token(TokenId(id)).is_some())?);
        let NewApiToken { name, role, hash, owner, made_by, created, expires } = new;
        let name = name::check_short(&name, Accounts::MAX_NAME)?;
        let (created, expires): (Millis, Millis) = (created.into(), expires.into());
        if !created.is_believed() {
            // Once the clock is set the token would be over at once.
            return Err(StoreError::Invalid {
                what: "the time of day".into(),
                reason: "is not known yet, so that nobody can say when the token would end".into(),
            });
        }
        let token = ApiToken { id, name, role, hash, owner, made_by, created, expires };
        all.tokens.push(token.clone());
        self.put(all)?;
        Ok(token)
    }

    pub(crate) fn delete_token(&mut self, id: TokenId) -> Result<(), StoreError> {
        let mut all = self.copy();
        all.token(id).ok_or(StoreError::NoSuchToken(id))?;
        all.tokens.retain(|token| token.id != id);
        self.put(all)
    }

    /// Removes tokens that are over, so that no clock that goes back brings one to life again.
    pub(crate) fn expire(&mut self, now: Millis) {
        let is_over = |token: &ApiToken| now.is_believed() && token.expires <= now;
        if !self.published.borrow().tokens.iter().any(is_over) {
            return;
        }
        let mut all = self.copy();
        all.tokens.retain(|token| !is_over(token));
        if let Err(error) = self.put(all) {
            tracing::warn!(error = error.sentence(), "tokens that are over are still stored");
        }
    }

    /// Ends a session for this run at least, even where that cannot be saved.
    pub(crate) fn end_session(&mut self, session: String) -> Result<(), StoreError> {
        let mut all = self.copy();
        if all.has_ended(&session) {
            return Ok(());
        }
        if all.ended.len() >= Accounts::MAX_ENDED {
            all.ended.remove(0);
        }
        all.ended.push(session);
        let saved = self.save(&all);
        self.published.send_replace(Arc::new(all));
        saved
    }
}

/// Holds a name against the rules and the names of others.
fn free_name(all: &Accounts, name: &str, of: Option<AccountId>) -> Result<String, StoreError> {
    let name = name::check_short(name, Accounts::MAX_NAME)?;
    // Two names that differ only by what has no width would look the same.
    if name.contains(|c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}')) {
        let reason = "must not have characters without width".into();
        return Err(StoreError::Invalid { what: "the name".into(), reason });
    }
    let letters: String = name.nfkc().collect();
    if !letters.is_single_script() {
        let reason = "must not mix letters of different scripts".into();
        return Err(StoreError::Invalid { what: "the name".into(), reason });
    }
    // A name in one script may still look like another in another.
    let look = |name: &str| skeleton(&folded(name)).collect::<String>();
    let own = look(&name);
    let taken = all.all().find(|other| Some(other.id) != of && look(&other.name) == own);
    taken.map_or(Ok(name), |other| Err(StoreError::NameTaken(other.name.clone())))
}

/// Refuses to go on without an admin.
fn keep_an_admin(all: &Accounts, without: AccountId) -> Result<(), StoreError> {
    let is_other = |account: &Account| account.role == Role::Admin && account.id != without;
    let is_admin = all.get(without).is_some_and(|account| account.role == Role::Admin);
    if is_admin && !all.accounts.iter().any(is_other) {
        return Err(StoreError::LastAdmin);
    }
    Ok(())
}
