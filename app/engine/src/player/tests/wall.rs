use prismatron_core::colour::ColourSettings;
use prismatron_core::layout::Layout;
use prismatron_core::power::PowerLimit;
use prismatron_core::unit::{Brightness, LedRange, Milliamps, Size};

use crate::command::{Command, Dimmer};
use crate::engine::{Ending, EngineSetup};
use crate::error::EngineError;
use crate::stage::{Sent, Stage, fading, item, layout, ms, output, playlist, setup};

fn still() -> Stage {
    let mut stage = Stage::new(playlist(vec![item(1, "still 200", 60_000)]));
    stage.at(0);
    stage
}

#[test]
fn colours_apply_at_once_also_to_what_stands() {
    let mut stage = still();
    stage.tell(Command::Pause);
    let half =
        ColourSettings { brightness: Brightness::try_from(0.5).unwrap(), ..Default::default() };
    assert_eq!(stage.tell(Command::SetColour(half)).colour, half);
    assert_eq!(stage.at(10).light(), Some(100));
    let wrong = ColourSettings { gamma: -1.0, ..half };
    assert!(matches!(stage.try_tell(Command::SetColour(wrong)), Err(EngineError::Colour { .. })));
    assert_eq!(stage.player.state().colour, half);
}

#[test]
fn it_is_dimmed_whatever_the_colours_are_and_shows_them_again() {
    let mut stage = still();
    let half = Brightness::try_from(0.5).unwrap();
    stage.tell(Command::Dim(Dimmer::Update, half));
    assert_eq!(stage.at(10).light(), Some(100));
    let colours = ColourSettings { brightness: half, ..Default::default() };
    assert_eq!(stage.tell(Command::SetColour(colours)).colour, colours, "it is no setting");
    assert_eq!(stage.at(20).light(), Some(50));
    stage.tell(Command::Dim(Dimmer::Board, half));
    assert_eq!(stage.at(30).light(), Some(25), "each takes its part");
    stage.tell(Command::Dim(Dimmer::Update, Brightness::FULL));
    assert_eq!(stage.at(40).light(), Some(50));
    stage.tell(Command::Dim(Dimmer::Board, Brightness::FULL));
    assert_eq!(stage.at(50).light(), Some(100));
}

#[test]
fn whoever_makes_it_dark_has_the_last_word() {
    let mut stage = still();
    stage.tell(Command::Pause);
    stage.tell(Command::Dim(Dimmer::Board, Brightness::BLACK));
    assert_eq!(stage.at(10).light(), Some(0));
    stage.tell(Command::SetColour(ColourSettings::default()));
    stage.tell(Command::Play);
    assert_eq!(stage.at(20).light(), Some(0));
    let state = stage.tell(Command::Dim(Dimmer::Operator, Brightness::BLACK));
    assert!(state.blackout);
    let state = stage.tell(Command::Dim(Dimmer::Board, Brightness::FULL));
    assert!(state.blackout, "another's light is not the operator's");
    assert_eq!(stage.at(30).light(), Some(0));
    assert!(!stage.tell(Command::Dim(Dimmer::Operator, Brightness::FULL)).blackout);
    assert_eq!(stage.at(40).light(), Some(200));
}

#[test]
fn each_output_gets_its_part() {
    let outputs = vec![
        output("all", None),
        output("part", Some(LedRange { first: 2, count: 3 })),
        output("impossible", None),
    ];
    let list = playlist(vec![item(1, "still 200", 60_000)]);
    let mut stage = Stage::of(|sinks| EngineSetup { outputs, ..setup(Some(list), sinks) });
    stage.at(0);
    let sent = |output: &str| Sent { output: output.into(), value: 200 };
    assert_eq!(*stage.sent.0.lock().unwrap(), [sent("all"), sent("part")]);
    let failed = stage.player.state().failed_outputs;
    assert_eq!(failed.get("impossible").map(|reason| &**reason), Some("no such wire"));
}

#[test]
fn a_power_limit_is_the_last_word_and_is_previewed() {
    // Eight LEDs of 60 mA at full: 480 mA; at a value of 200 a good 370.
    let mut limited = output("limited", Some(LedRange { first: 0, count: 4 }));
    limited.power = Some(PowerLimit { per_led: Milliamps(60), budget: Milliamps(94) });
    let outputs = vec![output("free", None), limited];
    let list = playlist(vec![item(1, "still 200", 60_000)]);
    let mut stage = Stage::of(|sinks| EngineSetup { outputs, ..setup(Some(list), sinks) });
    let preview = stage.player.preview();
    stage.at(0);
    let sent = stage.sent.0.lock().unwrap().clone();
    assert_eq!(sent[0].value, 200);
    assert!((95..=100).contains(&sent[1].value), "half: {}", sent[1].value);
    let power = stage.player.outlook().meters.power();
    assert_eq!((&*power[0].output, power[0].limited), ("limited", true));
    assert!((85..=94).contains(&power[0].current.0), "{}", power[0].current);
    let mut leds = Vec::new();
    assert_eq!(preview.read(0, &mut leds), Some(1));
    assert_eq!(
        leds.iter().map(|led| led[0] == 200).collect::<Vec<_>>(),
        [false, false, false, false, true, true, true, true]
    );
}

#[test]
fn a_preview_that_comes_late_sees_what_stands() {
    let mut stage = still();
    stage.at(100);
    let preview = stage.player.preview();
    let frames = stage.frames();
    stage.at(200);
    let mut leds = Vec::new();
    assert_eq!(preview.read(0, &mut leds), Some(1));
    assert_eq!(leds, [[200; 3]; 8]);
    assert_eq!(stage.frames(), frames);
}

#[test]
fn another_wall_is_lit_at_once() {
    let items = vec![item(1, "ramp", 5000), fading(item(2, "still 200", 60_000), 1000)];
    let mut stage = Stage::new(playlist(items));
    stage.at(0).until(5500, 100);
    let walls = stage.player.outlook().wall;
    // In the middle of a transition, with another number of LEDs and other outputs.
    let outputs = vec![output("new", Some(LedRange { first: 10, count: 20 }))];
    stage.tell(Command::SetWall { layout: layout(30), outputs });
    stage.at(5500);
    let last = stage.sent.0.lock().unwrap().last().cloned();
    assert_eq!(last, Some(Sent { output: "new".into(), value: 200 }));
    assert_eq!(walls.borrow().leds.len(), 30);
    assert_eq!(stage.on(), (Some(2), ms(500)), "playback goes on");
    assert_eq!(stage.opened(), 2, "the same canvas needs no other source");
    // A stopped wall is dark, the new one too.
    stage.tell(Command::Stop);
    stage.at(5600);
    stage.tell(Command::SetWall { layout: layout(3), outputs: vec![output("dark", None)] });
    stage.at(5600);
    let last = stage.sent.0.lock().unwrap().last().cloned();
    assert_eq!(last, Some(Sent { output: "dark".into(), value: 0 }));
}

#[test]
fn another_canvas_has_its_sources_opened_anew() {
    let mut stage =
        Stage::new(playlist(vec![item(1, "ramp", 8000), item(2, "video 100 100", 8000)]));
    stage.at(0).at(1000);
    assert_eq!(stage.opened(), 2);
    let other = || Layout { canvas: Size::new(300, 300).unwrap(), ..layout(8) };
    stage.tell(Command::SetWall { layout: other(), outputs: vec![output("all", None)] });
    stage.at(1500);
    assert_eq!((stage.light(), stage.on()), (Some(15), (Some(1), ms(1500))));
    assert_eq!(stage.opened(), 4, "the one that is on, and the one ahead");
    assert_eq!(stage.at(8000).on().0, Some(2));
    assert_eq!(stage.until(9050, 50).light(), Some(11));
}

#[test]
fn a_wall_that_cannot_be_changes_nothing() {
    let mut stage = still();
    let before = stage.player.state();
    let wrong = Layout { pieces: vec![], ..layout(8) };
    let refused = stage.try_tell(Command::SetWall { layout: wrong, outputs: vec![] });
    assert!(matches!(refused, Err(EngineError::Layout(_))));
    assert_eq!(stage.player.state(), before);
    let frames = stage.frames();
    stage.at(100);
    assert_eq!(stage.frames(), frames);
}

#[test]
fn the_end_is_black_or_the_last_picture() {
    for (ending, last) in [(Ending::Black, 0), (Ending::Hold, 200)] {
        let stage = still();
        let sent = stage.sent.clone();
        assert_eq!(stage.player.end(ending).len(), 1);
        assert_eq!(sent.0.lock().unwrap().last().map(|sent| sent.value), Some(last));
    }
}
