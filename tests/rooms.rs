//! Which room may know which: the direction of dependencies between the crates, read from `cargo metadata`.

#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Crates that fill the core's ports. They do not know each other.
const ROOMS: [&str; 6] = ["media", "output", "board", "engine", "store", "system"];

/// Direct dependencies of each of our crates, without those of tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap();
    metadata
        .packages
        .iter()
        .map(|package| {
            let needs = package
                .dependencies
                .iter()
                .filter(|dependency| dependency.kind == DependencyKind::Normal)
                .map(|dependency| dependency.name.to_string())
                .collect();
            (package.name.to_string(), needs)
        })
        .collect()
}

#[test]
fn core_knows_no_room_no_runtime_and_no_operating_system() {
    let all = dependencies();
    let allowed = ["croner", "jiff", "serde", "solar-positioning", "thiserror"];
    let allowed = BTreeSet::from(allowed.map(String::from));
    let surplus: Vec<_> = all["prismatron-core"].difference(&allowed).collect();
    assert!(surplus.is_empty(), "prismatron-core depends on {surplus:?}");
}

#[test]
fn rooms_know_core_and_not_each_other() {
    let all = dependencies();
    for room in ROOMS {
        let needs = &all[&format!("prismatron-{room}")];
        let ours: Vec<_> = needs.iter().filter(|name| name.starts_with("prismatron")).collect();
        assert_eq!(ours, ["prismatron-core"], "prismatron-{room}");
    }
}

#[test]
fn each_library_has_its_room() {
    let homes = [
        ("axum", "web"),
        ("hyper", "web"),
        ("rcgen", "web"),
        ("ron", "store"),
        ("rustls", "web"),
        ("sd-notify", "system"),
        ("tokio-rustls", "web"),
        ("zbus", "system"),
        ("embedded-hal", "board"),
        ("linux-embedded-hal", "board"),
        ("sysfs_gpio", "board"),
    ];
    for (package, needs) in dependencies() {
        for (library, room) in homes {
            assert!(
                !needs.contains(library) || package == format!("prismatron-{room}"),
                "{package} uses {library}, whose room is {room}"
            );
        }
    }
}

#[test]
fn only_the_binary_knows_the_web() {
    for (package, needs) in dependencies() {
        if needs.contains("prismatron-web") {
            assert_eq!(package, "prismatron");
        }
    }
}
