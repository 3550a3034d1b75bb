use prismatron_core::colour::ColourSettings;

use crate::command::Command;
use crate::engine::EngineSetup;
use crate::player::Pace;
use crate::stage::{Stage, item, layout, ms, output, playlist, setup, text};
use crate::state::Mode;

fn caption(plays: &str) -> Command {
    Command::Caption(Some(text(plays)))
}

/// The wall shows a grey of 200 of 255 and nothing moves.
fn still() -> Stage {
    let mut stage = Stage::new(playlist(vec![item(1, "still 200", 60_000)]));
    stage.at(0);
    stage
}

#[test]
fn letters_stand_before_dimmed_light_and_go_without_a_trace() {
    let mut stage = still();
    let before = stage.player.state();
    stage.tell(caption("still 0"));
    // Nothing but gaps between letters: a quarter of what is behind.
    assert_eq!(stage.at(100).light(), Some(50));
    stage.tell(caption("still 255"));
    assert_eq!(stage.at(200).light(), Some(255));
    assert_eq!(stage.player.pace(), Pace::Frames);
    stage.tell(Command::Caption(None));
    assert_eq!(stage.at(300).light(), Some(200));
    assert_ne!(stage.player.pace(), Pace::Frames);
    let after = stage.player.state();
    assert_eq!(
        (before.mode, before.item, before.playlist),
        (after.mode, after.item, after.playlist)
    );
}

#[test]
fn it_moves_while_playback_does_not() {
    let mut stage = still();
    stage.tell(caption("ramp"));
    stage.at(1000).tell(Command::Pause);
    stage.at(1001);
    for (at, tenths) in [(3000, 20), (11_000, 100)] {
        let light = u32::from(stage.at(at).light().unwrap());
        assert!(light.abs_diff(tenths + 200 * (255 - tenths) / 255 / 4) <= 1, "{light} at {at}");
    }
    stage.tell(Command::Stop);
    assert_eq!(stage.at(21_000).light(), Some(200), "over black");
    stage.tell(Command::Caption(None));
    assert_eq!(stage.at(22_000).light(), Some(0));
    assert_eq!(stage.player.state().mode, Mode::Stopped);
}

#[test]
fn a_wall_that_plays_nothing_shows_it() {
    let mut stage = Stage::of(|sinks| setup(None, sinks));
    stage.tell(caption("still 90"));
    assert_eq!(stage.at(100).light(), Some(90));
}

#[test]
fn one_that_cannot_be_set_is_left_out() {
    let mut stage = still();
    stage.tell(caption("broken"));
    assert_eq!(stage.at(100).light(), Some(200));
    assert_eq!(stage.player.state().message, None);
}

#[test]
fn it_is_set_anew_for_another_wall() {
    let mut stage = still();
    stage.tell(caption("still 255"));
    stage.at(100);
    let wall = Command::SetWall { layout: layout(300), outputs: vec![output("other", None)] };
    stage.tell(wall);
    assert_eq!(stage.at(200).light(), Some(255));
    let opened = stage.opened();
    assert_eq!(stage.at(300).opened(), opened);
}

#[test]
fn the_words_that_came_last_are_shown() {
    let mut stage = still();
    stage.diligent = false;
    stage.tell(caption("still 90"));
    stage.tell(caption("still 255"));
    stage.diligent = true;
    assert_eq!(stage.at(100).light(), Some(255));
}

#[test]
fn it_keeps_to_the_brightness() {
    let colour = ColourSettings {
        brightness: prismatron_core::unit::Brightness::try_from(0.5).unwrap(),
        ..Default::default()
    };
    let mut stage = Stage::of(|sinks| EngineSetup { colour, ..setup(None, sinks) });
    stage.tell(caption("still 200"));
    assert_eq!(stage.at(100).light(), Some(100));
    assert_eq!(stage.now, ms(100));
}
