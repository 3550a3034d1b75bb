//! What is to be seen, drawn and sent.

use std::time::Duration;

use super::Player;
use crate::state::Mode;

impl Player {
    /// Draws what is on and sends it, if it differs from what was sent last.
    pub(super) fn draw(&mut self, play: Duration) {
        let Self { current, blend, rig, mixed, meters, .. } = self;
        let Some(scene) = current else {
            // Before the first item is open there is nothing to say, unless nothing is to be played.
            if self.dirty && (self.mode == Mode::Stopped || rig.has_sent()) {
                rig.send(None, meters);
                self.dirty = false;
            }
            rig.show(&self.screen);
            return;
        };
        if blend.as_ref().is_some_and(|blend| blend.is_over(play)) {
            *blend = None;
            self.dirty = true;
        }
        let (leds, changed) = scene.render(play, rig);
        let seen = match blend {
            Some(blend) => {
                blend.render(play, rig, leds, mixed);
                &*mixed
            }
            None => leds,
        };
        if changed || blend.is_some() || self.dirty {
            rig.send(Some((seen, &self.tables)), meters);
            self.dirty = false;
        }
        let dropped = scene.take_dropped() + blend.as_mut().map_or(0, |blend| blend.take_dropped());
        if dropped > 0 {
            meters.dropped(dropped);
        }
        rig.show(&self.screen);
    }

    /// Nothing on the wall.
    pub(super) fn go_black(&mut self) {
        self.current = None;
        self.blend = None;
        self.incoming = None;
        self.planned = false;
        self.dirty = true;
        self.news = true;
    }
}
