//! What can go wrong.

use std::sync::Arc;

use crate::action::Action;
use crate::update::{StageName, Step};

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
    /// It would break something off that must not be.
    #[error("{action} is not possible now: {reason}")]
    Held {
        /// What was asked for.
        action: Action,
        /// What it would break off.
        reason: Arc<str>,
    },
    /// An update is not where this comes next.
    #[error("{step}: {stage}")]
    OutOfTurn {
        /// What was asked for.
        step: Step,
        /// Where it is.
        stage: StageName,
    },
    /// RAUC has no way to stop half-way.
    #[error(
        "an update that is being installed cannot be stopped: RAUC writes it to its end. The running system is not \
         touched, and need not be left for it"
    )]
    Unstoppable,
    /// An upload that was to be installed has expired, or is not complete.
    #[error("the upload is not there any more, or not all of it: upload it again")]
    UploadGone,
    /// The running system is not one to go back to before this boot of it is confirmed.
    #[error(
        "this start is not confirmed yet, and without that there would be no way back to it: try again in a minute"
    )]
    Unconfirmed,
    /// There is no other system to go back to.
    #[error("there is nothing to go back to: {0}")]
    NoWayBack(Arc<str>),
    /// What has to be kept first could not be.
    #[error("nothing is installed, since what has to be kept before cannot be: {0}")]
    NotKept(Arc<str>),
    /// The health gate would go on to doubt what was confirmed by hand.
    #[error("this start is not confirmed, since the health gate cannot be told: {0}")]
    GateUntold(Arc<str>),
    /// RAUC is not there, or does not do it.
    #[error("RAUC: {0}")]
    Rauc(Arc<str>),
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
