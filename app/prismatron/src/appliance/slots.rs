//! The two slots, as RAUC tells of them (`rauc status --detailed --output-format=json`, RAUC 1.8).

use std::time::SystemTime;

use anyhow::Context;
use jiff::Timestamp;
use prismatron_system::update::installs;
use serde_json::Value;

use super::tool;

/// A slot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Slot {
    /// What the boot loader calls it: A or B.
    pub(crate) name: String,
    /// Whether it may be booted.
    pub(crate) is_good: bool,
    /// The version that was installed; `None` where it came with the disk.
    pub(crate) version: Option<String>,
    /// When it was last chosen to be booted.
    pub(crate) activated: Option<SystemTime>,
}

/// Both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Slots {
    /// The one that runs.
    pub(crate) booted: Slot,
    /// The one that does not.
    pub(crate) other: Slot,
}

/// Whether that is all that keeps RAUC from answering: it installs.
pub(crate) fn is_busy(error: &anyhow::Error) -> bool {
    installs(&format!("{error:#}"))
}

impl Slots {
    /// Asks RAUC.
    ///
    /// # Errors
    /// It does not answer, or there is no slot beside the booted one.
    pub(crate) fn ask() -> anyhow::Result<Self> {
        let said = tool::run("rauc", ["status", "--detailed", "--output-format=json"])?;
        // It may log before it answers.
        let line = said.text.lines().find(|line| line.starts_with('{'));
        let line = line.with_context(|| format!("RAUC says “{}”", said.text.trim()))?;
        Self::read(&serde_json::from_str(line).context("RAUC's answer cannot be read")?)
    }

    fn read(status: &Value) -> anyhow::Result<Self> {
        let slots = status["slots"].as_array().into_iter().flatten().filter_map(Value::as_object);
        let (booted, others): (Vec<_>, Vec<_>) = slots
            .flat_map(|slot| slot.values())
            .filter(|slot| slot["class"] == "rootfs")
            .map(|slot| (slot["state"] == "booted", Slot::read(slot)))
            .partition(|(is_booted, _)| *is_booted);
        let only = |mut slots: Vec<(bool, Slot)>| slots.pop().map(|(_, slot)| slot);
        Ok(Self {
            booted: only(booted).context("RAUC does not know which slot is booted")?,
            other: only(others).context("RAUC knows of one slot only")?,
        })
    }

    /// Whether the other slot was to run and this one runs instead.
    pub(crate) fn are_rolled_back(&self) -> bool {
        self.other.activated.is_some() && self.other.activated > self.booted.activated
    }
}

impl Slot {
    fn read(slot: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let status = &slot["slot_status"];
        Self {
            name: text(&slot["bootname"]).unwrap_or_default(),
            is_good: slot["boot_status"] == "good",
            version: text(&status["bundle"]["version"]),
            activated: text(&status["activated"]["timestamp"])
                .and_then(|time| time.parse::<Timestamp>().ok())
                .and_then(|time| SystemTime::try_from(time).ok()),
        }
    }

    /// What people call it.
    pub(crate) fn title(&self) -> String {
        match &self.version {
            Some(version) => format!("slot {} ({version})", self.name),
            None => format!("slot {}", self.name),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use serde_json::json;

    use super::*;

    fn status(booted_at: Option<&str>, other_at: Option<&str>) -> Value {
        let slot = |state: &str, name: &str, at: Option<&str>| {
            json!({"class": "rootfs", "state": state, "bootname": name, "boot_status": "good",
                "slot_status": at.map(|at| json!({"bundle": {"version": "2"}, "activated": {"timestamp": at}}))})
        };
        json!({"slots": [
            {"rootfs.1": slot("inactive", "B", other_at)},
            {"rootfs.0": slot("booted", "A", booted_at)},
        ]})
    }

    #[test]
    fn the_booted_one_is_told_from_the_other() {
        let slots = Slots::read(&status(None, Some("2026-01-02T00:00:00Z"))).unwrap();
        assert_eq!(
            (slots.booted.title(), slots.other.title()),
            ("slot A".into(), "slot B (2)".into())
        );
        assert!(slots.other.is_good);
    }

    #[test]
    fn the_one_chosen_last_should_run() {
        let early = Some("2026-01-01T00:00:00Z");
        let late = Some("2026-01-02T00:00:00Z");
        for (booted, other, is_rolled_back) in [
            (None, None, false),
            (early, None, false),
            (None, early, true),
            (early, late, true),
            (late, early, false),
        ] {
            let slots = Slots::read(&status(booted, other)).unwrap();
            assert_eq!(slots.are_rolled_back(), is_rolled_back, "{booted:?} {other:?}");
        }
    }

    #[test]
    fn one_slot_is_none() {
        assert!(Slots::read(&json!({"slots": []})).is_err());
        assert!(Slots::read(&json!(null)).is_err());
    }
}
