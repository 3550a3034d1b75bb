//! `kill -9` during saves: nothing that was acknowledged is lost, everything reads.
//!
//! The test starts itself again as the process to be killed. That one saves a playlist, the settings and a
//! state over and over, and writes an upload, telling on its standard output what is durable.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

use prismatron_core::id::{ItemId, MediaId, PlaylistId, UploadId};
use prismatron_core::playlist::{Content, Item};
use prismatron_store::{NewUpload, StoreError};
use support::open;
use tempfile::TempDir;

const DATA: &str = "PRISMATRON_KILL_TEST_DATA";
const KILLS: u32 = 100;
/// What the upload's bytes are: the low byte of the thousands of their place.
fn byte(at: u64) -> u8 {
    (at / 1000) as u8
}

fn main_of_the_killed(data: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (_store, handle) = open(data);
        let say = |line: String| {
            let mut out = std::io::stdout().lock();
            writeln!(out, "{line}").unwrap();
            out.flush().unwrap();
        };
        say("started".into());
        let known = handle.playlists().borrow().iter().next().cloned();
        let mut stored = match known {
            Some(stored) => stored,
            None => handle.create_playlist("saved often").await.unwrap(),
        };
        let uploading = {
            let handle = handle.clone();
            tokio::spawn(async move {
                let known = handle.load_state::<UploadId>("upload").await.unwrap();
                let status = match known {
                    Some(id) => handle.upload(id).await.unwrap(),
                    None => {
                        let length = Some(256 << 20);
                        let new = NewUpload { length, ..NewUpload::default() };
                        let status = handle.begin_upload(new).await.unwrap();
                        handle.save_state("upload", &status.id).await.unwrap();
                        status
                    }
                };
                let mut offset = status.offset;
                loop {
                    let mut writer = handle.open_upload(status.id, offset, None).await.unwrap();
                    let bytes: Vec<u8> = (offset..offset + 10_000).map(byte).collect();
                    writer.write(&bytes).await.unwrap();
                    offset = writer.finish().await.unwrap();
                    say(format!("upload {offset}"));
                }
            })
        };
        loop {
            let count = stored.revision;
            let mut playlist = stored.playlist.clone();
            playlist.items = vec![Item {
                id: ItemId(count),
                content: Content::Media(MediaId(count)),
                duration: None,
                fit: Default::default(),
                transition: Default::default(),
            }];
            stored = handle.save_playlist(playlist, Some(count)).await.unwrap();
            say(format!("playlist {}", stored.revision));
            let active = Some(PlaylistId(count));
            handle.edit_settings(move |settings| settings.active = active).await.unwrap();
            say(format!("settings {count}"));
            handle.save_state("position", &count).await.unwrap();
            say(format!("state {count}"));
            assert!(!uploading.is_finished());
        }
    });
}

#[derive(Debug, Default)]
struct Acknowledged {
    playlist: u64,
    settings: u64,
    state: u64,
    upload: u64,
}

/// Runs this test's other half, kills it after a while, and returns what it had told by then.
fn run_and_kill(data: &Path, round: u32, before: &mut Acknowledged) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nothing_acknowledged_is_lost", "--nocapture"])
        .env(DATA, data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut told = Vec::new();
    // The first moments, which are the mending of what the last kill left, are hit as well.
    let wanted = (round * 7) % 23;
    let mut line = String::new();
    while (told.len() as u32) < wanted && lines.read_line(&mut line).unwrap() > 0 {
        told.push(std::mem::take(&mut line));
    }
    // A few microseconds more or less, so that every step of a save is hit some time.
    for _ in 0..(round * 7919) % 40_000 {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    let ended = child.wait().unwrap();
    assert_eq!(ended.signal(), Some(9), "it ended by itself in round {round}: {ended}");
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    told.extend(rest.lines().filter(|_| rest.ends_with('\n')).map(str::to_owned));
    for line in told {
        let Some((what, count)) = line.trim().split_once(' ') else { continue };
        let Ok(count) = count.parse() else { continue };
        match what {
            "playlist" => before.playlist = count,
            "settings" => before.settings = count,
            "state" => before.state = count,
            "upload" => before.upload = count,
            _ => {}
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost() {
    if let Some(data) = std::env::var_os(DATA) {
        main_of_the_killed(Path::new(&data));
    }
    let data = TempDir::new().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut acknowledged = Acknowledged::default();
    for round in 0..KILLS {
        run_and_kill(data.path(), round, &mut acknowledged);
        let (store, handle) = open(data.path());
        let findings = handle.findings().borrow().clone();
        assert!(findings.is_empty(), "round {round}: {findings:?}");
        let playlists = handle.playlists().borrow().clone();
        let revision = playlists.iter().next().map_or(0, |stored| {
            let items = &stored.playlist.items;
            assert_eq!(
                items.first().map(|item| item.id.0 + 1),
                items.first().map(|_| stored.revision)
            );
            stored.revision
        });
        assert!(playlists.len() <= 1, "round {round}");
        // One more than was told may have been saved.
        let told = acknowledged.playlist;
        assert!(
            (told..=told + 1).contains(&revision),
            "round {round}: {revision}, {acknowledged:?}"
        );
        // The others follow the playlist's revision; a kill may have made them pass one over.
        let settings = handle.settings().borrow().active.map_or(0, |count| count.0);
        assert!(
            (acknowledged.settings..=revision).contains(&settings),
            "round {round}: {settings}, {acknowledged:?}"
        );
        let state = runtime.block_on(handle.load_state::<u64>("position")).unwrap().unwrap_or(0);
        assert!(
            (acknowledged.state..=revision).contains(&state),
            "round {round}: {state}, {acknowledged:?}"
        );
        let upload = runtime.block_on(handle.load_state::<UploadId>("upload")).unwrap();
        if let Some(id) = upload {
            let status = runtime.block_on(handle.upload(id)).unwrap();
            assert!(status.offset >= acknowledged.upload, "round {round}: {status:?}");
            let part = std::fs::read(data.path().join(format!("media/transit/{id}.part"))).unwrap();
            assert_eq!(part.len() as u64, status.offset);
            let wrong = part.iter().zip(0..).find(|(found, at)| **found != byte(*at));
            assert_eq!(wrong, None, "round {round}");
            acknowledged.upload = status.offset;
        }
        (acknowledged.playlist, acknowledged.settings, acknowledged.state) =
            (revision, settings, state);
        store.close();
    }
    assert!(acknowledged.state > 20, "too little was saved to be a test: {acknowledged:?}");
    let (_store, handle) = open(data.path());
    let status = runtime.block_on(handle.load_state::<UploadId>("upload")).unwrap().unwrap();
    let finish = runtime.block_on(handle.finish_upload(status));
    assert!(matches!(finish, Err(StoreError::Incomplete { .. })));
}
