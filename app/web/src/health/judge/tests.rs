use prismatron_core::id::ItemId;
use prismatron_engine::Failure;
use prismatron_system::Temperature;

use super::*;

const GIB: u64 = 1 << 30;

const ROOMY: StorageStatus = StorageStatus {
    used: 50,
    quota: Some(100),
    free: GIB,
    reserve: 100,
    uploads_in_progress: 0,
    access: DiskAccess::Writable,
};

fn cool() -> Readings {
    Readings {
        temperature: Some(Temperature {
            sensor: "cpu-thermal".into(),
            celsius: 61.4,
            hot: 85.0,
            critical: Some(105.0),
        }),
        memory: Some(Memory { total: 8 * GIB, available: 3 * GIB }),
        allowance: Some(Memory { total: 4 * GIB, available: 2 * GIB }),
        clock: ClockState::Synchronised,
        disk_errors: Some(0),
    }
}

fn output(state: OutputState) -> OutputStatus {
    OutputStatus {
        state,
        host: None,
        message: None,
        frames: 0,
        datagrams: 0,
        bytes: 0,
        dropped_frames: 0,
        send_errors: 0,
        failovers: 0,
        alive: None,
        device: None,
        current_ma: None,
        limited: false,
    }
}

/// A world in which all is well.
#[derive(Clone)]
struct World {
    player_runs: bool,
    stalled: Option<&'static str>,
    outputs: Vec<(String, OutputStatus)>,
    found: Vec<Stored>,
    failures: Failures,
    storage: Option<StorageStatus>,
    readings: Option<Readings>,
    stale: Option<Duration>,
    board: Option<Outlook>,
}

impl World {
    fn well() -> Self {
        Self {
            player_runs: true,
            stalled: None,
            outputs: vec![("left".into(), output(OutputState::Sending))],
            found: Vec::new(),
            failures: Failures::default(),
            storage: Some(ROOMY),
            readings: Some(cool()),
            stale: None,
            board: None,
        }
    }

    /// All but the one check, which is returned with its findings, must be well.
    #[track_caller]
    fn only(&self, check: Check) -> (Word, Vec<String>) {
        let verdicts = judge(&Facts {
            player_runs: self.player_runs,
            stalled: self.stalled,
            outputs: &self.outputs,
            found: &self.found,
            failures: &self.failures,
            storage: self.storage.as_ref(),
            readings: self.readings.as_ref(),
            stale: self.stale,
            board: self.board.as_ref(),
        });
        for other in verdicts.iter().filter(|verdict| verdict.check != check) {
            assert_eq!((other.word, &*other.findings), (Word::Ok, &[][..]), "{:?}", other.check);
        }
        let verdict = verdicts.into_iter().find(|verdict| verdict.check == check).unwrap();
        let say = |finding: Finding| format!("{}: {}", finding.subject, finding.message);
        (verdict.word, verdict.findings.into_iter().map(say).collect())
    }

    #[track_caller]
    fn finds(&self, check: Check, word: Word, text: &str) {
        let (found, findings) = self.only(check);
        assert_eq!(found, word, "{findings:?}");
        assert!(findings.iter().any(|finding| finding.contains(text)), "{findings:?}");
    }

    fn storage(status: StorageStatus) -> Self {
        Self { storage: Some(status), ..Self::well() }
    }

    fn readings(change: impl FnOnce(&mut Readings)) -> Self {
        let mut readings = cool();
        change(&mut readings);
        Self { readings: Some(readings), ..Self::well() }
    }
}

#[test]
fn where_all_is_well_nothing_is_found() {
    assert_eq!(World::well().only(Check::Player), (Word::Ok, Vec::new()));
}

#[test]
fn a_player_that_has_stopped_fails_and_one_with_nothing_to_play_does_not() {
    let stopped = World { player_runs: false, ..World::well() };
    stopped.finds(Check::Player, Word::Failing, "has stopped");
    let stalled = World { stalled: Some("no item can be played"), ..World::well() };
    stalled.finds(Check::Player, Word::Degraded, "no item can be played");
}

#[test]
fn one_dead_output_needs_a_look_and_all_dead_fail() {
    let mut world = World::well();
    let mut dead = output(OutputState::Failing);
    dead.message = Some("10.0.0.2 does not answer".into());
    world.outputs.push(("right".into(), dead));
    world.outputs.push(("spare".into(), output(OutputState::Off)));
    world.finds(Check::Outputs, Word::Degraded, "output “right”: 10.0.0.2 does not answer");
    world.outputs.remove(0);
    world.finds(Check::Outputs, Word::Failing, "right");
    // What waits for its first frame or a name is no trouble yet, and no outputs are none.
    world.outputs = vec![("left".into(), output(OutputState::Waiting))];
    assert_eq!(world.only(Check::Outputs), (Word::Ok, Vec::new()));
    world.outputs.clear();
    assert_eq!(world.only(Check::Outputs), (Word::Ok, Vec::new()));
}

#[test]
fn items_that_failed_of_late_are_named_once_each() {
    let failure = |item: u64, reason: &str| Failure {
        at: Duration::ZERO,
        item: ItemId(item),
        media: None,
        title: format!("clip {item}").into(),
        reason: reason.into(),
    };
    let recent = [failure(1, "cut off"), failure(2, "no ffmpeg"), failure(1, "not found")];
    let failures = Failures { total: 7, recent: recent.into() };
    let world = World { failures, ..World::well() };
    world.finds(
        Check::Decoders,
        Word::Degraded,
        "clip 1”: failed 2 times in the last hour: not found",
    );
    world.finds(
        Check::Decoders,
        Word::Degraded,
        "clip 2”: failed once in the last hour: no ffmpeg",
    );
    let many = (0..30).map(|item| failure(item, "broken")).collect();
    let many = World { failures: Failures { total: 30, recent: many }, ..World::well() };
    many.finds(Check::Decoders, Word::Degraded, "items: 20 more failed");
    // After an hour there is only the count left.
    let old = World { failures: Failures { total: 7, ..Failures::default() }, ..World::well() };
    assert_eq!(old.only(Check::Decoders), (Word::Ok, Vec::new()));
}

#[test]
fn little_room_and_a_disk_that_takes_nothing_are_found() {
    let unlimited = StorageStatus { quota: None, used: 1 << 40, ..ROOMY };
    assert_eq!(World::storage(unlimited).only(Check::Storage), (Word::Ok, Vec::new()));
    let nearly = StorageStatus { used: 96, ..ROOMY };
    World::storage(nearly).finds(Check::Storage, Word::Degraded, "quota");
    let full = StorageStatus { free: 100, ..ROOMY };
    World::storage(full).finds(Check::Storage, Word::Degraded, "full up to its reserve");
    let read_only = StorageStatus { access: DiskAccess::ReadOnly, ..ROOMY };
    World::storage(read_only).finds(Check::Storage, Word::Failing, "read-only");
    let gone = StorageStatus { access: DiskAccess::Unknown, free: 0, ..ROOMY };
    assert_eq!(World::storage(gone).only(Check::Storage).1.len(), 1);
    let errors = World::readings(|readings| readings.disk_errors = Some(3));
    errors.finds(Check::Storage, Word::Degraded, "counted 3 errors");
    let unsaved = Stored { subject: "storage".into(), message: "Changes are not kept".into() };
    let unsaved = World { found: vec![unsaved], ..World::well() };
    unsaved.finds(Check::Storage, Word::Failing, "Changes are not kept");
}

#[test]
fn what_the_store_has_found_needs_a_look() {
    let found = Stored { subject: "playlists/1.ron".into(), message: "was damaged".into() };
    World { found: vec![found], ..World::well() }.finds(Check::Data, Word::Degraded, "was damaged");
}

#[test]
fn heat_is_told_before_it_is_too_much() {
    let at = |celsius: f32| {
        World::readings(|readings| {
            if let Some(heat) = &mut readings.temperature {
                heat.celsius = celsius;
            }
        })
    };
    assert_eq!(at(84.9).only(Check::Temperature).0, Word::Ok);
    at(85.0).finds(Check::Temperature, Word::Degraded, "cpu-thermal has 85 °C");
    at(105.0).finds(Check::Temperature, Word::Failing, "about to switch off");
    let none = World::readings(|readings| readings.temperature = None);
    assert_eq!(none.only(Check::Temperature), (Word::Unknown, Vec::new()));
}

#[test]
fn memory_is_short_by_the_machine_or_by_the_units_limit() {
    let left = |machine: u64, unit: u64| {
        World::readings(|readings| {
            readings.memory = Some(Memory { total: 1000, available: machine });
            readings.allowance = Some(Memory { total: 1000, available: unit });
        })
    };
    assert_eq!(left(100, 100).only(Check::Memory).0, Word::Ok);
    left(99, 100).finds(Check::Memory, Word::Degraded, "memory of the machine");
    left(100, 24).finds(Check::Memory, Word::Failing, "memory of this service");
    let silent = World::readings(|readings| (readings.memory, readings.allowance) = (None, None));
    assert_eq!(silent.only(Check::Memory), (Word::Unknown, Vec::new()));
}

#[test]
fn a_clock_that_was_never_set_is_found_and_an_unconfirmed_one_is_not() {
    let clock = |state| World::readings(|readings| readings.clock = state);
    clock(ClockState::Unset).finds(Check::Clock, Word::Degraded, "has not been set");
    let unconfirmed = clock(ClockState::Unconfirmed);
    assert_eq!(unconfirmed.only(Check::Clock), (Word::Unknown, Vec::new()));
}

#[test]
fn what_the_board_finds_is_told_beside_what_it_sees() {
    let outlook = |findings: Vec<prismatron_board::Finding>| Outlook {
        shade: Brightness::try_from(0.4).ok(),
        power: prismatron_board::Power::On,
        findings,
        seen: vec!["120 lx around".into()],
    };
    let well = World { board: Some(outlook(Vec::new())), ..World::well() };
    assert_eq!(well.only(Check::Hardware), (Word::Ok, Vec::new()));
    let seen = hardware(well.board.as_ref()).detail;
    assert_eq!(seen.as_deref(), Some("120 lx around, dimmed to 40 %"));
    let message = "/dev/i2c-1 cannot be used".to_owned();
    let found = prismatron_board::Finding { subject: "light sensor".into(), message };
    let blind = World { board: Some(outlook(vec![found])), ..World::well() };
    blind.finds(Check::Hardware, Word::Degraded, "/dev/i2c-1 cannot be used");
}

#[test]
fn readings_that_do_not_come_any_more_are_a_finding() {
    let failures = Failures::default();
    let facts = |stale| Facts {
        player_runs: true,
        stalled: None,
        outputs: &[],
        found: &[],
        failures: &failures,
        storage: None,
        readings: None,
        stale,
        board: None,
    };
    let first = judge(&facts(None));
    assert!(first.iter().all(|verdict| verdict.findings.is_empty()), "none were due yet");
    let hangs = judge(&facts(Some(Duration::from_secs(120))));
    let storage = hangs.iter().find(|verdict| verdict.check == Check::Storage).unwrap();
    assert!(storage.findings[0].message.contains("120 s ago"), "{storage:?}");
}
