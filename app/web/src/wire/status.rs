//! How everything is.

use serde::Serialize;
use utoipa::ToSchema;

use super::output::NamedOutputStatus;
use super::player::Player;
use super::system::System;

/// How everything is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Status {
    /// Of the program.
    pub(crate) version: &'static str,
    /// Since it was started.
    pub(crate) uptime_seconds: u64,
    /// Why it was started to play nothing, until somebody leaves that.
    #[schema(required = true)]
    pub(crate) safe_mode: Option<String>,
    /// SHA-256 of the certificate the page is served with, as browsers show it; null in plain HTTP.
    #[schema(required = true)]
    pub(crate) certificate: Option<String>,
    pub(crate) player: Player,
    pub(crate) outputs: Vec<NamedOutputStatus>,
    pub(crate) storage: Storage,
    pub(crate) health: HealthReport,
    pub(crate) system: System,
    /// What the operator might want to do, such as install something.
    pub(crate) notices: Vec<String>,
}

/// Why the program is in safe mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SafeMode {
    /// In words for people.
    pub(crate) reason: String,
    /// The last lines that were logged before, oldest first.
    pub(crate) log: Vec<String>,
}

/// What is kept and how much more may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub(crate) struct Storage {
    /// Taken by media, finished or on their way.
    pub(crate) used_bytes: u64,
    /// Most that media may take; null is as much as fits.
    #[schema(required = true)]
    pub(crate) quota_bytes: Option<u64>,
    /// Free on the disk.
    pub(crate) free_bytes: u64,
    /// Uploads leave this much free.
    pub(crate) reserve_bytes: u64,
    /// Uploads that have not ended.
    pub(crate) uploads: usize,
}

/// Whether all is well.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct HealthReport {
    pub(crate) state: HealthState,
    /// What is not well.
    pub(crate) findings: Vec<Finding>,
}

/// Whether all is well, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HealthState {
    /// All is well.
    Ok,
    /// It plays, but something needs a look.
    Degraded,
    /// It does not do its work.
    Failing,
}

/// Something that is not well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Finding {
    /// What it is about.
    pub(crate) subject: String,
    /// What is wrong, in words for people.
    pub(crate) message: String,
}

/// Whether it works, for anyone who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Health {
    pub(crate) health: HealthWord,
}

/// Whether it works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HealthWord {
    /// It works.
    Ok,
    /// It does not.
    Failing,
}
