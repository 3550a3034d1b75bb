//! Which item comes next, and which came before: the rules of order, repetition and skipping, without any
//! notion of time.
//!
//! Terms: a *round* is one run through the playlist in which each item comes once; the *line* is the
//! items of the round under way, in playing order. A shuffled line is not drawn item by item but sorted by
//! a hash of seed, round number and item, so that it can be made again after a restart from three numbers
//! and hardly changes when the playlist is edited.
//!
//! Invariants: the item stood on is in the playlist; a round never begins with the item the last one ended
//! with while there is another; an item marked as broken is passed over for the rest of its round; where
//! every item is broken the sequence ends rather than turning for ever.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Order, Playlist, Repeat};
use crate::id::ItemId;

/// All it takes to make the line of a round again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// Where chance comes from; the same for every round of a run.
    pub seed: u64,
    /// Rounds begun before this one.
    pub number: u64,
    /// The item the last round ended with: this one does not begin with it.
    #[serde(default)]
    pub after: Option<ItemId>,
}

impl Round {
    /// The first round of a run.
    pub fn first(seed: u64) -> Self {
        Self { seed, number: 0, after: None }
    }

    /// Place of an item among the others of this round.
    fn key(&self, item: ItemId) -> (u64, ItemId) {
        (scatter(scatter(self.seed ^ scatter(self.number)) ^ item.0), item)
    }

    fn line(&self, order: Order, mut items: Vec<ItemId>) -> Vec<ItemId> {
        if order == Order::Shuffled {
            items.sort_by_cached_key(|&item| self.key(item));
            if items.len() > 1 && self.after == items.first().copied() {
                items.swap(0, 1);
            }
        }
        items
    }
}

/// One step of SplitMix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number generators*, 2014).
fn scatter(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An item in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The item.
    pub item: ItemId,
    /// Number of the round.
    pub round: u64,
}

/// Where a step leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To an item.
    To(Place),
    /// Nowhere.
    End(End),
}

/// Why there is nothing to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The last item is over and nothing is repeated.
    Finished,
    /// Every item is marked as broken.
    Broken,
    /// There are no items.
    Empty,
}

/// A walk through a playlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    order: Order,
    repeat: Repeat,
    round: Round,
    line: Vec<ItemId>,
    cursor: Cursor,
    /// Items passed over up to and including this round.
    broken: BTreeMap<ItemId, u64>,
}

/// Where in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    /// On the item at this index.
    On(usize),
    /// Before the item at this index: nothing has begun, or the item stood on was taken away.
    Before(usize),
}

impl Cursor {
    /// Index of what comes next.
    fn ahead(self) -> usize {
        match self {
            Self::On(index) => index + 1,
            Self::Before(index) => index,
        }
    }

    /// How much of the line lies behind.
    fn behind(self) -> usize {
        match self {
            Self::On(index) | Self::Before(index) => index,
        }
    }
}

impl Sequence {
    /// Before the first item of a playlist.
    pub fn new(playlist: &Playlist, seed: u64) -> Self {
        Self::at_round(playlist, Round::first(seed), None)
    }

    /// On an item, in a round as it was before a restart; at the start if the item is there no more.
    pub fn resume(playlist: &Playlist, round: Round, item: ItemId) -> Self {
        Self::at_round(playlist, round, Some(item))
    }

    fn at_round(playlist: &Playlist, round: Round, item: Option<ItemId>) -> Self {
        let line = round.line(playlist.order, ids(playlist));
        let index = item.and_then(|item| line.iter().position(|&other| other == item));
        Self {
            order: playlist.order,
            repeat: playlist.repeat,
            round,
            cursor: index.map_or(Cursor::Before(0), Cursor::On),
            line,
            broken: BTreeMap::new(),
        }
    }

    /// The item stood on; none before the start and where it was taken away.
    pub fn place(&self) -> Option<Place> {
        match self.cursor {
            Cursor::On(index) => self.line.get(index).map(|&item| self.here(item)),
            Cursor::Before(_) => None,
        }
    }

    /// The round under way.
    pub fn round(&self) -> Round {
        self.round
    }

    /// Goes on because the item is over.
    pub fn advance(&mut self) -> Step {
        match self.place() {
            Some(place) if self.repeat == Repeat::One && self.is_whole(place.item) => {
                Step::To(place)
            }
            _ => self.forward(),
        }
    }

    /// Where [`Sequence::advance`] would lead.
    pub fn ahead(&self) -> Step {
        self.clone().advance()
    }

    /// Goes on because somebody wants the next item: also where one item is repeated.
    pub fn forward(&mut self) -> Step {
        if self.line.is_empty() {
            return Step::End(End::Empty);
        }
        if let Some(index) = self.first_whole(self.cursor.ahead()) {
            return self.stand_on(index);
        }
        // Only a round in which something could be played is followed by another.
        if !self.line.iter().any(|&item| self.is_whole(item)) {
            return Step::End(End::Broken);
        }
        if self.repeat == Repeat::Off {
            return Step::End(End::Finished);
        }
        self.begin_round();
        match self.first_whole(0) {
            Some(index) => self.stand_on(index),
            None => Step::End(End::Broken),
        }
    }

    /// Goes back. The first item of a list that repeats leads to the last; otherwise it begins again, and
    /// so does the first of a shuffled round.
    pub fn back(&mut self) -> Step {
        let behind = self.cursor.behind();
        if let Some(index) = (0..behind).rev().find(|&index| self.is_whole(self.line[index])) {
            return self.stand_on(index);
        }
        if self.order == Order::Listed && self.repeat != Repeat::Off {
            let last = (behind..self.line.len()).rev().find(|&i| self.is_whole(self.line[i]));
            if let Some(index) = last {
                return self.stand_on(index);
            }
        }
        match self.place() {
            Some(place) if self.is_whole(place.item) => Step::To(place),
            _ => self.forward(),
        }
    }

    /// Stands on an item, broken or not; `false` if the playlist has none of that name. In a shuffled round
    /// it is drawn forward to follow the current one, so that the others still come once each.
    pub fn jump(&mut self, item: ItemId) -> bool {
        let Some(from) = self.line.iter().position(|&other| other == item) else { return false };
        self.broken.remove(&item);
        let to = match (self.order, self.cursor) {
            (Order::Listed, _) => from,
            (Order::Shuffled, Cursor::On(index)) if from > index => index + 1,
            (Order::Shuffled, Cursor::On(index)) => index,
            (Order::Shuffled, Cursor::Before(index)) if from >= index => index,
            (Order::Shuffled, Cursor::Before(index)) => index - 1,
        };
        let item = self.line.remove(from);
        self.line.insert(to, item);
        self.cursor = Cursor::On(to);
        true
    }

    /// Back to before the first item, as a new round.
    pub fn rewind(&mut self) {
        self.begin_round();
    }

    /// Passes an item over for the rest of a round.
    pub fn mark_broken(&mut self, place: Place) {
        let until = self.broken.entry(place.item).or_insert(place.round);
        *until = place.round.max(*until);
    }

    /// Passes nothing over any more, until it is marked again.
    pub fn forget_broken(&mut self) {
        self.broken.clear();
    }

    /// Follows an edit. The item stood on stays so wherever it has gone to; where it was taken away, what
    /// followed it comes next. Items new to a shuffled round come up in what is left of it.
    pub fn edit(&mut self, playlist: &Playlist) {
        let items = ids(playlist);
        let known: BTreeSet<ItemId> = items.iter().copied().collect();
        self.broken.retain(|item, _| known.contains(item));
        let current = self.place().map(|place| place.item);
        let stays = current.filter(|item| known.contains(item));
        (self.line, self.cursor) = match (self.order, playlist.order) {
            (_, Order::Listed) => {
                let find = |item: ItemId| items.iter().position(|&other| other == item);
                let follower = || self.line.iter().skip(self.cursor.ahead()).find_map(|&i| find(i));
                let cursor = match stays.and_then(find) {
                    Some(index) => Cursor::On(index),
                    None if self.cursor == Cursor::Before(0) => Cursor::Before(0),
                    None => Cursor::Before(follower().unwrap_or(items.len())),
                };
                (items, cursor)
            }
            (Order::Shuffled, Order::Shuffled) => {
                let old: BTreeSet<ItemId> = self.line.iter().copied().collect();
                let survives = |item: &ItemId| known.contains(item);
                let mut line: Vec<_> = self.line.iter().copied().filter(survives).collect();
                let behind =
                    self.line.iter().take(self.cursor.behind()).filter(|&i| survives(i)).count();
                let cursor =
                    if stays.is_some() { Cursor::On(behind) } else { Cursor::Before(behind) };
                line.extend(items.into_iter().filter(|item| !old.contains(item)));
                line[cursor.ahead()..].sort_by_cached_key(|&item| self.round.key(item));
                (line, cursor)
            }
            (Order::Listed, Order::Shuffled) => {
                let mut line = self.round.line(Order::Shuffled, items);
                match line.iter().position(|&item| stays == Some(item)) {
                    Some(index) => {
                        line[..=index].rotate_right(1);
                        (line, Cursor::On(0))
                    }
                    None => (line, Cursor::Before(0)),
                }
            }
        };
        self.order = playlist.order;
        self.repeat = playlist.repeat;
    }

    fn begin_round(&mut self) {
        let after = self.place().map(|place| place.item);
        self.round = Round { number: self.round.number.wrapping_add(1), after, ..self.round };
        self.line = self.round.line(self.order, std::mem::take(&mut self.line));
        self.cursor = Cursor::Before(0);
    }

    fn here(&self, item: ItemId) -> Place {
        Place { item, round: self.round.number }
    }

    fn is_whole(&self, item: ItemId) -> bool {
        self.broken.get(&item).is_none_or(|&until| until < self.round.number)
    }

    fn first_whole(&self, from: usize) -> Option<usize> {
        (from..self.line.len()).find(|&index| self.is_whole(self.line[index]))
    }

    fn stand_on(&mut self, index: usize) -> Step {
        self.cursor = Cursor::On(index);
        Step::To(self.here(self.line[index]))
    }
}

fn ids(playlist: &Playlist) -> Vec<ItemId> {
    playlist.items.iter().map(|item| item.id).collect()
}

#[cfg(test)]
mod tests;
