//! Signing in, and who is signed in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::Role;

/// How somebody signs in: with a code, or with name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The code of a one-time link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// The account's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Its password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
}

/// How somebody is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionKind {
    /// Signed in to an account.
    Account,
    /// Signed in by the terminal's link.
    Link,
    /// A script with a named token.
    Token,
    /// A script with a token of the data directory's key.
    Script,
    /// A user of the machine itself.
    Local,
}

/// Somebody who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    /// How they are known.
    pub(crate) kind: SessionKind,
    /// The account's or token's name; `null` where there is none.
    pub(crate) name: Option<String>,
    /// The account's id, where there is one.
    pub(crate) account: Option<String>,
    /// What they may do.
    pub(crate) role: Role,
    /// Whether there is an admin's account.
    pub(crate) claimed: bool,
    /// How long the session lasts if it is not used; `null` for a token.
    pub(crate) expires_in_seconds: Option<u64>,
}

/// A new one-time link.
#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    /// Path and fragment to put behind the server's address.
    #[schema(examples("/#code=4nQ7…"))]
    pub(crate) path: String,
}

/// A new password for one's own account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPassword {
    /// The password until now.
    pub(crate) old: String,
    /// 10 to 1024 bytes.
    #[schema(min_length = 10)]
    pub(crate) new: String,
}

/// Whether there is an admin's account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Claim {
    /// While this is false, the claim code makes the first one.
    pub(crate) claimed: bool,
}

/// The claim code.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClaimCode {
    /// In either case, with or without the hyphen.
    #[schema(examples("7KQ2M-9XVTB"))]
    pub(crate) code: String,
}

/// The first admin's account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClaim {
    /// The claim code, which the terminal shows; in either case, with or without the hyphen.
    #[schema(examples("7KQ2M-9XVTB"))]
    pub(crate) code: String,
    /// 1 to 32 characters.
    pub(crate) name: String,
    /// 10 to 1024 bytes.
    #[schema(min_length = 10)]
    pub(crate) password: String,
}
