//! What helps somebody far away to find out what is wrong, in one archive.
//!
//! A tar, compressed by gzip. Nothing goes in but what is named in [`sources`], and all of it passes the
//! [`Eraser`]. MANIFEST comes last: it says what each file is, and names what could not be had, which keeps
//! nothing else out. Each file has [`MOST`] bytes at most and all logs together [`logs::ALL`]; one file at a
//! time is in memory, and a client that takes its time holds up nothing but its own place.

mod archive;
mod eraser;
mod logs;

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use axum::body::Body;
use humantime::format_rfc3339_seconds;
use prismatron_core::role::Role;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use crate::app::App;
use crate::view;
use crate::wire::settings::Settings;
use archive::{Entry, Writer};
use eraser::Eraser;

/// Most bytes of a file in the archive.
const MOST: usize = 2 << 20;
/// Most media that are listed.
const MEDIA: usize = 5000;
/// Most boots that are told of: each slot has one, and so has the kernel.
const BOOTS: usize = 4;

/// What the archive is called: after this machine and the time.
pub fn name(now: SystemTime) -> String {
    let host = rustix::system::uname();
    let host = host.nodename().to_string_lossy().into_owned();
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-' || *c == '.';
    let host: String = host.chars().filter(is_plain).take(64).collect();
    let time = format_rfc3339_seconds(now).to_string().replace(['-', ':'], "");
    format!("prismatron-diagnostics-{host}-{time}.tar.gz")
}

/// The archive, made while it is taken. The place is given back at its end.
pub(crate) fn archive(app: &App, now: SystemTime, place: OwnedSemaphorePermit) -> Body {
    let (pipe, body) = archive::pipe();
    let app = app.clone();
    tokio::task::spawn_blocking(move || {
        let eraser = Eraser::new(&app.access.accounts(), &app.store.signing_key());
        let writer = Writer::new(pipe.clone(), now, eraser);
        if let Err(error) = write(writer, now, sources(&app), app.store.logs()) {
            // The client has gone, or has to be told that this is not all.
            pipe.fail(error);
        }
        drop(place);
    });
    body
}

fn write(mut writer: Writer, now: SystemTime, sources: Vec<Entry>, logs: &Path) -> io::Result<()> {
    for source in sources {
        let content = source.content.and_then(|content| match content.len() > MOST {
            true => Err(io::Error::other(format!("it is longer than {MOST} bytes"))),
            false => Ok(content),
        });
        writer.add(Entry { content, ..source })?;
    }
    for entry in logs::entries(logs) {
        writer.add(entry)?;
    }
    writer.end(&format!("Prismatron diagnostics of {}\n", format_rfc3339_seconds(now)))
}

/// Everything but the logs, as it is now.
fn sources(app: &App) -> Vec<Entry> {
    let (accounts, library, playlists) = (app.access.accounts(), app.library(), app.playlists());
    let media: Vec<_> = library.iter().take(MEDIA).map(|entry| view::media(app, entry)).collect();
    let summaries: Vec<_> = playlists.iter().map(|stored| view::summary(app, stored)).collect();
    let of = |role: Role| accounts.all().filter(|account| account.role == role).count();
    let counts = json!({
        "passwords_hashed": app.access.hashes_computed(),
        "failed_sign_ins_remembered": app.access.failures_remembered(),
        "audit_lines_lost": app.access.audit().lost(),
        "accounts": {
            "viewer": of(Role::Viewer), "operator": of(Role::Operator), "admin": of(Role::Admin),
        },
        "tokens": accounts.tokens().count(),
        "media": library.iter().count(),
        "playlists": summaries.len(),
    });
    let facts: Vec<_> = app.facts.iter().map(|(name, is)| format!("{name}: {is}\n")).collect();
    let source = |name: &str, about: &str, content| Entry {
        name: name.into(),
        about: about.into(),
        content,
    };
    let mut all = vec![
        source("versions.txt", "Of the program, the kernel and systemd", Ok(versions(app))),
        source("os-release", "Which system this is", read("/etc/os-release")),
        source("status.json", "As GET /api/status tells it", document(&view::status(app))),
        source("counts.json", "Since the start, and what there is", document(&counts)),
        source("configuration.txt", "What it was started with", Ok(facts.concat().into())),
        source("settings.json", "Colours", document(&Settings::from(app.settings().colour))),
        source("layout.json", "Where the LEDs are", document(&view::layout(app))),
        source("outputs.json", "Who they are told by", document(&view::outputs(app))),
        source("playlists.json", "All playlists, without their items", document(&summaries)),
        source("media.json", "The library; 5,000 files at most", document(&media)),
        source("limits.txt", "Of the process, by the kernel", read("/proc/self/limits")),
        source("process.txt", "The process, as the kernel sees it", read("/proc/self/status")),
    ];
    all.extend(boots(&app.boots));
    all
}

/// Why boots failed, and what they logged last, where an appliance keeps that.
fn boots(folder: &Path) -> Vec<Entry> {
    let entry = |name: &str, content| Entry {
        name: format!("boots/{name}"),
        about: "Why a boot failed, and what it logged last".into(),
        content,
    };
    let files = match fs::read_dir(folder) {
        Ok(files) => files.flatten().map(|file| file.path()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => return vec![entry("", Err(error))],
    };
    let mut files: Vec<_> =
        files.filter(|file| file.extension() == Some("json".as_ref())).collect();
    files.sort();
    let name = |file: &Path| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // In lines, as they were logged and the eraser reads them.
    let text = |file: &Path| document(&serde_json::from_slice::<Value>(&fs::read(file)?)?);
    files.iter().take(BOOTS).map(|file| entry(&name(file), text(file))).collect()
}

fn document(value: &impl Serialize) -> io::Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(io::Error::other)
}

fn read(path: &str) -> io::Result<Vec<u8>> {
    // Small files of the system's own.
    fs::read(path)
}

fn versions(app: &App) -> Vec<u8> {
    let kernel = rustix::system::uname();
    let part = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    let systemd = app.system.state().borrow().version.clone();
    format!(
        "Prismatron {}\n{} {} {} {}\nsystemd {}\n",
        app.version,
        part(kernel.sysname()),
        part(kernel.release()),
        part(kernel.version()),
        part(kernel.machine()),
        systemd.as_deref().unwrap_or("unknown"),
    )
    .into()
}
