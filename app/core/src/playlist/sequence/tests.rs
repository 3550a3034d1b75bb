use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::effect::Effect;
use crate::id::PlaylistId;
use crate::media::Fit;
use crate::playlist::{Content, Item};
use crate::transition::Transition;

fn playlist(items: &[u64], order: Order, repeat: Repeat) -> Playlist {
    let item = |&id: &u64| Item {
        id: ItemId(id),
        content: Content::Effect(Effect { name: "plasma".into(), params: Default::default() }),
        duration: Some(Duration::from_secs(1)),
        fit: Fit::default(),
        transition: Transition::CUT,
    };
    let items = items.iter().map(item).collect();
    Playlist { id: PlaylistId(1), name: "test".into(), items, order, repeat }
}

fn to(step: Step) -> Option<u64> {
    match step {
        Step::To(place) => Some(place.item.0),
        Step::End(_) => None,
    }
}

fn round(sequence: &mut Sequence, items: usize) -> Vec<u64> {
    (0..items).map(|_| to(sequence.advance()).unwrap()).collect()
}

#[test]
fn a_list_runs_once_for_ever_or_stays() {
    let mut off = Sequence::new(&playlist(&[1, 2], Order::Listed, Repeat::Off), 0);
    assert_eq!(round(&mut off, 2), [1, 2]);
    assert_eq!(off.advance(), Step::End(End::Finished));
    off.rewind();
    assert_eq!(to(off.advance()), Some(1));

    let mut all = Sequence::new(&playlist(&[1, 2], Order::Listed, Repeat::All), 0);
    assert_eq!(round(&mut all, 5), [1, 2, 1, 2, 1]);

    let mut one = Sequence::new(&playlist(&[1, 2], Order::Listed, Repeat::One), 0);
    assert_eq!(round(&mut one, 3), [1, 1, 1]);
    assert_eq!(to(one.forward()), Some(2), "somebody wants the next one");
    assert_eq!(round(&mut one, 2), [2, 2]);
    assert_eq!(to(one.forward()), Some(1));
}

#[test]
fn nothing_to_play_is_said() {
    let mut empty = Sequence::new(&playlist(&[], Order::Shuffled, Repeat::All), 0);
    assert_eq!(empty.advance(), Step::End(End::Empty));
    assert_eq!(empty.back(), Step::End(End::Empty));
}

#[test]
fn back_goes_to_the_end_only_of_a_list_that_repeats() {
    let mut all = Sequence::new(&playlist(&[1, 2, 3], Order::Listed, Repeat::All), 0);
    all.advance();
    assert_eq!(to(all.back()), Some(3));
    assert_eq!(to(all.back()), Some(2));
    let mut off = Sequence::new(&playlist(&[1, 2, 3], Order::Listed, Repeat::Off), 0);
    off.advance();
    assert_eq!(to(off.back()), Some(1));
    let mut shuffled = Sequence::new(&playlist(&[1, 2, 3], Order::Shuffled, Repeat::All), 0);
    let line = round(&mut shuffled, 3);
    assert_eq!(to(shuffled.back()), Some(line[1]));
    assert_eq!(to(shuffled.back()), Some(line[0]));
    assert_eq!(to(shuffled.back()), Some(line[0]));
}

#[test]
fn broken_items_are_passed_over_and_tried_again_each_round() {
    let mut sequence = Sequence::new(&playlist(&[1, 2, 3], Order::Listed, Repeat::All), 0);
    let Step::To(first) = sequence.advance() else { panic!("there is one") };
    sequence.mark_broken(first);
    assert_eq!(round(&mut sequence, 3), [2, 3, 1]);
}

#[test]
fn a_failure_ahead_of_its_round_counts_for_that_round() {
    let mut sequence = Sequence::new(&playlist(&[1, 2], Order::Listed, Repeat::All), 0);
    round(&mut sequence, 2);
    let Step::To(ahead) = sequence.ahead() else { panic!("there is one") };
    assert_eq!(ahead.item, ItemId(1));
    sequence.mark_broken(ahead);
    assert_eq!(to(sequence.advance()), Some(2));
}

#[test]
fn all_broken_ends() {
    for repeat in [Repeat::Off, Repeat::One, Repeat::All] {
        for order in [Order::Listed, Order::Shuffled] {
            let mut sequence = Sequence::new(&playlist(&[1, 2, 3], order, repeat), 9);
            sequence.jump(ItemId(2));
            sequence.mark_broken(sequence.place().unwrap());
            let mut tried = 1;
            while let Step::To(place) = sequence.advance() {
                sequence.mark_broken(place);
                tried += 1;
                assert!(tried < 10, "{order:?} {repeat:?} turns for ever");
            }
            if repeat != Repeat::Off {
                assert_eq!(sequence.advance(), Step::End(End::Broken));
            }
            sequence.forget_broken();
            assert!(sequence.jump(ItemId(1)));
        }
    }
}

#[test]
fn a_repeated_item_that_breaks_gives_way() {
    let mut sequence = Sequence::new(&playlist(&[1, 2], Order::Listed, Repeat::One), 0);
    let Step::To(first) = sequence.advance() else { panic!("there is one") };
    sequence.mark_broken(first);
    assert_eq!(to(sequence.advance()), Some(2));
}

#[test]
fn what_follows_a_removed_item_comes_next() {
    for (order, repeat) in [(Order::Listed, Repeat::All), (Order::Shuffled, Repeat::All)] {
        let mut sequence = Sequence::new(&playlist(&[1, 2, 3, 4], order, repeat), 5);
        let mut line = sequence.line.clone();
        round(&mut sequence, 2);
        let gone = line.remove(1);
        let left: Vec<u64> = (1..=4).filter(|&id| id != gone.0).collect();
        sequence.edit(&playlist(&left, order, repeat));
        assert_eq!(sequence.place(), None);
        assert_eq!(to(sequence.clone().back()), Some(line[0].0));
        assert_eq!(to(sequence.advance()), Some(line[1].0));
    }
}

#[test]
fn an_item_added_to_a_shuffled_round_comes_in_it() {
    for seed in 0..50 {
        let short: Vec<u64> = (1..=6).collect();
        let list = playlist(&short, Order::Shuffled, Repeat::Off);
        let mut sequence = Sequence::new(&list, seed);
        round(&mut sequence, 3);
        let long: Vec<u64> = (1..=7).collect();
        sequence.edit(&playlist(&long, Order::Shuffled, Repeat::Off));
        assert!(round(&mut sequence, 4).contains(&7));
        assert_eq!(sequence.advance(), Step::End(End::Finished));
    }
}

fn orders() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::Listed), Just(Order::Shuffled)]
}

fn repeats() -> impl Strategy<Value = Repeat> {
    prop_oneof![Just(Repeat::Off), Just(Repeat::One), Just(Repeat::All)]
}

proptest! {
    #[test]
    fn each_item_once_a_round_and_never_twice_in_a_row(
        items in prop::collection::btree_set(0_u64..1000, 1..40),
        seed: u64,
    ) {
        let list: Vec<u64> = items.iter().copied().collect();
        let mut sequence =
            Sequence::new(&playlist(&list, Order::Shuffled, Repeat::All), seed);
        let mut last = None;
        for _ in 0..6 {
            let line = round(&mut sequence, list.len());
            let distinct: BTreeSet<u64> = line.iter().copied().collect();
            prop_assert_eq!(&distinct, &items);
            prop_assert!(list.len() == 1 || last != line.first().copied());
            last = line.last().copied();
        }
    }

    #[test]
    fn a_resumed_round_goes_on_as_it_would_have(
        items in 2_u64..30,
        seed: u64,
        played in 1_usize..90,
    ) {
        let ids: Vec<u64> = (0..items).collect();
        let list = playlist(&ids, Order::Shuffled, Repeat::All);
        let mut sequence = Sequence::new(&list, seed);
        round(&mut sequence, played);
        let item = sequence.place().unwrap().item;
        let mut resumed = Sequence::resume(&list, sequence.round(), item);
        prop_assert_eq!(round(&mut resumed, 40), round(&mut sequence, 40));
    }

    #[test]
    fn jumping_about_leaves_each_item_once(
        items in 2_u64..20,
        seed: u64,
        jump in 0_u64..20,
        played in 1_usize..20,
    ) {
        let ids: Vec<u64> = (0..items).collect();
        let mut sequence =
            Sequence::new(&playlist(&ids, Order::Shuffled, Repeat::Off), seed);
        let mut seen = round(&mut sequence, played.min(ids.len()));
        let target = ItemId(jump % items);
        let again = seen.contains(&target.0);
        prop_assert!(sequence.jump(target));
        if !again {
            seen.push(target.0);
        }
        while let Step::To(place) = sequence.advance() {
            seen.push(place.item.0);
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, ids);
    }

    #[test]
    fn edits_keep_the_item_that_is_on(
        old in prop::collection::btree_set(0_u64..20, 1..15),
        new in prop::collection::vec(0_u64..20, 0..20),
        steps in 1_usize..20,
        orders in (orders(), orders()),
        seed: u64,
    ) {
        let old: Vec<u64> = old.into_iter().collect();
        let mut distinct = BTreeSet::new();
        let new: Vec<u64> = new.into_iter().filter(|&id| distinct.insert(id)).collect();
        let mut sequence = Sequence::new(&playlist(&old, orders.0, Repeat::All), seed);
        round(&mut sequence, steps);
        let current = sequence.place().unwrap().item;
        sequence.edit(&playlist(&new, orders.1, Repeat::All));
        let stays = new.contains(&current.0).then_some(current);
        prop_assert_eq!(sequence.place().map(|place| place.item), stays);
        // Whatever comes after the edit, a whole round has everything.
        if !new.is_empty() {
            sequence.rewind();
            let line: BTreeSet<u64> = round(&mut sequence, new.len()).into_iter().collect();
            prop_assert_eq!(line, distinct);
        }
    }

    /// Whatever is done: the item stood on is in the list, and a step leads to an item that is not marked.
    #[test]
    fn random_operations(
        operations in prop::collection::vec((0_u8..8, 0_u64..8, orders(), repeats()), 1..200),
        seed: u64,
    ) {
        let mut list = playlist(&[0, 1, 2, 3], Order::Listed, Repeat::All);
        let mut sequence = Sequence::new(&list, seed);
        let mut marked: BTreeSet<(ItemId, u64)> = BTreeSet::new();
        for (operation, id, order, repeat) in operations {
            let step = match operation {
                0 => {
                    let expected = sequence.ahead();
                    let step = sequence.advance();
                    prop_assert_eq!(step, expected);
                    Some(step)
                }
                1 => Some(sequence.forward()),
                2 => Some(sequence.back()),
                3 => {
                    let known = list.items.iter().any(|item| item.id.0 == id);
                    prop_assert_eq!(sequence.jump(ItemId(id)), known);
                    marked.retain(|&(item, _)| item.0 != id);
                    None
                }
                4 => {
                    if let Some(place) = sequence.place() {
                        sequence.mark_broken(place);
                        marked.insert((place.item, place.round));
                    }
                    None
                }
                5 => {
                    sequence.forget_broken();
                    marked.clear();
                    None
                }
                6 => {
                    match list.items.iter().position(|item| item.id.0 == id) {
                        Some(index) => drop(list.items.remove(index)),
                        None => list.items.extend(playlist(&[id], order, repeat).items),
                    }
                    (list.order, list.repeat) = (order, repeat);
                    sequence.edit(&list);
                    marked.retain(|(item, _)| list.items.iter().any(|other| other.id == *item));
                    None
                }
                _ => {
                    sequence.rewind();
                    None
                }
            };
            match step {
                Some(Step::To(place)) => {
                    prop_assert_eq!(sequence.place(), Some(place));
                    prop_assert!(!marked.contains(&(place.item, place.round)));
                }
                Some(Step::End(End::Empty)) => prop_assert!(list.items.is_empty()),
                Some(Step::End(_)) => prop_assert!(!list.items.is_empty()),
                None => {}
            }
            if let Some(place) = sequence.place() {
                prop_assert!(list.items.iter().any(|item| item.id == place.item));
            }
            let line: BTreeSet<ItemId> = sequence.line.iter().copied().collect();
            prop_assert_eq!(line.len(), sequence.line.len());
            prop_assert_eq!(line, list.items.iter().map(|item| item.id).collect());
        }
    }
}
