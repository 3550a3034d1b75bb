//! Uploads: in pieces, cut off, over restarts, past limits.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use prismatron_core::id::UploadId;
use prismatron_core::media::MediaInfo;
use prismatron_core::port::{MediaError, Prober};
use prismatron_store::{
    Checksum, Handle, NewUpload, Purpose, StorageLimits, Store, StoreError, UploadWriter, WallClock,
};
use support::{FirstWord, LIMITS, info, minute, names, open, open_with, promised};
use tempfile::TempDir;

/// A file that is taken, of this length.
fn film(length: usize) -> Vec<u8> {
    let mut bytes = b"video ".to_vec();
    bytes.extend((6..length).map(|at| (at / 251) as u8));
    bytes.truncate(length);
    bytes
}

async fn begin(handle: &Handle, length: usize) -> UploadId {
    handle.begin_upload(promised(length as u64)).await.unwrap().id
}

async fn writer(handle: &Handle, id: UploadId, offset: usize) -> UploadWriter {
    handle.open_upload(id, offset as u64, None).await.unwrap()
}

/// Writes from an offset on in small pieces and finishes.
async fn send(handle: &Handle, id: UploadId, offset: usize, bytes: &[u8]) {
    let mut writer = writer(handle, id, offset).await;
    for piece in bytes.chunks(70_001) {
        writer.write(piece).await.unwrap();
    }
    assert_eq!(writer.finish().await.unwrap(), (offset + bytes.len()) as u64);
}

fn assert_nothing_left(data: &Path) {
    assert_eq!(names(&data.join("uploads")), ["lock"]);
    assert_eq!(names(&data.join("media/transit")), [""; 0]);
}

fn part(data: &Path, id: UploadId) -> std::path::PathBuf {
    data.join(format!("media/transit/{id}.part"))
}

#[tokio::test]
async fn a_file_arrives_in_pieces_over_restarts() {
    let data = TempDir::new().unwrap();
    let film = film(5_000_000);
    let (store, handle) = open(data.path());
    let new = NewUpload { metadata: "filename ZmlsbQ==".into(), ..promised(film.len() as u64) };
    let id = handle.begin_upload(new).await.unwrap().id;
    send(&handle, id, 0, &film[..1_000_000]).await;
    store.close();

    let (store, handle) = open(data.path());
    let status = handle.upload(id).await.unwrap();
    assert_eq!((status.offset, status.length), (1_000_000, Some(5_000_000)));
    assert_eq!((status.name.as_str(), status.metadata.as_str()), ("film.mkv", "filename ZmlsbQ=="));
    assert!(!status.busy);
    send(&handle, id, 1_000_000, &film[1_000_000..3_500_000]).await;
    let early = handle.finish_upload(id).await.unwrap_err();
    assert!(matches!(early, StoreError::Incomplete { offset: 3_500_000, length: 5_000_000, .. }));
    send(&handle, id, 3_500_000, &film[3_500_000..]).await;
    let entry = handle.finish_upload(id).await.unwrap();
    assert_eq!((entry.name.as_str(), entry.bytes), ("film.mkv", 5_000_000));
    assert_eq!(entry.crc32, crc32fast::hash(&film));
    assert_eq!(entry.info, info());
    assert!(matches!(handle.upload(id).await, Err(StoreError::NoSuchUpload(_))));
    assert_nothing_left(data.path());
    store.close();

    let (_store, handle) = open(data.path());
    let path = handle.media_path(entry.id).unwrap();
    assert_eq!(path, data.path().join(format!("media/{}.mkv", entry.id)));
    assert_eq!(fs::read(path).unwrap(), film);
    assert_eq!(fs::read(handle.thumbnail_path(entry.id).unwrap()).unwrap(), b"a small jpeg");
    let again = handle.library().borrow().get(entry.id).cloned().unwrap();
    // Stored to the millisecond.
    assert_eq!(prismatron_store::MediaEntry { added: entry.added, ..(*again).clone() }, *entry);
    assert_eq!(handle.storage().used, 5_000_000);
}

#[tokio::test]
async fn what_arrived_before_a_cut_is_kept() {
    let data = TempDir::new().unwrap();
    let film = film(4_000_000);
    let (store, handle) = open(data.path());
    let id = begin(&handle, film.len()).await;
    let mut cut = writer(&handle, id, 0).await;
    cut.write(&film[..2_345_678]).await.unwrap();
    assert!(handle.upload(id).await.unwrap().busy);
    drop(cut);
    let status = handle.settle_upload(id).await.unwrap();
    assert_eq!((status.offset, status.busy), (2_345_678, false));
    store.close();
    // Nothing was made durable, but the kernel that has the bytes still runs.
    let (_store, handle) = open(data.path());
    assert_eq!(handle.upload(id).await.unwrap().offset, 2_345_678);
    send(&handle, id, 2_345_678, &film[2_345_678..]).await;
    let entry = handle.finish_upload(id).await.unwrap();
    assert_eq!(entry.crc32, crc32fast::hash(&film));
}

#[tokio::test]
async fn after_a_power_cut_only_durable_bytes_count() {
    let data = TempDir::new().unwrap();
    let film = film(3_000_000);
    let (store, handle) = open(data.path());
    let id = begin(&handle, film.len()).await;
    send(&handle, id, 0, &film[..1_000_000]).await;
    let mut cut = writer(&handle, id, 1_000_000).await;
    cut.write(&film[1_000_000..2_000_000]).await.unwrap();
    drop(cut);
    assert_eq!(handle.settle_upload(id).await.unwrap().offset, 2_000_000);
    store.close();
    // As another start of the kernel would find it: the length is there, the bytes are not.
    let record = data.path().join(format!("uploads/{id}.ron"));
    let text = fs::read_to_string(&record).unwrap();
    let body = text.split_once('\n').unwrap().1;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
    let body = body.replace(boot.trim(), "00000000-0000-0000-0000-000000000000");
    let crc32 = crc32fast::hash(body.as_bytes());
    fs::write(&record, format!("// prismatron upload 1 crc32 {crc32:08x}\n{body}")).unwrap();

    let (_store, handle) = open(data.path());
    assert_eq!(handle.upload(id).await.unwrap().offset, 1_000_000);
    assert_eq!(fs::metadata(part(data.path(), id)).unwrap().len(), 1_000_000);
    send(&handle, id, 1_000_000, &film[1_000_000..]).await;
    assert_eq!(handle.finish_upload(id).await.unwrap().crc32, crc32fast::hash(&film));
}

#[tokio::test]
async fn checkpoints_are_set_on_the_way() {
    let data = TempDir::new().unwrap();
    let film = film(80 << 20);
    let (store, handle) = open(data.path());
    let id = begin(&handle, film.len()).await;
    let mut cut = writer(&handle, id, 0).await;
    cut.write(&film[..70 << 20]).await.unwrap();
    drop(cut);
    handle.settle_upload(id).await.unwrap();
    store.close();
    let record = fs::read_to_string(data.path().join(format!("uploads/{id}.ron"))).unwrap();
    assert!(record.contains(&format!("durable: {}", 64 << 20)), "{record}");
    let (_store, handle) = open(data.path());
    send(&handle, id, 70 << 20, &film[70 << 20..]).await;
    assert_eq!(handle.finish_upload(id).await.unwrap().crc32, crc32fast::hash(&film));
}

#[tokio::test]
async fn checksums_are_held_before_bytes_count() {
    let data = TempDir::new().unwrap();
    let film = film(2_000_000);
    let (store, handle) = open(data.path());
    let id = begin(&handle, film.len()).await;
    let good = Checksum::Crc32(crc32fast::hash(&film[..1_500_000]));
    let mut writer = handle.open_upload(id, 0, Some(good)).await.unwrap();
    writer.write(&film[..1_500_000]).await.unwrap();
    assert_eq!(writer.finish().await.unwrap(), 1_500_000);

    let bad = Checksum::Sha1([0; 20]);
    let mut writer = handle.open_upload(id, 1_500_000, Some(bad)).await.unwrap();
    writer.write(&film[1_500_000..]).await.unwrap();
    assert!(matches!(writer.finish().await, Err(StoreError::Checksum(_))));
    assert_eq!(handle.upload(id).await.unwrap().offset, 1_500_000);
    assert_eq!(fs::metadata(part(data.path(), id)).unwrap().len(), 1_500_000);

    // Cut off: what waits for its checksum does not count, here or after a restart.
    let mut writer = handle.open_upload(id, 1_500_000, Some(bad)).await.unwrap();
    writer.write(&film[1_500_000..1_700_000]).await.unwrap();
    drop(writer);
    assert_eq!(handle.settle_upload(id).await.unwrap().offset, 1_500_000);
    store.close();
    let file = File::options().append(true).open(part(data.path(), id)).unwrap();
    file.set_len(1_600_000).unwrap();
    let (_store, handle) = open(data.path());
    assert_eq!(handle.upload(id).await.unwrap().offset, 1_500_000);

    send(&handle, id, 1_500_000, &film[1_500_000..]).await;
    assert_eq!(handle.finish_upload(id).await.unwrap().crc32, crc32fast::hash(&film));
}

#[tokio::test]
async fn one_writes_at_a_time_and_where_it_stands() {
    let data = TempDir::new().unwrap();
    let film = film(3_000_000);
    let (_store, handle) = open(data.path());
    let id = begin(&handle, film.len()).await;
    let wrong = handle.open_upload(id, 5, None).await.unwrap_err();
    assert!(matches!(wrong, StoreError::Offset { current: 0, given: 5, .. }), "{wrong}");
    let mut first = writer(&handle, id, 0).await;
    first.write(&film[..1 << 20]).await.unwrap();
    let busy = handle.open_upload(id, 0, None).await.unwrap_err();
    assert!(matches!(busy, StoreError::Busy(_)), "{busy}");
    let busy = handle.finish_upload(id).await.unwrap_err();
    assert!(matches!(busy, StoreError::Busy(_)), "{busy}");

    // The client is back, but its old connection seems to be open still.
    let offset = handle.settle_upload(id).await.unwrap().offset as usize;
    assert_eq!(offset, 1 << 20);
    send(&handle, id, offset, &film[offset..]).await;
    let late = async {
        first.write(&film[1 << 20..2 << 20]).await?;
        first.finish().await
    };
    assert!(matches!(late.await, Err(StoreError::TakenOver(_))));
    assert_eq!(handle.finish_upload(id).await.unwrap().crc32, crc32fast::hash(&film));
}

#[tokio::test]
async fn more_than_was_promised_is_not_taken() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    let id = begin(&handle, 10).await;
    let mut writer = writer(&handle, id, 0).await;
    writer.write(b"video").await.unwrap();
    let more = writer.write(b" after").await.unwrap_err();
    assert!(matches!(more, StoreError::BeyondLength { length: 10, .. }), "{more}");
    drop(writer);
    assert_eq!(handle.settle_upload(id).await.unwrap().offset, 5);
}

#[tokio::test]
async fn refused_files_leave_nothing() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    let id = begin(&handle, 7).await;
    send(&handle, id, 0, b"no film").await;
    match handle.finish_upload(id).await {
        Err(StoreError::Refused { name, reason }) => {
            assert_eq!((name.as_str(), reason.as_str()), ("film.mkv", "this is no video"));
        }
        other => panic!("{other:?}"),
    }
    assert_nothing_left(data.path());
    assert_eq!(names(&data.path().join("media")), ["thumbnails", "transit"]);
    assert_eq!(handle.storage().used, 0);
    assert_eq!(handle.storage().uploads_in_progress, 0);
}

#[tokio::test]
async fn room_is_promised_once() {
    let data = TempDir::new().unwrap();
    let limits = StorageLimits { quota: Some(1000), ..LIMITS };
    let (store, handle) = open_with(data.path(), limits);
    let first = begin(&handle, 600).await;
    let over = handle.begin_upload(promised(401)).await.unwrap_err();
    assert!(matches!(over, StoreError::Quota { needed: 401, left: 400 }), "{over}");
    let second = begin(&handle, 400).await;
    handle.abort_upload(second).await.unwrap();
    send(&handle, first, 0, &film(600)).await;
    assert_eq!(handle.storage().used, 600);
    let media = handle.finish_upload(first).await.unwrap().id;
    assert_eq!(handle.storage().used, 600);
    store.close();

    let (store, handle) = open_with(data.path(), limits);
    assert!(matches!(
        handle.begin_upload(promised(401)).await,
        Err(StoreError::Quota { left: 400, .. })
    ));
    handle.delete_media(media).await.unwrap();
    begin(&handle, 1000).await;
    store.close();

    let reserve = StorageLimits { reserve: u64::MAX, ..LIMITS };
    let (_store, handle) = open_with(data.path(), reserve);
    let none = handle.begin_upload(promised(1)).await.unwrap_err();
    assert!(matches!(none, StoreError::NoRoom { needed: 1, left: 0 }), "{none}");
}

#[tokio::test]
async fn a_file_of_unknown_length_is_taken_within_the_quota() {
    let data = TempDir::new().unwrap();
    let limits = StorageLimits { quota: Some(20 << 20), ..LIMITS };
    let (store, handle) = open_with(data.path(), limits);
    let unknown = || NewUpload { name: "x.mp4".into(), ..NewUpload::default() };
    let id = handle.begin_upload(unknown()).await.unwrap().id;
    let film = film(2_000_000);
    send(&handle, id, 0, &film).await;
    let entry = handle.finish_upload(id).await.unwrap();
    assert_eq!((entry.bytes, entry.crc32), (2_000_000, crc32fast::hash(&film)));

    let id = handle.begin_upload(unknown()).await.unwrap().id;
    let mut writer = writer(&handle, id, 0).await;
    let error = loop {
        if let Err(error) = writer.write(&film).await {
            break error;
        }
    };
    assert!(matches!(error, StoreError::Quota { .. }), "{error}");
    assert!(fs::metadata(part(data.path(), id)).unwrap().len() <= 18 << 20);
    store.close();
    let (_store, handle) = open_with(data.path(), limits);
    assert!(matches!(handle.upload(id).await, Err(StoreError::NoSuchUpload(_))));
    assert_nothing_left(data.path());
}

#[tokio::test]
async fn there_may_be_only_so_many() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    let never_sent = begin(&handle, 5).await;
    for _ in 0..100 {
        let id = begin(&handle, 5).await;
        send(&handle, id, 0, b"v").await;
    }
    // The one nobody had sent a byte for gave way; the others do not.
    assert!(matches!(handle.upload(never_sent).await, Err(StoreError::NoSuchUpload(_))));
    let more = handle.begin_upload(promised(5)).await.unwrap_err();
    assert!(matches!(more, StoreError::TooMany { limit: 100, .. }), "{more}");
}

#[tokio::test]
async fn uploads_nobody_continues_expire() {
    let data = TempDir::new().unwrap();
    let now = Arc::new(AtomicU64::new(0));
    let clock: WallClock = {
        let now = Arc::clone(&now);
        Arc::new(move || minute(now.load(Ordering::Relaxed)))
    };
    let open =
        || Store::open_with(data.path(), Arc::new(FirstWord), LIMITS, clock.clone()).unwrap();
    let (store, handle) = open();
    let idle = begin(&handle, 100).await;
    let active = begin(&handle, 100).await;
    let held = begin(&handle, 100).await;
    let _writer = writer(&handle, held, 0).await;
    assert_eq!(handle.upload(idle).await.unwrap().expires, minute(60));
    now.store(59, Ordering::Relaxed);
    send(&handle, active, 0, b"video").await;
    handle.expire_uploads().await.unwrap();
    assert_eq!(handle.storage().uploads_in_progress, 3);
    assert_eq!(handle.pruned_uploads().tried, 0);
    now.store(60, Ordering::Relaxed);
    handle.expire_uploads().await.unwrap();
    let pruned = handle.pruned_uploads();
    assert_eq!((pruned.tried, pruned.succeeded, pruned.last), (1, 1, Some(minute(60))));
    assert!(matches!(handle.upload(idle).await, Err(StoreError::NoSuchUpload(_))));
    assert_eq!(handle.upload(active).await.unwrap().expires, minute(119));
    assert!(!part(data.path(), idle).exists());
    assert!(handle.upload(held).await.unwrap().busy);
    store.close();
    now.store(400, Ordering::Relaxed);
    let (_store, handle) = open();
    assert_eq!(handle.storage().uploads_in_progress, 0);
    assert_nothing_left(data.path());
}

#[tokio::test]
async fn complete_uploads_are_finished_at_the_next_start() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let film = film(100_000);
    let id = begin(&handle, film.len()).await;
    send(&handle, id, 0, &film).await;
    store.close();
    let (_store, handle) = open(data.path());
    let mut library = handle.library();
    let library = library.wait_for(|library| !library.is_empty()).await.unwrap();
    assert_eq!(library.iter().next().unwrap().crc32, crc32fast::hash(&film));
}

/// Tells when it is asked and answers when it is told to.
struct Slow(mpsc::Sender<()>, std::sync::Mutex<mpsc::Receiver<()>>);

impl Prober for Slow {
    fn probe(&self, _: &Path) -> Result<MediaInfo, MediaError> {
        self.0.send(()).unwrap();
        self.1.lock().unwrap().recv().unwrap();
        Ok(info())
    }

    fn thumbnail(&self, _: &Path, _: &MediaInfo) -> Result<Vec<u8>, MediaError> {
        Ok(Vec::new())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_probe_holds_up_nothing_else() {
    let data = TempDir::new().unwrap();
    let (asked, was_asked) = mpsc::channel();
    let (answer, answered) = mpsc::channel();
    let slow = Arc::new(Slow(asked, std::sync::Mutex::new(answered)));
    let (_store, handle) = Store::open(data.path(), slow, LIMITS).unwrap();
    let id = begin(&handle, 10).await;
    send(&handle, id, 0, &film(10)).await;
    let finishing = tokio::spawn({
        let handle = handle.clone();
        async move { handle.finish_upload(id).await }
    });
    tokio::task::spawn_blocking(move || was_asked.recv_timeout(Duration::from_secs(60)).unwrap())
        .await
        .unwrap();
    handle.create_playlist("meanwhile").await.unwrap();
    assert!(matches!(handle.abort_upload(id).await, Err(StoreError::Busy(_))));
    // Whoever asked may go; the file is taken in all the same.
    finishing.abort();
    answer.send(()).unwrap();
    let mut library = handle.library();
    library.wait_for(|library| library.len() == 1).await.unwrap();
}

/// Cannot cope with any file.
struct Crashing;

impl Prober for Crashing {
    fn probe(&self, _: &Path) -> Result<MediaInfo, MediaError> {
        panic!("a decoder's mistake")
    }

    fn thumbnail(&self, _: &Path, _: &MediaInfo) -> Result<Vec<u8>, MediaError> {
        Ok(Vec::new())
    }
}

#[tokio::test]
async fn a_file_the_prober_crashes_on_is_refused() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = Store::open(data.path(), Arc::new(Crashing), LIMITS).unwrap();
    let id = begin(&handle, 10).await;
    send(&handle, id, 0, &film(10)).await;
    assert!(matches!(handle.finish_upload(id).await, Err(StoreError::Refused { .. })));
    assert_nothing_left(data.path());
}

#[tokio::test]
async fn files_are_imported() {
    let data = TempDir::new().unwrap();
    let film = film(3_000_000);
    let (_store, handle) = open(data.path());
    let entry = handle.import("A demonstration", &film).await.unwrap();
    assert_eq!((entry.name.as_str(), entry.crc32), ("A demonstration", crc32fast::hash(&film)));
    let refused = handle.import("x", b"no").await.unwrap_err();
    assert!(matches!(refused, StoreError::Refused { .. }), "{refused}");
    assert_eq!(handle.storage().uploads_in_progress, 0);
}

#[tokio::test]
async fn leftovers_and_damaged_records_stop_nothing() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let hurt = begin(&handle, 100).await;
    let whole = begin(&handle, 100).await;
    send(&handle, whole, 0, b"video").await;
    store.close();
    let uploads = data.path().join("uploads");
    fs::write(uploads.join(format!("{hurt}.ron")), b"\0\0").unwrap();
    let transit = data.path().join("media/transit");
    fs::write(transit.join("0123456789abcdef.part"), b"whose").unwrap();
    fs::write(transit.join("0123456789abcdef.deleted"), b"gone").unwrap();
    fs::write(uploads.join(format!("{whole}.ron.tmp")), b"half").unwrap();
    let (_store, handle) = open(data.path());
    assert_eq!(handle.upload(whole).await.unwrap().offset, 5);
    assert!(matches!(handle.upload(hurt).await, Err(StoreError::NoSuchUpload(_))));
    let left = names(&uploads);
    let expected = [format!("{whole}.ron"), "lock".to_owned()];
    assert!(expected.iter().all(|name| left.contains(name)), "{left:?}");
    assert_eq!(left.len(), 3, "the damaged record is set aside: {left:?}");
    assert_eq!(names(&transit), [format!("{whole}.part")]);
    assert_eq!(handle.findings().borrow().len(), 1);
}

#[tokio::test]
async fn an_update_waits_where_it_can_be_installed_from_and_is_no_media() {
    let data = TempDir::new().unwrap();
    let bundle = film(3_000_000);
    let (store, handle) = open(data.path());
    let new = NewUpload { purpose: Purpose::Update, ..promised(bundle.len() as u64) };
    let id = handle.begin_upload(new).await.unwrap().id;
    send(&handle, id, 0, &bundle[..1_000_000]).await;
    assert!(!handle.upload(id).await.unwrap().is_complete());
    store.close();

    let (store, handle) = open(data.path());
    send(&handle, id, 1_000_000, &bundle[1_000_000..]).await;
    let status = handle.upload(id).await.unwrap();
    assert!(status.is_complete() && status.purpose == Purpose::Update);
    assert_eq!(status.file, data.path().join(format!("uploads/{id}.raucb")));
    assert_eq!(fs::read(&status.file).unwrap(), bundle);
    let as_media = handle.finish_upload(id).await.unwrap_err();
    assert!(matches!(as_media, StoreError::NoSuchUpload(_)), "{as_media}");
    store.close();

    // Complete uploads of media are taken in at a start.
    let (store, handle) = open(data.path());
    assert!(handle.upload(id).await.unwrap().is_complete());
    handle.abort_upload(id).await.unwrap();
    assert_nothing_left(data.path());
    // One without its record is nobody's.
    fs::write(data.path().join("uploads/0123456789abcdef.raucb"), "x").unwrap();
    store.close();
    let (_store, _handle) = open(data.path());
    assert_nothing_left(data.path());
}
