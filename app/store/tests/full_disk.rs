//! A full disk takes nothing that was there.
//!
//! The test starts itself again with a file system of its own that has room for two megabytes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use prismatron_store::{AuditEvent, StoreError, verify_audit};
use support::{add, open, promised};
use tempfile::TempDir;

const DATA: &str = "PRISMATRON_FULL_DISK_TEST_DATA";

#[test]
fn a_full_disk_takes_nothing_that_was_there() {
    if let Some(data) = std::env::var_os(DATA) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(on_a_small_disk(Path::new(&data)));
        return;
    }
    let data = TempDir::new().unwrap();
    let mount = "mount -t tmpfs -o size=2m none \"$0\"";
    let may_mount = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", mount])
        .arg(data.path())
        .output();
    match may_mount {
        Ok(output) if output.status.success() => {}
        other => {
            eprintln!("SKIPPED: no small file system can be mounted here: {other:?}");
            return;
        }
    }
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .arg(format!("{mount} && exec \"$1\" --exact a_full_disk_takes_nothing_that_was_there"))
        .arg(data.path())
        .arg(std::env::current_exe().unwrap())
        .env(DATA, data.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

async fn on_a_small_disk(data: &Path) {
    let (store, handle) = open(data);
    let playlist = handle.create_playlist("kept").await.unwrap().playlist.clone();
    let media = add(&handle, b"video that was there").await;

    // More than there is room for is refused before a byte is taken.
    let refused = handle.begin_upload(promised(3 << 20)).await.unwrap_err();
    assert!(matches!(refused, StoreError::NoRoom { .. }), "{refused}");

    // What has arrived of one that is under way is taken once: from the disk, and no more from what it was promised.
    let id = handle.begin_upload(promised(5 << 18)).await.unwrap().id;
    let mut writer = handle.open_upload(id, 0, None).await.unwrap();
    writer.write(&vec![7; 1 << 20]).await.unwrap();
    let part = handle.upload(id).await.unwrap().file;
    until(|| fs::metadata(&part).unwrap().len() == 1 << 20).await;
    let beside = handle.begin_upload(promised(1 << 18)).await.unwrap().id;
    drop(writer);
    for id in [id, beside] {
        handle.settle_upload(id).await.unwrap();
        handle.abort_upload(id).await.unwrap();
    }

    // Someone else fills the disk while an upload with room promised is under way.
    let id = handle.begin_upload(promised(1 << 20)).await.unwrap().id;
    let mut writer = handle.open_upload(id, 0, None).await.unwrap();
    let filler = data.join("logs/filler");
    let _ = fs::write(&filler, vec![1; 4 << 20]);
    let written = writer.write(&vec![7; 1 << 20]).await;
    let finished = writer.finish().await;
    let error = written.and(finished.map(|_| ())).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");

    let renamed = prismatron_core::playlist::Playlist { name: "x".repeat(200), ..playlist.clone() };
    let error = handle.save_playlist(renamed.clone(), None).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    assert_eq!(handle.playlists().borrow().get(playlist.id).unwrap().playlist, playlist);
    // Somebody who signs out is out.
    let error = handle.end_session("x".repeat(8192)).await.unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    assert!(handle.accounts().borrow().has_ended(&"x".repeat(8192)));

    // What cannot be written to the audit log is counted, and nobody waits for it.
    for _ in 0..30 {
        handle.audit().record(request());
    }
    until(|| handle.audit().lost() == 30).await;
    let is_told = || {
        let told = handle.findings().borrow().clone();
        told.iter().any(|finding| finding.subject == "logs/audit.log")
    };
    // It is counted first.
    until(is_told).await;
    fs::remove_file(&filler).unwrap();
    handle.audit().record(request());
    until(|| handle.audit().lost() == 0).await;
    until(|| handle.findings().borrow().is_empty()).await;
    let newest = handle.audit().page(None, 2).unwrap().records;
    assert_eq!(newest[1].event, AuditEvent::Lost { lines: 30 });
    assert_eq!(newest[0].event, request());
    let log = data.join("logs/audit.log");
    assert_eq!(verify_audit(&log).unwrap().bad, None);
    let _ = fs::write(&filler, vec![1; 4 << 20]);
    store.close();

    // It starts on a full disk, too.
    let (store, handle) = open(data);
    assert_eq!(handle.playlists().borrow().get(playlist.id).unwrap().playlist, playlist);
    assert!(handle.library().borrow().get(media).is_some());
    assert!(handle.findings().borrow().is_empty(), "{:?}", handle.findings().borrow());
    fs::remove_file(&filler).unwrap();
    handle.save_playlist(renamed.clone(), None).await.unwrap();
    store.close();
    let (_store, handle) = open(data);
    assert_eq!(handle.playlists().borrow().get(playlist.id).unwrap().playlist, renamed);
}

/// What takes more of a log than can be left of the last block on a full disk, whichever lines are written together.
fn request() -> AuditEvent {
    // Six characters each in the log.
    let long = "\u{1}".repeat(500);
    AuditEvent::Request {
        who: "account Ada".into(),
        from: "127.0.0.1".into(),
        action: long.clone(),
        detail: long,
        status: 200,
    }
}

/// Waits for what another thread brings about.
async fn until(mut is_so: impl FnMut() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !is_so() {
        assert!(std::time::Instant::now() < end, "it never came to that");
        tokio::task::yield_now().await;
    }
}
