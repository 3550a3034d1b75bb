use std::time::Duration;

use prismatron_core::id::ItemId;
use prismatron_core::playlist::{Order, Repeat};

use crate::command::Command;
use crate::engine::EngineSetup;
use crate::error::EngineError;
use crate::player::Pace;
use crate::stage::{Stage, fading, item, ms, playlist, position, setup};
use crate::state::Mode;

#[test]
fn items_follow_each_other_on_time() {
    let mut stage =
        Stage::new(playlist(vec![item(1, "still 10", 5000), item(2, "still 20", 3000)]));
    assert_eq!(stage.at(0).light(), Some(10));
    assert_eq!(stage.at(4999).light(), Some(10));
    assert_eq!(stage.at(5004).light(), Some(20));
    assert_eq!(stage.on(), (Some(2), ms(4)), "from when it was due, not from when it was seen to");
    assert_eq!(stage.at(7999).light(), Some(20));
    assert_eq!(stage.at(8000).light(), Some(10));
}

#[test]
fn a_transition_runs_at_exact_times_while_both_play() {
    let items = vec![item(1, "ramp", 5000), fading(item(2, "still 201", 3000), 1000)];
    let mut stage = Stage::new(playlist(items));
    stage.at(0);
    // The ramp is at 50 after 5 s and goes on to 60 while it leaves.
    for (time, light) in [(4990, 49), (5000, 50), (5500, 128), (5900, 187), (6000, 201)] {
        assert_eq!(stage.until(time, 10).light(), Some(light), "{time} ms");
    }
}

#[test]
fn a_transition_begins_from_black_only_after_something() {
    let mut stage = Stage::new(playlist(vec![fading(item(1, "still 80", 5000), 1000)]));
    assert_eq!(stage.at(0).light(), Some(80));
}

#[test]
fn a_transition_overtaken_by_another_goes_on_from_what_was_seen() {
    let long = |id, plays| fading(item(id, plays, 60_000), 1000);
    let items = vec![long(1, "still 0"), long(2, "still 100"), long(3, "still 250")];
    let mut stage = Stage::new(playlist(items));
    stage.at(0);
    stage.tell(Command::Next);
    stage.at(0).at(500);
    assert_eq!(stage.light(), Some(50));
    stage.tell(Command::Next);
    assert_eq!(stage.at(500).light(), Some(50));
    assert_eq!(stage.at(1000).light(), Some(150));
    assert_eq!(stage.at(1500).light(), Some(250));
}

#[test]
fn a_still_costs_nothing_and_wakes_when_it_must() {
    let mut stage =
        Stage::new(playlist(vec![item(1, "still 10", 60_000), item(2, "still 20", 60_000)]));
    stage.at(0);
    assert_eq!(stage.player.pace(), Pace::At(ms(50_000)), "to open what follows");
    let frames = stage.frames();
    stage.at(1000).at(49_000);
    assert_eq!((stage.frames(), stage.opened()), (frames, 1));
    stage.at(50_000);
    assert_eq!(stage.opened(), 2);
    assert_eq!(stage.player.pace(), Pace::At(ms(60_000)));
    stage.tell(Command::Pause);
    assert_eq!(stage.player.pace(), Pace::Idle);
}

#[test]
fn what_moves_is_paced() {
    let mut stage = Stage::new(playlist(vec![item(1, "ramp", 0)]));
    assert_eq!(stage.player.pace(), Pace::Idle, "nothing has been asked for yet");
    assert_eq!(stage.at(0).player.pace(), Pace::Frames);
}

#[test]
fn a_slow_open_holds_up_nothing() {
    let mut stage = Stage::new(playlist(vec![item(1, "ramp", 15_000), item(2, "still 99", 1000)]));
    stage.at(0).at(4000);
    stage.diligent = false;
    stage.until(17_000, 100);
    assert_eq!(stage.light(), Some(170), "the one before goes on");
    assert_eq!(stage.on(), (Some(2), ms(0)), "but the next one is awaited");
    stage.diligent = true;
    assert_eq!(stage.at(17_500).light(), Some(99));
    assert_eq!(stage.on(), (Some(2), ms(0)));
    assert_eq!(stage.at(18_400).on(), (Some(2), ms(900)), "for its whole time");
}

#[test]
fn what_never_opens_is_broken_in_the_end() {
    let list = vec![item(1, "still 10", 1000), item(2, "still 20", 1000)];
    let mut stage = Stage::new(playlist(list));
    stage.diligent = false;
    assert_eq!(stage.at(0).player.pace(), Pace::At(ms(30_000)));
    stage.at(29_999).at(30_000);
    assert_eq!(stage.on().0, Some(2));
    assert_eq!(stage.player.pace(), Pace::At(ms(60_000)));
    stage.diligent = true;
    assert_eq!(stage.at(31_000).light(), Some(20), "the next one is not held up for ever");
    let reason = stage.player.state().broken.get(&ItemId(1)).cloned().unwrap();
    assert_eq!(&*reason, "it did not open within 30 seconds");
}

#[test]
fn what_nobody_waits_for_any_more_is_dropped() {
    let items = [1, 2, 3].map(|id| item(id, &format!("still {id}0"), 60_000));
    let mut stage = Stage::new(playlist(items.to_vec()));
    stage.at(0);
    stage.diligent = false;
    stage.tell(Command::Next);
    stage.at(100);
    stage.tell(Command::Next);
    stage.at(200);
    assert_eq!(stage.on().0, Some(3));
    stage.diligent = true;
    stage.at(300);
    assert_eq!(stage.light(), Some(30));
    assert!(!stage.sent.0.lock().unwrap().iter().any(|sent| sent.value == 20));
}

#[test]
fn pause_holds_everything_and_play_goes_on() {
    let mut stage = Stage::new(playlist(vec![item(1, "ramp", 20_000), item(2, "still 9", 1000)]));
    stage.at(0).at(2000);
    stage.tell(Command::Pause);
    let state = stage.at(9000).player.state();
    assert_eq!((state.mode, state.position(ms(100_000))), (Mode::Paused, ms(2000)));
    assert_eq!(stage.light(), Some(20));
    stage.tell(Command::Play);
    assert_eq!(stage.at(10_000).light(), Some(30));
    assert_eq!(stage.at(27_000).light(), Some(9));
}

#[test]
fn stop_is_black_and_play_begins_the_item_again() {
    let mut stage = Stage::new(playlist(vec![item(1, "still 10", 5000), item(2, "ramp", 5000)]));
    stage.at(0).at(5000).at(7000);
    assert_eq!(stage.light(), Some(20));
    stage.tell(Command::Stop);
    assert_eq!(stage.at(7000).light(), Some(0));
    assert_eq!(stage.on(), (Some(2), ms(0)));
    assert_eq!(stage.player.pace(), Pace::Idle);
    stage.tell(Command::Play);
    stage.at(8000);
    assert_eq!(stage.at(9000).light(), Some(10));
}

#[test]
fn next_and_previous_keep_the_mode() {
    let items = [1, 2, 3].map(|id| fading(item(id, &format!("still {id}0"), 60_000), 1000));
    let mut stage = Stage::new(playlist(items.to_vec()));
    stage.at(0);
    stage.tell(Command::Pause);
    stage.tell(Command::Next);
    assert_eq!(stage.at(0).light(), Some(20), "at once: no transition while time stands");
    stage.tell(Command::Stop);
    stage.tell(Command::Next);
    assert_eq!(stage.at(1).light(), Some(0));
    assert_eq!(stage.on().0, Some(3));
    stage.tell(Command::Previous);
    stage.tell(Command::Previous);
    stage.tell(Command::Play);
    assert_eq!(stage.at(2).light(), Some(10));
}

#[test]
fn seek_moves_stills_effects_and_streams() {
    let items =
        vec![item(1, "still 9", 5000), item(2, "ramp", 20_000), item(3, "video 100 100", 0)];
    let mut stage = Stage::new(playlist(items));
    stage.at(0);
    stage.tell(Command::Seek(ms(4000)));
    assert_eq!(stage.at(0).on(), (Some(1), ms(4000)));
    stage.at(1000);
    assert_eq!(stage.on(), (Some(2), ms(0)));
    stage.tell(Command::Seek(ms(15_000)));
    assert_eq!(stage.at(1000).light(), Some(150));
    stage.tell(Command::Jump(ItemId(3)));
    assert_eq!(stage.at(1000).light(), Some(1));
    stage.tell(Command::Seek(ms(5050)));
    assert_eq!(stage.at(1000).light(), Some(51));
    assert_eq!(stage.at(1050).light(), Some(52));
    stage.tell(Command::Seek(ms(150)));
    assert_eq!(stage.at(1050).light(), Some(2));
    stage.tell(Command::Seek(ms(1_000_000)));
    assert_eq!(stage.at(1060).on(), (Some(1), ms(10)), "beyond the end is the end");
}

#[test]
fn seek_shows_while_paused() {
    let mut stage = Stage::new(playlist(vec![item(1, "video 100 100", 0)]));
    stage.at(0);
    stage.tell(Command::Pause);
    stage.decoding = false;
    stage.tell(Command::Seek(ms(5000)));
    assert_eq!(stage.at(10).light(), Some(1), "the old picture until the new one is there");
    stage.decoding = true;
    assert_eq!(stage.at(20).light(), Some(51));
    assert_eq!(stage.at(9000).light(), Some(51));
}

#[test]
fn streams_are_shown_by_their_times_and_late_pictures_dropped() {
    let mut stage = Stage::new(playlist(vec![item(1, "video 100 100", 0), item(2, "still 0", 1)]));
    for (time, picture) in [(0, 1), (90, 1), (100, 2), (199, 2), (250, 3)] {
        assert_eq!(stage.at(time).light(), Some(picture), "{time} ms");
    }
    assert_eq!(stage.player.counters().dropped, 0);
    assert_eq!(stage.at(500).light(), Some(6));
    assert_eq!(stage.player.counters().dropped, 2, "those of 300 and 400 ms");
    let frames = stage.frames();
    stage.at(510).at(520);
    assert_eq!(stage.frames(), frames, "the same picture is not sent again");
}

#[test]
fn a_stream_shorter_than_its_item_begins_anew() {
    let mut stage =
        Stage::new(playlist(vec![item(1, "video 4 100", 1000), item(2, "still 0", 99)]));
    stage.at(0);
    for (time, picture) in [(300, 4), (400, 1), (500, 2), (800, 1), (990, 2)] {
        assert_eq!(stage.until(time, 10).light(), Some(picture), "{time} ms");
    }
    assert_eq!(stage.at(1000).light(), Some(0));
}

#[test]
fn a_stream_of_unknown_length_ends_with_its_last_picture() {
    let mut stage = Stage::new(playlist(vec![item(1, "unknown 4 100", 0), item(2, "still 0", 0)]));
    stage.at(0).until(399, 10);
    assert_eq!(stage.on(), (Some(1), ms(399)));
    assert_eq!(stage.at(400).on(), (Some(2), ms(0)));
    let mut stage = Stage::new(playlist(vec![item(1, "endless 100", 0), item(2, "still 0", 0)]));
    stage.at(0).until(9_990, 10);
    assert_eq!(stage.on().0, Some(1));
    assert_eq!(stage.until(10_010, 10).on().0, Some(2), "what has no end is on for a while");
}

#[test]
fn an_item_that_follows_itself_has_no_seam() {
    let mut stage = Stage::new(playlist(vec![fading(item(1, "video 4 100", 0), 100)]));
    stage.at(0);
    for (time, picture) in [(390, 4), (400, 1), (790, 4), (850, 1)] {
        assert_eq!(stage.until(time, 10).light(), Some(picture), "{time} ms");
    }
    assert_eq!((stage.on(), stage.opened()), ((Some(1), ms(50)), 1));
    let mut stage = Stage::new(playlist(vec![item(1, "ramp", 1000)]));
    stage.at(0).until(5000, 100);
    assert_eq!((stage.light(), stage.on().1, stage.opened()), (Some(50), ms(0), 1));
}

#[test]
fn broken_items_are_skipped_shown_and_tried_again() {
    let items = vec![item(1, "still 10", 2000), item(2, "broken", 2000), item(3, "still 30", 2000)];
    let mut stage = Stage::new(playlist(items));
    assert_eq!(stage.at(0).light(), Some(10));
    assert_eq!(stage.at(2000).light(), Some(30));
    let broken = stage.player.state().broken;
    assert_eq!(broken.get(&ItemId(2)).map(|reason| &**reason), Some("it is broken"));
    assert_eq!(stage.at(4000).light(), Some(10));
    let opened = stage.opened();
    assert_eq!(stage.at(6000).light(), Some(30));
    assert!(stage.opened() > opened, "it was tried once more");
    stage.tell(Command::Jump(ItemId(2)));
    assert_eq!(stage.at(6000).on().0, Some(3), "and again on the way to it");
}

#[test]
fn what_breaks_while_it_is_on_gives_way() {
    for plays in ["breaks 3 100", "panics"] {
        let mut stage =
            Stage::new(playlist(vec![item(1, plays, 60_000), item(2, "still 77", 60_000)]));
        stage.at(0).until(1000, 10);
        assert_eq!(stage.light(), Some(77), "{plays}");
        let state = stage.player.state();
        assert_eq!(state.broken.keys().collect::<Vec<_>>(), [&ItemId(1)]);
        assert_eq!(state.mode, Mode::Playing);
        assert_eq!(stage.feeds(), 0, "its decoder is gone");
    }
}

#[test]
fn where_nothing_can_be_played_the_wall_is_dark_with_a_reason() {
    let items = vec![item(1, "broken", 1000), item(2, "breaks 0 10", 1000)];
    let mut stage = Stage::new(playlist(items.clone()));
    stage.at(0).until(200, 10);
    let state = stage.player.state();
    // A start after that tries again, too.
    assert_eq!(state.mode, Mode::Playing);
    let message = state.message.unwrap();
    assert_eq!(&*message, "nothing in “test” can be played: it is broken");
    assert_eq!(stage.light(), Some(0));
    // An edit that mends it sets it off again.
    let mut mended = playlist(items);
    mended.items[1] = item(2, "still 55", 1000);
    stage.tell(Command::Update(mended));
    assert_eq!(stage.at(300).light(), Some(55));
    assert_eq!(stage.player.state().message, None);
}

#[test]
fn what_has_broken_down_is_tried_again_by_itself() {
    let mut stage = Stage::new(playlist(vec![item(1, "breaks 3 100", 60_000)]));
    for began in [0, 5_200, 10_400] {
        assert_eq!(stage.until(began, 10).light(), Some(1), "{began}");
        assert_eq!(stage.player.state().message, None);
        stage.until(began + 300, 10);
        assert_eq!(stage.light(), Some(0));
        assert!(stage.player.state().message.is_some());
        assert_eq!(stage.player.pace(), Pace::At(ms(began + 5_200)));
    }
    // Somebody need not wait for it, and may put an end to it.
    stage.until(12_000, 10).tell(Command::Play);
    assert_eq!(stage.at(12_000).light(), Some(1));
    stage.until(12_500, 10).tell(Command::Stop);
    assert_eq!(stage.player.pace(), Pace::Idle);
    assert_eq!(stage.until(90_000, 500).light(), Some(0));
    assert_eq!(stage.player.state().mode, Mode::Stopped);
}

#[test]
fn what_stays_broken_is_tried_less_and_less() {
    let mut stage = Stage::new(playlist(vec![item(1, "broken", 1000)]));
    stage.at(0);
    let mut now = 0;
    for rest in [5_000, 10_000, 20_000, 40_000, 60_000, 60_000] {
        assert_eq!(stage.player.pace(), Pace::At(ms(now + rest)));
        now += rest;
        stage.at(now);
        assert_eq!(stage.player.state().mode, Mode::Playing);
    }
    // Nor while it is paused.
    stage.tell(Command::Pause);
    assert_eq!(stage.player.pace(), Pace::Idle);
    let failures = |stage: &Stage| stage.player.meters.failures(|_| true).total;
    let before = failures(&stage);
    assert_eq!(failures(stage.at(now + 90_000)), before);
    stage.tell(Command::Play);
    assert_eq!(failures(stage.at(now + 90_000)), before + 1);
}

#[test]
fn an_empty_playlist_starts_with_its_first_item() {
    let mut stage = Stage::new(playlist(vec![]));
    assert_eq!(stage.at(0).light(), Some(0));
    assert!(stage.player.state().message.is_some());
    stage.tell(Command::Update(playlist(vec![item(1, "still 5", 1000)])));
    assert_eq!(stage.at(0).light(), Some(5));
    // But not if somebody has stopped it.
    stage.tell(Command::Update(playlist(vec![])));
    stage.tell(Command::Stop);
    stage.tell(Command::Update(playlist(vec![item(1, "still 5", 1000)])));
    assert_eq!(stage.at(1).light(), Some(0));
    assert_eq!(stage.player.state().mode, Mode::Stopped);
}

#[test]
fn repeat_off_ends_black_and_ready_to_begin_again() {
    let items = vec![item(1, "still 10", 1000), item(2, "still 20", 1000)];
    let mut stage =
        Stage::new(prismatron_core::playlist::Playlist { repeat: Repeat::Off, ..playlist(items) });
    stage.at(0).at(1000).at(2000);
    assert_eq!((stage.light(), stage.player.state().mode), (Some(0), Mode::Stopped));
    assert_eq!(stage.on().0, Some(1));
    assert_eq!(stage.player.state().message, None);
    stage.tell(Command::Play);
    assert_eq!(stage.at(3000).light(), Some(10));
}

#[test]
fn goes_on_where_it_stood() {
    let list = || playlist(vec![item(1, "still 1", 5000), item(2, "video 100 100", 0)]);
    let mut stage = Stage::resumed(list(), position(2, ms(5000), Mode::Playing));
    assert_eq!(stage.at(0).light(), Some(51));
    assert_eq!(stage.on(), (Some(2), ms(5000)));
    let mut paused = Stage::resumed(list(), position(2, ms(5000), Mode::Paused));
    paused.at(0).at(3000);
    assert_eq!((paused.light(), paused.on()), (Some(51), (Some(2), ms(5000))));
    let mut unknown = Stage::resumed(list(), position(9, ms(5000), Mode::Playing));
    assert_eq!(unknown.at(0).light(), Some(1));
    assert_eq!(unknown.on(), (Some(1), ms(0)));
}

#[test]
fn a_shuffled_round_goes_on_where_it_stood() {
    let items = (0..12).map(|id| item(id, &format!("still {id}"), 1000)).collect();
    let list = prismatron_core::playlist::Playlist { order: Order::Shuffled, ..playlist(items) };
    let mut stage = Stage::new(list.clone());
    stage.at(0).until(15_500, 100);
    let stood = stage.player.state().standing(stage.now).unwrap();
    assert_eq!(stood.elapsed, ms(500));
    let mut resumed = Stage::resumed(list, stood);
    resumed.at(0);
    for second in 0..30 {
        assert_eq!(resumed.on(), stage.on());
        resumed.at((second + 1) * 1000);
        stage.at(15_500 + (second + 1) * 1000);
    }
}

#[test]
fn waits_for_a_command_if_told_to() {
    let list = playlist(vec![item(1, "still 9", 1000)]);
    let mut stage = Stage::of(|sinks| EngineSetup { autoplay: false, ..setup(Some(list), sinks) });
    assert_eq!((stage.at(0).light(), stage.opened()), (Some(0), 0));
    assert!(stage.player.state().first_frame_sent);
    assert_eq!(stage.player.state().mode, Mode::Stopped);
    stage.tell(Command::Play);
    assert_eq!(stage.at(10).light(), Some(9));
}

#[test]
fn refusals_say_why_and_change_nothing() {
    let mut stage = Stage::of(|sinks| setup(None, sinks));
    for command in [
        Command::Play,
        Command::Pause,
        Command::Next,
        Command::Previous,
        Command::Seek(ms(1)),
        Command::Jump(ItemId(1)),
        Command::Update(playlist(vec![])),
    ] {
        let refused = stage.try_tell(command.clone());
        assert!(matches!(refused, Err(EngineError::Rejected { .. })), "{command:?}");
    }
    stage
        .tell(Command::Activate { playlist: playlist(vec![item(1, "still 9", 1000)]), item: None });
    stage.at(0);
    let before = stage.player.state();
    assert!(stage.try_tell(Command::Jump(ItemId(2))).is_err());
    let elsewhere = Command::Activate { playlist: playlist(vec![]), item: Some(ItemId(2)) };
    assert!(stage.try_tell(elsewhere).is_err());
    assert_eq!(stage.player.state(), before);
    assert_eq!(
        stage.try_tell(Command::Jump(ItemId(2))).unwrap_err().to_string(),
        "cannot jump: the active playlist has no item 0000000000000002"
    );
}

#[test]
fn another_playlist_takes_over_with_its_transition() {
    let mut stage = Stage::new(playlist(vec![item(1, "still 100", 60_000)]));
    stage.at(0);
    let mut other =
        playlist(vec![item(5, "still 0", 1), fading(item(6, "still 200", 60_000), 1000)]);
    other.id = prismatron_core::id::PlaylistId(2);
    stage.tell(Command::Activate { playlist: other, item: Some(ItemId(6)) });
    stage.at(0);
    assert_eq!(stage.at(500).light(), Some(150));
    stage.tell(Command::Deactivate);
    assert_eq!(stage.at(600).light(), Some(0));
    assert_eq!(stage.player.state().playlist, None);
    assert_eq!(stage.player.state().standing(ms(600)), None);
}

#[test]
fn times_beyond_all_bounds_do_no_harm() {
    let mut long = item(1, "ramp", 1);
    long.duration = Some(Duration::MAX);
    let mut stage = Stage::new(playlist(vec![long, item(2, "still 20", 1000)]));
    stage.tell(Command::Seek(Duration::MAX));
    stage.at(0).at(100);
    assert_eq!(stage.on().0, Some(2));
    stage.tell(Command::Previous);
    stage.at(100).at(200);
    assert_eq!(stage.on(), (Some(1), ms(100)));
    stage.tell(Command::Seek(Duration::MAX));
    assert_eq!(stage.at(300).on().0, Some(2));
}

#[test]
fn an_item_that_takes_for_ever_to_open_anew_still_ends() {
    let mut stage =
        Stage::new(playlist(vec![item(1, "still 10", 5000), item(2, "still 20", 5000)]));
    stage.at(0);
    stage.diligent = false;
    stage.tell(Command::Update(playlist(vec![
        item(1, "still 11", 5000),
        item(2, "still 20", 5000),
    ])));
    assert_eq!(stage.at(100).player.pace(), Pace::At(ms(5000)));
    assert_eq!(stage.at(5000).on().0, Some(2));
}

#[test]
fn a_tick_that_comes_very_late_does_not_race_through_the_list() {
    let items = [1, 2, 3].map(|id| item(id, &format!("still {id}0"), 1000));
    let mut stage = Stage::new(playlist(items.to_vec()));
    stage.at(0);
    assert_eq!(stage.at(500_000).on(), (Some(2), ms(0)));
    assert_eq!(stage.at(500_900).on(), (Some(2), ms(900)));
}

#[test]
fn an_item_that_is_all_transition_hands_on_what_it_became() {
    let items = vec![
        item(1, "still 0", 1000),
        fading(item(2, "still 200", 500), 1000),
        fading(item(3, "still 100", 60_000), 1000),
    ];
    let mut stage = Stage::new(playlist(items));
    stage.at(0).at(1000).at(1250);
    assert_eq!(stage.light(), Some(100), "its transition is no longer than itself");
    assert_eq!(stage.at(1500).light(), Some(200));
    assert_eq!(stage.at(2000).light(), Some(150));
}
