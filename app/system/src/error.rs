//! What can go wrong.

use std::sync::Arc;

use crate::action::Action;

/// Why a request was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SystemError {
    /// It cannot be done here.
    #[error("{action} is not possible: {reason}")]
    Impossible {
        /// What was asked for.
        action: Action,
        /// Why not.
        reason: Arc<str>,
    },
    /// Something else is pending or under way.
    #[error("{action} is pending already, asked for by {who}")]
    Pending {
        /// What is.
        action: Action,
        /// Who asked for it.
        who: Arc<str>,
    },
    /// It is under way and cannot be taken back.
    #[error("{action} is under way and cannot be cancelled any more")]
    UnderWay {
        /// What is.
        action: Action,
    },
    /// There is nothing to cancel.
    #[error("nothing is pending")]
    NothingPending,
    /// Too many ask.
    #[error("too many requests are waiting")]
    Busy,
    /// The program is ending.
    #[error("Prismatron is stopping")]
    Ended,
}
