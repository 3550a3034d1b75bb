//! What the menu's choices do. The service is asked first, so that its log and its audit log know of it; where it does not
//! answer, systemd is.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use prismatron_system::{DataPartition, DataPartitionState};
use prismatron_web::client::{ClientError, Method};
use serde_json::Value;

use super::banner::Banner;
use super::menu::{Deed, Deeds};
use crate::admin;
use crate::appliance::machine::{self, Service, UNIT, Unit};
use crate::appliance::slots::Slots;
use crate::appliance::{NOTES, notes, tool};

/// The file whose presence has the next boot erase everything.
const FACTORY_RESET: &str = "/data/os/factory-reset";
/// What the service is asked to reboot by.
const REBOOT: &str = "/api/system/reboot";
/// A machine that goes down has ended this program by then.
const GOES_DOWN: Duration = Duration::from_secs(90);
/// Lines of the log that fit a terminal.
const LINES: &str = "40";

/// The machine this runs on.
pub(super) struct Machine {
    service: Service,
}

impl Machine {
    /// # Errors
    /// There is no runtime to ask from.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self { service: Service::new()? })
    }

    fn status(&self) -> anyhow::Result<String> {
        let mut lines = match self.service.ask(Method::GET, "/api/status") {
            Ok(status) => vec![admin::status(&status)],
            Err(error) => vec![format!("The display is {}: {error:#}", Unit::look().state)],
        };
        match Slots::ask() {
            Ok(slots) => {
                let word = |is_good| if is_good { "good" } else { "not to be booted" };
                lines.push(format!(
                    "{}, running: {}",
                    slots.booted.title(),
                    word(slots.booted.is_good)
                ));
                lines.push(format!("{}: {}", slots.other.title(), word(slots.other.is_good)));
            }
            Err(error) => lines.push(format!("slots: {error:#}")),
        }
        let notes = notes::all(Path::new(NOTES)).into_iter();
        lines.extend(notes.map(|note| format!("{}: {}", note.subject, note.message)));
        Ok(lines.join("\n"))
    }

    fn log(&self) -> anyhow::Result<String> {
        match self.service.ask(Method::GET, &format!("/api/log?lines={LINES}")) {
            Ok(answer) => {
                let lines = answer["lines"].as_array().into_iter().flatten();
                Ok(lines.filter_map(Value::as_str).collect::<Vec<_>>().join("\n"))
            }
            Err(_) => tool::require(
                "journalctl",
                ["--boot", "--no-pager", "--unit", UNIT, "--lines", LINES],
            ),
        }
    }

    /// What the service says to a command; `None` where it does not answer. Where it says no, that is final.
    fn answered(&self, path: &str) -> anyhow::Result<Option<Value>> {
        match self.service.ask(Method::POST, path) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if matches!(error.downcast_ref(), Some(ClientError::Refused(_))) => {
                Err(error)
            }
            Err(_) => Ok(None),
        }
    }

    fn restart(&self) -> anyhow::Result<String> {
        if let Some(answer) = self.answered("/api/system/restart")? {
            return Ok(message(&answer));
        }
        tool::run("systemctl", ["reset-failed", UNIT])?;
        tool::require("systemctl", ["--no-block", "restart", UNIT])?;
        Ok("Prismatron restarts now.".into())
    }

    fn reboot(&self) -> anyhow::Result<String> {
        go_down(self.answered(REBOOT)?)
    }

    fn safe_mode(&self) -> anyhow::Result<String> {
        let status = self.service.ask(Method::GET, "/api/status")?;
        let (method, said) = match status["safe_mode"].is_null() {
            true => (Method::PUT, "Safe mode: nothing plays."),
            false => (Method::DELETE, "It plays."),
        };
        self.service.ask(method, "/api/safe-mode")?;
        Ok(said.into())
    }

    fn new_claim_code(&self) -> anyhow::Result<String> {
        let answer = self.service.ask(Method::POST, "/api/claim/code")?;
        let code = answer["code"].as_str().context("the service tells no code")?;
        Ok(format!("The claim code is {code}"))
    }

    fn roll_back(&self) -> anyhow::Result<String> {
        let slots = Slots::ask()?;
        let (name, title) = (&slots.other.name, slots.other.title());
        anyhow::ensure!(slots.other.is_good, "{title} cannot be booted");
        if self.answered("/api/system/update/rollback")?.is_some() {
            return Ok(format!("{title} is next. The machine reboots in a few seconds."));
        }
        tool::require("rauc", ["status", "mark-active", "other"])
            .with_context(|| format!("slot {name} cannot be chosen"))?;
        self.reboot().map(|said| format!("{title} is next. {said}"))
    }

    fn factory_reset(&self) -> anyhow::Result<String> {
        anyhow::ensure!(
            DataPartition::of_this_machine().state() != Some(DataPartitionState::SetAside),
            "the data partition is set aside, and what is on it would stay: mend or replace it first"
        );
        let flag = Path::new(FACTORY_RESET);
        granted(flag, || self.answered(REBOOT))?;
        // Not when the service does: until then somebody may take that back.
        let said = go_down(None).inspect_err(|_| drop(fs::remove_file(flag)))?;
        std::thread::spawn(move || {
            std::thread::sleep(GOES_DOWN);
            // It does not, and nobody is to lose what was made since.
            let _ = fs::remove_file(flag);
        });
        Ok(said)
    }
}

/// Makes a file once what it is for is granted. It has another name until then: where that is refused, or this ends
/// before it is known, nothing is left that the next boot, days later, would heed.
fn granted<T>(flag: &Path, ask: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let cannot = || format!("cannot make {}", flag.display());
    let draft = flag.with_extension("new");
    // What the disk has no room for is not asked for.
    File::create(&draft).and_then(|file| file.sync_all()).with_context(cannot)?;
    let answer = ask().inspect_err(|_| drop(fs::remove_file(&draft)))?;
    let folder = flag.parent().unwrap_or(flag);
    fs::rename(&draft, flag).and_then(|()| File::open(folder)?.sync_all()).with_context(cannot)?;
    Ok(answer)
}

/// Reboots, where the service did not answer that it does.
fn go_down(answer: Option<Value>) -> anyhow::Result<String> {
    if let Some(answer) = answer {
        return Ok(message(&answer));
    }
    tool::require("systemctl", ["--no-block", "reboot"])?;
    Ok("The machine reboots now.".into())
}

impl Deeds for Machine {
    fn banner(&mut self) -> String {
        let code = self.service.ask(Method::GET, "/api/claim/code").ok();
        Banner {
            image: machine::image(),
            slot: machine::slot(),
            host_name: machine::host_name(),
            addresses: machine::addresses(),
            claim_code: code.and_then(|code| code["code"].as_str().map(str::to_owned)),
            state: Unit::look().state,
            notes: notes::all(Path::new(NOTES)),
        }
        .text()
    }

    fn perform(&mut self, deed: Deed) -> anyhow::Result<String> {
        match deed {
            Deed::Status => self.status(),
            Deed::Log => self.log(),
            Deed::Restart => self.restart(),
            Deed::Reboot => self.reboot(),
            Deed::SafeMode => self.safe_mode(),
            Deed::ClaimCode => self.new_claim_code(),
            Deed::Network => {
                tool::require("networkctl", ["--no-pager", "--no-legend", "status", "--all"])
            }
            Deed::RollBack => self.roll_back(),
            Deed::FactoryReset => self.factory_reset(),
        }
    }
}

fn message(answer: &Value) -> String {
    answer["message"].as_str().unwrap_or("It is done.").to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_erased_later_where_the_reboot_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let flag = folder.path().join("factory-reset");
        let refused = granted(&flag, || -> anyhow::Result<()> {
            assert!(!flag.exists(), "the power may go before there is an answer");
            anyhow::bail!("an update is being installed")
        });
        assert_eq!(refused.unwrap_err().to_string(), "an update is being installed");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

        assert_eq!(granted(&flag, || Ok("it reboots")).unwrap(), "it reboots");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().collect();
        assert_eq!(left.iter().map(|entry| entry.path()).collect::<Vec<_>>(), [flag]);

        let nowhere = folder.path().join("gone/factory-reset");
        let failed = granted(&nowhere, || -> anyhow::Result<()> { panic!("it was asked for") });
        assert!(failed.unwrap_err().to_string().starts_with("cannot make"));
    }
}
