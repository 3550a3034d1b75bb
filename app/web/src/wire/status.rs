//! How everything is.

use serde::Serialize;
use utoipa::ToSchema;

use super::output::NamedOutputStatus;
use super::player::Player;
use super::schedule::ScheduleState;
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
    pub(crate) schedule: ScheduleState,
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
    /// The settings that last worked, which can be gone back to; null where none are known.
    #[schema(required = true)]
    pub(crate) last_worked: Option<LastWorked>,
}

/// The settings that last worked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LastWorked {
    /// What is set otherwise now; empty where nothing is.
    pub(crate) differs: Vec<SettingsPart>,
}

/// A part of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SettingsPart {
    /// Where the LEDs are.
    Layout,
    /// Who they are told by.
    Outputs,
    /// Brightness, gain and gamma.
    Colours,
    /// Which playlist is active.
    Playlist,
}

/// What is kept and how much more may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub(crate) struct Storage {
    /// Taken by media, finished or on their way.
    pub(crate) used_bytes: u64,
    /// Of these, taken by deleted media that can be brought back; goes where an upload needs the room.
    pub(crate) deleted_bytes: u64,
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
    /// How long ago machine and disk were read, which is done every 30 seconds; null before the first time.
    #[schema(required = true)]
    pub(crate) checked_seconds_ago: Option<u64>,
    pub(crate) checks: Vec<CheckReport>,
    /// What is not well.
    pub(crate) findings: Vec<Finding>,
    /// What was done about it without being asked, since the start.
    pub(crate) recoveries: Vec<Recovery>,
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

/// What one check came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct CheckReport {
    pub(crate) check: CheckName,
    pub(crate) state: CheckState,
    /// What was seen, in words for people.
    #[schema(required = true)]
    pub(crate) detail: Option<String>,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckName {
    /// Whether pictures are made.
    Player,
    /// Whether they go out and controllers answer.
    Outputs,
    /// Whether media could be opened and decoded in the last hour.
    Decoders,
    /// Whether there is room and the disk can be written.
    Storage,
    /// Whether what was kept is whole and the configuration good.
    Data,
    /// Whether the machine is too hot.
    Temperature,
    /// Whether there is enough memory.
    Memory,
    /// Whether the clock has been set.
    Clock,
    /// Whether the appliance's own devices do what they should; ok without any.
    Hardware,
}

/// What one check came to, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CheckState {
    /// All is well.
    Ok,
    /// It works, but something needs a look.
    Degraded,
    /// It does not work.
    Failing,
    /// The machine does not tell, or has not been asked yet.
    Unknown,
}

/// Something that is not well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Finding {
    /// Which check has found it.
    pub(crate) check: CheckName,
    /// What it is about.
    pub(crate) subject: String,
    /// What is wrong, in words for people.
    pub(crate) message: String,
    /// Since when it is known in this run, RFC 3339.
    pub(crate) since: String,
}

/// A way in which the program helps itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Recovery {
    pub(crate) kind: RecoveryKind,
    /// So often it was begun.
    pub(crate) tried: u64,
    /// So often it helped.
    pub(crate) succeeded: u64,
    /// When it was begun last, RFC 3339.
    #[schema(required = true)]
    pub(crate) last: Option<String>,
}

/// What the program does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecoveryKind {
    /// Opens another socket to a host that could not be sent to.
    ReopenOutput,
    /// Turns to a host further down an output's list.
    NextHost,
    /// Removes uploads that nobody has continued.
    PruneUploads,
}

/// Whether it works, for anyone who asks: words and no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Health {
    pub(crate) status: HealthState,
    /// How long ago machine and disk were read, which is done every 30 seconds; null before the first time.
    #[schema(required = true)]
    pub(crate) checked_seconds_ago: Option<u64>,
    /// What each check came to.
    pub(crate) checks: Checks,
}

/// What each check came to, in a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Checks {
    pub(crate) player: CheckState,
    pub(crate) outputs: CheckState,
    pub(crate) decoders: CheckState,
    pub(crate) storage: CheckState,
    pub(crate) data: CheckState,
    pub(crate) temperature: CheckState,
    pub(crate) memory: CheckState,
    pub(crate) clock: CheckState,
    pub(crate) hardware: CheckState,
}
