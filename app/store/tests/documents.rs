//! Playlists, settings, states and the key over restarts and damage.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use prismatron_core::id::{ItemId, MediaId, PlaylistId};
use prismatron_core::playlist::{Content, Item, Playlist};
use prismatron_core::unit::Brightness;
use prismatron_store::{Handle, Settings, StoreError};
use support::{names, open};
use tempfile::TempDir;

fn item(id: u64) -> Item {
    Item {
        id: ItemId(id),
        content: Content::Media(MediaId(id)),
        duration: Some(Duration::from_millis(2500)),
        fit: Default::default(),
        transition: Default::default(),
    }
}

fn file(data: &Path, id: PlaylistId) -> PathBuf {
    data.join(format!("playlists/{id}.ron"))
}

/// Saves a playlist over and over: it ends with one item more for each time.
async fn filled(handle: &Handle, name: &str, items: u64) -> Playlist {
    let mut playlist = handle.create_playlist(name).await.unwrap().playlist.clone();
    for id in 0..items {
        playlist.items.push(item(id));
        handle.save_playlist(playlist.clone(), None).await.unwrap();
    }
    playlist
}

fn stored(handle: &Handle, id: PlaylistId) -> Option<(u64, Playlist)> {
    let all = handle.playlists().borrow().clone();
    all.get(id).map(|stored| (stored.revision, stored.playlist.clone()))
}

fn findings(handle: &Handle) -> Vec<String> {
    let all = handle.findings().borrow().clone();
    all.iter().map(|finding| format!("{}: {}", finding.subject, finding.message)).collect()
}

#[tokio::test]
async fn what_was_saved_is_there_after_a_restart() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let playlist = filled(&handle, "  Evening “quoted” \\ \"x\"  ", 3).await;
    assert_eq!(playlist.name, "Evening “quoted” \\ \"x\"");
    let settings = Settings { active: Some(playlist.id), ..Settings::default() };
    handle.save_settings(settings.clone()).await.unwrap();
    handle.save_state("position", &(7_u64, Duration::from_nanos(1_500_000_001))).await.unwrap();
    let key = handle.signing_key();
    store.close();

    let (_store, handle) = open(data.path());
    assert_eq!(stored(&handle, playlist.id), Some((4, playlist.clone())));
    assert_eq!(*handle.settings().borrow().as_ref(), settings);
    let position = handle.load_state::<(u64, Duration)>("position").await.unwrap();
    assert_eq!(position, Some((7, Duration::from_nanos(1_500_000_001))));
    assert_eq!(handle.load_state::<u8>("other").await.unwrap(), None);
    assert_eq!(handle.signing_key(), key);
    assert_eq!(prismatron_store::signing_key(data.path()).unwrap(), key);
    assert_eq!(findings(&handle), [""; 0]);
    assert_eq!(names(data.path()), ["logs", "media", "playlists", "uploads"]);
    let mode = |name: &str| fs::metadata(data.path().join(name)).unwrap().permissions().mode();
    assert_eq!(mode("playlists/signing-key.ron") & 0o777, 0o600);
    assert_eq!(mode("playlists/settings.ron") & 0o777, 0o600);
    assert_eq!(mode("playlists") & 0o777, 0o700);
}

#[tokio::test]
async fn damage_of_any_kind_costs_one_save_of_one_playlist() {
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 9] = [
        ("cut off", |path| {
            let length = fs::metadata(path).unwrap().len();
            fs::File::options().write(true).open(path).unwrap().set_len(length / 2).unwrap();
        }),
        ("emptied", |path| fs::write(path, b"").unwrap()),
        ("filled with NUL", |path| {
            let length = fs::read(path).unwrap().len();
            fs::write(path, vec![0; length]).unwrap();
        }),
        ("one bit", |path| {
            let mut bytes = fs::read(path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("another kind", |path| {
            fs::copy(path.with_file_name("signing-key.ron"), path).unwrap();
        }),
        ("huge", |path| {
            fs::File::options().write(true).open(path).unwrap().set_len(1 << 40).unwrap();
        }),
        ("gone", |path| fs::remove_file(path).unwrap()),
        ("a link", |path| {
            fs::remove_file(path).unwrap();
            symlink("/etc/passwd", path).unwrap();
        }),
        ("a folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
    ];
    for (kind, harm) in harms {
        let data = TempDir::new().unwrap();
        let (store, handle) = open(data.path());
        let hurt = filled(&handle, "same name", 3).await;
        let whole = filled(&handle, "same name", 2).await;
        store.close();
        harm(&file(data.path(), hurt.id));

        let (store, handle) = open(data.path());
        let (revision, playlist) = stored(&handle, hurt.id).unwrap();
        assert_eq!(playlist.items, hurt.items[..2], "{kind}");
        // Not one that someone may hold of the lost state.
        assert!(revision > 4, "{kind}: {revision}");
        assert_eq!(stored(&handle, whole.id), Some((3, whole.clone())), "{kind}");
        let said = findings(&handle);
        assert_eq!(said.len(), 1, "{kind}: {said:?}");
        assert!(said[0].contains("same name") && said[0].contains("version before"), "{said:?}");
        let aside = file(data.path(), hurt.id).with_extension("ron.corrupt-1");
        assert_eq!(fs::symlink_metadata(&aside).is_ok(), kind != "gone", "{kind}");
        store.close();

        let (_store, handle) = open(data.path());
        assert_eq!(stored(&handle, hurt.id).unwrap().1.items.len(), 2, "{kind}");
        assert_eq!(findings(&handle), [""; 0], "{kind}: mended is mended");
    }
}

#[tokio::test]
async fn two_damaged_copies_hide_nothing_else() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let hurt = filled(&handle, "hurt", 2).await;
    let whole = filled(&handle, "whole", 1).await;
    store.close();
    for name in [format!("{}.ron", hurt.id), format!("{}.ron.previous", hurt.id)] {
        fs::write(data.path().join("playlists").join(name), b"\0\0\0").unwrap();
    }
    let (_store, handle) = open(data.path());
    assert_eq!(stored(&handle, hurt.id), None);
    assert_eq!(stored(&handle, whole.id), Some((2, whole)));
    assert!(findings(&handle)[0].contains("was damaged too"), "{:?}", findings(&handle));
    let kept = names(&data.path().join("playlists"));
    assert!(kept.contains(&format!("{}.ron.corrupt-1", hurt.id)), "{kept:?}");
    assert!(kept.contains(&format!("{}.ron.previous.corrupt-1", hurt.id)), "{kept:?}");
}

#[tokio::test]
async fn unfinished_saves_are_cleared_away() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let playlist = filled(&handle, "a", 1).await;
    store.close();
    let folder = data.path().join("playlists");
    let before = names(&folder);
    for left in ["settings.ron.tmp", &format!("{}.ron.previous.tmp", playlist.id)] {
        fs::write(folder.join(left), b"half").unwrap();
    }
    let (_store, handle) = open(data.path());
    assert_eq!(names(&folder), before);
    assert_eq!(findings(&handle), [""; 0]);
}

#[tokio::test]
async fn damage_done_while_running_does_not_become_the_previous_copy() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let mut playlist = filled(&handle, "a", 2).await;
    fs::write(file(data.path(), playlist.id), b"rot").unwrap();
    playlist.items.push(item(9));
    handle.save_playlist(playlist.clone(), Some(3)).await.unwrap();
    store.close();
    let kept = names(&data.path().join("playlists"));
    assert!(kept.contains(&format!("{}.ron.corrupt-1", playlist.id)), "{kept:?}");
    fs::remove_file(file(data.path(), playlist.id)).unwrap();
    let (_store, handle) = open(data.path());
    assert_eq!(stored(&handle, playlist.id).unwrap().1.items.len(), 1);
}

/// Makes a document claim to be of a later version.
fn age(path: &Path) -> Vec<u8> {
    let text = fs::read_to_string(path).unwrap();
    let newer = text.replacen(" 1 crc32", " 99 crc32", 1);
    assert_ne!(text, newer);
    fs::write(path, &newer).unwrap();
    newer.into()
}

#[tokio::test]
async fn what_a_newer_version_wrote_is_left_alone() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let playlist = filled(&handle, "a", 2).await;
    let dim = Brightness::try_from(0.5).unwrap();
    handle.edit_settings(move |settings| settings.colour.brightness = dim).await.unwrap();
    handle.save_state("position", &1_u8).await.unwrap();
    store.close();
    let paths = [
        file(data.path(), playlist.id),
        data.path().join("playlists/settings.ron"),
        data.path().join("playlists/state-position.ron"),
    ];
    let newer: Vec<_> = paths.iter().map(|path| age(path)).collect();

    let (store, handle) = open(data.path());
    assert_eq!(stored(&handle, playlist.id), None);
    assert_eq!(*handle.settings().borrow().as_ref(), Settings::default());
    let said = findings(&handle);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|said| said.contains("newer version")), "{said:?}");
    let is_newer =
        |error: StoreError| matches!(error, StoreError::Newer { found: 99, known: 1, .. });
    let change = handle.edit_settings(move |settings| settings.colour.gamma = 2.0).await;
    assert!(is_newer(change.unwrap_err()));
    assert!(is_newer(handle.load_state::<u8>("position").await.unwrap_err()));
    assert!(is_newer(handle.save_state("position", &2_u8).await.unwrap_err()));
    store.close();
    for (path, newer) in paths.iter().zip(newer) {
        assert_eq!(fs::read(path).unwrap(), newer);
    }
}

#[tokio::test]
async fn changes_to_what_someone_else_changed_are_refused() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    let created = handle.create_playlist("a").await.unwrap();
    let mut playlist = created.playlist.clone();
    playlist.items.push(item(1));
    let saved = handle.save_playlist(playlist.clone(), Some(created.revision)).await.unwrap();
    assert_eq!(saved.revision, 2);
    playlist.items.push(item(2));
    let stale = handle.save_playlist(playlist.clone(), Some(1)).await.unwrap_err();
    assert!(matches!(stale, StoreError::Stale { current: 2, .. }), "{stale}");
    let stale = handle.delete_playlist(playlist.id, Some(1)).await.unwrap_err();
    assert!(matches!(stale, StoreError::Stale { current: 2, .. }), "{stale}");
    assert_eq!(stored(&handle, playlist.id).unwrap().1.items.len(), 1);
    // Saving what is there already is no change.
    let same = handle.save_playlist(saved.playlist.clone(), Some(2)).await.unwrap();
    assert_eq!(same.revision, 2);
}

#[tokio::test]
async fn a_deleted_playlist_stays_deleted_and_is_active_no_more() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let playlist = filled(&handle, "a", 2).await;
    let id = playlist.id;
    handle.edit_settings(move |settings| settings.active = Some(id)).await.unwrap();
    handle.delete_playlist(id, None).await.unwrap();
    assert_eq!(handle.settings().borrow().active, None);
    let gone = handle.save_playlist(playlist, None).await.unwrap_err();
    assert!(matches!(gone, StoreError::NoSuchPlaylist(_)));
    store.close();
    let (_store, handle) = open(data.path());
    assert!(handle.playlists().borrow().is_empty());
    assert_eq!(handle.settings().borrow().active, None);
}

#[tokio::test]
async fn what_cannot_be_is_not_stored() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    for name in ["", "  ", "a\nb", "a\u{0}", &"x".repeat(201), "right\u{202e}left"] {
        let refused = handle.create_playlist(name).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{name:?}");
    }
    let playlist = filled(&handle, "a", 1).await;
    type Change = fn(&mut Playlist);
    let changes: [Change; 6] = [
        |playlist| playlist.items.push(item(0)),
        |playlist| playlist.items[0].duration = Some(Duration::ZERO),
        |playlist| playlist.items[0].duration = Some(Duration::MAX),
        |playlist| playlist.items[0].transition.duration = Duration::from_secs(31),
        |playlist| playlist.name = "\u{1b}[2J".into(),
        |playlist| playlist.items = (0..=5000).map(item).collect(),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut changed = playlist.clone();
        change(&mut changed);
        assert!(handle.save_playlist(changed, None).await.is_err(), "{index}");
    }
    assert_eq!(stored(&handle, playlist.id), Some((2, playlist)));
    let refused = handle.edit_settings(|settings| settings.colour.gain[1] = f32::NAN).await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })));
    for name in ["", "../x", "a/b", "A"] {
        assert!(handle.save_state(name, &1_u8).await.is_err(), "{name}");
    }
    let long = handle.save_state("long", &"x".repeat(17 << 20)).await;
    assert!(matches!(long, Err(StoreError::DocumentTooLarge { .. })));
}

#[tokio::test]
async fn the_largest_playlist_fits() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let mut playlist = handle.create_playlist("large").await.unwrap().playlist.clone();
    playlist.items = (0..5000).map(item).collect();
    handle.save_playlist(playlist.clone(), None).await.unwrap();
    store.close();
    let (_store, handle) = open(data.path());
    assert_eq!(stored(&handle, playlist.id), Some((2, playlist)));
}

#[tokio::test]
async fn a_lost_key_is_replaced() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let key = handle.signing_key();
    store.close();
    fs::write(data.path().join("playlists/signing-key.ron"), b"?").unwrap();
    let (_store, handle) = open(data.path());
    assert_ne!(handle.signing_key(), key);
    assert!(findings(&handle)[0].contains("must sign in again"), "{:?}", findings(&handle));
}

#[test]
fn the_key_can_be_had_before_the_first_start() {
    let data = TempDir::new().unwrap();
    let key = prismatron_store::signing_key(&data.path().join("new")).unwrap();
    let (_store, handle) = open(&data.path().join("new"));
    assert_eq!(handle.signing_key(), key);
}

#[tokio::test]
async fn a_data_directory_has_one_user() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let again = prismatron_store::Store::open(
        data.path(),
        std::sync::Arc::new(support::FirstWord),
        support::LIMITS,
    );
    let error = again.err().unwrap();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    let holder = format!("process {}", std::process::id());
    assert!(error.to_string().contains(&holder), "{error}");
    store.close();
    assert!(matches!(handle.create_playlist("a").await, Err(StoreError::Closed)));
    open(data.path()).0.close();
}

#[tokio::test]
async fn many_changes_at_once_are_all_kept() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let handle = handle.clone();
        tasks.spawn(async move {
            let add = move |settings: &mut Settings| {
                let before = settings.active.map_or(0, |count| count.0);
                settings.active = Some(PlaylistId(before + 1));
            };
            handle.edit_settings(add).await.unwrap();
        });
    }
    tasks.join_all().await;
    store.close();
    let (_store, handle) = open(data.path());
    assert_eq!(handle.settings().borrow().active, Some(PlaylistId(200)));
}
