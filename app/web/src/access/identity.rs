//! Who a request comes from, and what they may do.

use prismatron_core::id::{AccountId, TokenId};
use prismatron_core::role::Role;

use super::token::Claims;

/// Who a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub(super) who: Who,
    pub(super) role: Role,
    /// What their cookie or signed token says; `None` where there is none.
    pub(super) claims: Option<Claims>,
}

/// How somebody is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Who {
    /// Signed in to an account.
    Account {
        /// Which.
        id: AccountId,
        /// Its name when the request came.
        name: String,
    },
    /// A script with a named token.
    Token {
        /// Which.
        id: TokenId,
        /// Its name.
        name: String,
        /// Whose it is.
        owner: Option<AccountId>,
    },
    /// Signed in by a link from the terminal.
    Link,
    /// A script with a token signed by the data directory's key.
    Script,
    /// A user of this machine, by a local socket.
    Local {
        /// Their number.
        uid: u32,
    },
}

impl Identity {
    /// A user of this machine. For the server to put into the extensions of requests that come by a
    /// connection which tells who is at its other end: those need neither cookie nor token.
    pub fn local(uid: u32, role: Role) -> Self {
        Self { who: Who::Local { uid }, role, claims: None }
    }

    /// What they may do.
    pub fn role(&self) -> Role {
        self.role
    }

    pub(crate) fn who(&self) -> &Who {
        &self.who
    }

    /// Their account, where they have one: a token's is that of its owner.
    pub(crate) fn account(&self) -> Option<AccountId> {
        match &self.who {
            Who::Account { id, .. } => Some(*id),
            Who::Token { owner, .. } => *owner,
            Who::Link | Who::Script | Who::Local { .. } => None,
        }
    }

    /// How they are named in the audit log.
    pub(crate) fn label(&self) -> String {
        match &self.who {
            Who::Account { name, .. } => format!("account {name}"),
            Who::Token { name, .. } => format!("token {name}"),
            Who::Link => "link".into(),
            Who::Script => "script".into(),
            Who::Local { uid } => format!("local user {uid}"),
        }
    }

    /// What tells them from others, whatever they are called by now.
    pub(crate) fn key(&self) -> String {
        match &self.who {
            Who::Account { id, .. } => format!("account {id}"),
            Who::Token { id, .. } => format!("token {id}"),
            Who::Link | Who::Script | Who::Local { .. } => self.label(),
        }
    }
}
