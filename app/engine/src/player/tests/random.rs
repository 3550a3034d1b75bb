use prismatron_core::id::ItemId;
use prismatron_core::playlist::{Item, Order, Playlist, Repeat};
use prismatron_core::unit::{Brightness, LedRange};
use proptest::prelude::*;

use crate::command::{Command, Dimmer};
use crate::player::Pace;
use crate::stage::{Stage, fading, item, layout, ms, output, playlist};
use crate::state::Mode;

#[derive(Debug, Clone)]
enum Act {
    Tell(Command),
    Pass(u64),
    Slow(bool),
}

fn items() -> impl Strategy<Value = Item> {
    let plays = prop_oneof![
        Just("still 10"),
        Just("ramp"),
        Just("video 20 40"),
        Just("unknown 5 70"),
        Just("endless 30"),
        Just("breaks 4 50"),
        Just("panics"),
        Just("broken"),
    ];
    (0_u64..6, plays, prop_oneof![Just(0), 1_u64..3000], prop_oneof![Just(0), 1_u64..800])
        .prop_map(|(id, plays, duration, fade)| fading(item(id, plays, duration), fade))
}

fn lists() -> impl Strategy<Value = Playlist> {
    let orders = prop_oneof![Just(Order::Listed), Just(Order::Shuffled)];
    let repeats = prop_oneof![Just(Repeat::Off), Just(Repeat::One), Just(Repeat::All)];
    (prop::collection::vec(items(), 0..6), orders, repeats).prop_map(|(items, order, repeat)| {
        let mut list = Playlist { order, repeat, ..playlist(vec![]) };
        for item in items {
            if !list.items.iter().any(|other| other.id == item.id) {
                list.items.push(item);
            }
        }
        list
    })
}

fn acts() -> impl Strategy<Value = Act> {
    let id = (0_u64..7).prop_map(ItemId);
    let wall = (1_u16..20, 0_u32..25, 0_u32..25).prop_map(|(leds, first, count)| {
        let part = output("part", Some(LedRange { first, count }));
        Command::SetWall { layout: layout(leds), outputs: vec![output("all", None), part] }
    });
    let commands = prop_oneof![
        Just(Command::Play),
        Just(Command::Pause),
        Just(Command::Stop),
        Just(Command::Next),
        Just(Command::Next),
        Just(Command::Previous),
        (0_u64..4000).prop_map(|to| Command::Seek(ms(to))),
        id.clone().prop_map(Command::Jump),
        (lists(), prop::option::of(id))
            .prop_map(|(playlist, item)| Command::Activate { playlist, item }),
        lists().prop_map(Command::Update),
        lists().prop_map(Command::Update),
        Just(Command::Deactivate),
        Just(Command::SetColour(Default::default())),
        Just(Command::Dim(Dimmer::Update, Brightness::FULL)),
        wall,
    ];
    prop_oneof![
        3 => commands.prop_map(Act::Tell),
        3 => (0_u64..400).prop_map(Act::Pass),
        1 => any::<bool>().prop_map(Act::Slow),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is done, in whatever order and however slowly sources open: nothing panics, the item is in
    /// the playlist, sinks get as many LEDs as they were made for (they assert it), a stopped wall is dark,
    /// and a player that plays wants to be called again or waits for something.
    #[test]
    fn invariants_hold(list in lists(), acts in prop::collection::vec(acts(), 1..80)) {
        let mut stage = Stage::new(list.clone());
        let mut list = Some(list);
        for act in acts {
            match act {
                Act::Tell(command) => {
                    let outcome = stage.try_tell(command.clone());
                    match (outcome, command) {
                        (Ok(state), Command::Activate { playlist, .. } | Command::Update(playlist)) => {
                            prop_assert_eq!(state.playlist.map(|it| it.0), Some(playlist.id));
                            list = Some(playlist);
                        }
                        (Ok(_), Command::Deactivate) => list = None,
                        _ => {}
                    }
                }
                Act::Pass(time) => {
                    let now = stage.now.as_millis() as u64;
                    stage.until(now + time, 16);
                }
                Act::Slow(slow) => stage.diligent = !slow,
            }
            let state = stage.player.state();
            if let Some(item) = &state.item {
                let items = &list.as_ref().unwrap().items;
                prop_assert_eq!(items.get(item.index).map(|item| item.id), Some(item.id));
            }
            let now = stage.now;
            stage.at(now.as_millis() as u64);
            let state = stage.player.state();
            if let Some(duration) = state.duration {
                prop_assert!(state.position(now + ms(1_000_000)) <= duration);
            }
            match state.mode {
                Mode::Stopped => {
                    prop_assert_eq!(stage.light().unwrap_or(0), 0);
                    prop_assert_eq!(stage.player.pace(), Pace::Idle);
                    prop_assert_eq!(stage.feeds(), 0, "no decoder is left");
                }
                Mode::Paused => prop_assert_eq!(stage.player.pace(), Pace::Idle),
                Mode::Playing => prop_assert!(state.item.is_some()),
            }
            prop_assert!(stage.feeds() <= 3, "on, on the way out, on the way in");
        }
    }
}
