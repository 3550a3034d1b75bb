//! The item on its way in: at most one, whatever it is wanted for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use prismatron_core::media::Fit;
use prismatron_core::playlist::sequence::Place;
use prismatron_core::playlist::{Content, Item};
use prismatron_core::port::MediaError;

use super::Player;
use crate::scene::{Scene, is_retouch, is_same_picture};
use crate::workshop::Job;

/// What has not opened after this long is taken for broken: a disk that is gone, a share that hangs.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// An item on its way in.
pub(super) struct Incoming {
    pub(super) place: Place,
    item: Item,
    pub(super) purpose: Purpose,
    /// Where in the item it begins.
    pub(super) start: Duration,
    ticket: Ticket,
    /// Play time since which it is waited for.
    awaited: Option<Duration>,
    pub(super) opened: Option<Result<Scene, MediaError>>,
}

/// What an item is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It will be due some time.
    Ahead,
    /// It takes over as soon as it can; if it cannot be played, the search goes on in the same direction.
    Next {
        /// Play time at which it should have begun.
        due: Option<Duration>,
        back: bool,
    },
    /// It takes the place of the same item, which has been edited or needs another size.
    Anew,
}

/// Names a job; dropping it says that nobody wants the result.
pub(super) struct Ticket {
    number: u64,
    cancelled: Arc<AtomicBool>,
}

impl Ticket {
    /// Whether it is the one with this number.
    pub(super) fn is(&self, number: u64) -> bool {
        self.number == number
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl Incoming {
    /// Whether it will take the place of what is on as soon as it can.
    pub(super) fn is_awaited(&self) -> bool {
        self.purpose != Purpose::Ahead
    }

    /// Play time at which waiting for it ends.
    pub(super) fn given_up(&self) -> Option<Duration> {
        self.awaited.map(|since| since + PATIENCE)
    }

    /// Whether it can take over; also finds out whether it is broken.
    pub(super) fn is_ready(&mut self) -> bool {
        match &mut self.opened {
            Some(Ok(scene)) => scene.is_ready(),
            _ => false,
        }
    }

    /// Whether it is another item than the one that is on, and takes over as soon as it can.
    pub(super) fn is_next(&self) -> bool {
        matches!(self.purpose, Purpose::Next { .. })
    }
}

impl Player {
    /// Takes in what was opened.
    pub(super) fn collect(&mut self, now: Duration) {
        while let Some(done) = self.shop.done() {
            if self.is_for_caption(done.ticket) {
                match done.result {
                    Ok(ready) => self.begin_caption(ready, now),
                    Err(error) => {
                        tracing::warn!(%error, "the caption cannot be set");
                        self.caption = None;
                    }
                }
                continue;
            }
            let wanted = self.incoming.as_mut().filter(|i| i.ticket.is(done.ticket));
            let Some(incoming) = wanted else {
                // Whatever it is may take its time to end.
                if let Ok(ready) = done.result {
                    self.shop.discard(Box::new(ready));
                }
                continue;
            };
            incoming.opened = Some(done.result.map(|ready| {
                if let Some((wall, mapper)) = ready.mapper {
                    self.rig.adopt(ready.opened.size, &wall, mapper);
                }
                let (item, leds) = (incoming.item.clone(), self.rig.leds());
                let mut scene = Scene::new(item, incoming.place, ready.opened, leds);
                if !incoming.start.is_zero() {
                    incoming.start = incoming.start.min(scene.duration());
                    scene.seek(incoming.start, Duration::ZERO);
                }
                scene
            }));
        }
    }

    /// Opens the item that is on once more, because it was edited or the wall was; it stays on meanwhile.
    pub(super) fn reopen(&mut self, play: Duration) {
        let Some((show, scene)) = self.show.as_ref().zip(self.current.as_ref()) else { return };
        let Some((_, item)) = show.item(scene.place.item) else { return };
        let goes_on = is_retouch(&scene.item.content, &item.content);
        let start = if goes_on { scene.elapsed(play) } else { Duration::ZERO };
        let place = scene.place;
        self.incoming = None;
        self.open(place, start, Purpose::Anew);
    }

    /// Opens what is on its way in once more, because it was edited or the wall was.
    pub(super) fn reopen_incoming(&mut self) {
        if let Some(incoming) = self.incoming.take() {
            match incoming.purpose {
                Purpose::Ahead => self.planned = false,
                purpose => self.open(incoming.place, incoming.start, purpose),
            }
        }
    }

    /// Whether what is on its way in still is what the playlist says.
    pub(super) fn incoming_is_current(&self) -> bool {
        let item =
            self.show.as_ref().zip(self.incoming.as_ref()).and_then(|(show, incoming)| {
                Some((show.item(incoming.item.id)?.1, &incoming.item))
            });
        item.is_some_and(|(item, opened)| is_same_picture(item, opened))
    }

    /// Has what is on its way in follow an edit of how long it is on and how it comes in.
    pub(super) fn follow_incoming(&mut self) {
        let Some((show, incoming)) = self.show.as_ref().zip(self.incoming.as_mut()) else { return };
        if let Some((_, item)) = show.item(incoming.item.id) {
            incoming.item.clone_from(item);
            if let Some(Ok(scene)) = &mut incoming.opened {
                scene.follow(item.clone());
            }
        }
    }

    /// Has what is on its way in take on another wall of the same shape.
    pub(super) fn refit_incoming(&mut self, leds: usize) {
        if let Some(Ok(scene)) = self.incoming.as_mut().and_then(|i| i.opened.as_mut()) {
            scene.refit(leds);
        }
    }

    /// Where in the item that is awaited it will begin.
    pub(super) fn set_incoming_start(&mut self, start: Duration) {
        if let Some(incoming) = &mut self.incoming {
            incoming.start = start;
            if let Some(Ok(scene)) = &mut incoming.opened {
                incoming.start = start.min(scene.duration());
                scene.seek(incoming.start, Duration::ZERO);
            }
        }
    }

    /// Has an item opened, unless it is already, and says what for.
    pub(super) fn open(&mut self, place: Place, start: Duration, purpose: Purpose) {
        let Some((_, item)) = self.show.as_ref().and_then(|show| show.item(place.item)) else {
            return;
        };
        self.news = true;
        if let Some(incoming) = &mut self.incoming
            && incoming.item.id == item.id
            && incoming.start == start
            && is_same_picture(&incoming.item, item)
        {
            (incoming.place, incoming.purpose) = (place, purpose);
            if let Some(Ok(scene)) = &mut incoming.opened {
                scene.place = place;
            }
            self.follow_incoming();
            return;
        }
        let item = item.clone();
        let ticket = self.order(item.content.clone(), item.fit);
        self.incoming =
            Some(Incoming { place, item, purpose, start, ticket, awaited: None, opened: None });
    }

    /// Has a source opened for the wall as it is.
    pub(super) fn order(&mut self, content: Content, fit: Fit) -> Ticket {
        self.tickets += 1;
        let ticket = Ticket { number: self.tickets, cancelled: Arc::default() };
        self.shop.open(Job {
            ticket: ticket.number,
            cancelled: Arc::clone(&ticket.cancelled),
            opener: Arc::clone(&self.opener),
            content,
            fit,
            wall: Arc::clone(self.rig.wall()),
            detail: self.rig.detail(),
            make: Arc::clone(&self.make),
            mapped: self.rig.sizes(),
            waker: self.waker.clone(),
        });
        ticket
    }

    /// Whether an item is awaited that will take the place of the one that is on.
    pub(super) fn is_waiting(&self) -> bool {
        self.incoming.as_ref().is_some_and(Incoming::is_awaited)
    }

    /// Whether another item will take over as soon as it can.
    pub(super) fn has_next(&self) -> bool {
        self.incoming.as_ref().is_some_and(Incoming::is_next)
    }

    /// Whether what is awaited has been for too long.
    pub(super) fn has_waited(&mut self, play: Duration) -> bool {
        let Some(incoming) = &mut self.incoming else { return false };
        incoming.awaited.get_or_insert(play);
        incoming.given_up().is_some_and(|given_up| play >= given_up)
    }

    /// Why what is on its way in cannot be played, if it is known.
    pub(super) fn incoming_failure(&self) -> Option<String> {
        let failure = match self.incoming.as_ref()?.opened.as_ref()? {
            Ok(scene) => scene.failure()?,
            Err(error) => error,
        };
        Some(failure.reason.clone())
    }
}
