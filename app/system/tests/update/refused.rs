//! What is not taken, each for its own reason.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use prismatron_system::update::{Cause, Failed, Stage, StageName};

use crate::bundles::{Bundles, COMPATIBLE, Signer};
use crate::world::World;

/// What comes of a file.
async fn refused(world: &World, file: PathBuf) -> Failed {
    world.upload(&file).await;
    let state = world.until_stage(StageName::Failed).await;
    let Stage::Failed(failed) = state.stage else { panic!("{state:?}") };
    assert_eq!(world.machine.told(), [""; 0], "RAUC is not asked to install it");
    assert!(world.notebook.0.lock().unwrap().uploads.is_empty(), "its bytes are gone");
    failed
}

#[tokio::test]
async fn each_is_refused_for_its_own_reason() {
    let world = World::start().await;
    let bundles = Bundles::new();
    let good = bundles.good("good");
    let rubbish = bundles.path("rubbish.raucb");
    std::fs::write(&rubbish, [b"PK\x03\x04".to_vec(), vec![9; 9000]].concat()).unwrap();
    let damaged = bundles.path("damaged.raucb");
    let mut bytes = std::fs::read(&good).unwrap();
    // Within the signature itself, which is the last thing in it.
    let at = bytes.len() - 100;
    bytes[at] ^= 0xff;
    std::fs::write(&damaged, bytes).unwrap();
    for (file, cause, says) in [
        (bundles.unsigned(), Cause::Unsigned, "Nobody has signed it"),
        (
            bundles.make("2", Signer::Stranger, COMPATIBLE, "verity"),
            Cause::WrongKey,
            "signed by somebody",
        ),
        (bundles.make("3", Signer::Late, COMPATIBLE, "verity"), Cause::Expired, "expired"),
        (
            bundles.make("6", Signer::Early, COMPATIBLE, "verity"),
            Cause::NotYetValid,
            "not valid yet",
        ),
        (bundles.make("4", Signer::Own, "toaster", "verity"), Cause::WrongCompatible, "“toaster”"),
        (bundles.make("5", Signer::Own, COMPATIBLE, "plain"), Cause::PlainFormat, "“plain”"),
        (bundles.shortened(&good, 1000), Cause::Truncated, "get it once more"),
        (bundles.shortened(&good, 200_000), Cause::Truncated, "get it once more"),
        (damaged, Cause::Corrupted, "not those that were signed"),
        (rubbish, Cause::NoBundle, "no update"),
    ] {
        let failed = refused(&world, file.clone()).await;
        assert_eq!(failed.refusal.cause, cause, "{}: {}", file.display(), failed.refusal);
        assert!(failed.refusal.message.contains(says), "{}", failed.refusal);
    }
    assert_eq!(world.notebook.0.lock().unwrap().restore_points, 0);
}

#[tokio::test]
async fn what_does_not_fit_its_slot_is_refused_before_the_slot_is_touched() {
    let world = World::start().await;
    let slot = world.machine.get().device.clone();
    std::fs::write(slot, vec![0; 200_000]).unwrap();
    let failed = refused(&world, world.bundles.good("2")).await;
    assert_eq!(failed.refusal.cause, Cause::TooLarge);
}

#[tokio::test]
async fn a_clock_that_was_never_set_is_blamed_rather_than_the_bundle() {
    let world = World::start().await;
    // RAUC's program has the real time: to a clock in 1970 every certificate is like this one.
    *world.time.lock().unwrap() = UNIX_EPOCH + Duration::from_secs(60);
    let failed =
        refused(&world, world.bundles.make("2", Signer::Early, COMPATIBLE, "verity")).await;
    assert_eq!(failed.refusal.cause, Cause::ClockUnset, "{}", failed.refusal);
}
