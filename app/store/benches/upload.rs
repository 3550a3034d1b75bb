//! How fast an upload reaches the disk, against `dd` with fsync on the same disk in the same minute.
//!
//! `cargo bench -p prismatron-store --bench upload`; `UPLOAD_MIB` sets the size, 4096 unless told.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prismatron_core::media::{MediaInfo, MediaKind};
use prismatron_core::port::{MediaError, MediaFault, Prober};
use prismatron_core::unit::Size;
use prismatron_store::{NewUpload, StorageLimits, Store};

/// Takes every file, without looking.
struct Trusting;

impl Prober for Trusting {
    fn probe(&self, _: &Path) -> Result<MediaInfo, MediaError> {
        let (kind, format, size) = (MediaKind::Video, "h264".into(), Size::CANVAS);
        Ok(MediaInfo { kind, format, size, duration: None, fps: None, loops: Some(1) })
    }

    fn thumbnail(&self, _: &Path, _: &MediaInfo) -> Result<Vec<u8>, MediaError> {
        Err(MediaError::new(MediaFault::Unsupported, "none"))
    }
}

fn dd(folder: &Path, mib: u64) -> Duration {
    let file = folder.join("baseline");
    let started = Instant::now();
    let status = Command::new("dd")
        .args(["if=/dev/zero", "bs=1M", "conv=fsync", "status=none"])
        .arg(format!("of={}", file.display()))
        .arg(format!("count={mib}"))
        .status();
    let took = started.elapsed();
    assert!(status.unwrap().success());
    std::fs::remove_file(file).unwrap();
    took
}

async fn upload(folder: &Path, mib: u64) -> Duration {
    let limits = StorageLimits { reserve: 0, ..StorageLimits::default() };
    let (store, handle) = Store::open(folder, Arc::new(Trusting), limits).unwrap();
    // What hyper hands over at a time at most, roughly.
    let piece = vec![0x5a; 400 << 10];
    let mut left = mib << 20;
    let started = Instant::now();
    let new = NewUpload { length: Some(left), ..NewUpload::default() };
    let id = handle.begin_upload(new).await.unwrap().id;
    let mut writer = handle.open_upload(id, 0, None).await.unwrap();
    while left > 0 {
        let count = left.min(piece.len() as u64);
        writer.write(&piece[..count as usize]).await.unwrap();
        left -= count;
    }
    writer.finish().await.unwrap();
    let media = handle.finish_upload(id).await.unwrap().id;
    let took = started.elapsed();
    handle.delete_media(media).await.unwrap();
    store.close();
    took
}

/// Most memory this process ever had resident, in KiB.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.unwrap_or("unknown").trim().into()
}

fn main() {
    // `cargo test --all-targets` starts benchmarks, too.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let mib = std::env::var("UPLOAD_MIB").ok().and_then(|mib| mib.parse().ok()).unwrap_or(4096);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for _ in 0..3 {
        let baseline = dd(folder.path(), mib).as_secs_f64();
        let took = runtime.block_on(upload(folder.path(), mib)).as_secs_f64();
        let rate = |seconds: f64| mib as f64 / seconds;
        println!(
            "upload {:.0} MiB/s, dd with fsync {:.0} MiB/s: {:.2}; at most {} resident",
            rate(took),
            rate(baseline),
            baseline / took,
            peak()
        );
    }
}
