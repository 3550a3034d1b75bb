//! The settings that last worked: kept, gone back to, and nothing lost by it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::fs;

use prismatron_core::colour::ColourSettings;
use prismatron_core::unit::Brightness;
use prismatron_store::{Settings, StoreError, document};
use support::open;
use tempfile::TempDir;

fn dimmed(percent: u8) -> Settings {
    let brightness = Brightness::try_from(f32::from(percent) / 100.0).unwrap();
    Settings { colour: ColourSettings { brightness, ..Default::default() }, ..Default::default() }
}

#[tokio::test]
async fn settings_that_worked_come_back_and_those_in_between_are_kept() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    assert_eq!(handle.proven_settings().await.unwrap(), None);
    let nothing = handle.restore_settings().await;
    assert!(matches!(nothing, Err(StoreError::NothingProven)), "{nothing:?}");

    let show = handle.create_playlist("Show").await.unwrap().playlist.id;
    let good = Settings { active: Some(show), ..dimmed(40) };
    handle.save_settings(good.clone()).await.unwrap();
    handle.prove_settings().await.unwrap();
    handle.save_settings(dimmed(90)).await.unwrap();
    store.close();

    let (_store, handle) = open(data.path());
    assert_eq!(handle.proven_settings().await.unwrap(), Some(good.clone()));
    assert_eq!(*handle.restore_settings().await.unwrap(), good);
    assert_eq!(*handle.settings().borrow().as_ref(), good);
    let replaced = fs::read(data.path().join("playlists/settings-replaced.ron")).unwrap();
    let format = document::Format { kind: "settings", version: 1 };
    assert_eq!(document::decode::<Settings>(format, &replaced), Ok(dimmed(90)));

    // Of a playlist that is there no more nothing can be shown.
    let other = handle.create_playlist("Other").await.unwrap().playlist.id;
    handle.save_settings(Settings { active: Some(other), ..dimmed(90) }).await.unwrap();
    handle.delete_playlist(show, None).await.unwrap();
    let restored = handle.restore_settings().await.unwrap();
    assert_eq!(*restored, Settings { active: Some(other), ..dimmed(40) });
}

#[tokio::test]
async fn a_damaged_copy_is_set_aside_and_the_one_before_it_is_offered() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    for percent in [10, 20] {
        handle.save_settings(dimmed(percent)).await.unwrap();
        handle.prove_settings().await.unwrap();
    }
    let file = data.path().join("playlists/settings-proven.ron");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("0.2", "0.9", 1)).unwrap();
    assert_eq!(handle.proven_settings().await.unwrap(), Some(dimmed(10)));
    let findings = handle.findings().borrow().clone();
    assert!(findings[0].message.contains("last worked"), "{findings:?}");
}
