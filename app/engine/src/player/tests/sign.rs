use std::time::Duration;

use prismatron_core::pattern::Pattern;
use prismatron_core::unit::{Brightness, LedRange};

use crate::command::{Command, Dimmer};
use crate::player::{Pace, Sign};
use crate::stage::{Stage, item, playlist};
use crate::state::Mode;

fn white(seconds: u64) -> Command {
    let range = LedRange { first: 0, count: u32::MAX };
    Command::Identify(Some(Sign {
        pattern: Pattern::Leds { range, colour: [255; 3] },
        brightness: Brightness::FULL,
        lasting: Duration::from_secs(seconds),
    }))
}

/// The wall shows a grey of 200 of 255 and nothing moves.
fn still() -> Stage {
    let mut stage = Stage::new(playlist(vec![item(1, "still 200", 60_000)]));
    stage.at(0);
    stage
}

#[test]
fn it_is_seen_for_so_long_and_goes_by_itself() {
    let mut stage = still();
    stage.tell(white(2));
    assert_eq!(stage.at(100).light(), Some(255));
    assert_eq!(stage.player.pace(), Pace::Frames);
    assert!(stage.player.state().sign.is_some());
    assert_eq!(stage.at(1999).light(), Some(255));
    assert_eq!(stage.at(2100).light(), Some(200));
    assert_eq!(stage.player.state().sign, None);
    assert_ne!(stage.player.pace(), Pace::Frames);
}

#[test]
fn it_is_dark_while_the_wall_is_to_be() {
    let mut stage = still();
    stage.tell(white(60));
    stage.tell(Command::Dim(Dimmer::Board, Brightness::BLACK));
    assert_eq!(stage.at(100).light(), Some(0));
    stage.tell(white(60));
    assert_eq!(stage.at(200).light(), Some(0));
    stage.tell(Command::Dim(Dimmer::Board, Brightness::FULL));
    assert_eq!(stage.at(300).light(), Some(255));
}

#[test]
fn it_is_seen_over_black_and_can_be_taken_away() {
    let mut stage = still();
    stage.tell(Command::Stop);
    assert_eq!(stage.at(10).light(), Some(0));
    stage.tell(white(60));
    assert_eq!(stage.at(100).light(), Some(255));
    stage.tell(Command::Identify(None));
    assert_eq!(stage.at(200).light(), Some(0));
    assert_eq!(stage.player.state().mode, Mode::Stopped);
}
