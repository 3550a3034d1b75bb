//! Where an update stands, and what may come next: pure.
//!
//! ```text
//! Idle → Receiving → Inspecting → Inspected → Installing → WaitingForReboot → Confirming → Idle
//!                        ↓                        ↓               ↓                ↓
//!                        └──────────────────── Failed ────────────┴────────────────┘
//! ```
//!
//! What can be cancelled leads back to `Idle`, and so does a failure that was read. Going back to the other slot begins at
//! `WaitingForReboot`. A step that does not come next is an error, and changes nothing.

use std::fmt;
use std::time::SystemTime;

use prismatron_core::id::UploadId;
use serde::{Deserialize, Serialize};

use super::bundle::{Bundle, Source};
use super::refusal::Refusal;
use crate::error::SystemError;

/// Where an update stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum Stage {
    /// Nothing is going on.
    #[default]
    Idle,
    /// A bundle is being uploaded.
    Receiving {
        /// As which upload.
        upload: UploadId,
        /// Its file's name.
        name: String,
    },
    /// It is being found out what a bundle is.
    Inspecting(Source),
    /// A bundle is known and good, and may be installed.
    Inspected(Bundle),
    /// RAUC writes a bundle to the other slot.
    Installing(Installing),
    /// Another slot is the next to be booted.
    WaitingForReboot {
        /// Which.
        next: Next,
        /// When the machine is to reboot by itself, if it is.
        at: Option<SystemTime>,
    },
    /// What was chosen runs, and has to prove itself.
    Confirming(Next),
    /// It came to nothing.
    Failed(Failed),
}

/// An installation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Installing {
    /// What is installed; `None` where somebody else had RAUC do it.
    pub bundle: Option<Bundle>,
    /// What is to come after it.
    pub then: After,
    /// The slot that ran when it began.
    pub from: String,
    /// The boot in which it began.
    pub boot: Boot,
}

/// One run of the kernel: the time it was started at as systemd knows it, in microseconds since 1970, which is another for
/// each. The boot id proper is in a file that the unit's sandbox hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boot(pub u64);

/// What is to come after an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum After {
    /// Somebody reboots the machine at some time.
    Wait,
    /// The machine reboots at once.
    Reboot,
    /// The machine reboots then.
    RebootAt(SystemTime),
}

/// A slot that was chosen to be booted next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Next {
    /// Why.
    pub errand: Errand,
    /// What the boot loader calls it.
    pub slot: String,
    /// What is in it, where that is known.
    pub version: Option<String>,
    /// The boot in which it was chosen.
    pub boot: Boot,
    /// When it was chosen.
    pub since: SystemTime,
}

/// Why another slot is booted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// A bundle was installed to it.
    Update,
    /// Somebody wants back what ran before.
    RollBack,
}

/// What came to nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failed {
    /// The version that was tried, where that is known.
    pub version: Option<String>,
    /// Why.
    pub refusal: Refusal,
    /// When that was known.
    pub at: SystemTime,
}

/// A stage without what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are those of `Stage`")]
pub enum StageName {
    Idle,
    Receiving,
    Inspecting,
    Inspected,
    Installing,
    WaitingForReboot,
    Confirming,
    Failed,
}

/// A step from one stage to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A bundle begins to arrive.
    Receive,
    /// It is looked at.
    Inspect,
    /// It is found good.
    Accept,
    /// RAUC begins.
    Install,
    /// RAUC has ended well.
    Installed,
    /// The other slot is chosen as it is.
    RollBack,
    /// It is settled when the machine reboots.
    Schedule,
    /// The machine has booted what was chosen.
    Booted,
    /// That has proved itself.
    Confirm,
    /// It comes to nothing.
    Fail,
    /// Somebody wants it no more.
    Cancel,
}

impl Stage {
    /// Which it is.
    pub fn name(&self) -> StageName {
        match self {
            Self::Idle => StageName::Idle,
            Self::Receiving { .. } => StageName::Receiving,
            Self::Inspecting(_) => StageName::Inspecting,
            Self::Inspected(_) => StageName::Inspected,
            Self::Installing(_) => StageName::Installing,
            Self::WaitingForReboot { .. } => StageName::WaitingForReboot,
            Self::Confirming(_) => StageName::Confirming,
            Self::Failed(_) => StageName::Failed,
        }
    }

    /// The upload whose bytes are still of use.
    pub fn upload(&self) -> Option<UploadId> {
        let of = |source: &Source| match source {
            Source::Upload { upload, .. } => Some(*upload),
            Source::Url(_) => None,
        };
        match self {
            Self::Receiving { upload, .. } => Some(*upload),
            Self::Inspecting(source) => of(source),
            Self::Inspected(bundle) => of(&bundle.source),
            Self::Installing(Installing { bundle, .. }) => of(&bundle.as_ref()?.source),
            _ => None,
        }
    }

    /// A bundle begins to arrive, in place of one that was not installed.
    ///
    /// # Errors
    /// Something is going on that this must not disturb.
    pub fn receive(&self, upload: UploadId, name: String) -> Result<Self, SystemError> {
        match self {
            Self::Idle | Self::Receiving { .. } | Self::Inspected(_) | Self::Failed(_) => {
                Ok(Self::Receiving { upload, name })
            }
            _ => self.refuse(Step::Receive),
        }
    }

    /// A bundle is looked at: the one that was received, or one from elsewhere in place of one that was not installed.
    ///
    /// # Errors
    /// Something else is going on.
    pub fn inspect(&self, source: Source) -> Result<Self, SystemError> {
        match (self, &source) {
            (Self::Receiving { upload, .. }, Source::Upload { upload: given, .. })
                if upload == given =>
            {
                Ok(Self::Inspecting(source))
            }
            (Self::Idle | Self::Inspected(_) | Self::Failed(_), Source::Url(_)) => {
                Ok(Self::Inspecting(source))
            }
            _ => self.refuse(Step::Inspect),
        }
    }

    /// What was looked at is good.
    ///
    /// # Errors
    /// Nothing was looked at.
    pub fn accept(&self, bundle: Bundle) -> Result<Self, SystemError> {
        match self {
            Self::Inspecting(source) if *source == bundle.source => Ok(Self::Inspected(bundle)),
            _ => self.refuse(Step::Accept),
        }
    }

    /// What was found good is installed.
    ///
    /// # Errors
    /// Nothing was.
    pub fn install(&self, then: After, from: String, boot: Boot) -> Result<Self, SystemError> {
        match self {
            Self::Inspected(bundle) => {
                let bundle = Some(bundle.clone());
                Ok(Self::Installing(Installing { bundle, then, from, boot }))
            }
            _ => self.refuse(Step::Install),
        }
    }

    /// Somebody else has something installed.
    ///
    /// # Errors
    /// It is known already that something is installed, or what is new has not proved itself: RAUC will have been asked
    /// all the same, and what comes of it is seen then.
    pub fn adopt(&self, from: String, boot: Boot) -> Result<Self, SystemError> {
        match self {
            Self::Installing(_) | Self::Confirming(_) => self.refuse(Step::Install),
            _ => {
                let then = After::Wait;
                Ok(Self::Installing(Installing { bundle: None, then, from, boot }))
            }
        }
    }

    /// It is installed, and next.
    ///
    /// # Errors
    /// Nothing was being installed.
    pub fn installed(&self, next: Next) -> Result<Self, SystemError> {
        match self {
            Self::Installing(Installing { then, .. }) => {
                let at = match then {
                    After::Wait => None,
                    After::Reboot => Some(next.since),
                    After::RebootAt(at) => Some(*at),
                };
                Ok(Self::WaitingForReboot { next, at })
            }
            _ => self.refuse(Step::Installed),
        }
    }

    /// The other slot is next as it is.
    ///
    /// # Errors
    /// Something is going on that this must not disturb.
    pub fn roll_back(&self, next: Next) -> Result<Self, SystemError> {
        match self {
            Self::Idle | Self::Inspected(_) | Self::Confirming(_) | Self::Failed(_) => {
                Ok(Self::WaitingForReboot { next, at: None })
            }
            _ => self.refuse(Step::RollBack),
        }
    }

    /// It is settled when the machine reboots by itself, if it does.
    ///
    /// # Errors
    /// Nothing waits for that.
    pub fn schedule(&self, at: Option<SystemTime>) -> Result<Self, SystemError> {
        match self {
            Self::WaitingForReboot { next, .. } => {
                Ok(Self::WaitingForReboot { next: next.clone(), at })
            }
            _ => self.refuse(Step::Schedule),
        }
    }

    /// What was chosen runs.
    ///
    /// # Errors
    /// Nothing was.
    pub fn booted(&self) -> Result<Self, SystemError> {
        match self {
            Self::WaitingForReboot { next, .. } | Self::Confirming(next) => {
                Ok(Self::Confirming(next.clone()))
            }
            _ => self.refuse(Step::Booted),
        }
    }

    /// What runs has proved itself.
    ///
    /// # Errors
    /// Nothing had to.
    pub fn confirm(&self) -> Result<Self, SystemError> {
        match self {
            Self::Confirming(_) => Ok(Self::Idle),
            _ => self.refuse(Step::Confirm),
        }
    }

    /// It comes to nothing.
    ///
    /// # Errors
    /// There is nothing that could.
    pub fn fail(&self, refusal: Refusal, at: SystemTime) -> Result<Self, SystemError> {
        let version = match self {
            Self::Inspecting(_) => None,
            Self::Installing(installing) => {
                installing.bundle.as_ref().map(|bundle| bundle.version.clone())
            }
            Self::WaitingForReboot { next, .. } | Self::Confirming(next) => next.version.clone(),
            Self::Idle | Self::Receiving { .. } | Self::Inspected(_) | Self::Failed(_) => {
                return self.refuse(Step::Fail);
            }
        };
        Ok(Self::Failed(Failed { version, refusal, at }))
    }

    /// Nobody wants it any more, or a failure was read.
    ///
    /// # Errors
    /// It cannot be taken back, or there is nothing.
    pub fn cancel(&self) -> Result<Self, SystemError> {
        match self {
            Self::Receiving { .. }
            | Self::Inspecting(_)
            | Self::Inspected(_)
            | Self::WaitingForReboot { .. }
            | Self::Failed(_) => Ok(Self::Idle),
            Self::Installing(_) => Err(SystemError::Unstoppable),
            Self::Idle | Self::Confirming(_) => self.refuse(Step::Cancel),
        }
    }

    /// That a step does not come next.
    pub(super) fn out_of_turn(&self, step: Step) -> SystemError {
        SystemError::OutOfTurn { step, stage: self.name() }
    }

    fn refuse(&self, step: Step) -> Result<Self, SystemError> {
        Err(self.out_of_turn(step))
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "there is no update",
            Self::Receiving => "an update is being uploaded",
            Self::Inspecting => "an update is being inspected",
            Self::Inspected => "an update waits to be installed",
            Self::Installing => "an update is being installed",
            Self::WaitingForReboot => "the machine has to reboot first",
            Self::Confirming => "what was booted has not proved itself yet",
            Self::Failed => "the last update has failed",
        })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Receive => "an update cannot be uploaded",
            Self::Inspect => "an update cannot be inspected",
            Self::Accept => "an update cannot be accepted",
            Self::Install => "nothing can be installed",
            Self::Installed => "nothing can have been installed",
            Self::RollBack => "the other slot cannot be gone back to",
            Self::Schedule => "no reboot into an update can be set",
            Self::Booted => "no update can have been booted",
            Self::Confirm => "nothing can be confirmed",
            Self::Fail => "nothing can fail",
            Self::Cancel => "nothing can be cancelled",
        })
    }
}

#[cfg(test)]
mod tests;
