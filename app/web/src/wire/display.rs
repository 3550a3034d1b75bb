//! The displays of this machine.

use serde::Serialize;
use utoipa::ToSchema;

/// The displays of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DisplayList {
    /// By name, the one without a name first. Empty where systemd does not look after this one.
    pub(crate) displays: Vec<Display>,
}

/// A display of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Display {
    /// The NAME of `prismatron@NAME.service`; null is `prismatron.service`.
    #[schema(required = true)]
    pub(crate) name: Option<String>,
    /// Whether it is the one that answers here.
    pub(crate) own: bool,
    pub(crate) state: DisplayState,
    /// Where its page is; null where it serves none now.
    #[schema(required = true)]
    pub(crate) page: Option<PageAddress>,
}

/// How a display fares, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DisplayState {
    /// All is well.
    Ok,
    /// It plays, but something needs a look.
    Degraded,
    /// It does not do its work.
    Failing,
    /// It runs, and its page does not answer.
    Silent,
    /// It is about to run.
    Starting,
    /// It was stopped, or never started.
    Stopped,
    /// It has failed, and is not started again by itself.
    Failed,
}

/// Where a page is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct PageAddress {
    /// `http` or `https`
    #[schema(examples("http"))]
    pub(crate) scheme: String,
    pub(crate) port: u16,
    /// Whether it listens to this machine alone.
    pub(crate) local: bool,
}
