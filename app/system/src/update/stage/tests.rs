#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::time::UNIX_EPOCH;

use proptest::prelude::*;

use super::super::refusal::Cause;
use super::super::version::Direction;
use super::*;

const UPLOAD: UploadId = UploadId(7);

fn source() -> Source {
    Source::Upload { upload: UPLOAD, name: "wall.raucb".into(), file: "/uploads/7.raucb".into() }
}

fn bundle() -> Bundle {
    Bundle {
        source: source(),
        version: "2".into(),
        compatible: "wall".into(),
        description: None,
        build: None,
        signer: None,
        bytes: Some(9),
        image_bytes: 9,
        changelog: None,
        direction: Direction::Up,
        manifest_hash: None,
    }
}

fn next() -> Next {
    Next {
        errand: Errand::Update,
        slot: "B".into(),
        version: Some("2".into()),
        boot: Boot(1),
        since: UNIX_EPOCH,
    }
}

fn refusal() -> Refusal {
    Refusal { cause: Cause::Unsigned, message: "Nobody has signed it.".into() }
}

fn take(stage: &Stage, step: Step) -> Result<Stage, SystemError> {
    match step {
        Step::Receive => stage.receive(UPLOAD, "wall.raucb".into()),
        Step::Inspect => stage.inspect(match stage {
            Stage::Receiving { .. } => source(),
            _ => Source::Url("http://updates.example/wall.raucb".into()),
        }),
        Step::Accept => stage.accept(match stage {
            Stage::Inspecting(source) => Bundle { source: source.clone(), ..bundle() },
            _ => bundle(),
        }),
        Step::Install => stage.install(After::Wait, "A".into(), Boot(1)),
        Step::Installed => stage.installed(next()),
        Step::RollBack => stage.roll_back(next()),
        Step::Schedule => stage.schedule(Some(UNIX_EPOCH)),
        Step::Booted => stage.booted(),
        Step::Confirm => stage.confirm(),
        Step::Fail => stage.fail(refusal(), UNIX_EPOCH),
        Step::Cancel => stage.cancel(),
    }
}

const STEPS: [Step; 11] = [
    Step::Receive,
    Step::Inspect,
    Step::Accept,
    Step::Install,
    Step::Installed,
    Step::RollBack,
    Step::Schedule,
    Step::Booted,
    Step::Confirm,
    Step::Fail,
    Step::Cancel,
];

fn stages() -> [Stage; 8] {
    let installing =
        Installing { bundle: Some(bundle()), then: After::Wait, from: "A".into(), boot: Boot(1) };
    [
        Stage::Idle,
        Stage::Receiving { upload: UPLOAD, name: "wall.raucb".into() },
        Stage::Inspecting(source()),
        Stage::Inspected(bundle()),
        Stage::Installing(installing),
        Stage::WaitingForReboot { next: next(), at: None },
        Stage::Confirming(next()),
        Stage::Failed(Failed { version: None, refusal: refusal(), at: UNIX_EPOCH }),
    ]
}

/// Every step that is taken from a stage, and where it leads; all others are refused.
fn allowed(stage: StageName) -> &'static [(Step, StageName)] {
    use StageName as S;
    match stage {
        S::Idle => &[
            (Step::Receive, S::Receiving),
            (Step::Inspect, S::Inspecting),
            (Step::RollBack, S::WaitingForReboot),
        ],
        S::Receiving => &[
            (Step::Receive, S::Receiving),
            (Step::Inspect, S::Inspecting),
            (Step::Cancel, S::Idle),
        ],
        S::Inspecting => {
            &[(Step::Accept, S::Inspected), (Step::Fail, S::Failed), (Step::Cancel, S::Idle)]
        }
        S::Inspected => &[
            (Step::Receive, S::Receiving),
            (Step::Inspect, S::Inspecting),
            (Step::Install, S::Installing),
            (Step::RollBack, S::WaitingForReboot),
            (Step::Cancel, S::Idle),
        ],
        S::Installing => &[(Step::Installed, S::WaitingForReboot), (Step::Fail, S::Failed)],
        S::WaitingForReboot => &[
            (Step::Schedule, S::WaitingForReboot),
            (Step::Booted, S::Confirming),
            (Step::Fail, S::Failed),
            (Step::Cancel, S::Idle),
        ],
        S::Confirming => &[
            (Step::RollBack, S::WaitingForReboot),
            (Step::Booted, S::Confirming),
            (Step::Confirm, S::Idle),
            (Step::Fail, S::Failed),
        ],
        S::Failed => &[
            (Step::Receive, S::Receiving),
            (Step::Inspect, S::Inspecting),
            (Step::RollBack, S::WaitingForReboot),
            (Step::Cancel, S::Idle),
        ],
    }
}

#[test]
fn each_step_leads_where_it_should_or_is_refused_by_name() {
    for stage in stages() {
        for step in STEPS {
            let to = allowed(stage.name()).iter().find(|(allowed, _)| *allowed == step);
            match (take(&stage, step), to) {
                (Ok(next), Some((_, to))) => assert_eq!(next.name(), *to, "{step:?}: {stage:?}"),
                (Err(SystemError::Unstoppable), None) => {
                    assert_eq!((stage.name(), step), (StageName::Installing, Step::Cancel));
                }
                (Err(error), None) => {
                    assert_eq!(error, SystemError::OutOfTurn { step, stage: stage.name() });
                }
                (taken, _) => panic!("{step:?} in {stage:?}: {taken:?}"),
            }
        }
    }
}

#[test]
fn another_upload_or_bundle_is_not_mistaken_for_the_one_that_is_meant() {
    let [_, receiving, inspecting, ..] = stages();
    let other = Source::Upload { upload: UploadId(8), name: "b".into(), file: "/b".into() };
    assert!(receiving.inspect(other.clone()).is_err());
    assert!(receiving.inspect(Source::Url("http://a/b".into())).is_err());
    assert!(inspecting.accept(Bundle { source: other, ..bundle() }).is_err());
}

#[test]
fn what_comes_after_an_installation_was_settled_before() {
    let then = |then| {
        let stage = Stage::Inspected(bundle()).install(then, "A".into(), Boot(1)).unwrap();
        let Stage::WaitingForReboot { at, .. } = stage.installed(next()).unwrap() else {
            panic!("it does not wait");
        };
        at
    };
    let late = UNIX_EPOCH + std::time::Duration::from_secs(60);
    assert_eq!(then(After::Wait), None);
    assert_eq!(then(After::Reboot), Some(UNIX_EPOCH));
    assert_eq!(then(After::RebootAt(late)), Some(late));
}

#[test]
fn somebody_elses_installation_is_taken_over_but_not_over_our_own() {
    for stage in stages() {
        let adopted = stage.adopt("A".into(), Boot(1));
        match stage.name() {
            StageName::Installing | StageName::Confirming => assert!(adopted.is_err(), "{stage:?}"),
            _ => assert_eq!(adopted.unwrap().name(), StageName::Installing),
        }
    }
}

#[test]
fn a_stage_is_kept_as_it_is() {
    for stage in stages() {
        let text = serde_json::to_string(&stage).unwrap();
        assert_eq!(serde_json::from_str::<Stage>(&text).unwrap(), stage);
    }
}

proptest! {
    /// Whatever is asked in whatever order: nothing is installed that was not accepted, nothing runs unconfirmed into idleness,
    /// and each upload that is let go of was held before.
    #[test]
    fn no_order_of_steps_leads_astray(steps in prop::collection::vec(0..STEPS.len(), 0..60)) {
        let mut stage = Stage::Idle;
        for step in steps.into_iter().map(|index| STEPS[index]) {
            let before = stage.clone();
            let Ok(after) = take(&stage, step) else { continue };
            if after.name() == StageName::Installing {
                prop_assert_eq!(before.name(), StageName::Inspected);
            }
            if before.name() == StageName::Installing {
                prop_assert!(matches!(after.name(), StageName::WaitingForReboot | StageName::Failed));
            }
            if before.name() == StageName::Confirming && after.name() == StageName::Idle {
                prop_assert_eq!(step, Step::Confirm);
            }
            stage = after;
        }
    }
}
