//! Updates of the whole system.

use humantime::{format_rfc3339_seconds, parse_rfc3339_weak};
use prismatron_system::update::{
    Bundle as DomainBundle, Cause as DomainCause, Direction as DomainDirection, Done,
    Errand as DomainErrand, Slot as DomainSlot, StageName,
};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};
use utoipa::ToSchema;

use super::Invalid;
use super::system::Ability;

/// Longest address of a bundle.
const LONGEST_URL: usize = 2048;
/// The latest time a reboot may be set for.
const LATEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Updates of the whole system: where one stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct Update {
    /// Whether this system can be updated so.
    pub(crate) ability: Ability,
    pub(crate) stage: UpdateStage,
    /// Whether it can be taken back now, and why not.
    pub(crate) cancel: Ability,
    /// The name or address of what arrives, is looked at or installed; of an address without what may be secret.
    #[schema(required = true)]
    pub(crate) source: Option<String>,
    /// What was inspected, until it is installed.
    #[schema(required = true)]
    pub(crate) bundle: Option<Bundle>,
    /// How far RAUC is, while it installs.
    #[schema(required = true)]
    pub(crate) progress: Option<Progress>,
    /// The slot that is booted next, or has to prove itself.
    #[schema(required = true)]
    pub(crate) next: Option<NextSlot>,
    /// Why the last one failed, until somebody has read it.
    #[schema(required = true)]
    pub(crate) failure: Option<Failure>,
    /// The slot that runs, once it is known.
    #[schema(required = true)]
    pub(crate) running: Option<Slot>,
    /// The other one.
    #[schema(required = true)]
    pub(crate) other: Option<Slot>,
    /// The last one that came about.
    #[schema(required = true)]
    pub(crate) last: Option<LastUpdate>,
    /// Whether the LEDs are dimmed while something is installed.
    pub(crate) dim: bool,
}

/// Where an update stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UpdateStage {
    /// Nothing is going on.
    Idle,
    /// A bundle is being uploaded.
    Receiving,
    /// It is being found out what a bundle is.
    Inspecting,
    /// A bundle may be installed.
    Inspected,
    /// RAUC writes it to the other slot; playback goes on.
    Installing,
    /// The other slot is the next to be booted.
    WaitingForReboot,
    /// It runs, and has to prove itself.
    Confirming,
    /// It came to nothing.
    Failed,
}

/// A bundle whose signature holds and that is meant for this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UpdateBundle)]
pub(crate) struct Bundle {
    pub(crate) version: String,
    /// Where it leads to from what runs.
    pub(crate) direction: Direction,
    /// The kind of machine it is for.
    pub(crate) compatible: String,
    #[schema(required = true)]
    pub(crate) description: Option<String>,
    #[schema(required = true)]
    pub(crate) build: Option<String>,
    /// Who has signed it.
    #[schema(required = true)]
    pub(crate) signer: Option<String>,
    /// Its own length; null where a server has it.
    #[schema(required = true)]
    pub(crate) bytes: Option<u64>,
    /// How much of the slot it fills.
    pub(crate) image_bytes: u64,
    /// What is new in it: of its manifest, `changelog` in a section `[meta.…]`.
    #[schema(required = true)]
    pub(crate) changelog: Option<String>,
}

/// Where an update leads to from what runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = UpdateDirection)]
pub(crate) enum Direction {
    /// To a later version.
    Up,
    /// To the same.
    Same,
    /// To an earlier one.
    Down,
    /// The versions do not tell.
    Unknown,
}

/// How far RAUC is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UpdateProgress)]
pub(crate) struct Progress {
    /// 0 to 100.
    pub(crate) percent: u8,
    /// What it is doing, in its own words.
    pub(crate) message: String,
    /// Whether it has come no further for an hour: then a reboot is not refused, and gives the update up.
    pub(crate) stuck: bool,
}

/// The slot that is booted next, or has to prove itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct NextSlot {
    /// A or B.
    pub(crate) slot: String,
    #[schema(required = true)]
    pub(crate) version: Option<String>,
    pub(crate) errand: Errand,
    /// When the machine reboots by itself, RFC 3339; null where somebody has to have it reboot.
    #[schema(required = true)]
    pub(crate) reboot_at: Option<String>,
    /// Why it does not, although it is time to.
    #[schema(required = true)]
    pub(crate) waits: Option<String>,
}

/// Why another slot is booted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = UpdateErrand)]
pub(crate) enum Errand {
    /// A bundle was installed to it.
    Update,
    /// Somebody wants back what ran before.
    RollBack,
}

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Slot {
    /// A or B.
    pub(crate) name: String,
    /// The version in it, where that is known.
    #[schema(required = true)]
    pub(crate) version: Option<String>,
    /// Whether the boot loader would start it.
    pub(crate) good: bool,
}

/// An update that came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LastUpdate {
    /// A or B.
    pub(crate) slot: String,
    #[schema(required = true)]
    pub(crate) version: Option<String>,
    pub(crate) errand: Errand,
    /// When it was confirmed, RFC 3339.
    pub(crate) at: String,
}

/// Why an update came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UpdateFailure)]
pub(crate) struct Failure {
    pub(crate) cause: UpdateCause,
    /// In words for people.
    pub(crate) message: String,
    /// The version that was tried, where that is known.
    #[schema(required = true)]
    pub(crate) version: Option<String>,
    /// When that was known, RFC 3339.
    pub(crate) at: String,
}

/// What kind of reason it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UpdateCause {
    Unsigned,
    WrongKey,
    Expired,
    NotYetValid,
    ClockUnset,
    WrongCompatible,
    TooLarge,
    PlainFormat,
    Corrupted,
    Truncated,
    NoBundle,
    Unreachable,
    Interrupted,
    RolledBack,
    Other,
}

/// A bundle on a server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateSource {
    /// Its address, of `http` or `https`: RAUC reads of it what it needs.
    pub(crate) url: String,
}

/// Whether, and when, the machine reboots into what is installed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Install {
    /// As soon as it is installed.
    #[serde(default)]
    pub(crate) reboot: bool,
    /// At this time, RFC 3339 in UTC, within a week.
    #[serde(default)]
    pub(crate) reboot_at: Option<String>,
}

/// When the machine reboots into what is installed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RebootTime {
    /// At this time, RFC 3339 in UTC, within a week; soon when left out.
    #[serde(default)]
    pub(crate) at: Option<String>,
}

/// What is to change of how updates are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateChange {
    /// Whether the LEDs are dimmed while something is installed.
    pub(crate) dim: bool,
}

impl UpdateSource {
    /// The address, if it can be one: RAUC is handed no secret that would show in its arguments.
    pub(crate) fn url(self) -> Result<String, Invalid> {
        let wrong = |reason: &str| Err(Invalid::new("url", reason));
        let rest = ["http://", "https://"].iter().find_map(|scheme| self.url.strip_prefix(scheme));
        let Some(rest) = rest else { return wrong("must begin with http:// or https://") };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if self.url.len() > LONGEST_URL {
            return wrong("must have 2048 characters at most");
        }
        if !self.url.bytes().all(|byte| byte.is_ascii_graphic()) || host.is_empty() {
            return wrong("is no address of a file");
        }
        if host.contains('@') {
            return wrong("must have no name and password in it");
        }
        Ok(self.url)
    }
}

/// A time to reboot at, by what time it is.
pub(crate) fn reboot_time(field: &str, text: &str, now: SystemTime) -> Result<SystemTime, Invalid> {
    let at = parse_rfc3339_weak(text).ok().filter(|_| text.ends_with('Z'));
    let at =
        at.ok_or_else(|| Invalid::new(field, "must be a time such as 2026-01-31T03:00:00Z"))?;
    match at.duration_since(now) {
        Ok(until) if until <= LATEST => Ok(at),
        _ => Err(Invalid::new(field, "must be within the next seven days")),
    }
}

impl From<StageName> for UpdateStage {
    fn from(stage: StageName) -> Self {
        match stage {
            StageName::Idle => Self::Idle,
            StageName::Receiving => Self::Receiving,
            StageName::Inspecting => Self::Inspecting,
            StageName::Inspected => Self::Inspected,
            StageName::Installing => Self::Installing,
            StageName::WaitingForReboot => Self::WaitingForReboot,
            StageName::Confirming => Self::Confirming,
            StageName::Failed => Self::Failed,
        }
    }
}

impl From<&DomainBundle> for Bundle {
    fn from(bundle: &DomainBundle) -> Self {
        Self {
            version: bundle.version.clone(),
            direction: match bundle.direction {
                DomainDirection::Up => Direction::Up,
                DomainDirection::Same => Direction::Same,
                DomainDirection::Down => Direction::Down,
                DomainDirection::Unknown => Direction::Unknown,
            },
            compatible: bundle.compatible.clone(),
            description: bundle.description.clone(),
            build: bundle.build.clone(),
            signer: bundle.signer.clone(),
            bytes: bundle.bytes,
            image_bytes: bundle.image_bytes,
            changelog: bundle.changelog.clone(),
        }
    }
}

impl From<DomainErrand> for Errand {
    fn from(errand: DomainErrand) -> Self {
        match errand {
            DomainErrand::Update => Self::Update,
            DomainErrand::RollBack => Self::RollBack,
        }
    }
}

impl From<&DomainSlot> for Slot {
    fn from(slot: &DomainSlot) -> Self {
        Self { name: slot.name.clone(), version: slot.version.clone(), good: slot.is_good }
    }
}

impl From<&Done> for LastUpdate {
    fn from(done: &Done) -> Self {
        Self {
            slot: done.slot.clone(),
            version: done.version.clone(),
            errand: done.errand.into(),
            at: format_rfc3339_seconds(done.at).to_string(),
        }
    }
}

impl From<DomainCause> for UpdateCause {
    fn from(cause: DomainCause) -> Self {
        match cause {
            DomainCause::Unsigned => Self::Unsigned,
            DomainCause::WrongKey => Self::WrongKey,
            DomainCause::Expired => Self::Expired,
            DomainCause::NotYetValid => Self::NotYetValid,
            DomainCause::ClockUnset => Self::ClockUnset,
            DomainCause::WrongCompatible => Self::WrongCompatible,
            DomainCause::TooLarge => Self::TooLarge,
            DomainCause::PlainFormat => Self::PlainFormat,
            DomainCause::Corrupted => Self::Corrupted,
            DomainCause::Truncated => Self::Truncated,
            DomainCause::NoBundle => Self::NoBundle,
            DomainCause::Unreachable => Self::Unreachable,
            DomainCause::Interrupted => Self::Interrupted,
            DomainCause::RolledBack => Self::RolledBack,
            DomainCause::Other => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_files_on_servers_are_taken() {
        let url = |url: &str| UpdateSource { url: url.into() }.url();
        assert!(url("https://updates.example:8443/wall.raucb?token=a").is_ok());
        for wrong in [
            "",
            "/etc/passwd",
            "file:///etc/passwd",
            "ftp://a/b",
            "http://",
            "http:///b",
            "http://me:secret@updates.example/wall.raucb",
            "http://a/b c",
            "http://a/\u{e4}",
        ] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
        assert!(url(&format!("http://a/{}", "b".repeat(LONGEST_URL))).is_err());
    }

    #[test]
    fn a_reboot_is_set_within_a_week() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_770_000_000);
        let time = |text: &str| reboot_time("at", text, now);
        assert!(time("2026-02-03T03:00:00Z").is_ok());
        for wrong in [
            "",
            "03:00",
            "2026-02-01T03:00:00Z",
            "2026-02-20T03:00:00Z",
            "2026-02-03T03:00:00+01:00",
        ] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
