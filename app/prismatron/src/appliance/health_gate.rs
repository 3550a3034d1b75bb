//! `prismatron health-gate`: whether this boot can be confirmed.
//!
//! It can when the service is ready, has made frames and sent them to every output that can be sent to, and has stayed up
//! for a minute; or when an administrator says so. An output whose controller is not there is excused: an unplugged wall
//! must not undo an update. One that waits for a network or a name may wait because of a new system, and is excused in one
//! that was confirmed before, and where there is no other to go back to. Where it does not come to that, the slot is marked
//! bad, the reason kept, and the command fails, which reboots the machine into the other slot. Where there is no other slot
//! to boot the machine stays as it is, since a page or a console that says what is wrong is more than a machine that
//! reboots for ever.

use std::path::Path;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::boots::{self, BOOTS, Failure};
use super::machine::{self, Service};
use super::slots::{self, Slots};
use super::{NOTES, notes, tool};

/// What notes are about.
const SUBJECT: &str = "update";
/// So many crashes are too many.
const CRASHES: u32 = 2;
/// How long the service must have been up.
const SETTLED: Duration = Duration::from_secs(60);
/// How long all of it may take from when the service was started.
const PATIENCE: Duration = Duration::from_secs(240);
/// How long a boot that is not good is left alone where nothing else can be booted: somebody may mend it on the console.
const LAST_RESORT: Duration = Duration::from_secs(600);
/// How long a boot that is not good is left alone while RAUC installs.
const INSTALLATION: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_secs(2);
/// Lines of the journal that are kept of a boot that failed.
const LINES: &str = "40";

/// What is known at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Look {
    /// The unit's `ActiveState`.
    pub(super) unit: String,
    /// How often systemd has started the service again by itself.
    pub(super) restarts: u32,
    /// What the service says of itself, if it answers.
    pub(super) status: Result<Value, String>,
    /// Whether somebody has confirmed this boot by hand.
    pub(super) is_confirmed: bool,
}

/// What that comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// It can be confirmed.
    Good,
    /// Not yet, and why.
    NotYet(String),
    /// It will not come to that, and why.
    Bad(String),
}

/// What an output waits for: a network, or somebody who knows its controller by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Network {
    /// The system may be why there is none.
    Wanted,
    /// It is not, or nothing is to be gained by another.
    Excused,
}

/// Waits for the verdict and acts on it.
///
/// # Errors
/// The service cannot be asked at all.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let service = Service::new()?;
    let slot = machine::slot();
    // A machine that stops before the verdict tells nobody itself.
    let meanwhile = |reason: String| {
        if let Some(slot) = &slot {
            keep(&boots::meanwhile(slot), reason);
        }
    };
    meanwhile("it stopped before it was confirmed".into());
    let slots = once_free(Slots::ask, Duration::ZERO);
    if let Some(message) = slots.as_ref().and_then(|slots| rolled_back(slots, Path::new(BOOTS))) {
        notes::leave(Path::new(NOTES), SUBJECT, &message);
    }
    let network = network(slots.as_ref(), Path::new(BOOTS));
    let confirmed = || {
        if let Some(Slots { booted, .. }) = &slots {
            boots::prove(Path::new(BOOTS), &booted.name, booted.activated);
        }
        if let Some(slot) = &slot {
            boots::forget(Path::new(BOOTS), slot);
        }
        ExitCode::SUCCESS
    };
    let waits = |reason: &str| {
        meanwhile(format!("it stopped before it was confirmed; until then: {reason}"));
    };
    let reason = match wait(|| verdict(&service.look(), network), PATIENCE, waits) {
        Ok(()) => return Ok(confirmed()),
        Err(reason) => reason,
    };
    println!("This boot is not confirmed: {reason}");
    // What is in the other slot may have changed since.
    let now = once_free(Slots::ask, INSTALLATION);
    let Some(now) = now.filter(|now| now.other.is_good) else {
        let message = format!(
            "This start is not confirmed, and there is no other slot to go back to: {reason}"
        );
        notes::leave(Path::new(NOTES), SUBJECT, &message);
        // A boot that is counted brings this slot nearer to where the boot loader gives it up too, and starts nothing.
        if let Err(error) = tool::require("rauc", ["status", "mark-good"]) {
            eprintln!("{error:#}");
        }
        if !outlast(|| verdict(&service.look(), Network::Excused), LAST_RESORT) {
            return Ok(ExitCode::FAILURE);
        }
        notes::take_away(Path::new(NOTES), SUBJECT);
        return Ok(confirmed());
    };
    keep(&now.booted.name, reason);
    if let Err(error) = tool::require("rauc", ["status", "mark-bad"]) {
        eprintln!("{error:#}");
    }
    Ok(ExitCode::FAILURE)
}

/// Keeps why this boot is not confirmed.
fn keep(name: &str, reason: String) {
    let failure = Failure { version: env!("CARGO_PKG_VERSION").into(), reason, log: journal() };
    if let Err(error) = boots::keep(Path::new(BOOTS), name, &failure) {
        eprintln!("{error:#}");
    }
}

/// Whether an output may go without what it waits for.
fn network(slots: Option<&Slots>, boots: &Path) -> Network {
    let is_new = slots.is_some_and(|Slots { booted, other }| {
        other.is_good && !boots::is_proven(boots, &booted.name, booted.activated)
    });
    if is_new { Network::Wanted } else { Network::Excused }
}

/// The slots, once RAUC is free to tell, or after so long. While it installs it answers nobody.
fn once_free(mut ask: impl FnMut() -> anyhow::Result<Slots>, patience: Duration) -> Option<Slots> {
    let until = Instant::now() + patience;
    loop {
        match ask() {
            Ok(slots) => return Some(slots),
            Err(error) if slots::is_busy(&error) && Instant::now() < until => sleep(LOOK),
            Err(error) => {
                eprintln!("{error:#}");
                return None;
            }
        }
    }
}

/// Looks until the verdict is there, or for so long; `Err` is why it is not good. `waits` is told what it waits for.
fn wait(
    mut verdict: impl FnMut() -> Verdict,
    patience: Duration,
    mut waits: impl FnMut(&str),
) -> Result<(), String> {
    let until = Instant::now() + patience;
    let mut last = String::new();
    loop {
        match verdict() {
            Verdict::Good => return Ok(()),
            Verdict::Bad(reason) => return Err(reason),
            Verdict::NotYet(reason) if Instant::now() >= until => return Err(reason),
            Verdict::NotYet(reason) => {
                if reason != last {
                    waits(&reason);
                    last = reason;
                }
                sleep(LOOK);
            }
        }
    }
}

/// Looks until the verdict is good after all, or for so long; whether it is.
fn outlast(mut verdict: impl FnMut() -> Verdict, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    loop {
        if verdict() == Verdict::Good {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        sleep(LOOK);
    }
}

fn verdict(look: &Look, network: Network) -> Verdict {
    let not_yet = |reason: &str| Verdict::NotYet(reason.to_owned());
    // Whoever stands before the wall knows better.
    if look.is_confirmed {
        return Verdict::Good;
    }
    match look.unit.as_str() {
        "active" | "reloading" => {}
        "failed" => return Verdict::Bad("the service has failed".into()),
        _ => return not_yet("the service is not ready"),
    }
    // It is in safe mode now, where little can go wrong.
    if look.restarts >= CRASHES {
        return Verdict::Bad(format!("the service has crashed {} times", look.restarts));
    }
    let status = match &look.status {
        Ok(status) => status,
        Err(reason) => return Verdict::NotYet(format!("the service does not answer: {reason}")),
    };
    if status["health"]["state"] == "failing" {
        return not_yet("the player has stopped");
    }
    let made = status["player"]["frames"].as_u64().unwrap_or(0);
    if made == 0 && status["safe_mode"].is_null() {
        return not_yet("the service has made no frames");
    }
    for output in status["outputs"].as_array().into_iter().flatten() {
        let can_send = output["state"] == "sending"
            || output["state"] == "waiting" && network == Network::Wanted;
        if can_send && output["frames"].as_u64().unwrap_or(0) == 0 {
            let name = output["name"].as_str().unwrap_or_default();
            return Verdict::NotYet(format!("output “{name}” has sent no frames"));
        }
    }
    if status["uptime_seconds"].as_u64().unwrap_or(0) < SETTLED.as_secs() {
        return not_yet("the service has not stayed up for a minute");
    }
    Verdict::Good
}

/// What there is to say, once, where the other slot was to run.
fn rolled_back(slots: &Slots, folder: &Path) -> Option<String> {
    if !slots.are_rolled_back() {
        return None;
    }
    let (tried, runs) = (slots.other.title(), slots.booted.title());
    let since = slots.other.activated?;
    if !boots::is_news(folder, &slots.other.name, since) {
        return None;
    }
    let why = boots::told(folder, &slots.other.name, since);
    let why = why.unwrap_or_else(|| "it did not come so far as to say why.".into());
    Some(format!(
        "The update in {tried} was tried and given up; {runs} runs again. The reason: {why}"
    ))
}

/// The end of this boot's journal.
fn journal() -> Vec<String> {
    let ask =
        ["--boot", "--no-pager", "--output=short", "--unit=prismatron.service", "--lines", LINES];
    let said = tool::require("journalctl", ask).unwrap_or_default();
    said.lines().map(str::to_owned).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use std::time::SystemTime;

    use serde_json::json;

    use super::*;

    fn look(status: Value) -> Look {
        Look { unit: "active".into(), restarts: 0, status: Ok(status), is_confirmed: false }
    }

    fn well() -> Value {
        json!({"uptime_seconds": 60, "safe_mode": null, "health": {"state": "degraded"},
            "player": {"frames": 9}, "outputs": [
            {"name": "wall", "state": "sending", "frames": 9},
            {"name": "unplugged", "state": "failing", "frames": 0},
            {"name": "spare", "state": "off", "frames": 0},
        ]})
    }

    fn with(path: &str, value: Value) -> Verdict {
        let mut status = well();
        *status.pointer_mut(path).unwrap() = value;
        judge(&look(status))
    }

    /// Of a system that is new.
    fn judge(look: &Look) -> Verdict {
        verdict(look, Network::Wanted)
    }

    #[test]
    fn a_service_that_does_its_work_for_a_minute_is_good() {
        assert_eq!(judge(&look(well())), Verdict::Good);
    }

    #[test]
    fn each_sign_of_life_is_wanted() {
        let not_yet = |reason: &str| Verdict::NotYet(reason.to_owned());
        assert_eq!(
            with("/uptime_seconds", json!(59)),
            not_yet("the service has not stayed up for a minute")
        );
        assert_eq!(with("/player/frames", json!(0)), not_yet("the service has made no frames"));
        assert_eq!(with("/health/state", json!("failing")), not_yet("the player has stopped"));
        assert_eq!(
            with("/outputs/0/frames", json!(0)),
            not_yet("output “wall” has sent no frames")
        );
        let silent = Look { status: Err("gone".into()), ..look(well()) };
        assert_eq!(judge(&silent), not_yet("the service does not answer: gone"));
        let starting = Look { unit: "activating".into(), ..look(well()) };
        assert_eq!(judge(&starting), not_yet("the service is not ready"));
        let failed = Look { unit: "failed".into(), ..look(well()) };
        assert_eq!(judge(&failed), Verdict::Bad("the service has failed".into()));
        let crashed = Look { restarts: 2, ..look(well()) };
        assert_eq!(judge(&crashed), Verdict::Bad("the service has crashed 2 times".into()));
    }

    #[test]
    fn a_network_is_wanted_of_a_system_that_is_new_and_can_be_gone_back_from() {
        let mut status = well();
        status["outputs"][0] = json!({"name": "wall", "state": "waiting", "frames": 0});
        let dark = Verdict::NotYet("output “wall” has sent no frames".into());
        assert_eq!(verdict(&look(status.clone()), Network::Wanted), dark);
        assert_eq!(verdict(&look(status), Network::Excused), Verdict::Good);
        let sends = json!({"name": "wall", "state": "sending", "frames": 0});
        let mut status = well();
        status["outputs"][0] = sends;
        assert_eq!(verdict(&look(status), Network::Excused), dark);

        let folder = tempfile::tempdir().unwrap();
        let mut slots = Slots::default();
        slots.booted.name = "A".into();
        slots.booted.activated = Some(SystemTime::UNIX_EPOCH);
        let of = |slots: &Slots| network(Some(slots), folder.path());
        assert_eq!(of(&slots), Network::Excused, "there is no other");
        slots.other.is_good = true;
        assert_eq!(of(&slots), Network::Wanted);
        boots::prove(folder.path(), "A", slots.booted.activated);
        assert_eq!(of(&slots), Network::Excused);
        assert_eq!(network(None, folder.path()), Network::Excused);
    }

    #[test]
    fn what_somebody_has_confirmed_is_good_whatever_else_is_the_case() {
        let dark = Look { unit: "failed".into(), restarts: 9, ..look(json!({})) };
        assert_ne!(judge(&dark), Verdict::Good);
        assert_eq!(judge(&Look { is_confirmed: true, ..dark }), Verdict::Good);
    }

    #[test]
    fn safe_mode_makes_no_frames_and_may_be_confirmed() {
        let mut status = well();
        status["player"]["frames"] = json!(0);
        status["safe_mode"] = json!("It was asked for.");
        assert_eq!(judge(&look(status)), Verdict::Good);
    }

    #[test]
    fn what_has_failed_may_still_come_round() {
        let mut looks = vec![look(well()), Look { unit: "failed".into(), ..look(well()) }];
        assert!(outlast(|| judge(&looks.pop().unwrap()), LAST_RESORT));
        let failed = Look { unit: "failed".into(), ..look(well()) };
        assert!(!outlast(|| judge(&failed), Duration::ZERO));
    }

    #[test]
    fn patience_ends() {
        let mut looks = 0;
        let waited = wait(
            || {
                looks += 1;
                judge(&look(json!({"player": {"frames": 1}})))
            },
            Duration::ZERO,
            |_| {},
        );
        assert_eq!(waited, Err("the service has not stayed up for a minute".into()));
        assert_eq!(looks, 1);
    }

    #[test]
    fn what_is_waited_for_is_told_where_it_changes() {
        let starting = || Look { unit: "activating".into(), ..look(well()) };
        let mut looks = vec![look(well()), starting(), starting()];
        let mut waits = Vec::new();
        let waited =
            wait(|| judge(&looks.pop().unwrap()), PATIENCE, |reason| waits.push(reason.to_owned()));
        assert_eq!((waited, waits), (Ok(()), vec!["the service is not ready".to_owned()]));
    }

    #[test]
    fn rauc_is_waited_for_while_it_installs_and_not_where_it_is_broken() {
        let busy = "rauc: GDBus.Error: already processing a different method";
        let mut answers = vec![Ok(Slots::default()), Err(anyhow::anyhow!(busy))];
        assert_eq!(once_free(|| answers.pop().unwrap(), INSTALLATION), Some(Slots::default()));
        let mut asked = 0;
        let mut fail = |said: &'static str, patience| {
            let slots = once_free(
                || {
                    asked += 1;
                    Err(anyhow::anyhow!(said))
                },
                patience,
            );
            (slots, std::mem::take(&mut asked))
        };
        assert_eq!(fail("there is no RAUC", INSTALLATION), (None, 1));
        assert_eq!(fail(busy, Duration::ZERO), (None, 1));
    }

    #[test]
    fn what_was_given_up_is_told_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let mut slots = Slots::default();
        assert_eq!(rolled_back(&slots, folder.path()), None);
        slots.booted.name = "A".into();
        slots.other.name = "B".into();
        slots.other.version = Some("2.0".into());
        slots.other.activated = Some(SystemTime::UNIX_EPOCH);
        let told = rolled_back(&slots, folder.path()).unwrap();
        assert!(told.contains("slot B (2.0)") && told.contains("did not come so far"), "{told}");
        assert_eq!(rolled_back(&slots, folder.path()), None, "at the boots after that");
        slots.other.activated = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1));
        let failure = Failure {
            version: "2".into(),
            reason: "the page is dead".into(),
            log: vec!["boom".into()],
        };
        boots::keep(folder.path(), "B", &failure).unwrap();
        let told = rolled_back(&slots, folder.path()).unwrap();
        assert!(told.contains("the page is dead. It logged last: boom"), "{told}");
    }
}
