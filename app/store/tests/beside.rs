//! What those beside the store may do: read the settings without its lock, set limits, report findings.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod support;

use std::fs;
use std::time::Duration;

use prismatron_core::output::OutputSpec;
use prismatron_store::{Finding, Settings, StorageLimits, StoreError, settings, state};
use support::{LIMITS, names, open, promised};

fn outputs(name: &str) -> Vec<OutputSpec> {
    let protocol = Default::default();
    vec![OutputSpec {
        name: name.into(),
        enabled: true,
        protocol,
        hosts: vec!["192.0.2.1".into()],
        leds: None,
        colour_order: Default::default(),
        max_fps: None,
        pace_ms: 0,
        power: None,
        probe: Default::default(),
    }]
}

#[tokio::test]
async fn settings_are_read_beside_the_running_store_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(settings(&folder.path().join("none")).unwrap(), Settings::default());
    let (_store, handle) = open(folder.path());
    for name in ["one", "two"] {
        handle.edit_settings(move |now| now.outputs = Some(outputs(name))).await.unwrap();
    }
    assert_eq!(settings(folder.path()).unwrap(), **handle.settings().borrow());

    // A damaged file is for the running program to set aside; the copy before it still tells something.
    let playlists = folder.path().join("playlists");
    let before = names(&playlists);
    fs::write(playlists.join("settings.ron"), "rubbish").unwrap();
    assert_eq!(settings(folder.path()).unwrap().outputs, Some(outputs("one")));
    fs::write(playlists.join("settings.ron.previous"), "rubbish").unwrap();
    assert!(matches!(settings(folder.path()), Err(StoreError::Io { .. })));
    assert_eq!(names(&playlists), before);
}

#[tokio::test]
async fn a_state_is_read_beside_the_running_store() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(state::<u32>(&folder.path().join("none"), "count").unwrap(), None);
    let (_store, handle) = open(folder.path());
    handle.save_state("count", &7).await.unwrap();
    assert_eq!(state(folder.path(), "count").unwrap(), Some(7));
    let elsewhere = state::<u32>(folder.path(), "../settings");
    assert!(matches!(elsewhere, Err(StoreError::Invalid { .. })), "{elsewhere:?}");
}

#[tokio::test]
async fn limits_can_be_set_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (_store, handle) = open(folder.path());
    handle.begin_upload(promised(100)).await.unwrap();
    let tight = StorageLimits { quota: Some(150), ..LIMITS };
    handle.set_limits(tight).await.unwrap();
    assert_eq!(handle.storage().quota, Some(150));
    let refused = handle.begin_upload(promised(51)).await.unwrap_err();
    assert!(matches!(refused, StoreError::Quota { needed: 51, left: 50 }), "{refused}");
    handle.begin_upload(promised(50)).await.unwrap();
    let patient = StorageLimits { upload_expiry: Duration::from_secs(60), ..LIMITS };
    handle.set_limits(patient).await.unwrap();
    assert_eq!(handle.storage().quota, None);
}

#[tokio::test]
async fn what_others_have_found_is_told_until_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let (_store, handle) = open(folder.path());
    let finding =
        |message: &str| Finding { subject: "configuration".into(), message: message.into() };
    handle.report(finding("bad")).await.unwrap();
    handle.report(finding("worse")).await.unwrap();
    assert_eq!(**handle.findings().borrow(), [finding("worse")]);
    handle.settle("configuration").await.unwrap();
    assert!(handle.findings().borrow().is_empty());
}
