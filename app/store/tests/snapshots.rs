//! Snapshots: taken, bounded, restored here and elsewhere; and whatever is no snapshot changes nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prismatron_core::colour::ColourSettings;
use prismatron_core::id::{ItemId, MediaId};
use prismatron_core::playlist::{Content, Item, Playlist};
use prismatron_core::role::Role;
use prismatron_core::unit::Brightness;
use prismatron_store::{Handle, Occasion, Settings, Store, StoreError, WallClock};
use support::{FirstWord, LIMITS, add, names, open};
use tempfile::TempDir;

/// Makes a playlist of these files.
async fn compose(handle: &Handle, name: &str, media: &[MediaId]) -> Playlist {
    let mut playlist = handle.create_playlist(name).await.unwrap().playlist.clone();
    for (index, id) in media.iter().enumerate() {
        playlist.items.push(Item {
            id: ItemId(index as u64),
            content: Content::Media(*id),
            duration: None,
            fit: Default::default(),
            transition: Default::default(),
        });
    }
    handle.save_playlist(playlist, None).await.unwrap().playlist.clone()
}

fn dim(brightness: f32) -> ColourSettings {
    ColourSettings { brightness: Brightness::try_from(brightness).unwrap(), ..Default::default() }
}

fn playlists(handle: &Handle) -> Vec<Playlist> {
    let all = handle.playlists().borrow().clone();
    all.iter().map(|stored| stored.playlist.clone()).collect()
}

fn settings(handle: &Handle) -> Settings {
    handle.settings().borrow().as_ref().clone()
}

async fn document(handle: &Handle) -> Vec<u8> {
    let taken = handle.take_snapshot(Occasion::Asked).await.unwrap();
    handle.read_snapshot(taken.id).await.unwrap()
}

#[tokio::test]
async fn what_was_changed_and_deleted_since_comes_back_and_can_go_again() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    let cat = add(&handle, b"video cat").await;
    let kept = compose(&handle, "kept", &[cat]).await;
    let doomed = compose(&handle, "doomed", &[cat, cat]).await;
    let edit = move |settings: &mut Settings| settings.active = Some(doomed.id);
    handle.edit_settings(edit).await.unwrap();
    let (before, before_settings) = (playlists(&handle), settings(&handle));
    let taken = handle.take_snapshot(Occasion::Asked).await.unwrap();
    assert_eq!(taken.occasion, Occasion::Asked);

    handle.delete_playlist(before[0].id, None).await.unwrap();
    handle.save_playlist(Playlist { name: "renamed".into(), ..kept.clone() }, None).await.unwrap();
    compose(&handle, "new", &[]).await;
    handle.edit_settings(|settings| settings.colour = dim(0.25)).await.unwrap();
    let (after, after_settings) = (playlists(&handle), settings(&handle));
    let revision = handle.playlists().borrow().get(kept.id).unwrap().revision;

    let document = handle.read_snapshot(taken.id).await.unwrap();
    let restored = handle.restore(document).await.unwrap();
    assert_eq!((playlists(&handle), settings(&handle)), (before, before_settings));
    assert_eq!((restored.missing_media.len(), restored.missing_accounts.len()), (0, 0));
    let newer = handle.playlists().borrow().get(kept.id).unwrap().revision;
    assert!(newer > revision, "whoever had the page open is told that it has changed");

    let document = handle.read_snapshot(restored.before.id).await.unwrap();
    handle.restore(document).await.unwrap();
    assert_eq!((playlists(&handle), settings(&handle)), (after, after_settings));
}

#[tokio::test]
async fn elsewhere_the_same_files_are_found_and_the_others_named() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (_store, handle) = open(one.path());
    let cat = add(&handle, b"video cat").await;
    let dog = add(&handle, b"video dog").await;
    handle.rename_media(dog, "dog.mkv").await.unwrap();
    compose(&handle, "pets", &[cat, dog, cat]).await;
    handle.create_account("Ada", Role::Admin, "hash".into()).await.unwrap();
    handle.create_account("Otto", Role::Viewer, "hash".into()).await.unwrap();
    let document = document(&handle).await;

    let (_store, there) = open(other.path());
    let same_cat = add(&there, b"video cat").await;
    there.create_account("ada", Role::Admin, "hash".into()).await.unwrap();
    let restored = there.restore(document).await.unwrap();
    let content: Vec<_> =
        playlists(&there)[0].items.iter().map(|item| item.content.clone()).collect();
    let media = [same_cat, dog, same_cat].map(Content::Media);
    assert_eq!(content, media, "what is not here yet may be uploaded by its id’s owner");
    assert_eq!(restored.missing_media, ["dog.mkv"]);
    assert_eq!(restored.missing_accounts, ["Otto"]);
    assert_eq!(there.accounts().borrow().all().count(), 1, "accounts are only named");
}

#[tokio::test]
async fn a_playlists_file_finds_the_same_files_elsewhere() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (_store, handle) = open(one.path());
    let cat = add(&handle, b"video cat").await;
    let dog = add(&handle, b"video dog").await;
    handle.rename_media(dog, "dog.mkv").await.unwrap();
    compose(&handle, "pets", &[cat, dog]).await;
    let file = handle.export_playlist(playlists(&handle)[0].id).await.unwrap();

    let (_store, there) = open(other.path());
    let same_cat = add(&there, b"video cat").await;
    let imported = there.import_playlist(file).await.unwrap();
    let items = &imported.stored.playlist.items;
    let content: Vec<_> = items.iter().map(|item| item.content.clone()).collect();
    assert_eq!(content, [same_cat, dog].map(Content::Media));
    assert_eq!(imported.missing_media, ["dog.mkv"]);
}

#[tokio::test]
async fn no_secret_is_in_it() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    let code = handle.accounts().borrow().claim_code().unwrap().to_string();
    handle.create_account("Ada", Role::Viewer, "$argon2id$secret".into()).await.unwrap();
    let key: String = handle.signing_key().iter().map(|byte| format!("{byte:02x}")).collect();
    let document = String::from_utf8(document(&handle).await).unwrap();
    assert!(document.contains("Ada"));
    for secret in ["argon2id", &code, &key] {
        assert!(!document.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_is_no_backup_changes_nothing() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    compose(&handle, "kept", &[]).await;
    let whole = document(&handle).await;
    handle.edit_settings(|settings| settings.colour = dim(0.5)).await.unwrap();
    compose(&handle, "another", &[]).await;
    let before = (playlists(&handle), settings(&handle), handle.snapshots().await.unwrap());

    let mut wrong = vec![b"".to_vec(), b"\0\0\0".to_vec(), b"PK\x03\x04 a zip".to_vec()];
    wrong.push(fs::read(data.path().join("playlists/settings.ron")).unwrap());
    wrong.extend((0..whole.len()).step_by(7).map(|length| whole[..length].to_vec()));
    wrong.extend((0..whole.len()).step_by(11).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    }));
    for bytes in wrong {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let error = handle.restore(bytes).await.expect_err(&text);
        assert!(matches!(error, StoreError::Invalid { .. }), "{error}: {text}");
        assert!(error.to_string().starts_with("the backup cannot be used: "), "{error}");
    }
    let after = (playlists(&handle), settings(&handle), handle.snapshots().await.unwrap());
    assert_eq!(before, after);
}

/// A clock of hours, which was never set at the hour of 0.
fn hours() -> (Arc<AtomicU64>, WallClock) {
    let hour = Arc::new(AtomicU64::new(0));
    let clock = {
        let hour = Arc::clone(&hour);
        let start = UNIX_EPOCH + Duration::from_secs(60 * 365 * 86_400);
        move || match hour.load(Ordering::Relaxed) {
            0 => UNIX_EPOCH + Duration::from_secs(5),
            hours => start + Duration::from_secs(hours * 3600),
        }
    };
    (hour, Arc::new(clock))
}

#[tokio::test]
async fn a_day_without_one_is_told_until_there_is_one() {
    let data = TempDir::new().unwrap();
    let (hour, clock) = hours();
    let (_store, handle) =
        Store::open_with(data.path(), Arc::new(FirstWord), LIMITS, clock).unwrap();
    let told_at = async |hours| {
        hour.store(hours, Ordering::Relaxed);
        handle.expire_uploads().await.unwrap();
        handle.findings().borrow().iter().map(|found| found.message.clone()).collect::<Vec<_>>()
    };
    // One document cannot hold them all.
    for each in 0..8 {
        fill(&handle, &format!("list {each}")).await;
    }
    for hours in [1, 30] {
        let told = told_at(hours).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("There is no backup of the day: "), "{told:?}");
    }
    for playlist in playlists(&handle).iter().take(4) {
        handle.delete_playlist(playlist.id, None).await.unwrap();
    }
    assert_eq!(told_at(31).await.len(), 1, "it is looked at once a day");
    assert_eq!(told_at(60).await, Vec::<String>::new());
    assert_eq!(handle.snapshots().await.unwrap().len(), 1);
}

#[tokio::test]
async fn one_is_taken_each_day_that_changed_something() {
    let data = TempDir::new().unwrap();
    let (hour, clock) = hours();
    let open =
        || Store::open_with(data.path(), Arc::new(FirstWord), LIMITS, clock.clone()).unwrap();
    let (store, handle) = open();
    let at = async |handle: &Handle, hours: u64| {
        hour.store(hours, Ordering::Relaxed);
        handle.expire_uploads().await.unwrap();
        let all = handle.snapshots().await.unwrap();
        assert!(all.iter().all(|info| info.occasion == Occasion::Daily));
        all.len()
    };
    assert_eq!(at(&handle, 0).await, 0, "a clock that was never set knows no days");
    assert_eq!(at(&handle, 1).await, 1);
    compose(&handle, "one", &[]).await;
    assert_eq!(at(&handle, 24).await, 1);
    assert_eq!(at(&handle, 25).await, 2);
    assert_eq!(at(&handle, 60).await, 2, "nothing has changed");
    store.close();
    let (_store, handle) = open();
    compose(&handle, "two", &[]).await;
    assert_eq!(at(&handle, 61).await, 3);
    for day in 4..40 {
        compose(&handle, &format!("list {day}"), &[]).await;
        at(&handle, day * 24).await;
    }
    let all = handle.snapshots().await.unwrap();
    assert_eq!(all.len(), 14, "the oldest go");
    assert!(all.is_sorted_by_key(|info| std::cmp::Reverse(info.taken())));
    assert_eq!(names(&data.path().join("playlists/.snapshots")).len(), 14);

    // Nor is it over where the clock was years ahead for a moment.
    let mut latest = all[0].taken();
    let mut is_another = async |hours| {
        compose(&handle, &format!("at {hours}"), &[]).await;
        at(&handle, hours).await;
        let taken = handle.snapshots().await.unwrap()[0].taken();
        std::mem::replace(&mut latest, taken) != taken
    };
    assert!(is_another(100_000).await);
    assert!(is_another(40 * 24).await);
    assert!(!is_another(40 * 24 + 1).await, "twice a day");
    assert!(is_another(41 * 24).await);
}

#[tokio::test]
async fn they_are_listed_read_and_deleted_over_restarts() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let taken = handle.take_snapshot(Occasion::Asked).await.unwrap();
    let again = handle.take_snapshot(Occasion::Asked).await.unwrap();
    assert!(again.id > taken.id);
    let age = SystemTime::now().duration_since(taken.taken()).unwrap_or_default();
    assert!(age < Duration::from_secs(600), "{age:?}");
    store.close();
    let (_store, handle) = open(data.path());
    assert_eq!(handle.snapshots().await.unwrap(), [again.clone(), taken.clone()]);
    assert_eq!(handle.read_snapshot(taken.id).await.unwrap().len() as u64, taken.bytes);
    handle.delete_snapshot(taken.id).await.unwrap();
    for error in [
        handle.read_snapshot(taken.id).await.map(drop).unwrap_err(),
        handle.delete_snapshot(taken.id).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::NoSuchSnapshot(id) if id == taken.id), "{error}");
    }
    assert_eq!(handle.snapshots().await.unwrap(), [again]);
}

#[tokio::test]
async fn they_take_only_so_much_room() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    for each in ["a", "b", "c", "d"] {
        fill(&handle, each).await;
    }
    let mut ids = BTreeSet::new();
    for _ in 0..8 {
        ids.insert(handle.take_snapshot(Occasion::Asked).await.unwrap().id);
    }
    let all = handle.snapshots().await.unwrap();
    let bytes: u64 = all.iter().map(|info| info.bytes).sum();
    assert!(bytes <= 32 << 20 && all.len() < 8 && all.len() > 1, "{} of {bytes}", all.len());
    assert_eq!(Some(&all[0].id), ids.last(), "the latest stays");
    assert_eq!(on_disk(data.path()), bytes);
}

/// A playlist of more than a megabyte.
async fn fill(handle: &Handle, name: &str) {
    compose(handle, name, &vec![MediaId(1); Playlist::MAX_ITEMS]).await;
}

fn on_disk(data: &Path) -> u64 {
    let folder = fs::read_dir(data.join("playlists/.snapshots")).unwrap();
    folder.map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}
