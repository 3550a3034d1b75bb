use crate::command::Command;
use crate::player::Pace;
use crate::stage::{Stage, item, playlist, setup};

fn started(plays: &str) -> Stage {
    let list = playlist(vec![item(1, plays, 60_000)]);
    Stage::just_started(|sinks| setup(Some(list), sinks))
}

fn slow() -> Stage {
    let mut stage = started("still 200");
    stage.diligent = false;
    stage.at(0);
    stage
}

#[test]
fn a_first_item_that_is_long_in_opening_is_waited_for_with_a_glow() {
    let mut stage = slow();
    assert_eq!(stage.at(499).frames(), 0, "one that opens at once has none");
    let glow = stage.at(600).frames();
    assert!(glow > 0);
    assert_eq!(stage.player.pace(), Pace::Frames);
    assert!(stage.at(700).frames() > glow, "it moves");
    stage.diligent = true;
    assert_eq!(stage.at(800).light(), Some(200));
    assert_ne!(stage.player.pace(), Pace::Frames);
    stage.tell(Command::Stop);
    assert_eq!(stage.at(900).light(), Some(0));
    assert_eq!(stage.at(2000).light(), Some(0), "it is seen once");
}

#[test]
fn it_ends_where_nothing_is_to_be_played() {
    let mut stage = slow();
    assert!(stage.at(600).frames() > 0);
    stage.tell(Command::Stop);
    assert_eq!(stage.at(700).light(), Some(0));
    let mut stage = started("broken");
    stage.until(10_000, 100);
    assert_ne!(stage.player.pace(), Pace::Frames);
}
