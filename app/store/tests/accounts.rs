//! Accounts, tokens and the claim code over restarts and damage.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prismatron_core::id::AccountId;
use prismatron_core::role::Role;
use prismatron_store::{Accounts, ClaimCode, Handle, NewApiToken, Store, StoreError};
use support::{FirstWord, LIMITS, open};
use tempfile::TempDir;

const TODAY: u64 = 1_770_000_000;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn accounts(handle: &Handle) -> Arc<Accounts> {
    handle.accounts().borrow().clone()
}

fn token(name: &str, owner: Option<AccountId>) -> NewApiToken {
    NewApiToken {
        name: name.into(),
        role: Role::Operator,
        hash: "00".repeat(32),
        owner,
        made_by: "account Ada".into(),
        created: at(TODAY),
        expires: at(TODAY + 60),
    }
}

#[tokio::test]
async fn a_new_claim_code_makes_another_admin_and_the_one_before_is_worth_nothing() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let first = accounts(&handle).claim_code().unwrap().clone();
    handle.claim(first, "Ada", "hash".into()).await.unwrap();
    let lost = handle.renew_claim(None).await.unwrap();
    let given = ClaimCode::read("01ABC-DEFGH").unwrap();
    assert_eq!(handle.renew_claim(Some(given.clone())).await.unwrap(), given);
    store.close();
    let (_store, handle) = open(data.path());
    let refused = handle.claim(lost, "Eve", "hash".into()).await;
    assert!(matches!(refused, Err(StoreError::Claimed)));
    let bob = handle.claim(given, "Bob", "hash".into()).await.unwrap();
    assert_eq!(bob.role, Role::Admin);
    assert!(accounts(&handle).claim_code().is_none());
    assert!(accounts(&handle).named("Ada").is_some());
}

#[tokio::test]
async fn the_claim_code_stays_until_it_is_used_and_is_gone_then() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let code = accounts(&handle).claim_code().unwrap().clone();
    store.close();
    let (store, handle) = open(data.path());
    assert_eq!(accounts(&handle).claim_code(), Some(&code));
    // An account that is no admin's changes nothing about it.
    handle.create_account("Otto", Role::Operator, "hash".into()).await.unwrap();
    assert!(!accounts(&handle).is_claimed());
    let wrong = ClaimCode::read("00000-00000").unwrap();
    let refused = handle.claim(wrong, "Ada", "hash".into()).await;
    assert!(matches!(refused, Err(StoreError::Claimed)));
    let taken = handle.claim(code.clone(), "otto", "hash".into()).await;
    assert!(matches!(taken, Err(StoreError::NameTaken(name)) if name == "Otto"));
    let ada = handle.claim(code.clone(), "Ada", "hash".into()).await.unwrap();
    assert_eq!(ada.role, Role::Admin);
    assert!(accounts(&handle).is_claimed() && accounts(&handle).claim_code().is_none());
    let again = handle.claim(code, "Eve", "hash".into()).await;
    assert!(matches!(again, Err(StoreError::Claimed)));
    store.close();
    let (_store, handle) = open(data.path());
    assert!(accounts(&handle).claim_code().is_none());
    assert_eq!(accounts(&handle).named(" ADA ").unwrap().id, ada.id);
    let mode = fs::metadata(data.path().join("playlists/accounts.ron")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

#[tokio::test]
async fn what_ends_sessions_makes_a_new_generation() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    let ada = handle.create_account("Ada", Role::Admin, "one".into()).await.unwrap().id;
    let otto = handle.create_account("Otto", Role::Viewer, "one".into()).await.unwrap().id;
    let generation = |id| accounts(&handle).get(id).unwrap().generation;
    handle.edit_account(otto, Some("otto".into()), None).await.unwrap();
    handle.edit_account(otto, None, Some(Role::Viewer)).await.unwrap();
    assert_eq!(generation(otto), 1, "nothing that matters has changed");
    handle.edit_account(otto, None, Some(Role::Operator)).await.unwrap();
    assert_eq!(generation(otto), 2);
    handle.set_account_password(otto, "two".into()).await.unwrap();
    assert_eq!(generation(otto), 3);
    handle.end_session("some session".into()).await.unwrap();
    for refused in [
        handle.delete_account(ada).await,
        handle.edit_account(ada, Some("Eve".into()), Some(Role::Viewer)).await,
    ] {
        assert!(matches!(refused, Err(StoreError::LastAdmin)), "{refused:?}");
    }
    assert_eq!(accounts(&handle).get(ada).unwrap().name, "Ada", "refused whole");
    let unseen = handle.create_account("Ada\u{200b}", Role::Viewer, "one".into()).await;
    assert!(matches!(unseen, Err(StoreError::Invalid { .. })), "{unseen:?}");
    store.close();
    let (_store, handle) = open(data.path());
    assert_eq!(accounts(&handle).get(otto).unwrap().generation, 3);
    assert!(accounts(&handle).has_ended("some session"));
    assert!(!accounts(&handle).has_ended("another"));
}

#[tokio::test]
async fn there_are_only_so_many() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    for number in 0..Accounts::MAX_TOKENS_EACH {
        handle.add_token(token(&number.to_string(), None)).await.unwrap();
    }
    let refused = handle.add_token(token("one more", None)).await;
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
    let ada = handle.create_account("Ada", Role::Admin, "x".into()).await.unwrap().id;
    handle.add_token(token("of another", Some(ada))).await.unwrap();
    for number in 1..Accounts::MAX {
        let name = format!("user {number}");
        handle.create_account(name, Role::Viewer, "x".into()).await.unwrap();
    }
    let refused = handle.create_account("one more", Role::Viewer, "x".into()).await;
    assert!(matches!(refused, Err(StoreError::TooMany { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_token_that_is_over_is_removed_and_no_clock_brings_it_back() {
    let data = TempDir::new().unwrap();
    let now = Arc::new(AtomicU64::new(TODAY));
    let told = Arc::clone(&now);
    let clock = Arc::new(move || at(told.load(Ordering::SeqCst)));
    let (_store, handle) =
        Store::open_with(data.path(), Arc::new(FirstWord), LIMITS, clock).unwrap();
    handle.add_token(token("x", None)).await.unwrap();
    // A clock that was never set says nothing about the end.
    for (time, left) in [(TODAY + 59, 1), (1000, 1), (TODAY + 60, 0), (TODAY, 0)] {
        now.store(time, Ordering::SeqCst);
        // Tidies up first.
        handle.expire_uploads().await.unwrap();
        assert_eq!(accounts(&handle).tokens().count(), left, "{time}");
    }
    let before_1971 = NewApiToken { created: at(1000), ..token("y", None) };
    assert!(matches!(handle.add_token(before_1971).await, Err(StoreError::Invalid { .. })));
}

#[tokio::test]
async fn damage_is_told_and_lets_nobody_in() {
    let data = TempDir::new().unwrap();
    let (store, handle) = open(data.path());
    handle.create_account("Ada", Role::Admin, "x".into()).await.unwrap();
    handle.create_account("Otto", Role::Viewer, "x".into()).await.unwrap();
    store.close();
    let path = data.path().join("playlists/accounts.ron");
    fs::write(&path, "nonsense").unwrap();
    let (store, handle) = open(data.path());
    assert!(accounts(&handle).named("Ada").is_some(), "the version before is used");
    assert!(accounts(&handle).claim_code().is_none());
    assert!(handle.findings().borrow()[0].message.contains("Check who may sign in"));
    store.close();
    fs::write(&path, "nonsense").unwrap();
    let _ = fs::remove_file(path.with_extension("ron.previous"));
    let (store, handle) = open(data.path());
    assert_eq!(accounts(&handle).all().count(), 0);
    assert!(accounts(&handle).claim_code().is_some());
    store.close();
    // Written by a newer program: left alone, nobody can sign in by name or claim.
    fs::write(&path, "// prismatron accounts 9 crc32 00000000\n()").unwrap();
    let (_store, handle) = open(data.path());
    assert!(accounts(&handle).claim_code().is_none() && !accounts(&handle).is_claimed());
    let refused = handle.create_account("Eve", Role::Admin, "x".into()).await;
    assert!(matches!(refused, Err(StoreError::Newer { .. })), "{refused:?}");
}

#[tokio::test]
async fn names_that_look_alike_are_one() {
    let data = TempDir::new().unwrap();
    let (_store, handle) = open(data.path());
    let create = |name: &'static str| {
        let handle = handle.clone();
        async move { handle.create_account(name, Role::Admin, "x".into()).await }
    };
    let paul = create("Paul").await.unwrap();
    let cyrillic = create("сор").await.unwrap();
    // The same letters, as another keyboard writes them.
    assert_eq!(accounts(&handle).named("ＰＡＵＬ").unwrap().id, paul.id);
    for taken in ["ＰＡＵＬ", "paul ", "PAUL", "Pau1", "cop", "COP"] {
        let refused = create(taken).await;
        assert!(matches!(refused, Err(StoreError::NameTaken(_))), "{taken}: {refused:?}");
    }
    // A Cyrillic а, and a Greek ν, among Latin letters.
    for mixed in ["Pаula", "Tiνa"] {
        let refused = create(mixed).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{mixed}: {refused:?}");
    }
    for good in ["Зоя", "Müller-Lüdenscheidt 2", "山田 はな", "Ἀθηνᾶ", "bob@example.org", "Zoë"]
    {
        create(good).await.unwrap_or_else(|error| panic!("{good}: {error}"));
    }
    // One may be written differently by whoever has it.
    handle.edit_account(cyrillic.id, Some("СОР".into()), None).await.unwrap();
}
