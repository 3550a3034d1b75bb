//! Who may come in: accounts, tokens of scripts, sessions that were ended before their time, and the claim
//! code. One document holds all of them, and every change of it is published: whoever lets somebody in
//! holds them against what is published, so that a right that was taken away is gone at once.
//!
//! Terms: the *claim code* makes the first admin's account, and is there until there is one. An account's
//! *generation* is another number after every change that ends its sessions: of the password or the role.
//!
//! Invariants: where there are accounts, one of them at least is an admin's; no two names are alike, nor look
//! alike when they are given. Passwords and tokens are here as hashes only.

mod claim;
mod shelf;

use std::time::SystemTime;

use prismatron_core::id::{AccountId, TokenId};
use prismatron_core::role::Role;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

pub use claim::ClaimCode;
pub(crate) use shelf::AccountShelf;

use crate::time::Millis;

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Never used again.
    pub id: AccountId,
    /// 1 to 32 characters; unique, upper and lower case alike.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// The password's hash in PHC string form.
    pub password_hash: String,
    /// Grows when the password or the role changes: sessions of an earlier one are over.
    pub generation: u64,
}

/// What a script shows instead of signing in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiToken {
    /// Never used again.
    pub id: TokenId,
    /// What it is for, in words of whoever made it.
    pub name: String,
    /// What its holder may do, and never more than its owner.
    pub role: Role,
    /// SHA-256 of the token, in hexadecimal digits.
    pub hash: String,
    /// The account it goes with: deleted with it, and never mightier. `None` for one that was made by
    /// somebody without an account.
    pub owner: Option<AccountId>,
    /// Who made it, in words for people.
    pub made_by: String,
    created: Millis,
    expires: Millis,
}

impl ApiToken {
    /// When it was made.
    pub fn created(&self) -> SystemTime {
        self.created.into()
    }

    /// From when on it is worth nothing.
    pub fn expires(&self) -> SystemTime {
        self.expires.into()
    }
}

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// See [`ApiToken::name`].
    pub name: String,
    /// See [`ApiToken::role`].
    pub role: Role,
    /// See [`ApiToken::hash`].
    pub hash: String,
    /// See [`ApiToken::owner`].
    pub owner: Option<AccountId>,
    /// See [`ApiToken::made_by`].
    pub made_by: String,
    /// When it is made.
    pub created: SystemTime,
    /// When it is over.
    pub expires: SystemTime,
}

/// Everybody who may come in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accounts {
    claim: Option<ClaimCode>,
    accounts: Vec<Account>,
    tokens: Vec<ApiToken>,
    /// Ids of sessions that were ended, the latest last.
    ended: Vec<String>,
}

impl Accounts {
    /// Most accounts.
    pub const MAX: usize = 200;
    /// Most tokens of one account, and of all who have none together.
    pub const MAX_TOKENS_EACH: usize = 50;
    /// Most characters of an account's or token's name.
    pub const MAX_NAME: usize = 32;
    /// Most ended sessions remembered; they last minutes, and it takes a sign-in to end one.
    const MAX_ENDED: usize = 1024;

    /// The code that makes the first admin's account, as long as there is none.
    pub fn claim_code(&self) -> Option<&ClaimCode> {
        self.claim.as_ref()
    }

    /// Whether there is an admin's account.
    pub fn is_claimed(&self) -> bool {
        self.accounts.iter().any(|account| account.role == Role::Admin)
    }

    /// All accounts, by name.
    pub fn all(&self) -> impl Iterator<Item = &Account> {
        self.accounts.iter()
    }

    /// The account with this id.
    pub fn get(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The account with this name, upper and lower case alike.
    pub fn named(&self, name: &str) -> Option<&Account> {
        let name = folded(name);
        self.accounts.iter().find(|account| folded(&account.name) == name)
    }

    /// All tokens, the latest last.
    pub fn tokens(&self) -> impl Iterator<Item = &ApiToken> {
        self.tokens.iter()
    }

    /// The token with this id.
    pub fn token(&self, id: TokenId) -> Option<&ApiToken> {
        self.tokens.iter().find(|token| token.id == id)
    }

    /// What a token's holder may do: what was given to it, but never more than its owner may by now.
    /// `None` for one whose owner is gone.
    pub fn token_role(&self, token: &ApiToken) -> Option<Role> {
        match token.owner {
            Some(owner) => self.get(owner).map(|owner| owner.role.min(token.role)),
            None => Some(token.role),
        }
    }

    /// Whether the session with this id was ended.
    pub fn has_ended(&self, session: &str) -> bool {
        self.ended.iter().any(|ended| ended == session)
    }
}

/// A name as it is compared: upper and lower case are alike, and so are different ways to write the same letters
/// (NFKC), whichever of them a keyboard has.
pub fn folded(name: &str) -> String {
    let plain: String = name.nfkc().collect();
    plain.trim().to_lowercase().nfkc().collect()
}
