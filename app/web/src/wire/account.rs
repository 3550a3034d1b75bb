//! Accounts, tokens and the audit log.

use prismatron_store::{AuditEvent, AuditRecord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

super::mirror! {
    /// What somebody may do; each may all that the ones before it may.
    Role = prismatron_core::role::Role {
        /// Looks: the wall and how everything is.
        Viewer,
        /// Decides what plays.
        Operator,
        /// Decides over the machine and over others' rights.
        Admin,
    }
}

/// Somebody who may sign in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    /// Never used again.
    pub(crate) id: String,
    /// Unique, upper and lower case alike.
    pub(crate) name: String,
    /// What they may do.
    pub(crate) role: Role,
    /// How many tokens go with it, and are deleted with it.
    pub(crate) tokens: usize,
}

/// All accounts.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountList {
    /// By name.
    pub(crate) accounts: Vec<Account>,
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// 1 to 32 characters.
    pub(crate) name: String,
    /// What they may do.
    pub(crate) role: Role,
    /// 10 to 1024 bytes.
    #[schema(min_length = 10)]
    pub(crate) password: String,
}

/// What is to change of an account; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountChange {
    /// 1 to 32 characters.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// Another one ends the account's sessions.
    #[serde(default)]
    pub(crate) role: Option<Role>,
}

/// A new password for somebody else.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// 10 to 1024 bytes.
    #[schema(min_length = 10)]
    pub(crate) password: String,
}

/// A named token for scripts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Token {
    /// Never used again.
    pub(crate) id: String,
    /// What it is for.
    pub(crate) name: String,
    /// What its holder may do.
    pub(crate) role: Role,
    /// When it was made, in RFC 3339.
    pub(crate) created: String,
    /// When it is over, in RFC 3339.
    pub(crate) expires: String,
    /// Who made it, in words.
    pub(crate) made_by: String,
    /// The account it is deleted with.
    pub(crate) owner: Option<String>,
}

/// All tokens somebody may see.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenList {
    /// Newest first.
    pub(crate) tokens: Vec<Token>,
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What it is for, in 1 to 32 characters.
    pub(crate) name: String,
    /// At most one's own.
    pub(crate) role: Role,
    /// How long it is good for, 1 to 1095.
    #[schema(minimum = 1, maximum = 1095)]
    pub(crate) days: u32,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct MadeToken {
    /// What will be known of it.
    pub(crate) token: Token,
    /// What to send as `Authorization: Bearer`. Never shown again.
    #[schema(examples("prismatron_6Yb…"))]
    pub(crate) secret: String,
}

/// What a line of the audit log is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuditKind {
    /// Somebody asked for something.
    Request,
    /// A file of the log begins.
    Begin,
    /// A last line that was not whole was removed; `count` is how many bytes it had.
    CutOff,
    /// `count` lines at least had been taken off the end of the log when it was opened.
    Missing,
    /// `count` lines could not be written.
    Lost,
}

/// A line of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditLine {
    /// Grows by one.
    pub(crate) seq: u64,
    /// When, in RFC 3339.
    pub(crate) time: String,
    /// What it is about.
    pub(crate) kind: AuditKind,
    /// Who asked.
    pub(crate) who: Option<String>,
    /// From which address.
    pub(crate) from: Option<String>,
    /// For what: method and path, or the name of an action.
    pub(crate) action: Option<String>,
    /// What the action does not say.
    pub(crate) detail: Option<String>,
    /// What came of it, as an HTTP status; 499 where the program ended before it was known.
    pub(crate) status: Option<u16>,
    /// Of lines or bytes, by kind.
    pub(crate) count: Option<u64>,
}

impl From<AuditRecord> for AuditLine {
    fn from(AuditRecord { seq, time, event }: AuditRecord) -> Self {
        let kind = match event {
            AuditEvent::Request { .. } => AuditKind::Request,
            AuditEvent::Begin { .. } => AuditKind::Begin,
            AuditEvent::CutOff { .. } => AuditKind::CutOff,
            AuditEvent::Missing { .. } => AuditKind::Missing,
            AuditEvent::Lost { .. } => AuditKind::Lost,
        };
        let mut line = Self {
            seq,
            time,
            kind,
            who: None,
            from: None,
            action: None,
            detail: None,
            status: None,
            count: None,
        };
        match event {
            AuditEvent::Request { who, from, action, detail, status } => {
                line.who = Some(who);
                line.from = Some(from);
                line.action = Some(action);
                line.detail = (!detail.is_empty()).then_some(detail);
                line.status = Some(status);
            }
            AuditEvent::Begin { .. } => {}
            AuditEvent::CutOff { bytes: count }
            | AuditEvent::Missing { lines: count }
            | AuditEvent::Lost { lines: count } => line.count = Some(count),
        }
        line
    }
}

/// Some lines of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditPage {
    /// Newest first.
    pub(crate) lines: Vec<AuditLine>,
    /// What to give as `before` for the lines before these; `null` at the beginning of the file.
    pub(crate) next: Option<u64>,
    /// How many lines could not be written and are not told of in the log yet.
    pub(crate) lost: u64,
}
