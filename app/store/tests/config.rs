//! Configurations: what is accepted, and how mistakes are told.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::PathBuf;

use prismatron_core::board::Darkening;
use prismatron_core::layout::Piece;
use prismatron_core::output::Protocol;
use prismatron_core::unit::{Fps, Milliamps};
use prismatron_store::config::{self, Config, ConfigError, TlsConfig};
use proptest::prelude::*;
use tempfile::TempDir;

fn load(text: &str, others: &[(&str, &str)]) -> (TempDir, Result<Config, ConfigError>) {
    let folder = TempDir::new().unwrap();
    for (name, text) in others {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let path = folder.path().join("prismatron.ron");
    std::fs::write(&path, text).unwrap();
    let config = config::load(&path);
    (folder, config)
}

fn mistake(text: &str) -> (usize, usize, String) {
    let mistake = config::parse(text).unwrap_err();
    (mistake.line, mistake.column, mistake.reason)
}

#[test]
fn three_lines_point_it_at_a_controller() {
    let (_folder, config) = load("(\n    outputs: [(hosts: [\"wled.local\"])],\n)\n", &[]);
    let config = config.unwrap();
    assert_eq!(config.outputs.len(), 1);
    assert_eq!(config.outputs[0].name, "wled.local");
    assert_eq!(config.outputs[0].protocol, Protocol::Ddp { destination: 1 });
    assert_eq!(Config { outputs: vec![], ..config }, Config::default());
}

#[test]
fn everything_can_be_said() {
    let text = r#"(
        listen: "0.0.0.0:9000",
        data_dir: "data",
        layout: (
            canvas: (400, 240),
            pieces: [
                Matrix(columns: 4, rows: 3, start: BottomLeft, serpentine: true),
                Strip(path: [(0, 0), (10, 0.5)], count: 5),
                Ring(centre: (50, 50), radius: 20, count: 12, footprint: 3),
                Points(at: [(1, 2), (3, 4)]),
                PointsFile(path: "more.csv"),
                PointsFile(path: "more.RON", footprint: 2),
            ],
        ),
        outputs: [
            (name: "left", hosts: ["10.0.0.5", "wled.local:4048"], leds: (first: 0, count: 12),
             colour_order: Grb, max_fps: 40, pace_ms: 8, power: (per_led: 60, budget: 4000),
             probe: WledPort(8080)),
            (name: "right", protocol: Sacn(universe: 7, multicast: true), enabled: false),
            (protocol: ArtNet(universe: 0, sync: true), hosts: ["10.0.0.6"]),
        ],
        fps: 50,
        storage: (quota_mib: 1000, reserve_mib: 10, upload_expiry_hours: 2),
        max_pixels: 1000000,
    )"#;
    let others = [("more.csv", "x,y\n1,2\n"), ("more.RON", "[(5, 6), (7, 8, 9, 10)]")];
    let (folder, config) = load(text, &others);
    let config = config.unwrap();
    assert_eq!(config.listen, Some(([0, 0, 0, 0], 9000).into()));
    assert_eq!(config.data_dir, Some(folder.path().join("data")));
    assert_eq!(config.fps, Fps::try_from(50.0).unwrap());
    assert_eq!(config.storage.quota, Some(1000 << 20));
    assert_eq!(config.storage.upload_expiry.as_secs(), 7200);
    let names: Vec<_> = config.outputs.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["left", "right", "10.0.0.6"]);
    assert_eq!(config.outputs[0].power.unwrap().budget.0, 4000);
    let layout = config.layout.unwrap();
    assert_eq!(layout.canvas.width(), 400);
    assert_eq!(layout.resolve().unwrap().leds.len(), 12 + 5 + 12 + 2 + 1 + 2);
    assert!(matches!(&layout.pieces[4], Piece::Points(points) if points.footprint == 8.0));
    assert!(matches!(&layout.pieces[5], Piece::Points(points) if points.footprint == 2.0));
}

/// The examples of a page of the guide that are in RON.
fn examples(page: &str) -> Vec<&str> {
    let blocks = page.split("```ron\n").skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap()).collect()
}

#[test]
fn the_guides_examples_are_good() {
    let examples = examples(include_str!("../../../docs/configuration.md"));
    assert!(examples.len() >= 4, "only {} examples found", examples.len());
    for example in &examples {
        config::parse(example).unwrap_or_else(|mistake| panic!("{mistake:?} in {example}"));
    }
    let board = config::parse(examples.last().unwrap()).unwrap().board;
    assert_eq!(board.lines().len(), 6);
    assert_eq!(board.contacts[1].then, Darkening::PowerOff);
    assert_eq!(board.current.unwrap().trip, Some(Milliamps(20_000)));
}

#[test]
fn a_board_reads_back_as_it_is_written() {
    let text = r#"(board: (light: (sensor: Bh1750High, bus: 7), heat: (black: 88), display: (bus: 7, address: 0x3d)))"#;
    let board = config::parse(text).unwrap().board;
    let written = config::board_text(&board).unwrap();
    assert_eq!(config::parse(&written).unwrap().board, board, "{written}");
    assert!(!written.contains("supply"), "what is not there is not written: {written}");
}

#[test]
fn mistakes_of_a_board_are_told_where_they_stand() {
    let board = |inside: &str| mistake(&format!("(\n  board: (\n    {inside},\n  ),\n)"));
    for (inside, line, reason) in [
        ("lamb: 1", 3, "lamb"),
        ("light: (sensor: Bh1750, bus: 1, curve: [(5, 0.1), (5, 0.2)])", 3, "must rise"),
        ("current: (sensor: Ina219, bus: 1, shunt_milliohms: 0)", 3, "over 0, not 0"),
        ("current: (sensor: Ina219, bus: 1, address: 0x80, shunt_milliohms: 2)", 3, "0x77"),
        ("heat: (black: 99, power_off: 90)", 4, "heat: temperatures must rise"),
        (
            "lamp: (chip: \"c\", line: Offset(1)), supply: (line: (chip: \"c\", line: Offset(1)))",
            4,
            "lamp: this line is that of supply already",
        ),
    ] {
        let (at, _, said) = board(inside);
        assert_eq!(at, line, "{inside}: {said}");
        assert!(said.contains(reason), "{inside}: {said}");
    }
}

#[test]
fn leds_on_spi_name_a_device_and_no_path() {
    let outputs = |output: &str| config::parse(&format!("(outputs: [({output})])"));
    let good = outputs("protocol: Spi(chip: Ws2812), hosts: [\"spidev0.0\"], colour_order: Grb");
    assert!(good.is_ok(), "{good:?}");
    for bad in [
        "protocol: Spi(chip: Ws2812)",
        "protocol: Spi(chip: Ws2812), hosts: [\"/dev/spidev0.0\"]",
        "protocol: Spi(chip: Apa102), hosts: [\"spidev0.0\", \"spidev0.1\"]",
    ] {
        assert!(outputs(bad).unwrap_err().reason.contains("spidev0.0"), "{bad}");
    }
    let fast = outputs("protocol: Spi(chip: Apa102, clock_khz: 99000), hosts: [\"spidev0.0\"]");
    assert!(fast.unwrap_err().reason.contains("100 to 30000"));
}

#[test]
fn mistakes_are_told_by_line_and_column() {
    let (line, column, reason) = mistake("(\n  outputs: [\n    (hosts: [wled]),\n  ],\n)");
    assert_eq!((line, reason.as_str()), (3, "Expected string"));
    assert!((13..=17).contains(&column), "{column}");

    let (line, _, reason) = mistake("(\n  fps: 60,\n  brightnes: 1,\n)");
    assert_eq!(line, 3);
    assert!(reason.contains("brightnes") && reason.contains("`fps`"), "{reason}");

    let (line, _, reason) = mistake("(\n  fps: 1000,\n)");
    assert_eq!((line, reason.as_str()), (2, "frame rate must be from 1 to 240 fps, not 1000"));

    let (line, _, reason) = mistake("(\n  listen: \"everywhere\",\n)");
    assert_eq!(line, 2);
    assert!(reason.contains("everywhere") && reason.contains("0.0.0.0:8080"), "{reason}");

    let (line, _, reason) = mistake("(storage: (\n\n  upload_expiry_hours: 0))");
    assert_eq!((line, reason.as_str()), (3, "an expiry must be from 1 to 8760 hours, not 0"));

    let (line, _, reason) = mistake("(storage: (\n\n  quota_mib: 0))");
    assert_eq!(line, 3);
    assert!(reason.starts_with("a quota of 0 MiB takes no file"), "{reason}");
    assert!(load("(storage: (quota_mib: 1))", &[]).1.is_ok());
}

#[test]
fn outputs_are_checked_where_they_stand() {
    let outputs = |lines: &str| {
        let (line, _, reason) = mistake(&format!("(outputs: [\n  (hosts: [\"a\"]),\n{lines}])"));
        (line, reason)
    };
    let same = "another output is named “a”; names must be unique";
    assert_eq!(outputs("  (hosts: [\"a\"]),\n  (hosts: [\"b\"]),\n"), (3, same.into()));
    let none = "an output must have at least one host, as in hosts: [\"wled.local\"]";
    assert_eq!(outputs("  (name: \"b\"),\n"), (3, none.into()));
    let (line, reason) =
        outputs("  (hosts: [\"b\"]),\n  (hosts: [\"c\"], protocol: Sacn(universe: 0)),\n");
    assert_eq!((line, reason.as_str()), (4, "a universe must be from 1 to 63999"));
    let (_, reason) = outputs("  (hosts: [\"b\"], max_fps: 0)");
    assert_eq!(reason, "frame rate must be from 1 to 240 fps, not 0");
}

#[test]
fn mistakes_in_other_files_name_those() {
    let text = "(\n  layout: (pieces: [PointsFile(path: \"a.csv\")]),\n)";
    let (folder, config) = load(text, &[("a.csv", "1,2\n3,x\n")]);
    let error = config.unwrap_err().to_string();
    let path = folder.path().join("a.csv");
    assert_eq!(error, format!("{}:2:1: expected a number, found “x”", path.display()));

    let (folder, config) = load(text, &[]);
    match config.unwrap_err() {
        ConfigError::Read { file, .. } => assert_eq!(file, folder.path().join("a.csv")),
        other => panic!("{other}"),
    }
}

#[test]
fn a_layout_that_cannot_be_is_refused() {
    let (folder, config) = load("(\n  layout: (pieces: [Matrix(columns: 0, rows: 4)]),\n)", &[]);
    let error = config.unwrap_err().to_string();
    let start = format!("{}:2:3: piece 1", folder.path().join("prismatron.ron").display());
    assert!(error.starts_with(&start), "{error}");
}

#[test]
fn what_is_no_text_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("c.ron");
    std::fs::write(&path, b"(\n fps: \xff)").unwrap();
    let error = config::load(&path).unwrap_err().to_string();
    assert_eq!(error, format!("{}:2:7: expected UTF-8 text", path.display()));
    assert!(config::load(&PathBuf::from("/does/not/exist")).is_err());
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    assert!(config::parse(&"(".repeat(1_000_000)).is_err());
    assert!(config::parse(&format!("(outputs: {}", "[".repeat(1_000_000))).is_err());
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "\\PC*|[()\\[\\]{},:\"a-z0-9_\\\\.#/*-]*") {
        let _ = config::parse(&text);
    }

    #[test]
    fn any_field_is_survived(
        field in "listen|data_dir|layout|outputs|fps|storage|max_pixels",
        value in "\\PC{0,30}|[()\\[\\]{},:\"a-zA-Z0-9_\\\\.#/*-]{0,60}",
    ) {
        let _ = config::parse(&format!("({field}: {value})"));
    }
}

#[test]
fn a_certificate_is_made_here_or_lies_beside_the_file() {
    let (_folder, config) = load("(tls: SelfMade)", &[]);
    assert_eq!(config.unwrap().tls, Some(TlsConfig::SelfMade));
    let text = r#"(tls: Files(certificate: "wall.pem", key: "/etc/tls/wall.key"))"#;
    let (folder, config) = load(text, &[]);
    let certificate = folder.path().join("wall.pem");
    let key = "/etc/tls/wall.key".into();
    assert_eq!(config.unwrap().tls, Some(TlsConfig::Files { certificate, key }));
    let (line, _, reason) = mistake("(\n  tls: Files(certificate: \"wall.pem\"),\n)");
    assert!(line == 2 && reason.contains("key"), "{line}: {reason}");
    let (_, _, reason) = mistake("(tls: Selfmade)");
    assert!(reason.contains("SelfMade") && reason.contains("Files"), "{reason}");
}
