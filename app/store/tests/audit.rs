//! The audit log over restarts, rotation and damage.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use prismatron_store::{
    AuditEvent, AuditReport, BadLine, Handle, missing_audit_lines, verify_audit,
};
use support::open;
use tempfile::TempDir;

fn request(action: &str) -> AuditEvent {
    AuditEvent::Request {
        who: "account Ada".into(),
        from: "127.0.0.1".into(),
        action: action.into(),
        detail: String::new(),
        status: 200,
    }
}

fn log(data: &Path) -> PathBuf {
    data.join("logs/audit.log")
}

/// Opens, writes these and closes.
fn write(data: &Path, actions: &[&str]) {
    let (store, handle) = open(data);
    for action in actions {
        handle.audit().record(request(action));
    }
    store.close();
}

fn events(handle: &Handle) -> Vec<AuditEvent> {
    let page = handle.audit().page(None, 1000).unwrap();
    page.records.into_iter().rev().map(|record| record.event).collect()
}

fn good(path: &Path) -> u64 {
    let AuditReport { lines, bad } = verify_audit(path).unwrap();
    assert_eq!(bad, None);
    lines
}

fn bad(path: &Path) -> u64 {
    let BadLine { line, reason } = verify_audit(path).unwrap().bad.unwrap();
    assert!(!reason.is_empty());
    line
}

fn until(mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "it never came to that");
        std::thread::yield_now();
    }
}

#[test]
fn the_chain_goes_on_over_a_restart() {
    let data = TempDir::new().unwrap();
    write(data.path(), &["one", "two"]);
    write(data.path(), &["three"]);
    assert_eq!(good(&log(data.path())), 4);
    let (_store, handle) = open(data.path());
    assert_eq!(
        events(&handle),
        [
            AuditEvent::Begin { after: "00000000".into() },
            request("one"),
            request("two"),
            request("three")
        ]
    );
    assert!(handle.findings().borrow().is_empty());
}

#[test]
fn what_was_changed_is_named_by_its_line() {
    let data = TempDir::new().unwrap();
    write(data.path(), &["one", "two", "three", "four"]);
    let path = log(data.path());
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let with = |lines: &[&str]| {
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        bad(&path)
    };
    let edited = lines[2].replace("two", "tow");
    assert_eq!(with(&[lines[0], lines[1], &edited, lines[3], lines[4]]), 3, "edited");
    assert_eq!(with(&[lines[0], lines[1], lines[3], lines[4]]), 3, "removed");
    assert_eq!(with(&[lines[1], lines[2], lines[3], lines[4]]), 1, "the first removed");
    assert_eq!(with(&[lines[0], lines[2], lines[1], lines[3], lines[4]]), 2, "exchanged");
    assert_eq!(with(&[lines[0], lines[1], lines[1], lines[2]]), 3, "doubled");
    assert_eq!(with(&[lines[0], "", lines[1]]), 2, "blank");
    fs::write(&path, &whole[..whole.len() - 3]).unwrap();
    assert_eq!(bad(&path), 5, "cut off");
    let long = format!("{}\n{}\n", lines[0], "x".repeat(100_000));
    fs::write(&path, long).unwrap();
    assert_eq!(bad(&path), 2, "endless");
    fs::write(&path, "").unwrap();
    assert_eq!(good(&path), 0);
}

#[test]
fn a_last_line_that_was_cut_off_is_survived_and_told() {
    let data = TempDir::new().unwrap();
    write(data.path(), &["one", "two"]);
    let path = log(data.path());
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 7]).unwrap();
    write(data.path(), &["three"]);
    let (store, handle) = open(data.path());
    let events = events(&handle);
    assert!(matches!(events[2], AuditEvent::CutOff { bytes } if bytes > 20), "{events:?}");
    assert_eq!(events[3], request("three"));
    store.close();
    assert_eq!(good(&path), 4);
    // Even where it is the first; those after it are missed then.
    fs::write(&path, &whole[..20]).unwrap();
    write(data.path(), &["four"]);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"event\":\"missing\",\"lines\":3"), "{text}");
    assert_eq!(good(&path), 4);
}

#[test]
fn lines_taken_off_the_end_are_missed() {
    let data = TempDir::new().unwrap();
    let path = log(data.path());
    let missing = || missing_audit_lines(data.path()).unwrap();
    let take_off = |lines: usize| {
        let whole = fs::read_to_string(&path).unwrap();
        let left: Vec<&str> = whole.lines().collect();
        fs::write(&path, left[..left.len() - lines].join("\n") + "\n").unwrap();
    };
    write(data.path(), &["one", "two", "three", "four"]);
    assert_eq!(missing(), 0);
    take_off(2);
    // Nothing in the log itself tells.
    assert_eq!((good(&path), missing()), (3, 2));

    // The next start does, for good, and once.
    let (store, handle) = open(data.path());
    until(|| events(&handle).len() == 4);
    assert_eq!(events(&handle)[3], AuditEvent::Missing { lines: 2 });
    let found = handle.findings().borrow()[0].message.clone();
    assert!(found.contains("2 lines"), "{found}");
    store.close();
    assert_eq!((good(&path), missing()), (4, 0));
    write(data.path(), &["five"]);
    assert_eq!(good(&path), 5);

    // With the whole file, and with what was rotated.
    fs::rename(&path, path.with_extension("log.1")).unwrap();
    assert_eq!(missing(), 0, "it was rotated");
    fs::remove_file(path.with_extension("log.1")).unwrap();
    assert_eq!(missing(), 5);
    write(data.path(), &[]);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("\"event\":\"missing\",\"lines\":5"), "{text}");
}

#[test]
fn an_end_that_is_damaged_is_set_aside() {
    let data = TempDir::new().unwrap();
    write(data.path(), &["one", "two"]);
    let path = log(data.path());
    let text = fs::read_to_string(&path).unwrap().replace("\"two\"", "\"tow\"");
    fs::write(&path, &text).unwrap();
    let (store, handle) = open(data.path());
    handle.audit().record(request("three"));
    until(|| events(&handle).len() == 2);
    assert!(handle.findings().borrow()[0].message.contains("audit.log.corrupt-1"));
    store.close();
    assert_eq!(fs::read_to_string(path.with_extension("log.corrupt-1")).unwrap(), text);
    assert_eq!(good(&path), 2);
}

#[test]
fn the_chain_carries_on_over_a_rotation() {
    let data = TempDir::new().unwrap();
    let path = log(data.path());
    let rotated = path.with_extension("log.1");
    let (store, handle) = open(data.path());
    handle.audit().record(request("one"));
    until(|| events(&handle).len() == 2);
    fs::rename(&path, &rotated).unwrap();
    handle.audit().reopen();
    until(|| path.exists() && events(&handle).len() == 1);
    handle.audit().record(request("two"));
    until(|| events(&handle).len() == 2);
    // Nothing was rotated: nothing happens.
    handle.audit().reopen();
    handle.audit().record(request("three"));
    until(|| events(&handle).len() == 3);
    store.close();
    assert_eq!((good(&rotated), good(&path)), (2, 3));
    let last = fs::read_to_string(&rotated).unwrap();
    let crc = last.lines().last().unwrap().split(' ').next().unwrap().to_owned();
    let first = fs::read_to_string(&path).unwrap();
    let first = first.lines().next().unwrap();
    assert!(first.contains(&format!("\"after\":\"{crc}\"")), "{first}");
    assert!(first.contains("\"seq\":3"), "{first}");
    // Rotated while nothing ran.
    fs::remove_file(&rotated).unwrap();
    fs::rename(&path, &rotated).unwrap();
    write(data.path(), &["four"]);
    let first = fs::read_to_string(&path).unwrap();
    assert!(first.contains("\"seq\":6"), "{first}");
}

#[test]
fn a_log_longer_than_a_block_is_read_backwards_in_pages() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    for number in 0..2000 {
        // Never more at once than may wait.
        until(|| number < 500 || events_seen(&handle) + 500 > number);
        handle.audit().record(request(&format!("{number} {}", "x".repeat(200))));
    }
    until(|| events_seen(&handle) == 2001);
    assert_eq!(handle.audit().lost(), 0);
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let page = handle.audit().page(before, 77).unwrap();
        assert!(page.records.len() <= 77);
        seen.extend(page.records.iter().map(|record| record.seq));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let expected: Vec<u64> = (1..=2001).rev().collect();
    assert_eq!(seen, expected);
}

/// The number of the newest line.
fn events_seen(handle: &Handle) -> u64 {
    handle.audit().page(None, 1).unwrap().records.first().map_or(0, |record| record.seq)
}
