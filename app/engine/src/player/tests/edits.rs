use prismatron_core::id::ItemId;

use crate::command::Command;
use crate::stage::{Stage, fading, item, ms, playlist};
use crate::state::Mode;

#[test]
fn the_current_item_is_not_disturbed() {
    let mut stage = Stage::new(playlist(vec![item(1, "ramp", 20_000), item(2, "still 0", 1000)]));
    stage.at(0).at(3000);
    let added = playlist(vec![
        item(7, "still 1", 1000),
        item(1, "ramp", 20_000),
        item(8, "still 88", 1000),
    ]);
    let state = stage.tell(Command::Update(added));
    assert_eq!(state.item.unwrap().index, 1);
    assert_eq!(stage.at(4000).light(), Some(40));
    assert_eq!((stage.on(), stage.opened()), ((Some(1), ms(4000)), 1));
    assert_eq!(stage.at(20_000).light(), Some(88), "what follows it now");
}

#[test]
fn what_was_opened_ahead_is_opened_anew_if_the_order_changes() {
    let mut stage = Stage::new(playlist(vec![item(1, "still 1", 5000), item(2, "still 2", 1000)]));
    stage.at(0);
    assert_eq!(stage.opened(), 2);
    let other = vec![item(1, "still 1", 5000), item(3, "still 3", 1000), item(2, "still 2", 1000)];
    stage.tell(Command::Update(playlist(other)));
    assert_eq!(stage.at(5000).light(), Some(3));
}

#[test]
fn duration_and_transition_of_the_current_item_follow_an_edit() {
    let mut stage =
        Stage::new(playlist(vec![item(1, "still 10", 60_000), item(2, "still 20", 60_000)]));
    stage.at(0).at(3000);
    let edited = vec![fading(item(1, "still 10", 5000), 500), item(2, "still 20", 60_000)];
    let state = stage.tell(Command::Update(playlist(edited)));
    assert_eq!(state.duration, Some(ms(5000)));
    assert_eq!(stage.at(4999).on(), (Some(1), ms(4999)));
    assert_eq!(stage.at(5000).on(), (Some(2), ms(0)));
}

#[test]
fn an_item_made_longer_than_its_stream_loops() {
    let mut stage = Stage::new(playlist(vec![item(1, "video 4 100", 0), item(2, "still 0", 1000)]));
    stage.at(0).until(350, 10);
    stage.tell(Command::Update(playlist(vec![
        item(1, "video 4 100", 900),
        item(2, "still 0", 1000),
    ])));
    for (time, picture) in [(390, 4), (400, 1), (850, 1), (900, 0)] {
        assert_eq!(stage.until(time, 10).light(), Some(picture), "{time} ms");
    }
}

#[test]
fn edited_content_takes_the_place_of_the_old_when_it_is_ready() {
    let mut stage =
        Stage::new(playlist(vec![item(1, "still 10", 60_000), item(2, "still 20", 60_000)]));
    stage.at(0).at(3000);
    stage.diligent = false;
    let edited = || playlist(vec![item(1, "still 11", 60_000), item(2, "still 20", 60_000)]);
    stage.tell(Command::Update(edited()));
    assert_eq!(stage.at(3100).light(), Some(10));
    stage.diligent = true;
    assert_eq!(stage.at(3200).light(), Some(11));
    assert_eq!(stage.on(), (Some(1), ms(0)), "another picture has its whole time");
    // The same edit again is none.
    let opened = stage.opened();
    stage.tell(Command::Update(edited()));
    stage.at(3300);
    assert_eq!(stage.opened(), opened);
}

#[test]
fn an_effect_being_tuned_goes_on() {
    use prismatron_core::effect::ParamValue;
    use prismatron_core::playlist::Content;
    let mut stage =
        Stage::new(playlist(vec![item(1, "ramp", 60_000), item(2, "still 20", 60_000)]));
    stage.at(0).at(3000);
    let mut tuned = item(1, "ramp", 60_000);
    if let Content::Effect(effect) = &mut tuned.content {
        effect.params.insert("speed".into(), ParamValue::Number(2.0));
    }
    stage.tell(Command::Update(playlist(vec![tuned, item(2, "still 20", 60_000)])));
    assert_eq!(stage.at(3100).light(), Some(31));
    assert_eq!((stage.on(), stage.opened()), ((Some(1), ms(3100)), 2));
}

#[test]
fn a_removed_item_gives_way_to_what_followed_it() {
    let items: Vec<_> = [1, 2, 3].map(|id| item(id, &format!("still {id}0"), 60_000)).into();
    let mut stage = Stage::new(playlist(items.clone()));
    stage.at(0);
    stage.tell(Command::Next);
    stage.at(100);
    stage.tell(Command::Update(playlist(vec![items[0].clone(), items[2].clone()])));
    assert_eq!(stage.at(200).light(), Some(30));
    stage.tell(Command::Update(playlist(vec![])));
    assert_eq!(stage.at(300).light(), Some(0));
    let state = stage.player.state();
    assert_eq!((state.mode, state.item), (Mode::Stopped, None));
}

#[test]
fn an_edit_while_the_next_item_is_opened_counts() {
    let items: Vec<_> = [1, 2, 3].map(|id| item(id, &format!("still {id}0"), 60_000)).into();
    let mut stage = Stage::new(playlist(items.clone()));
    stage.at(0);
    stage.diligent = false;
    stage.tell(Command::Next);
    stage.at(100);
    let mut edited = items.clone();
    edited[1] = item(2, "still 25", 60_000);
    stage.tell(Command::Update(playlist(edited)));
    stage.diligent = true;
    assert_eq!(stage.at(200).light(), Some(25));
    // And if it is removed meanwhile, the one after it is awaited.
    stage.diligent = false;
    stage.tell(Command::Jump(ItemId(1)));
    stage.tell(Command::Update(playlist(items[1..].to_vec())));
    stage.diligent = true;
    stage.at(300);
    assert_eq!(stage.on().0, Some(2));
}

#[test]
fn an_edit_forgives_only_what_it_touches() {
    let items = vec![item(1, "still 10", 2000), item(2, "broken", 2000), item(3, "broken", 2000)];
    let mut stage = Stage::new(playlist(items.clone()));
    stage.at(0).at(2000);
    assert_eq!(stage.player.state().broken.len(), 2);
    let mut edited = items;
    edited[1] = item(2, "still 20", 2000);
    let state = stage.tell(Command::Update(playlist(edited)));
    assert_eq!(state.broken.keys().collect::<Vec<_>>(), [&ItemId(3)]);
    stage.until(4100, 100);
    assert_eq!(stage.light(), Some(20));
}
