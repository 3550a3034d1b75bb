//! Whether all is well.

use prismatron_store::StorageStatus;

use crate::app::App;
use crate::wire::output::{OutputState, OutputStatus};
use crate::wire::status::{Finding, HealthReport, HealthState, HealthWord};

/// A quota is nearly used up when this part of it is left, one in so many.
const NEARLY: u64 = 20;

/// Whether it works, in a word and without looking far.
pub(crate) fn word(app: &App) -> HealthWord {
    if engine_runs(app) { HealthWord::Ok } else { HealthWord::Failing }
}

fn engine_runs(app: &App) -> bool {
    // The sender of the state lives in the engine's thread.
    app.engine.state().has_changed().is_ok()
}

/// What is not well.
pub(crate) fn findings(
    app: &App,
    storage: &StorageStatus,
    outputs: &[(String, OutputStatus)],
) -> HealthReport {
    let mut findings: Vec<Finding> = app
        .store
        .findings()
        .borrow()
        .iter()
        .map(|found| finding(&found.subject, &found.message))
        .collect();
    for (name, status) in outputs {
        if status.state == OutputState::Failing {
            let reason = status.message.as_deref().unwrap_or("the controller does not answer");
            findings.push(finding(&format!("output “{name}”"), reason));
        }
    }
    if let Some(message) = &app.player().message {
        findings.push(finding("player", message));
    }
    findings.extend(storage_low(storage));
    let state = if !engine_runs(app) {
        findings.insert(0, finding("player", "the player has stopped; restart Prismatron"));
        HealthState::Failing
    } else if findings.is_empty() {
        HealthState::Ok
    } else {
        HealthState::Degraded
    };
    HealthReport { state, findings }
}

fn finding(subject: &str, message: &str) -> Finding {
    Finding { subject: subject.into(), message: message.into() }
}

fn storage_low(storage: &StorageStatus) -> Option<Finding> {
    if storage.free <= storage.reserve {
        return Some(finding(
            "storage",
            "the disk is full up to its reserve: no files can be uploaded until some are deleted",
        ));
    }
    let quota = storage.quota?;
    (quota.saturating_sub(storage.used) < quota / NEARLY).then(|| {
        finding("storage", "the quota is nearly used up: delete files that are not needed")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOMY: StorageStatus = StorageStatus {
        used: 50,
        quota: Some(100),
        free: 1000,
        reserve: 100,
        uploads_in_progress: 0,
    };

    #[test]
    fn low_storage_is_found() {
        assert_eq!(storage_low(&ROOMY), None);
        assert_eq!(storage_low(&StorageStatus { quota: None, used: 1 << 40, ..ROOMY }), None);
        assert!(storage_low(&StorageStatus { used: 96, ..ROOMY }).is_some());
        assert!(storage_low(&StorageStatus { free: 100, ..ROOMY }).is_some());
    }
}
