//! The library over restarts, half-done moves, damage, and what someone put into the folder.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use prismatron_core::id::MediaId;
use prismatron_core::port::MediaLocator;
use prismatron_store::{
    DamageKind, Handle, NewUpload, StorageLimits, Store, StoreError, WallClock, verify,
};
use support::{FirstWord, LIMITS, add, info, minute, names, open, promised};
use tempfile::TempDir;

fn sidecar(data: &Path, id: MediaId) -> PathBuf {
    data.join(format!("media/{id}.ron"))
}

fn found(handle: &Handle) -> Vec<String> {
    handle.findings().borrow().iter().map(|finding| finding.message.clone()).collect()
}

/// Writes a document's body anew, with its checksum.
fn rewrite(path: &Path, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let (header, body) = text.split_once('\n').unwrap();
    let body = change(body);
    let start = header.rsplit_once(' ').unwrap().0;
    fs::write(path, format!("{start} {:08x}\n{body}", crc32fast::hash(body.as_bytes()))).unwrap();
}

#[tokio::test]
async fn names_are_for_show() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let id = add(&handle, b"video").await;
    let twin = add(&handle, b"video").await;
    handle.rename_media(id, " ../../x.ron ").await.unwrap();
    assert!(matches!(handle.rename_media(id, "a\nb").await, Err(StoreError::Invalid { .. })));
    assert!(matches!(handle.rename_media(MediaId(1), "a").await, Err(StoreError::NoSuchMedia(_))));
    store.close();
    let (_store, handle) = open(data.path());
    let library = handle.library().borrow().clone();
    assert_eq!(library.len(), 2);
    assert_eq!(library.get(id).unwrap().name, "../../x.ron");
    assert_eq!(library.get(twin).unwrap().name, "film.mkv");
    let (path, located) = handle.locate(id).unwrap();
    assert_eq!((path, located), (data.path().join(format!("media/{id}.mkv")), info()));
    assert!(handle.locate(MediaId(1)).is_none());
}

#[tokio::test]
async fn deleting_leaves_nothing_however_far_it_came() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let id = add(&handle, b"video one").await;
    let half = add(&handle, b"video two").await;
    let media = data.path().join("media");
    handle.delete_media(id).await.unwrap();
    assert!(handle.media_path(id).is_none());
    assert_eq!(handle.storage().used, 18, "it can be brought back");
    assert!(matches!(handle.delete_media(id).await, Err(StoreError::NoSuchMedia(_))));
    handle.purge_media(id).await.unwrap();
    assert_eq!(handle.storage().used, 9);
    assert!(matches!(handle.purge_media(id).await, Err(StoreError::NoSuchMedia(_))));
    store.close();
    // Cut after the first step.
    let deleted = data.path().join(format!("media/transit/{half}.deleted"));
    fs::rename(media.join(format!("{half}.mkv")), &deleted).unwrap();
    let (_store, handle) = open(data.path());
    assert!(handle.library().borrow().is_empty());
    assert_eq!(names(&media), ["thumbnails", "transit"]);
    assert_eq!(names(&media.join("thumbnails")), [""; 0]);
    assert_eq!(names(&data.path().join("media/transit")), [""; 0]);
    assert_eq!(found(&handle), [""; 0]);
}

/// Which files are there, and which are in the trash.
fn shelves(handle: &Handle) -> (Vec<MediaId>, Vec<MediaId>) {
    let library = handle.library().borrow().clone();
    let deleted = library.deleted().iter().map(|deleted| deleted.entry.id).collect();
    (library.iter().map(|entry| entry.id).collect(), deleted)
}

#[tokio::test]
async fn what_is_deleted_comes_back_as_it_was() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let id = add(&handle, b"video").await;
    handle.rename_media(id, "Night").await.unwrap();
    let before = handle.library().borrow().get(id).cloned().unwrap();
    handle.delete_media(id).await.unwrap();
    assert!(handle.locate(id).is_none());
    assert!(matches!(handle.rename_media(id, "x").await, Err(StoreError::NoSuchMedia(_))));
    store.close();
    assert_eq!(verify(data.path(), |_| {}).unwrap().damaged, []);
    let (store, handle) = open(data.path());
    assert_eq!(shelves(&handle), (vec![], vec![id]));
    assert_eq!(*handle.bring_back_media(id).await.unwrap(), *before);
    assert!(matches!(handle.bring_back_media(id).await, Err(StoreError::NoSuchMedia(_))));
    assert!(handle.thumbnail_path(id).is_some());
    store.close();
    let (_store, handle) = open(data.path());
    assert_eq!(handle.library().borrow().get(id).cloned().unwrap(), before);
    assert_eq!(fs::read(handle.media_path(id).unwrap()).unwrap(), b"video");
    assert_eq!(found(&handle), [""; 0]);
}

#[tokio::test]
async fn deleting_and_bringing_back_are_brought_to_their_end() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let id = add(&handle, b"video").await;
    handle.delete_media(id).await.unwrap();
    store.close();
    let (file, trash) = (
        data.path().join(format!("media/{id}.mkv")),
        data.path().join(format!("media/transit/{id}.trash")),
    );
    // Cut after the sidecar was written and before the file was moved out.
    fs::rename(&trash, &file).unwrap();
    let (store, handle) = open(data.path());
    assert_eq!(shelves(&handle), (vec![], vec![id]));
    assert!(trash.exists() && !file.exists());
    handle.bring_back_media(id).await.unwrap();
    store.close();
    // Cut after the sidecar was written and before the file was moved back.
    fs::rename(&file, &trash).unwrap();
    let (store, handle) = open(data.path());
    assert_eq!(shelves(&handle), (vec![id], vec![]));
    assert!(file.exists() && !trash.exists());
    handle.delete_media(id).await.unwrap();
    store.close();
    // Cut while it went for good.
    fs::remove_file(&trash).unwrap();
    let (_store, handle) = open(data.path());
    assert_eq!(shelves(&handle), (vec![], vec![]));
    assert_eq!(names(&data.path().join("media")), ["thumbnails", "transit"]);
    assert_eq!(found(&handle), [""; 0]);
}

#[tokio::test]
async fn it_goes_for_good_after_a_week_or_where_room_is_needed() {
    let data = TempDir::new().unwrap();
    let day = Arc::new(AtomicU64::new(0));
    let told = Arc::clone(&day);
    let limits = StorageLimits { quota: Some(40), ..LIMITS };
    let clock: WallClock = Arc::new(move || minute(told.load(Ordering::Relaxed) * 24 * 60));
    let (_store, handle) =
        Store::open_with(data.path(), Arc::new(FirstWord), limits, clock).unwrap();
    let first = add(&handle, b"video first").await;
    let second = add(&handle, b"video second").await;
    let third = add(&handle, b"video third").await;
    handle.delete_media(first).await.unwrap();
    day.store(3, Ordering::Relaxed);
    handle.delete_media(second).await.unwrap();
    day.store(6, Ordering::Relaxed);
    handle.expire_uploads().await.unwrap();
    assert_eq!(shelves(&handle).1, [second, first]);
    day.store(7, Ordering::Relaxed);
    handle.expire_uploads().await.unwrap();
    assert_eq!((shelves(&handle).1, handle.storage().used), (vec![second], 23));

    handle.delete_media(third).await.unwrap();
    let refused = handle.begin_upload(promised(41)).await;
    assert!(matches!(refused, Err(StoreError::Quota { .. })), "{refused:?}");
    assert_eq!(shelves(&handle).1, [third, second], "that would not have helped");
    handle.begin_upload(promised(17)).await.unwrap();
    assert_eq!(shelves(&handle).1, [third, second], "there is room");
    let wordy = NewUpload { metadata: "x".repeat(5000), ..promised(10) };
    let refused = handle.begin_upload(wordy).await;
    assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    assert_eq!(shelves(&handle).1, [third, second], "nothing goes for one that is refused");
    handle.begin_upload(promised(10)).await.unwrap();
    assert_eq!(shelves(&handle).1, [third], "the oldest is enough");
}

#[tokio::test]
async fn a_move_into_the_library_is_brought_to_its_end() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let id = add(&handle, b"video").await;
    store.close();
    // As it was after the sidecar was written and before the file was moved.
    let file = data.path().join(format!("media/{id}.mkv"));
    let text = fs::read_to_string(sidecar(data.path(), id)).unwrap();
    let upload = text.split("upload: Some(\"").nth(1).unwrap().split('"').next().unwrap();
    let part = data.path().join(format!("media/transit/{upload}.part"));
    fs::rename(&file, &part).unwrap();
    let (_store, handle) = open(data.path());
    assert_eq!(handle.media_path(id), Some(file.clone()));
    assert_eq!(fs::read(&file).unwrap(), b"video");
    assert!(!part.exists());
    assert_eq!(found(&handle), [""; 0]);
}

#[tokio::test]
async fn a_missing_file_is_told_and_can_be_forgotten() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let id = add(&handle, b"video").await;
    store.close();
    let file = data.path().join(format!("media/{id}.mkv"));
    let away = data.path().join("logs/away");
    fs::rename(&file, &away).unwrap();
    let (store, handle) = open(data.path());
    assert!(handle.library().borrow().is_empty());
    assert_eq!(found(&handle), ["The media file “film.mkv” is missing."]);
    store.close();
    // It only was away.
    fs::rename(&away, &file).unwrap();
    let (store, handle) = open(data.path());
    assert_eq!(handle.library().borrow().len(), 1);
    store.close();
    fs::remove_file(&file).unwrap();
    let (_store, handle) = open(data.path());
    handle.delete_media(id).await.unwrap();
    assert_eq!(found(&handle), [""; 0]);
    assert_eq!(names(&data.path().join("media")), ["thumbnails", "transit"]);
}

#[tokio::test]
async fn files_without_sidecar_are_taken_in_or_told() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let known = add(&handle, b"video known").await;
    store.close();
    let media = data.path().join("media");
    fs::remove_file(sidecar(data.path(), known)).unwrap();
    fs::write(media.join("Holiday.MOV"), b"video dropped here").unwrap();
    fs::write(media.join("notes.txt"), b"buy milk").unwrap();
    let outside = data.path().join("logs/secret");
    fs::write(&outside, b"video outside").unwrap();
    symlink(&outside, media.join("0123456789abcdef.mp4")).unwrap();

    let (_store, handle) = open(data.path());
    let mut findings = handle.findings();
    findings.wait_for(|findings| findings.len() == 4).await.unwrap();
    let library = handle.library().borrow().clone();
    assert_eq!(library.len(), 2);
    // Playlists know it by this id.
    assert_eq!(library.get(known).unwrap().crc32, crc32fast::hash(b"video known"));
    let dropped = library.iter().find(|entry| entry.id != known).unwrap();
    assert_eq!(dropped.name, "Holiday.MOV");
    assert_eq!(dropped.file, format!("{}.mov", dropped.id));
    assert!(media.join("notes.txt").exists());
    assert!(outside.exists());
    let said = found(&handle);
    assert!(said.iter().any(|said| said.contains("this is no video")), "{said:?}");
    assert!(said.iter().any(|said| said.contains("a link to another place")), "{said:?}");
}

#[tokio::test]
async fn a_sidecar_that_names_another_file_is_not_believed() {
    for name in ["../playlists/signing-key.ron", "0123456789abcdef.mkv", "/etc/passwd"] {
        let data = TempDir::new().unwrap();
        let (store, handle) = open(data.path());
        let id = add(&handle, b"video").await;
        store.close();
        rewrite(&sidecar(data.path(), id), |body| body.replace(&format!("{id}.mkv"), name));
        let (_store, handle) = open(data.path());
        // The file itself is taken in anew, under its id.
        handle.findings().wait_for(|findings| findings.len() == 2).await.unwrap();
        let library = handle.library().borrow().clone();
        assert_eq!(library.get(id).unwrap().file, format!("{id}.mkv"), "{name}");
    }
}

#[tokio::test]
async fn a_damaged_sidecar_has_a_previous_one() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let id = add(&handle, b"video").await;
    handle.rename_media(id, "second name").await.unwrap();
    store.close();
    fs::write(sidecar(data.path(), id), [0; 50]).unwrap();
    let (_store, handle) = open(data.path());
    assert_eq!(handle.library().borrow().get(id).unwrap().name, "film.mkv");
    assert_eq!(found(&handle).len(), 1);
}

#[tokio::test]
async fn verification_names_what_has_rotted() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let large: Vec<u8> =
        b"video".iter().copied().chain((0..3_000_000).map(|at| at as u8)).collect();
    let whole = add(&handle, &large).await;
    let mut damaged = Vec::new();
    for bytes in [b"video rotted", b"video length", b"video going.", b"video known."] {
        damaged.push(add(&handle, bytes).await);
    }
    let report = verify(data.path(), |_| ()).unwrap();
    assert_eq!((report.files, report.damaged), (5, vec![]));
    store.close();
    let file = |id: MediaId| data.path().join(format!("media/{id}.mkv"));
    let mut bytes = fs::read(file(damaged[0])).unwrap();
    bytes[7] ^= 4;
    fs::write(file(damaged[0]), bytes).unwrap();
    fs::write(file(damaged[1]), b"video").unwrap();
    fs::remove_file(file(damaged[2])).unwrap();
    fs::write(sidecar(data.path(), damaged[3]), b"?").unwrap();

    let mut told = Vec::new();
    let report = verify(data.path(), |progress| told.push(progress)).unwrap();
    let kind = |at: usize, path: PathBuf| {
        let found = report.damaged.iter().find(|damage| damage.path == path);
        (at, found.unwrap().kind.clone())
    };
    assert_eq!(kind(0, file(damaged[0])), (0, DamageKind::Rotted));
    assert_eq!(kind(1, file(damaged[1])), (1, DamageKind::Length { expected: 12, found: 5 }));
    assert_eq!(kind(2, file(damaged[2])), (2, DamageKind::Missing));
    let sidecar = kind(3, sidecar(data.path(), damaged[3])).1;
    assert!(matches!(sidecar, DamageKind::Sidecar(_)), "{sidecar:?}");
    assert_eq!(report.damaged.len(), 4);
    assert!(report.damaged.iter().all(|damage| !damage.path.ends_with(format!("{whole}.mkv"))));
    assert!(told.is_sorted_by_key(|progress| progress.done));
    assert_eq!(told.last().map(|last| (last.done, last.total)), Some((3_000_041, 3_000_041)));
    assert!(told.len() > 3);
}
