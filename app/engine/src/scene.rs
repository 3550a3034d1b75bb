//! An item that is open, on a clock of its own.

use std::time::Duration;

use prismatron_core::frame::LedFrame;
use prismatron_core::playlist::sequence::Place;
use prismatron_core::playlist::{Content, Item};
use prismatron_core::port::MediaError;
use prismatron_core::unit::Size;

use crate::rig::Rig;
use crate::source::{Live, Opened};

/// Shortest time an item is on, whatever it asks for: opening the next takes longer than this.
const SHORTEST: Duration = Duration::from_millis(100);

/// Something on the wall.
pub(crate) struct Scene {
    pub(crate) item: Item,
    pub(crate) place: Place,
    live: Live,
    size: Size,
    natural: Option<Duration>,
    /// Play time at which the item was `from` into its run.
    since: Duration,
    from: Duration,
    /// Source time at the start of the item: later than the source's own start once the item was repeated.
    shift: Duration,
    /// Whether the item follows itself.
    encore: bool,
    leds: LedFrame,
    /// Whether `leds` shows the picture that is on.
    mapped: bool,
}

impl Scene {
    /// Opened at the item's start. Its clock stands until [`Scene::begin`].
    pub(crate) fn new(item: Item, place: Place, opened: Opened, leds: usize) -> Self {
        let mut scene = Self {
            item,
            place,
            live: opened.live,
            size: opened.size,
            natural: opened.natural,
            since: Duration::ZERO,
            from: Duration::ZERO,
            shift: Duration::ZERO,
            encore: false,
            leds: vec![[0; 3]; leds],
            mapped: false,
        };
        scene.set_looping();
        scene
    }

    /// Lets the clock run: at a play time, the item is `from` into its run.
    pub(crate) fn begin(&mut self, from: Duration, play: Duration) {
        self.from = from;
        self.since = play;
    }

    /// Goes on where the same item stood before it was opened anew, unless it plays something else now.
    pub(crate) fn take_over(&mut self, old: &Self, play: Duration) {
        if !is_retouch(&old.item.content, &self.item.content) {
            return;
        }
        self.begin(old.elapsed(play), play);
        if let Live::Generated(_) = self.live {
            self.shift = old.shift;
        }
    }

    /// How far into the item it is at a play time.
    pub(crate) fn elapsed(&self, play: Duration) -> Duration {
        self.from.saturating_add(play.saturating_sub(self.since))
    }

    /// How long the item is on.
    pub(crate) fn duration(&self) -> Duration {
        let own = || {
            let end = self.live.end().map(|end| end.saturating_sub(self.shift));
            self.natural.or(end).unwrap_or(Item::DEFAULT_DURATION)
        };
        self.item.duration.unwrap_or_else(own).max(SHORTEST)
    }

    /// The play time at which it is over.
    pub(crate) fn end(&self) -> Duration {
        self.since.saturating_add(self.duration().saturating_sub(self.from))
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn is_ready(&mut self) -> bool {
        self.live.is_ready()
    }

    pub(crate) fn is_moving(&self) -> bool {
        self.live.is_moving()
    }

    pub(crate) fn failure(&self) -> Option<&MediaError> {
        self.live.failure()
    }

    /// Goes to another time of the item, at a play time.
    pub(crate) fn seek(&mut self, to: Duration, play: Duration) {
        self.since = play;
        self.from = to;
        self.shift = Duration::ZERO;
        self.live.seek(to);
    }

    /// Whether the item plays the same thing in the same way, so that it need not be opened again.
    pub(crate) fn shows(&self, item: &Item) -> bool {
        is_same_picture(&self.item, item)
    }

    /// Follows an edit of how long the item is on and how it comes in.
    pub(crate) fn follow(&mut self, item: Item) {
        self.item = item;
        self.set_looping();
    }

    /// Whether the item can follow itself without a seam: not a stream that is cut off somewhere.
    pub(crate) fn can_repeat(&self) -> bool {
        match self.live {
            Live::Still(_) | Live::Generated(_) => true,
            Live::Stream(_) => {
                self.natural.is_some_and(|natural| natural >= SHORTEST)
                    && self.item.duration.is_none()
            }
        }
    }

    /// Says whether the item will follow itself.
    pub(crate) fn set_encore(&mut self, encore: bool) {
        self.encore = encore;
        self.set_looping();
    }

    /// Begins the item again, at a play time, while its source goes on.
    pub(crate) fn repeat(&mut self, place: Place, play: Duration) {
        self.place = place;
        self.shift += self.elapsed(play);
        self.begin(Duration::ZERO, play);
        self.set_encore(true);
    }

    /// The LEDs for a play time, and whether they are other ones than last time.
    pub(crate) fn render(&mut self, play: Duration, rig: &mut Rig) -> (&LedFrame, bool) {
        let at = self.shift.saturating_add(self.elapsed(play));
        let changed = self.live.advance(at) || !self.mapped;
        if changed && let Some(picture) = self.live.picture() {
            rig.map(picture, &mut self.leds);
        }
        self.mapped = true;
        (&self.leds, changed)
    }

    /// Takes on another wall.
    pub(crate) fn refit(&mut self, leds: usize) {
        self.leds.clear();
        self.leds.resize(leds, [0; 3]);
        self.mapped = false;
    }

    pub(crate) fn take_dropped(&mut self) -> u64 {
        self.live.take_dropped()
    }

    fn set_looping(&mut self) {
        let outlasts = |wanted| self.natural.is_none_or(|natural| wanted > natural);
        let looping = self.item.duration.map_or(self.encore, outlasts);
        self.live.set_looping(looping);
    }
}

/// Whether two items open the same source.
pub(crate) fn is_same_picture(one: &Item, other: &Item) -> bool {
    one.content == other.content && one.fit == other.fit
}

/// Whether one content gives way to the other without beginning anew: text or an effect that is being
/// tuned while it is on, or the same file fitted otherwise.
pub(crate) fn is_retouch(one: &Content, other: &Content) -> bool {
    match (one, other) {
        (Content::Media(one), Content::Media(other)) => one == other,
        (Content::Text(_), Content::Text(_)) => true,
        (Content::Effect(one), Content::Effect(other)) => one.name == other.name,
        _ => false,
    }
}
