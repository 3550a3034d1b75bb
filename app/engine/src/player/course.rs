//! From item to item: what is opened when, what takes over when, and what happens when something breaks.

use std::sync::Arc;
use std::time::Duration;

use prismatron_core::playlist::sequence::{End, Place, Step};

use super::Player;
use super::blend::{Blend, From};
use super::caption::Caption;
use super::incoming::{Incoming, PATIENCE, Purpose};
use crate::scene::Scene;
use crate::state::Mode;

/// The next item is opened this long before it is due.
const AHEAD: Duration = Duration::from_secs(10);
/// An item that is ready so soon after it was due begins as if it had been on time.
const SLACK: Duration = Duration::from_millis(100);

/// A playlist of which nothing can be played is tried again after this, then after twice as long, up to [`LONGEST_REST`]:
/// what has broken down may be back without anybody's doing.
pub(super) const REST: Duration = Duration::from_secs(5);
const LONGEST_REST: Duration = Duration::from_secs(60);

/// The play time at which the item after a scene should be opened.
pub(super) fn look_ahead_at(scene: &Scene) -> Duration {
    scene.end().saturating_sub(AHEAD)
}

impl Player {
    /// Lets items follow each other as far as it is time and they are ready.
    pub(super) fn progress(&mut self, now: Duration) {
        loop {
            let play = self.clock.at(now);
            let ready = self.incoming.as_mut().is_some_and(Incoming::is_ready);
            if let Some(reason) = self.incoming_failure() {
                self.skip_incoming(&reason, now);
            } else if self.is_waiting() {
                match self.incoming.take_if(|_| ready) {
                    Some(incoming) => self.begin(incoming, play),
                    None if self.has_waited(play) => {
                        let reason =
                            format!("it did not open within {} seconds", PATIENCE.as_secs());
                        self.skip_incoming(&reason, now);
                    }
                    None if !self.is_over(play) || self.has_next() => return,
                    None => self.pass_on(play, now),
                }
            } else if let Some((place, reason)) = self.current_failure() {
                self.mark_broken(place, &reason, now);
                let step = self.advance();
                self.go(step, None, now);
            } else if self.is_over(play) {
                self.pass_on(play, now);
            } else {
                return;
            }
        }
    }

    /// Opens what comes next when it is time to.
    pub(super) fn look_ahead(&mut self, play: Duration) {
        if self.planned || self.mode != Mode::Playing || self.is_waiting() {
            return;
        }
        let (Some(scene), Some(show)) = (&mut self.current, &self.show) else { return };
        if play < look_ahead_at(scene) {
            return;
        }
        self.planned = true;
        let Step::To(place) = show.sequence.ahead() else {
            self.incoming = None;
            return;
        };
        let repeats = place.item == scene.item.id && scene.can_repeat();
        scene.set_encore(repeats);
        if repeats {
            self.incoming = None;
        } else {
            self.open(place, Duration::ZERO, Purpose::Ahead);
        }
    }

    /// Goes where a step leads.
    pub(super) fn go(&mut self, step: Step, due: Option<Duration>, now: Duration) {
        match step {
            Step::To(place) => self.await_item(place, Duration::ZERO, due),
            Step::End(end) => self.close(end, now),
        }
    }

    /// Goes where a step back leads.
    pub(super) fn go_back(&mut self, step: Step, now: Duration) {
        match step {
            Step::To(place) => {
                self.open(place, Duration::ZERO, Purpose::Next { due: None, back: true });
            }
            Step::End(_) => self.go(step, None, now),
        }
    }

    /// Has an item take over as soon as it can.
    pub(super) fn await_item(&mut self, place: Place, start: Duration, due: Option<Duration>) {
        self.open(place, start, Purpose::Next { due, back: false });
    }

    /// Goes dark because there is nothing to go on to: for good, or until what is broken is tried again.
    pub(super) fn close(&mut self, end: End, now: Duration) {
        self.go_black();
        if end == End::Broken {
            self.retry = Some(now + self.rest);
            self.rest = (self.rest * 2).min(LONGEST_REST);
        } else {
            self.set_mode(Mode::Stopped, now);
        }
        let Some(show) = &mut self.show else { return };
        let message = match end {
            End::Finished => {
                show.sequence.rewind();
                // To the item a new start begins with; there is one, as one has just been on.
                let _ = show.sequence.forward();
                None
            }
            End::Broken => {
                let reason = self.broken.values().next().map_or("unknown", |reason| reason);
                Some(format!("nothing in “{}” can be played: {reason}", show.name))
            }
            End::Empty => Some(format!("“{}” has no items", show.name)),
        };
        if let Some(message) = &message
            && self.stalled.as_deref() != Some(message)
        {
            tracing::warn!(reason = message, "the wall is dark");
        }
        self.stalled = message.map(Arc::from);
    }

    /// Tries once more what could not be played, when it is time to.
    pub(super) fn try_again(&mut self, now: Duration) {
        if self.mode == Mode::Playing && self.retry.take_if(|at| now >= *at).is_some() {
            if let Some(show) = &mut self.show {
                show.sequence.forget_broken();
            }
            self.take_up(Duration::ZERO, now);
        }
    }

    fn begin(&mut self, incoming: Incoming, play: Duration) {
        let Some(Ok(mut scene)) = incoming.opened else { return };
        let old = self.current.take();
        match incoming.purpose {
            Purpose::Anew => {
                scene.begin(incoming.start, play);
                if let Some(old) = old {
                    scene.take_over(&old, play);
                }
            }
            Purpose::Ahead | Purpose::Next { .. } => {
                let due = match incoming.purpose {
                    Purpose::Next { due, .. } => due,
                    _ => None,
                };
                let on_time = due.filter(|due| play.saturating_sub(*due) <= SLACK);
                let since = on_time.unwrap_or(play);
                scene.begin(incoming.start, since);
                let mut transition = scene.item.transition;
                transition.duration = transition.duration.min(scene.duration());
                let from = match (self.blend.take().filter(|blend| !blend.is_over(play)), old) {
                    (Some(_), _) => Some(From::Frozen(self.mixed.clone())),
                    (None, old) => old.map(|old| From::Scene(Box::new(old))),
                };
                let from = from.filter(|_| self.mode == Mode::Playing);
                self.blend = from.and_then(|from| Blend::new(from, transition, since));
                tracing::info!(item = %scene.item.id, "item on");
            }
        }
        if self.broken.contains_key(&scene.item.id) {
            Arc::make_mut(&mut self.broken).remove(&scene.item.id);
        }
        let leaving = self.blend.as_ref().and_then(Blend::size);
        let caption = self.caption.as_ref().and_then(Caption::size);
        let needed = [Some(scene.size()), leaving, caption].map(|s| s.unwrap_or(scene.size()));
        self.rig.prune(&needed);
        self.current = Some(scene);
        self.rest = REST;
        self.unstall();
        self.planned = false;
        self.dirty = true;
        self.news = true;
    }

    /// The item that is on is over.
    fn pass_on(&mut self, play: Duration, now: Duration) {
        let (Some(scene), Some(show)) = (&mut self.current, &mut self.show) else { return };
        let end = scene.end();
        let step = show.sequence.advance();
        match step {
            Step::To(place) if place.item == scene.item.id && scene.can_repeat() => {
                let late = play.saturating_sub(end) > SLACK;
                scene.repeat(place, if late { play } else { end });
                self.planned = false;
                self.news = true;
            }
            _ => self.go(step, Some(end), now),
        }
    }

    fn is_over(&self, play: Duration) -> bool {
        self.mode == Mode::Playing && self.current.as_ref().is_some_and(|s| play >= s.end())
    }

    fn current_failure(&self) -> Option<(Place, String)> {
        let scene = self.current.as_ref()?;
        Some((scene.place, scene.failure()?.reason.clone()))
    }

    fn advance(&mut self) -> Step {
        self.show.as_mut().map_or(Step::End(End::Empty), |show| show.sequence.advance())
    }

    fn skip_incoming(&mut self, reason: &str, now: Duration) {
        let Some(incoming) = self.incoming.take() else { return };
        self.mark_broken(incoming.place, reason, now);
        match incoming.purpose {
            Purpose::Ahead => {}
            Purpose::Next { back: true, .. } => {
                let step = self.show.as_mut().map(|show| show.sequence.back());
                self.go_back(step.unwrap_or(Step::End(End::Empty)), now);
            }
            Purpose::Next { due, .. } => {
                let step = self.advance();
                self.go(step, due, now);
            }
            Purpose::Anew => {
                let step = self.advance();
                self.go(step, None, now);
            }
        }
    }
}
