//! The schedule: over restarts, against the rules, in backups.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

mod support;

use std::fs;

use jiff::civil::time;
use prismatron_core::id::RuleId;
use prismatron_core::schedule::{Act, Day, Moment, Rule, Schedule};
use prismatron_store::{Occasion, StoreError};
use support::open;
use tempfile::TempDir;

fn rule(id: u64) -> Rule {
    Rule {
        id: RuleId(id),
        name: format!("rule {id}"),
        enabled: true,
        days: [Day::Monday].into(),
        dates: None,
        from: Moment::Clock(time(8, 0, 0, 0)),
        until: Moment::Clock(time(18, 30, 0, 0)),
        act: Act::Dark,
    }
}

fn schedule(rules: Vec<Rule>) -> Schedule {
    Schedule { rules, time_zone: Some("Europe/Berlin".into()), ..Schedule::default() }
}

#[tokio::test]
async fn it_is_there_after_a_restart_and_damage_costs_one_version() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    handle.save_schedule(schedule(vec![rule(1)]), Some(0)).await.unwrap();
    handle.save_schedule(schedule(vec![rule(2)]), Some(1)).await.unwrap();
    let stale = handle.save_schedule(schedule(Vec::new()), Some(1)).await;
    assert!(matches!(stale, Err(StoreError::StaleSchedule { current: 2 })), "{stale:?}");
    store.close();
    let (store, handle) = open(data.path());
    let kept = handle.schedule().borrow().clone();
    assert_eq!((kept.revision, &kept.schedule), (2, &schedule(vec![rule(2)])));
    store.close();

    let path = data.path().join("playlists/schedule.ron");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (_store, handle) = open(data.path());
    let kept = handle.schedule().borrow().clone();
    assert_eq!((kept.revision, &kept.schedule), (3, &schedule(vec![rule(1)])));
    let findings = handle.findings().borrow().clone();
    assert!(findings.iter().any(|finding| finding.subject == "playlists/schedule.ron"));
}

#[tokio::test]
async fn what_breaks_a_rule_is_not_kept() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    let nameless = Rule { name: " ".into(), ..rule(1) };
    let by_sun = Rule { from: Moment::Sunset(0), ..rule(1) };
    let never = Rule { days: [].into(), ..rule(1) };
    let begins_after = Rule { from: Moment::After(5), ..rule(1) };
    let ends_by_cron = Rule { until: Moment::Cron("0 6 * * *".parse().unwrap()), ..rule(1) };
    let endless = Rule { until: Moment::After(0), ..rule(1) };
    let by_cron = |pattern: &str, rule| Rule {
        from: Moment::Cron(pattern.parse().unwrap()),
        until: Moment::After(1),
        ..rule
    };
    for rules in [
        vec![rule(1), rule(1)],
        vec![nameless],
        vec![by_sun],
        vec![never],
        vec![begins_after],
        vec![ends_by_cron],
        vec![endless],
        vec![by_cron("* * * * *", rule(1)), by_cron("0 18 * * *", rule(2))],
    ] {
        let refused = handle.save_schedule(schedule(rules), None).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    }
    assert_eq!(handle.schedule().borrow().revision, 0);
    let off = Rule { enabled: false, ..by_cron("0 18 * * *", rule(2)) };
    let rules = vec![by_cron("* * * * *", rule(1)), off];
    handle.save_schedule(schedule(rules), None).await.unwrap();
}

#[tokio::test]
async fn a_cron_pattern_is_there_after_a_restart() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let cron = Moment::Cron("0 18 * * fri#1".parse().unwrap());
    let bells = schedule(vec![Rule { from: cron, until: Moment::After(5), ..rule(1) }]);
    handle.save_schedule(bells.clone(), Some(0)).await.unwrap();
    store.close();
    let (_store, handle) = open(data.path());
    assert_eq!(handle.schedule().borrow().schedule, bells);
}

#[tokio::test]
async fn a_backup_brings_it_back() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    handle.save_schedule(schedule(vec![rule(1)]), None).await.unwrap();
    let taken = handle.take_snapshot(Occasion::Asked).await.unwrap();
    handle.save_schedule(schedule(vec![rule(2)]), None).await.unwrap();
    let document = handle.read_snapshot(taken.id).await.unwrap();
    handle.restore(document).await.unwrap();
    let kept = handle.schedule().borrow().clone();
    assert_eq!((kept.revision, &kept.schedule), (3, &schedule(vec![rule(1)])));
}
