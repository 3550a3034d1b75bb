//! What is to be thought of what was seen: pure, by the facts it is given.

use std::collections::BTreeMap;
use std::time::Duration;

use prismatron_board::Outlook;
use prismatron_core::unit::Brightness;
use prismatron_engine::Failures;
use prismatron_store::{DiskAccess, Finding as Stored, StorageStatus};
use prismatron_system::{ClockState, Memory, Readings};

use crate::wire::output::{OutputState, OutputStatus};

/// A quota is nearly used up when this part of it is left, one in so many.
const NEARLY: u64 = 20;
/// Memory is short when this part of it can still be had, one in so many, and nearly out at a quarter of that.
const SHORT: u64 = 10;
const NEARLY_OUT: u64 = 40;
/// Items that failed are told of by name up to so many.
const NAMED: usize = 10;

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Check {
    /// Whether pictures are made.
    Player,
    /// Whether they arrive.
    Outputs,
    /// Whether media can be opened and decoded.
    Decoders,
    /// Whether there is room, and the disk takes it.
    Storage,
    /// Whether all that was kept is whole, and the configuration good.
    Data,
    Temperature,
    Memory,
    Clock,
    /// Whether the board's devices do what they should.
    Hardware,
}

/// How it is, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Word {
    Ok,
    /// The machine does not tell, or has not been asked yet.
    Unknown,
    /// It works, but something needs a look.
    Degraded,
    /// It does not work.
    Failing,
}

/// What was found by one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) check: Check,
    pub(crate) word: Word,
    /// What was seen, in words for people, where that is more than the findings say.
    pub(crate) detail: Option<String>,
    pub(crate) findings: Vec<Finding>,
}

/// Something that is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What it is about; stays the same for as long as it holds.
    pub(crate) subject: String,
    /// What is wrong and what to do, in words for people.
    pub(crate) message: String,
}

/// What was seen.
pub(crate) struct Facts<'a> {
    pub(crate) player_runs: bool,
    /// Why nothing plays although it should.
    pub(crate) stalled: Option<&'a str>,
    pub(crate) outputs: &'a [(String, OutputStatus)],
    /// What the store has found.
    pub(crate) found: &'a [Stored],
    /// Items that failed of late.
    pub(crate) failures: &'a Failures,
    /// Both where they have been read, and not too long ago…
    pub(crate) storage: Option<&'a StorageStatus>,
    pub(crate) readings: Option<&'a Readings>,
    /// … and how long ago, if it is.
    pub(crate) stale: Option<Duration>,
    /// What the board tells, where there is one.
    pub(crate) board: Option<&'a Outlook>,
}

/// What is to be thought of it, check by check.
pub(crate) fn judge(facts: &Facts<'_>) -> Vec<Verdict> {
    vec![
        player(facts),
        outputs(facts.outputs),
        decoders(facts.failures),
        storage(facts),
        data(facts.found),
        temperature(facts.readings),
        memory(facts.readings),
        clock(facts.readings),
        hardware(facts.board),
    ]
}

impl Verdict {
    fn new(check: Check, word: Word) -> Self {
        Self { check, word, detail: None, findings: Vec::new() }
    }

    fn seen(mut self, detail: String) -> Self {
        self.detail = Some(detail);
        self
    }

    /// Adds a finding, which makes it this bad at least.
    fn find(&mut self, word: Word, subject: impl Into<String>, message: impl Into<String>) {
        // What is found wrong is not unknown.
        self.word = self.word.max(word);
        self.findings.push(Finding { subject: subject.into(), message: message.into() });
    }
}

fn player(facts: &Facts<'_>) -> Verdict {
    let mut verdict = Verdict::new(Check::Player, Word::Ok);
    if !facts.player_runs {
        let message = "the player has stopped; restart Prismatron";
        verdict.find(Word::Failing, "player", message);
    } else if let Some(message) = facts.stalled {
        verdict.find(Word::Degraded, "player", message);
    }
    verdict
}

fn outputs(all: &[(String, OutputStatus)]) -> Verdict {
    let on = || all.iter().filter(|(_, status)| status.state != OutputState::Off);
    let of = |state| on().filter(|(_, status)| status.state == state).count();
    let mut verdict = Verdict::new(Check::Outputs, Word::Ok).seen(format!(
        "{} of {} sending",
        of(OutputState::Sending),
        on().count()
    ));
    let word =
        if of(OutputState::Failing) == on().count() { Word::Failing } else { Word::Degraded };
    for (name, status) in on().filter(|(_, status)| status.state == OutputState::Failing) {
        let reason = status.message.as_deref().unwrap_or("the controller does not answer");
        verdict.find(word, format!("output “{name}”"), reason);
    }
    verdict
}

fn decoders(failures: &Failures) -> Verdict {
    let (total, recent) = (failures.total, failures.recent.len());
    let mut verdict = Verdict::new(Check::Decoders, Word::Ok)
        .seen(format!("{recent} failures in the last hour, {total} since the start"));
    let mut items: BTreeMap<_, (_, u32)> = BTreeMap::new();
    for failure in &failures.recent {
        let (last, count) = items.entry(failure.item).or_insert((failure, 0));
        (*last, *count) = (failure, *count + 1);
    }
    let more = items.len().saturating_sub(NAMED);
    for (failure, count) in items.into_values().take(NAMED) {
        let times = if count == 1 { "once".into() } else { format!("{count} times") };
        let message = format!("failed {times} in the last hour: {}", failure.reason);
        verdict.find(Word::Degraded, format!("item “{}”", failure.title), message);
    }
    if more > 0 {
        verdict.find(Word::Degraded, "items", format!("{more} more failed in the last hour"));
    }
    verdict
}

fn storage(facts: &Facts<'_>) -> Verdict {
    let mut verdict = Verdict::new(Check::Storage, Word::Unknown);
    if let Some(storage) = facts.storage {
        verdict.word = Word::Ok;
        verdict.detail = Some(format!("{} free", bytes(storage.free)));
        match storage.access {
            DiskAccess::Writable => {}
            DiskAccess::ReadOnly => {
                let message = "the system has made the disk read-only: it may be failing. \
                    Nothing is kept until the machine is restarted or the disk replaced";
                verdict.find(Word::Failing, "disk", message);
            }
            DiskAccess::Unknown => {
                verdict.find(Word::Failing, "disk", "the disk cannot be asked for its free space");
            }
        }
        if let Some(message) = room(storage) {
            verdict.find(Word::Degraded, "room", message);
        }
    } else if let Some(age) = facts.stale {
        let message = format!(
            "the last check ended {} s ago, and the one after it does not: a disk or a sensor hangs",
            age.as_secs()
        );
        verdict.find(Word::Degraded, "checks", message);
    }
    if let Some(errors @ 1..) = facts.readings.and_then(|readings| readings.disk_errors) {
        let message = format!(
            "the file system has counted {errors} errors: copy what matters, check the disk (e2fsck) \
             and think of replacing it"
        );
        verdict.find(Word::Degraded, "disk errors", message);
    }
    for found in facts.found.iter().filter(|found| found.subject == Stored::STORAGE) {
        verdict.find(Word::Failing, &*found.subject, &*found.message);
    }
    verdict
}

fn room(storage: &StorageStatus) -> Option<&'static str> {
    if storage.access != DiskAccess::Unknown && storage.free <= storage.reserve {
        return Some(
            "the disk is full up to its reserve: no files can be uploaded until some are deleted",
        );
    }
    let quota = storage.quota?;
    (quota.saturating_sub(storage.used) < quota / NEARLY)
        .then_some("the quota is nearly used up: delete files that are not needed")
}

fn data(found: &[Stored]) -> Verdict {
    let mut verdict = Verdict::new(Check::Data, Word::Ok);
    for found in found.iter().filter(|found| found.subject != Stored::STORAGE) {
        verdict.find(Word::Degraded, &*found.subject, &*found.message);
    }
    verdict
}

fn temperature(readings: Option<&Readings>) -> Verdict {
    let unknown = Verdict::new(Check::Temperature, Word::Unknown);
    let Some(readings) = readings else { return unknown };
    let Some(heat) = &readings.temperature else {
        return unknown.seen("this machine has no sensor".into());
    };
    let (celsius, sensor) = (heat.celsius.round(), &heat.sensor);
    let mut verdict = Verdict::new(Check::Temperature, Word::Ok)
        .seen(format!("{celsius} °C at {sensor}, hot from {} °C", heat.hot.round()));
    if heat.critical.is_some_and(|critical| heat.celsius >= critical) {
        let message = format!("{sensor} has {celsius} °C: the machine is about to switch off");
        verdict.find(Word::Failing, "temperature", message);
    } else if heat.celsius >= heat.hot {
        let message = format!(
            "{sensor} has {celsius} °C: the machine slows down. Look at its fan, and at the air \
             around it"
        );
        verdict.find(Word::Degraded, "temperature", message);
    }
    verdict
}

fn memory(readings: Option<&Readings>) -> Verdict {
    let unknown = Verdict::new(Check::Memory, Word::Unknown);
    let Some(readings) = readings else { return unknown };
    let all = [("the machine", readings.memory), ("this service", readings.allowance)];
    let known: Vec<_> =
        all.into_iter().filter_map(|(whose, memory)| Some((whose, memory?))).collect();
    if known.is_empty() {
        return unknown.seen("this machine does not tell".into());
    }
    let say = |(whose, Memory { total, available }): &(&str, Memory)| {
        format!("{} of {} left for {whose}", bytes(*available), bytes(*total))
    };
    let seen: Vec<String> = known.iter().map(say).collect();
    let mut verdict = Verdict::new(Check::Memory, Word::Ok).seen(seen.join(", "));
    for one @ (whose, Memory { total, available }) in &known {
        let word = match *available {
            left if left < total / NEARLY_OUT => Word::Failing,
            left if left < total / SHORT => Word::Degraded,
            _ => continue,
        };
        let message = format!("{}: smaller pictures and videos need less", say(one));
        verdict.find(word, format!("memory of {whose}"), message);
    }
    verdict
}

fn clock(readings: Option<&Readings>) -> Verdict {
    let verdict = |word| Verdict::new(Check::Clock, word);
    match readings.map(|readings| readings.clock) {
        None => verdict(Word::Unknown),
        Some(ClockState::Synchronised) => verdict(Word::Ok).seen("set by network time".into()),
        Some(ClockState::Unconfirmed) => {
            verdict(Word::Unknown).seen("nothing has confirmed it since the start".into())
        }
        Some(ClockState::Unset) => {
            let mut unset = verdict(Word::Ok);
            let message = "the clock has not been set: times in logs are wrong, and nothing expires. \
                Give the machine network time or a clock with a battery";
            unset.find(Word::Degraded, "clock", message);
            unset
        }
    }
}

fn hardware(board: Option<&Outlook>) -> Verdict {
    let mut verdict = Verdict::new(Check::Hardware, Word::Ok);
    let Some(board) = board else { return verdict.seen("none is configured".into()) };
    let shade = board.shade.map(Brightness::get).filter(|shade| *shade < 1.0);
    let dimmed = shade.map(|shade| format!("dimmed to {:.0} %", shade * 100.0));
    let seen: Vec<String> = board.seen.iter().cloned().chain(dimmed).collect();
    if !seen.is_empty() {
        verdict.detail = Some(seen.join(", "));
    }
    for found in &board.findings {
        verdict.find(Word::Degraded, &*found.subject, &*found.message);
    }
    verdict
}

/// So many bytes, for people.
fn bytes(count: u64) -> String {
    let mib = count >> 20;
    if mib >= 10 << 10 { format!("{} GiB", mib >> 10) } else { format!("{mib} MiB") }
}

#[cfg(test)]
mod tests;
