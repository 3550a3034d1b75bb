//! A transition under way.

use std::time::Duration;

use prismatron_core::frame::LedFrame;
use prismatron_core::transition::{Transition, TransitionKind};
use prismatron_core::unit::Size;

use crate::rig::Rig;
use crate::scene::Scene;

/// One picture giving way to another.
pub(crate) struct Blend {
    from: From,
    transition: Transition,
    /// Play time at which it began.
    since: Duration,
}

/// What is on the way out.
pub(crate) enum From {
    /// An item, which goes on playing.
    Scene(Box<Scene>),
    /// What was to be seen when a transition was overtaken by another.
    Frozen(LedFrame),
}

impl Blend {
    /// `None` for a transition that takes no time.
    pub(crate) fn new(from: From, transition: Transition, since: Duration) -> Option<Self> {
        let seen = transition.kind != TransitionKind::Cut && !transition.duration.is_zero();
        seen.then_some(Self { from, transition, since })
    }

    /// Size of the frames of what is on the way out.
    pub(crate) fn size(&self) -> Option<Size> {
        match &self.from {
            From::Scene(scene) => Some(scene.size()),
            From::Frozen(_) => None,
        }
    }

    pub(crate) fn is_over(&self, play: Duration) -> bool {
        play.saturating_sub(self.since) >= self.transition.duration
    }

    /// Writes what is to be seen at a play time on the way to `to`.
    pub(crate) fn render(
        &mut self,
        play: Duration,
        rig: &mut Rig,
        to: &LedFrame,
        out: &mut LedFrame,
    ) {
        let run = play.saturating_sub(self.since).as_secs_f32();
        let progress = self.transition.easing.at(run / self.transition.duration.as_secs_f32());
        let from = match &mut self.from {
            From::Scene(scene) => scene.render(play, rig).0,
            From::Frozen(leds) => leds,
        };
        rig.blender().blend(self.transition.kind, progress, from, to, out);
    }

    pub(crate) fn take_dropped(&mut self) -> u64 {
        match &mut self.from {
            From::Scene(scene) => scene.take_dropped(),
            From::Frozen(_) => 0,
        }
    }
}
