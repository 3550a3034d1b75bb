//! Whether all is well, and what to go back to where it is not.

use std::time::{Duration, SystemTime};

use prismatron_store::Settings;

use crate::app::App;
use crate::health::{self, Check, RemedyKind, Report, Since, Word};
use crate::view;
use crate::wire::status::{
    CheckName, CheckReport, CheckState, Checks, Finding, Health, HealthReport, HealthState,
    LastWorked, Recovery, RecoveryKind, SettingsPart,
};

/// For anyone who asks.
pub(crate) fn health(app: &App) -> Health {
    let report = health::examine(app);
    let word = |check| {
        let verdict = report.verdicts.iter().find(|verdict| verdict.check == check);
        verdict.map_or(CheckState::Unknown, |verdict| verdict.word.into())
    };
    Health {
        status: state(&report),
        checked_seconds_ago: report.checked.map(|ago| ago.as_secs()),
        checks: Checks {
            player: word(Check::Player),
            outputs: word(Check::Outputs),
            decoders: word(Check::Decoders),
            storage: word(Check::Storage),
            data: word(Check::Data),
            temperature: word(Check::Temperature),
            memory: word(Check::Memory),
            clock: word(Check::Clock),
            hardware: word(Check::Hardware),
        },
    }
}

/// For those who are signed in.
pub(crate) fn health_report(app: &App) -> HealthReport {
    let report = health::examine(app);
    let now = SystemTime::now();
    let found = report.verdicts.iter().flat_map(|v| v.findings.iter().map(|f| (v.check, f)));
    let finding = |((check, found), Since(age)): ((Check, &health::Finding), &Since)| Finding {
        check: check.into(),
        subject: found.subject.clone(),
        message: found.message.clone(),
        since: since(now, *age),
    };
    HealthReport {
        state: state(&report),
        checked_seconds_ago: report.checked.map(|ago| ago.as_secs()),
        findings: found.zip(&report.since).map(finding).collect(),
        checks: report
            .verdicts
            .iter()
            .map(|verdict| CheckReport {
                check: verdict.check.into(),
                state: verdict.word.into(),
                detail: verdict.detail.clone(),
            })
            .collect(),
        recoveries: health::remedies(app)
            .into_iter()
            .map(|remedy| Recovery {
                kind: remedy.kind.into(),
                tried: remedy.count.tried,
                succeeded: remedy.count.succeeded,
                last: remedy.count.last.map(view::time),
            })
            .collect(),
    }
}

/// When that was, by a clock that may have been set since.
fn since(now: SystemTime, age: Duration) -> String {
    view::time(now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH))
}

fn state(report: &Report) -> HealthState {
    match report.word {
        Word::Ok | Word::Unknown => HealthState::Ok,
        Word::Degraded => HealthState::Degraded,
        Word::Failing => HealthState::Failing,
    }
}

/// What going back to settings that worked would change.
pub(crate) fn last_worked(app: &App, proven: &Settings) -> LastWorked {
    let now = app.settings();
    let parts = [
        (SettingsPart::Layout, now.layout != proven.layout),
        (SettingsPart::Outputs, now.outputs != proven.outputs),
        (SettingsPart::Colours, now.colour != proven.colour),
        (SettingsPart::Playlist, now.active != proven.active),
    ];
    let differs = parts.into_iter().filter_map(|(part, differs)| differs.then_some(part));
    LastWorked { differs: differs.collect() }
}

impl From<Check> for CheckName {
    fn from(check: Check) -> Self {
        match check {
            Check::Player => Self::Player,
            Check::Outputs => Self::Outputs,
            Check::Decoders => Self::Decoders,
            Check::Storage => Self::Storage,
            Check::Data => Self::Data,
            Check::Temperature => Self::Temperature,
            Check::Memory => Self::Memory,
            Check::Clock => Self::Clock,
            Check::Hardware => Self::Hardware,
        }
    }
}

impl From<Word> for CheckState {
    fn from(word: Word) -> Self {
        match word {
            Word::Ok => Self::Ok,
            Word::Unknown => Self::Unknown,
            Word::Degraded => Self::Degraded,
            Word::Failing => Self::Failing,
        }
    }
}

impl From<RemedyKind> for RecoveryKind {
    fn from(kind: RemedyKind) -> Self {
        match kind {
            RemedyKind::ReopenOutput => Self::ReopenOutput,
            RemedyKind::NextHost => Self::NextHost,
            RemedyKind::PruneUploads => Self::PruneUploads,
        }
    }
}
