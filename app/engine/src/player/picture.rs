//! What is to be seen, drawn and sent.

use std::time::Duration;

use super::Player;
use crate::state::Mode;

impl Player {
    /// Draws what is on and sends it, if it differs from what was sent last.
    pub(super) fn draw(&mut self, play: Duration, now: Duration) {
        let Self { current, blend, caption, sign, splash, rig, mixed, meters, .. } = self;
        if blend.as_ref().is_some_and(|blend| blend.is_over(play)) {
            *blend = None;
            self.dirty = true;
        }
        let mut seen = None;
        let mut changed = self.dirty;
        // Before the first item is open there is nothing to say, unless nothing is to be played, or can be.
        let mut is_worth_sending =
            self.mode == Mode::Stopped || self.stalled.is_some() || rig.has_sent();
        if let Some(scene) = current {
            let (leds, is_another) = scene.render(play, rig);
            changed |= is_another || blend.is_some();
            is_worth_sending = true;
            seen = Some(match blend {
                Some(blend) => {
                    blend.render(play, rig, leds, mixed);
                    &*mixed
                }
                None => leds,
            });
        }
        if let Some(glow) = splash.as_mut().and_then(|splash| splash.draw(now, rig.leds())) {
            (seen, changed, is_worth_sending) = (Some(glow), true, true);
        }
        if let Some(words) = caption.as_mut().and_then(|caption| caption.over(seen, now, rig)) {
            (seen, changed, is_worth_sending) = (Some(words), true, true);
        }
        if let Some(sign) = sign {
            let light = sign.draw(now, rig);
            rig.send(Some(light), meters);
        } else if changed && is_worth_sending {
            rig.send(seen.map(|seen| (seen, &self.tables)), meters);
            self.dirty = false;
        }
        let dropped = current.as_mut().map_or(0, |scene| scene.take_dropped())
            + blend.as_mut().map_or(0, |blend| blend.take_dropped());
        if dropped > 0 {
            meters.dropped(dropped);
        }
        rig.show(&self.screen);
    }

    /// Whatever kept it from playing does not any more.
    pub(super) fn unstall(&mut self) {
        (self.stalled, self.retry) = (None, None);
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
