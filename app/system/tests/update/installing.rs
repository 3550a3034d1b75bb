//! From a bundle that was accepted to a system that runs, over restarts and reboots.

use std::time::{Duration, UNIX_EPOCH};

use prismatron_system::update::{After, Cause, Direction, Errand, Stage, StageName, UpdateState};
use prismatron_system::{Ability, Action, Order, SystemError};
use tokio::time::timeout;

use crate::world::{PATIENCE, World};

const REBOOT_HELD: &str = "an update is being installed";

fn cause(state: &UpdateState) -> (Cause, String) {
    let Stage::Failed(failed) = &state.stage else { panic!("{state:?}") };
    (failed.refusal.cause, failed.refusal.message.clone())
}

#[tokio::test]
async fn nothing_is_installed_beside_a_system_that_is_not_confirmed() {
    let world = World::start().await;
    world.accepted("2").await;
    for (is_confirmed, is_booted_good) in [(false, true), (true, false)] {
        {
            let mut machine = world.machine.get();
            (machine.is_confirmed, machine.is_booted_good) = (is_confirmed, is_booted_good);
        }
        let refused = world.updates.install(After::Wait, "admin").await;
        assert!(matches!(refused, Err(SystemError::Unconfirmed)), "{refused:?}");
        assert!(world.machine.told().is_empty());
    }
    world.machine.get().is_confirmed = true;
    world.machine.get().is_booted_good = true;
    world.updates.install(After::Wait, "admin").await.unwrap();
}

#[tokio::test]
async fn an_update_goes_from_upload_to_confirmed() {
    let mut world = World::start().await;
    let upload = world.accepted("2").await;
    let state = world.until(|_| true).await;
    let Stage::Inspected(bundle) = &state.stage else { panic!("{state:?}") };
    assert_eq!((bundle.version.as_str(), bundle.direction), ("2", Direction::Up));
    assert!(bundle.signer.as_deref().unwrap().contains("CN = signer"), "{bundle:?}");
    assert!(bundle.bytes > Some(bundle.image_bytes) && bundle.image_bytes == 300_000);
    world.updates.set_dim(true).await.unwrap();

    world.updates.install(After::Wait, "admin").await.unwrap();
    let told = world.machine.told();
    assert!(told.len() == 1 && told[0].starts_with("InstallBundle("), "{told:?}");
    world.machine.get().installing = Some((40, "Copying image"));
    let state = world.until(|state| state.progress.as_ref().is_some_and(|p| p.percent == 40)).await;
    assert_eq!(state.stage.name(), StageName::Installing);
    {
        let shelf = world.notebook.0.lock().unwrap();
        assert_eq!((shelf.restore_points, &shelf.dimmed[..]), (1, &[true][..]));
        assert!(shelf.uploads.contains_key(&upload), "RAUC reads it");
    }
    world.machine.end("");
    let state = world.until_stage(StageName::WaitingForReboot).await;
    assert_eq!(state.progress, None);
    {
        let shelf = world.notebook.0.lock().unwrap();
        assert!(shelf.uploads.is_empty() && shelf.dimmed == [true, false]);
    }
    world.updates.reboot(None, "admin").await.unwrap();
    world.until_reboot().await;

    world.boot("B");
    world.until_stage(StageName::Confirming).await;
    world.machine.get().is_confirmed = true;
    let state = world.until_stage(StageName::Idle).await;
    let done = state.last.unwrap();
    assert_eq!((done.slot.as_str(), done.version.as_deref()), ("B", Some("2")));
    assert_eq!(done.errand, Errand::Update);
    // RAUC has not installed what ran before, and knows nothing of it.
    let other = state.slots.unwrap().other;
    assert_eq!((other.name.as_str(), other.version.as_deref()), ("A", Some("1")));
    // And it is not said again at the next start.
    world.restart();
    world.ready().await;
    assert_eq!(world.until(|_| true).await.stage, Stage::Idle);
}

#[tokio::test]
async fn while_it_is_installed_the_machine_goes_on_and_nothing_else_begins() {
    let world = World::start().await;
    world.accepted("2").await;
    world.updates.install(After::Wait, "admin").await.unwrap();
    for action in [Action::Reboot, Action::PowerOff] {
        let refused = world.power.request(action, Duration::ZERO, "admin").await.unwrap_err();
        assert!(matches!(refused, SystemError::Held { .. }), "{refused}");
        assert!(refused.to_string().contains(REBOOT_HELD), "{refused}");
    }
    assert_eq!(world.updates.cancel("admin").await.unwrap_err(), SystemError::Unstoppable);
    let twice = world.updates.install(After::Wait, "admin").await.unwrap_err();
    assert!(matches!(twice, SystemError::OutOfTurn { .. }), "{twice}");
    let other = world.updates.inspect("http://updates.example/b.raucb".into()).await.unwrap_err();
    assert!(matches!(other, SystemError::OutOfTurn { .. }), "{other}");
    world.machine.end("");
    world.until_stage(StageName::WaitingForReboot).await;
    drop(world.power.request(Action::Reboot, Duration::from_secs(60), "admin").await.unwrap());
}

/// Lets time go by.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_server_that_never_answers_does_not_hold_the_machine_for_ever() {
    let (hour, minute) = (Duration::from_secs(3600), Duration::from_secs(60));
    let world = World::start().await;
    world.accepted("2").await;
    world.updates.set_dim(true).await.unwrap();
    world.updates.install(After::Wait, "admin").await.unwrap();
    let reboot = || world.power.request(Action::Reboot, minute, "admin");
    for percent in [20, 21] {
        world.machine.get().installing = Some((percent, "Checking bundle"));
        let is_so_far = |state: &UpdateState| {
            state.progress.as_ref().is_some_and(|p| i32::from(p.percent) == percent)
        };
        assert!(!world.until(is_so_far).await.is_stuck);
        pass(hour - minute).await;
        let refused = reboot().await.unwrap_err();
        assert!(matches!(refused, SystemError::Held { .. }), "{refused}");
    }
    pass(minute).await;
    let state = world.until(|state| state.is_stuck).await;
    assert_eq!(state.stage.name(), StageName::Installing);
    world.until_lit(&[true, false]).await;

    // It has come after all, and comes no further.
    world.machine.get().installing = Some((40, "Copying image"));
    world.until(|state| !state.is_stuck).await;
    let refused = reboot().await.unwrap_err();
    assert!(matches!(refused, SystemError::Held { .. }), "{refused}");
    pass(hour).await;
    world.until(|state| state.is_stuck).await;
    drop(reboot().await.unwrap());
}

#[tokio::test]
async fn what_was_stuck_may_come_to_its_end() {
    let world = World::start().await;
    world.accepted("2").await;
    world.updates.install(After::Wait, "admin").await.unwrap();
    world.machine.get().installing = Some((20, "Checking bundle"));
    world.until(|state| state.progress.as_ref().is_some_and(|p| p.percent == 20)).await;
    pass(Duration::from_secs(3600)).await;
    world.until(|state| state.is_stuck).await;
    world.machine.end("");
    let state = world.until_stage(StageName::WaitingForReboot).await;
    assert!(!state.is_stuck);
}

#[tokio::test]
async fn nothing_is_installed_while_a_reboot_is_pending_or_nothing_can_be_kept() {
    let world = World::start().await;
    world.accepted("2").await;
    drop(world.power.request(Action::Reboot, Duration::from_secs(60), "admin").await.unwrap());
    let refused = world.updates.install(After::Wait, "admin").await.unwrap_err();
    assert!(matches!(refused, SystemError::Pending { action: Action::Reboot, .. }), "{refused}");
    world.power.cancel().await.unwrap();
    world.notebook.0.lock().unwrap().is_full = true;
    let refused = world.updates.install(After::Wait, "admin").await.unwrap_err();
    assert!(matches!(refused, SystemError::NotKept(_)), "{refused}");
    assert_eq!(world.machine.told(), [""; 0]);
    // And the machine may be rebooted as before.
    drop(world.power.request(Action::Reboot, Duration::from_secs(60), "admin").await.unwrap());
}

#[tokio::test]
async fn a_restart_of_the_program_loses_nothing() {
    let mut world = World::start().await;
    world.accepted("2").await;
    world.restart();
    world.ready().await;
    assert_eq!(world.until(|_| true).await.stage.name(), StageName::Inspected);

    world.updates.install(After::Wait, "admin").await.unwrap();
    world.restart();
    world.machine.get().installing = Some((70, "Copying image"));
    world.until(|state| state.progress.as_ref().is_some_and(|p| p.percent == 70)).await;
    let refused = world.power.request(Action::Reboot, Duration::ZERO, "admin").await.unwrap_err();
    assert!(matches!(refused, SystemError::Held { .. }), "{refused}");

    // What ended while nobody looked is seen.
    world.machine.end("");
    world.restart();
    world.until_stage(StageName::WaitingForReboot).await;
}

#[tokio::test]
async fn an_inspection_is_begun_again_after_a_restart() {
    let mut world = World::start().await;
    world.upload(&world.bundles.good("2")).await;
    world.restart();
    world.until_stage(StageName::Inspected).await;
    world.updates.cancel("admin").await.unwrap();
    assert_eq!(world.until(|_| true).await.stage, Stage::Idle);
    assert!(world.notebook.0.lock().unwrap().uploads.is_empty());
}

#[tokio::test]
async fn what_rauc_fails_with_is_told_and_the_machine_is_free_again() {
    let world = World::start().await;
    world.accepted("2").await;
    world.updates.install(After::Reboot, "admin").await.unwrap();
    world.machine.end("Installation error: Failed updating slot rootfs.1: Input/output error");
    let state = world.until_stage(StageName::Failed).await;
    let (cause, message) = cause(&state);
    assert!(
        cause == Cause::Corrupted && message.contains("not those that were signed"),
        "{message}"
    );
    drop(world.power.request(Action::Reboot, Duration::from_secs(60), "admin").await.unwrap());
    world.updates.cancel("admin").await.unwrap();
    assert_eq!(world.until(|_| true).await.stage, Stage::Idle);
}

#[tokio::test]
async fn a_clock_that_lost_its_time_is_blamed_for_what_rauc_fails_with() {
    let world = World::start().await;
    world.accepted("2").await;
    world.updates.install(After::Wait, "admin").await.unwrap();
    *world.time.lock().unwrap() = UNIX_EPOCH + Duration::from_secs(60);
    world.machine.end("signature verification failed: certificate is not yet valid");
    let (cause, _) = cause(&world.until_stage(StageName::Failed).await);
    assert_eq!(cause, Cause::ClockUnset);
}

#[tokio::test]
async fn a_power_cut_while_it_is_installed_is_told() {
    let mut world = World::start().await;
    world.accepted("2").await;
    world.updates.install(After::Wait, "admin").await.unwrap();
    world.boot("A");
    let (cause, message) = cause(&world.until_stage(StageName::Failed).await);
    assert_eq!(cause, Cause::Interrupted);
    assert!(message.contains("Slot A (1) runs"), "{message}");
}

#[tokio::test]
async fn an_update_that_does_not_prove_itself_is_told_with_its_reason() {
    let mut world = World::start().await;
    world.accepted("2").await;
    world.updates.install(After::Reboot, "admin").await.unwrap();
    world.machine.end("");
    world.until_reboot().await;
    world.notebook.0.lock().unwrap().given_up = Some("the service has failed".into());
    world.boot("B");
    world.until_stage(StageName::Confirming).await;
    world.boot("A");
    let state = world.until_stage(StageName::Failed).await;
    let Stage::Failed(failed) = &state.stage else { panic!("{state:?}") };
    assert_eq!((failed.refusal.cause, failed.version.as_deref()), (Cause::RolledBack, Some("2")));
    assert_eq!(
        failed.refusal.message,
        "Slot B (2) was tried and given up: the service has failed. Slot A (1) runs."
    );
}

#[tokio::test]
async fn a_reboot_comes_at_its_hour_and_can_be_taken_back() {
    let mut world = World::start().await;
    world.accepted("2").await;
    let now = *world.time.lock().unwrap();
    let late = now + Duration::from_secs(3600);
    world.updates.install(After::RebootAt(late), "admin").await.unwrap();
    world.machine.end("");
    let wanted = Some(late);
    let is_set = |state: &UpdateState| matches!(&state.stage, Stage::WaitingForReboot { at, .. } if *at == wanted);
    world.until(is_set).await;
    // Over a restart too.
    world.restart();
    world.until(is_set).await;
    world.updates.cancel("admin").await.unwrap();
    assert_eq!(world.until(|_| true).await.stage, Stage::Idle);
    assert_eq!(world.machine.told().last().unwrap(), "Mark(active, booted)");
    assert_eq!(world.machine.get().primary, "A", "what runs is next again");

    world.accepted("2").await;
    world.updates.install(After::RebootAt(late), "admin").await.unwrap();
    world.machine.end("");
    world.until(is_set).await;
    *world.time.lock().unwrap() = late;
    world.until_reboot().await;
}

#[tokio::test]
async fn a_reboot_that_is_refused_in_its_hour_stays_due_and_says_why() {
    let mut world = World::start().await;
    world.accepted("2").await;
    world.updates.install(After::Reboot, "admin").await.unwrap();
    drop(world.power.request(Action::Restart, Duration::from_secs(600), "admin").await.unwrap());
    world.machine.end("");
    let state = world.until(|state| state.waits.is_some()).await;
    assert_eq!(state.waits.as_deref(), Some("a restart is pending already, asked for by admin"));
    assert!(matches!(state.stage, Stage::WaitingForReboot { at: Some(_), .. }), "{state:?}");
    world.power.cancel().await.unwrap();
    world.until_reboot().await;
    world.until(|state| state.waits.is_none()).await;
}

#[tokio::test]
async fn an_admin_goes_back_and_confirms_by_hand() {
    let mut world = World::start().await;
    world.ready().await;
    world.machine.get().is_other_good = false;
    let refused = world.updates.roll_back("admin").await.unwrap_err();
    assert!(matches!(refused, SystemError::NoWayBack(_)), "{refused}");
    assert_eq!(world.machine.told(), [""; 0]);

    world.machine.get().is_other_good = true;
    world.updates.roll_back("admin").await.unwrap();
    world.until_reboot().await;
    assert_eq!(world.machine.told(), ["Mark(active, other)", "Reboot(false)"]);
    world.boot("B");
    world.until_stage(StageName::Confirming).await;
    world.notebook.0.lock().unwrap().is_full = true;
    let refused = world.updates.confirm("admin").await.unwrap_err();
    assert!(matches!(refused, SystemError::GateUntold(_)), "{refused}");
    assert_eq!(world.machine.told(), [""; 0], "the gate would mark it bad after all");
    world.notebook.0.lock().unwrap().is_full = false;
    world.updates.confirm("admin").await.unwrap();
    assert_eq!(world.machine.told(), ["Mark(good, booted)"]);
    assert!(world.notebook.0.lock().unwrap().is_gate_told);
    let state = world.until_stage(StageName::Idle).await;
    assert_eq!(state.last.unwrap().errand, Errand::RollBack);
}

#[tokio::test]
async fn a_reboot_at_its_hour_that_fails_is_tried_again() {
    let mut world = World::start().await;
    world.accepted("2").await;
    let now = *world.time.lock().unwrap();
    world.updates.install(After::RebootAt(now), "admin").await.unwrap();
    world.machine.get().stays_up = true;
    world.machine.end("");
    world.until_stage(StageName::WaitingForReboot).await;
    let prepare = timeout(PATIENCE, world.orders.recv()).await.expect("no order").unwrap();
    let Order::Prepare(_, ready) = prepare else { panic!("{prepare:?}") };
    ready.send(()).unwrap();
    let resume = timeout(PATIENCE, world.orders.recv()).await.expect("no order").unwrap();
    assert!(matches!(resume, Order::Resume), "{resume:?}");
    world.updates.set_dim(true).await.unwrap();
    let is_due = |state: &UpdateState| matches!(&state.stage, Stage::WaitingForReboot { at: Some(at), .. } if *at > now);
    world.until(is_due).await;
    world.machine.get().stays_up = false;
    *world.time.lock().unwrap() = now + Duration::from_secs(3600);
    world.until_reboot().await;
}

#[tokio::test]
async fn what_somebody_else_has_installed_is_seen_and_protected() {
    let world = World::start().await;
    world.ready().await;
    world.machine.get().installing = Some((10, "Copying image"));
    // It looks by itself each half minute, and after whatever is asked.
    world.updates.set_dim(true).await.unwrap();
    let state = world.until_stage(StageName::Installing).await;
    let Stage::Installing(installing) = &state.stage else { panic!("{state:?}") };
    assert_eq!(installing.bundle, None);
    let refused = world.power.request(Action::Reboot, Duration::ZERO, "admin").await.unwrap_err();
    assert!(matches!(refused, SystemError::Held { .. }), "{refused}");
    world.machine.end("");
    world.until_stage(StageName::WaitingForReboot).await;
    assert_eq!(world.notebook.0.lock().unwrap().restore_points, 1);
}

#[tokio::test]
async fn a_reboot_that_is_pending_does_not_break_off_what_somebody_else_begins() {
    let world = World::start().await;
    world.ready().await;
    drop(world.power.request(Action::Reboot, Duration::from_secs(2), "admin").await.unwrap());
    world.machine.get().installing = Some((10, "Copying image"));
    world.updates.set_dim(true).await.unwrap();
    let mut power = world.power.state();
    let failed = timeout(PATIENCE, power.wait_for(|state| state.failure.is_some())).await;
    let failure = failed.expect("it never fails").unwrap().failure.clone().unwrap();
    assert!(failure.reason.contains(REBOOT_HELD), "{failure:?}");
    assert_eq!(world.machine.told(), [""; 0]);
}

#[tokio::test]
async fn an_update_goes_on_although_another_was_asked_for_and_refused() {
    let world = World::start().await;
    world.accepted("2").await;
    world.updates.install(After::Wait, "admin").await.unwrap();
    world.until_stage(StageName::Installing).await;
    world.machine.get().has_refused = true;
    for dim in [true, false] {
        world.updates.set_dim(dim).await.unwrap();
    }
    let state = world.until(|state| !state.dim).await;
    assert_eq!((state.stage.name(), &state.ability), (StageName::Installing, &Ability::Yes));
    let refused = world.power.request(Action::Reboot, Duration::ZERO, "admin").await.unwrap_err();
    assert!(matches!(refused, SystemError::Held { .. }), "{refused}");
    world.machine.end("");
    world.until_stage(StageName::WaitingForReboot).await;
}
