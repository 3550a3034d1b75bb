//! The operating system around the program, and what can be asked of it.

use prismatron_system::{
    Ability as DomainAbility, Action as DomainAction, DataPartitionState as DomainDataPartition,
    Remedy as DomainRemedy, Stage as DomainStage,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::update::UpdateStage;

/// The operating system around the program.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct System {
    /// Who started the program and looks after it.
    pub(crate) supervisor: Supervisor,
    /// The systemd unit it runs as, where that is known.
    #[schema(required = true)]
    pub(crate) unit: Option<String>,
    /// Whether the program can be restarted.
    pub(crate) restart: Ability,
    /// Whether the machine can be rebooted.
    pub(crate) reboot: Ability,
    /// Whether the machine can be switched off.
    pub(crate) poweroff: Ability,
    /// The data partition, where the machine is an appliance.
    #[schema(required = true)]
    pub(crate) data_partition: Option<DataPartition>,
    /// What was asked for and is not done yet.
    #[schema(required = true)]
    pub(crate) pending: Option<PendingAction>,
    /// The last thing asked for, if it came to nothing.
    #[schema(required = true)]
    pub(crate) failure: Option<FailedAction>,
    pub(crate) update: UpdateSummary,
}

/// Where an update of the whole system stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct UpdateSummary {
    pub(crate) stage: UpdateStage,
    /// How far RAUC is, while it installs.
    #[schema(required = true)]
    pub(crate) percent: Option<u8>,
}

/// Which part of the log.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogQuery {
    /// How many lines at most, 1000 at most; 100 when left out.
    pub(crate) lines: Option<usize>,
}

/// The end of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Log {
    /// Oldest first.
    pub(crate) lines: Vec<String>,
}

/// Which lines of the log are told.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiveLogQuery {
    /// Only these and worse; all when left out.
    pub(crate) least: Option<LogLevel>,
    /// Only those with this text, upper and lower case alike.
    pub(crate) contains: Option<String>,
}

/// How grave a line of the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogLevel {
    /// Of interest to developers.
    Debug,
    /// What happens.
    Info,
    /// Something may need a look.
    Warn,
    /// Something does not work.
    Error,
}

/// What is told of the log, as text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum LogEvent {
    /// A line that was written.
    Line {
        /// Null where it does not say.
        #[schema(required = true)]
        level: Option<LogLevel>,
        line: String,
    },
    /// There were more lines than could be told.
    Skipped {
        /// So many.
        lines: u64,
    },
}

/// What the machine is and how it fares.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Machine {
    /// What it is called in its network; `.local` behind it is its name there.
    pub(crate) host_name: String,
    /// Since it was switched on.
    pub(crate) uptime_seconds: u64,
    /// Where others reach it.
    pub(crate) addresses: Vec<String>,
    /// Of all sensors, by name.
    pub(crate) temperatures: Vec<Temperature>,
    /// Of the whole machine; null where it does not tell.
    #[schema(required = true)]
    pub(crate) memory: Option<Memory>,
    /// The time of day by the machine's own clock, RFC 3339.
    pub(crate) time: String,
    /// Name of the machine's own time zone.
    pub(crate) time_zone: String,
}

/// What a sensor says.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Temperature {
    /// What the kernel calls it.
    pub(crate) sensor: String,
    pub(crate) celsius: f32,
    /// From here on it is hot.
    pub(crate) hot_celsius: f32,
    /// Here the kernel switches the machine off, where that is known.
    #[schema(required = true)]
    pub(crate) critical_celsius: Option<f32>,
}

/// How much memory there is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Memory {
    pub(crate) total_bytes: u64,
    /// What programs may still have of it.
    pub(crate) available_bytes: u64,
}

/// How far the first start has come: what is still false is left to be done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FirstStart {
    /// There is an admin's account.
    pub(crate) claimed: bool,
    /// A time zone has been chosen, in the schedule; the machine's own is in force until then.
    pub(crate) time_zone: bool,
    /// Where the LEDs are is configured or was set.
    pub(crate) layout: bool,
    /// Who they are told by is configured or was set.
    pub(crate) outputs: bool,
    /// Some controller has been sent to, and is not known to be out of reach.
    pub(crate) light: bool,
}

/// Who started the program and looks after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Supervisor {
    /// systemd.
    Systemd,
    /// Nobody: it was started by hand.
    None,
}

/// Whether the appliance's data partition is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DataPartition {
    /// It is.
    InUse,
    /// It could not be used when the machine started: everything is in memory, and gone at the next start.
    SetAside,
}

/// What is to be done about a data partition that was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Remedy {
    /// It is checked once more, and what can be kept is kept.
    Repair,
    /// It is made anew: what was on it is gone.
    Replace,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataPartitionRequest {
    pub(crate) remedy: Remedy,
}

/// Whether something can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Ability {
    /// As far as is known.
    pub(crate) possible: bool,
    /// Why not, in words for people.
    #[schema(required = true)]
    pub(crate) reason: Option<String>,
}

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SystemAction)]
pub(crate) enum Action {
    /// The program ends and starts again.
    Restart,
    /// The machine restarts.
    Reboot,
    /// The machine is switched off.
    Poweroff,
}

/// What was asked for and is not done yet.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct PendingAction {
    pub(crate) action: Action,
    /// Who asked.
    pub(crate) who: String,
    pub(crate) stage: Stage,
    /// Until it begins.
    pub(crate) seconds_left: f64,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// It can be cancelled.
    Waiting,
    /// It cannot be taken back.
    UnderWay,
}

/// What was asked for and came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FailedAction {
    pub(crate) action: Action,
    /// Why, in words for people.
    pub(crate) reason: String,
    /// When that was known, RFC 3339.
    pub(crate) at: String,
}

/// When something is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct When {
    /// After so many seconds, 60 at most. Left out it is 0 for a restart and 5 for a reboot or power off.
    #[serde(default)]
    pub(crate) delay_seconds: Option<f64>,
}

/// What is going to be done.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct AcceptedAction {
    /// Always `accepted`.
    pub(crate) status: &'static str,
    /// In words for people.
    pub(crate) message: String,
    #[serde(flatten)]
    pub(crate) pending: PendingAction,
}

impl From<DomainDataPartition> for DataPartition {
    fn from(state: DomainDataPartition) -> Self {
        match state {
            DomainDataPartition::InUse => Self::InUse,
            DomainDataPartition::SetAside => Self::SetAside,
        }
    }
}

impl From<Remedy> for DomainRemedy {
    fn from(remedy: Remedy) -> Self {
        match remedy {
            Remedy::Repair => Self::Repair,
            Remedy::Replace => Self::Replace,
        }
    }
}

impl From<DomainAction> for Action {
    fn from(action: DomainAction) -> Self {
        match action {
            DomainAction::Restart => Self::Restart,
            DomainAction::Reboot => Self::Reboot,
            DomainAction::PowerOff => Self::Poweroff,
        }
    }
}

impl From<DomainStage> for Stage {
    fn from(stage: DomainStage) -> Self {
        match stage {
            DomainStage::Waiting => Self::Waiting,
            DomainStage::UnderWay => Self::UnderWay,
        }
    }
}

impl From<&DomainAbility> for Ability {
    fn from(ability: &DomainAbility) -> Self {
        match ability {
            DomainAbility::Yes => Self { possible: true, reason: None },
            DomainAbility::No(reason) => Self { possible: false, reason: Some(reason.to_string()) },
        }
    }
}
