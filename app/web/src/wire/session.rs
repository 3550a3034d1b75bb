//! Signing in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How somebody signs in: exactly one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The code of a one-time link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    /// The password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) password: Option<String>,
}

super::mirror! {
    /// What somebody may do.
    Role = crate::access::Role {
        /// Everything.
        Admin,
    }
}

/// Somebody who is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    /// What they may do.
    pub(crate) role: Role,
    /// Whether a password has been set.
    pub(crate) password_set: bool,
}

/// A new one-time link.
#[derive(Serialize, ToSchema)]
pub(crate) struct Link {
    /// Path and fragment to put behind the server's address.
    #[schema(examples("/#code=4nQ7…"))]
    pub(crate) path: String,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// At least ten characters.
    #[schema(min_length = 10)]
    pub(crate) password: String,
}
