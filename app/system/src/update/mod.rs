//! Updates of the whole system, by RAUC: an appliance has two slots, of which one runs and the other takes the next system.
//!
//! One task owns where an update stands, the [`Stage`]: a machine of states whose steps are the methods of that type, and
//! which refuses what does not come next. It goes on over a restart of the program and of the machine, since each stage is
//! kept by a [`Keeper`] before anybody is told of it.
//!
//! RAUC itself is spoken to in two ways. What it is to *do* goes over D-Bus ([`rauc`]), where it is root. What there is to
//! *know* of a bundle before that is asked of its program ([`inspect`]), as the service's own user: so that nothing of a
//! stranger's file reaches root before it is known whose it is, and because only the program tells the signer, and, before
//! RAUC 1.9, why a bundle is refused (ADR 17).
//!
//! Terms: a *bundle* is a system to be installed, signed; a *refusal* says why one was not taken, with a [`Cause`] for
//! programs and words for people.

mod bundle;
mod desk;
mod examination;
mod handle;
mod inspect;
mod keeper;
mod look;
mod rauc;
mod refusal;
mod requests;
mod stage;
mod version;

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::action::Ability;

pub use bundle::{Bundle, Source};
pub use desk::{Setup, Updates, WallClock};
pub use handle::Handle;
pub use keeper::{Arrived, Keeper};
pub use rauc::installs;
pub use refusal::{Cause, Refusal};
pub use stage::{After, Boot, Errand, Failed, Installing, Next, Stage, StageName, Step};
pub use version::Direction;

/// All that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateState {
    /// Whether this system can be updated so.
    pub ability: Ability,
    /// Where an update stands.
    pub stage: Stage,
    /// How far RAUC is, while it installs.
    pub progress: Option<Progress>,
    /// Whether it has been there for an hour: then the machine is held no more, and a reboot gives the update up.
    pub is_stuck: bool,
    /// Why the machine does not reboot although it is time to.
    pub waits: Option<Arc<str>>,
    /// The slots, once RAUC has told.
    pub slots: Option<Slots>,
    /// Whether the LEDs are dimmed while something is installed.
    pub dim: bool,
    /// The last update that came about.
    pub last: Option<Done>,
}

/// How far RAUC is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// 0 to 100.
    pub percent: u8,
    /// What it is doing, in its own words.
    pub message: String,
}

/// Both slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    /// The one that runs.
    pub booted: Slot,
    /// The one that does not.
    pub other: Slot,
}

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// What the boot loader calls it: A or B.
    pub name: String,
    /// The version in it, where that is known.
    pub version: Option<String>,
    /// Whether the boot loader would start it.
    pub is_good: bool,
    /// What RAUC calls it, such as `rootfs.0`.
    pub(crate) id: String,
    /// The device or file it is on.
    pub(crate) device: String,
}

/// An update that came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// The slot that runs since.
    pub slot: String,
    /// What runs since, where that is known.
    pub version: Option<String>,
    /// What was done.
    pub errand: Errand,
    /// When it was confirmed.
    pub at: SystemTime,
}

/// What ran when an update was installed beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ran {
    /// The slot.
    pub slot: String,
    /// The version in it.
    pub version: String,
}

/// What outlives a restart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    /// Where an update stands.
    pub stage: Stage,
    /// Whether the LEDs are dimmed while something is installed.
    pub dim: bool,
    /// The last update that came about.
    pub last: Option<Done>,
    /// What ran when the last update was installed beside it.
    pub before: Option<Ran>,
}

impl Slots {
    /// RAUC knows only what it has installed itself: a slot that was flashed is known by what ran in it.
    pub(crate) fn recall(&mut self, before: Option<&Ran>) {
        if self.other.version.is_none() {
            let before = before.filter(|before| before.slot == self.other.name);
            self.other.version = before.map(|before| before.version.clone());
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.version {
            Some(version) => write!(f, "slot {} ({version})", self.name),
            None => write!(f, "slot {}", self.name),
        }
    }
}
