//! What can be asked for, and what is known of it.

use std::fmt;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use crate::supervisor::Supervisor;

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The program ends and starts again.
    Restart,
    /// The machine restarts.
    Reboot,
    /// The machine is switched off.
    PowerOff,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Restart => "a restart",
            Self::Reboot => "a reboot",
            Self::PowerOff => "a power off",
        })
    }
}

/// Whether something can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ability {
    /// As far as is known.
    Yes,
    /// And why not, in words for people.
    No(Arc<str>),
}

/// A request that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// What is to be done.
    pub action: Action,
    /// Who asked.
    pub who: Arc<str>,
    /// When it begins.
    pub due: Instant,
    /// How far it is.
    pub stage: Stage,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It can be cancelled.
    Waiting,
    /// It cannot be taken back.
    UnderWay,
}

/// A request that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was to be done.
    pub action: Action,
    /// Why it was not, in words for people.
    pub reason: Arc<str>,
    /// When that was known.
    pub at: SystemTime,
}

/// All that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemState {
    /// Who started the program and looks after it.
    pub supervisor: Supervisor,
    /// systemd's version, where it has told.
    pub version: Option<Arc<str>>,
    /// The systemd unit the program runs as, where that is known.
    pub unit: Option<Arc<str>>,
    /// Whether the program can be restarted.
    pub restart: Ability,
    /// Whether the machine can be rebooted.
    pub reboot: Ability,
    /// Whether the machine can be switched off.
    pub power_off: Ability,
    /// What is pending or under way.
    pub pending: Option<Pending>,
    /// The last request, if it came to nothing.
    pub failure: Option<Failure>,
}

impl SystemState {
    pub(crate) fn new(supervisor: Supervisor) -> Self {
        let power = match supervisor {
            Supervisor::Systemd => "systemd has not been asked yet",
            Supervisor::Nobody => {
                "Prismatron was not started by systemd: it leaves the machine’s power alone"
            }
        };
        Self {
            supervisor,
            version: None,
            unit: None,
            restart: Ability::Yes,
            reboot: Ability::No(power.into()),
            power_off: Ability::No(power.into()),
            pending: None,
            failure: None,
        }
    }

    /// Whether an action can be done.
    pub fn ability(&self, action: Action) -> &Ability {
        match action {
            Action::Restart => &self.restart,
            Action::Reboot => &self.reboot,
            Action::PowerOff => &self.power_off,
        }
    }
}
