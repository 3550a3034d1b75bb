//! The part of the handle that keeps accounts.

use std::sync::Arc;

use prismatron_core::id::{AccountId, TokenId};
use prismatron_core::role::Role;
use tokio::sync::watch;

use super::Handle;
use crate::accounts::{Account, Accounts, ApiToken, ClaimCode, NewApiToken};
use crate::error::StoreError;

impl Handle {
    /// Everybody who may come in, and every change of it.
    pub fn accounts(&self) -> watch::Receiver<Arc<Accounts>> {
        self.accounts.clone()
    }

    /// Makes an account with a password of this hash.
    ///
    /// # Errors
    /// The name cannot be or is taken, there are too many, or it cannot be saved.
    pub async fn create_account(
        &self,
        name: impl Into<String>,
        role: Role,
        password_hash: String,
    ) -> Result<Account, StoreError> {
        let name = name.into();
        self.ask(move |state| state.accounts.create(&name, role, password_hash)).await?
    }

    /// Makes the first admin's account by the claim code, which is gone then.
    ///
    /// # Errors
    /// [`StoreError::Claimed`] where there is another code or none any more; as for
    /// [`Handle::create_account`].
    pub async fn claim(
        &self,
        code: ClaimCode,
        name: impl Into<String>,
        password_hash: String,
    ) -> Result<Account, StoreError> {
        let name = name.into();
        self.ask(move |state| state.accounts.claim(&code, &name, password_hash)).await?
    }

    /// Makes another claim code in place of the one there is, of chance where none is given. Where there is an admin
    /// already it makes another one: for whoever holds the machine and has lost the password.
    ///
    /// # Errors
    /// It cannot be saved, or there is no randomness.
    pub async fn renew_claim(&self, code: Option<ClaimCode>) -> Result<ClaimCode, StoreError> {
        self.ask(move |state| state.accounts.renew_claim(code)).await?
    }

    /// Gives an account another name, or another role, which ends its sessions, or both; or neither where one
    /// of them cannot be.
    ///
    /// # Errors
    /// There is no such account, the name cannot be or is taken, it is the last admin's, or it cannot be
    /// saved.
    pub async fn edit_account(
        &self,
        id: AccountId,
        name: Option<String>,
        role: Option<Role>,
    ) -> Result<(), StoreError> {
        self.ask(move |state| state.accounts.edit(id, name.as_deref(), role)).await?
    }

    /// Gives an account another password, which ends its sessions.
    ///
    /// # Errors
    /// There is no such account, or it cannot be saved.
    pub async fn set_account_password(
        &self,
        id: AccountId,
        hash: String,
    ) -> Result<Account, StoreError> {
        self.ask(move |state| state.accounts.set_password(id, hash)).await?
    }

    /// Deletes an account, its tokens and, with that, its sessions.
    ///
    /// # Errors
    /// There is no such account, it is the last admin's, or it cannot be saved.
    pub async fn delete_account(&self, id: AccountId) -> Result<(), StoreError> {
        self.ask(move |state| state.accounts.delete(id)).await?
    }

    /// Keeps a new token's hash.
    ///
    /// # Errors
    /// The name cannot be, there are too many, or it cannot be saved.
    pub async fn add_token(&self, new: NewApiToken) -> Result<ApiToken, StoreError> {
        self.ask(move |state| state.accounts.add_token(new)).await?
    }

    /// Deletes a token, which is worth nothing from then on.
    ///
    /// # Errors
    /// There is no such token, or it cannot be saved.
    pub async fn delete_token(&self, id: TokenId) -> Result<(), StoreError> {
        self.ask(move |state| state.accounts.delete_token(id)).await?
    }

    /// Remembers that a session was ended before its time.
    ///
    /// # Errors
    /// It cannot be saved; until the program ends the session is over all the same.
    pub async fn end_session(&self, session: String) -> Result<(), StoreError> {
        self.ask(move |state| state.accounts.end_session(session)).await?
    }
}
