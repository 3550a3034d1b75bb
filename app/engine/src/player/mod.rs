//! The player: everything the engine knows, moved on by calls with the time in them.
//!
//! Invariants: the item that is on, if there is one, is in the active playlist; a sink gets exactly as many
//! LEDs as it was made for; while an item is being opened the one before it stays on; a stopped player is
//! black.

mod blend;
mod caption;
mod clock;
mod course;
mod incoming;
mod orders;
mod picture;
mod sign;
mod splash;

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use prismatron_core::colour::{ColourSettings, ColourTables};
use prismatron_core::frame::LedFrame;
use prismatron_core::id::ItemId;
use prismatron_core::layout::Wall;
use prismatron_core::mapper::AreaMapper;
use prismatron_core::playlist::sequence::{Place, Sequence, Step};
use prismatron_core::playlist::{Item, Playlist};
use prismatron_core::port::{Opener, Sink, SinkFactory};
use prismatron_core::unit::Brightness;
use tokio::sync::watch;

use crate::census::Census;
use crate::command::{Command, Dimmer};
use crate::engine::{Ending, EngineSetup};
use crate::error::EngineError;
use crate::meters::{EngineCounters, Failure, Meters};
use crate::preview::{Preview, Screen};
use crate::rig::{MakeMapper, Plan, Rig};
use crate::scene::Scene;
use crate::state::{CurrentItem, Mode, PlayerState};
use crate::wake::Waker;
use crate::workshop::{Threads, Workshop};

use blend::Blend;
use caption::Caption;
use clock::PlayClock;
use incoming::Incoming;
use sign::Shown;
pub use sign::Sign;
use splash::Splash;

/// When the player wants to be called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// At the frame rate: something moves.
    Frames,
    /// At this time of the engine's clock, or when something happens.
    At(Duration),
    /// When something happens: a command, a source that has opened, a decoder that has something to say.
    Idle,
}

/// A playlist and where in it playback is.
struct Show {
    playlist: Playlist,
    name: Arc<str>,
    sequence: Sequence,
}

impl Show {
    fn new(playlist: Playlist, sequence: Sequence) -> Self {
        Self { name: Arc::from(playlist.name.as_str()), playlist, sequence }
    }

    fn item(&self, id: ItemId) -> Option<(usize, &Item)> {
        self.playlist.items.iter().enumerate().find(|(_, item)| item.id == id)
    }
}

/// What others look at.
#[derive(Clone)]
pub(crate) struct Outlook {
    pub(crate) state: watch::Receiver<PlayerState>,
    pub(crate) wall: watch::Receiver<Arc<Wall>>,
    pub(crate) meters: Arc<Meters>,
    pub(crate) screen: Arc<Screen>,
}

/// Plays. Synchronous, on a clock that is told to it; for the thread of an [`Engine`](crate::Engine), or for
/// whoever has a thread of their own.
pub struct Player {
    shop: Box<dyn Workshop>,
    opener: Arc<dyn Opener>,
    factory: Box<dyn SinkFactory>,
    make: MakeMapper,
    waker: Waker,
    meters: Arc<Meters>,
    screen: Arc<Screen>,
    state: watch::Sender<PlayerState>,
    walls: watch::Sender<Arc<Wall>>,
    show: Option<Show>,
    mode: Mode,
    /// Why nothing plays although it should.
    stalled: Option<Arc<str>>,
    /// When it is tried again, where all of it is broken.
    retry: Option<Duration>,
    /// How long the next time is until then.
    rest: Duration,
    clock: PlayClock,
    current: Option<Scene>,
    blend: Option<Blend>,
    incoming: Option<Incoming>,
    caption: Option<Caption>,
    sign: Option<Shown>,
    splash: Option<Splash>,
    /// Whether what follows has been seen to.
    planned: bool,
    broken: Arc<BTreeMap<ItemId, Arc<str>>>,
    tickets: u64,
    rig: Rig,
    colour: ColourSettings,
    /// So much of its light each of them lets be shown.
    dims: BTreeMap<Dimmer, Brightness>,
    tables: ColourTables,
    mixed: LedFrame,
    /// Whether something else should be seen than was sent last.
    dirty: bool,
    /// Whether the state is another than was published.
    news: bool,
}

impl Player {
    /// Ready to play, or to be told to. Nothing is sent before the first [`Player::tick`].
    ///
    /// # Errors
    /// A layout or colours that cannot be.
    pub fn new(setup: EngineSetup) -> Result<Self, EngineError> {
        let threads = Box::new(Threads::new(Census::default()));
        Self::in_shop(setup, threads, Waker::new(|| {}), area_mapper())
    }

    pub(crate) fn in_shop(
        setup: EngineSetup,
        shop: Box<dyn Workshop>,
        waker: Waker,
        make: MakeMapper,
    ) -> Result<Self, EngineError> {
        let now = setup.clock.now();
        let colour = setup.colour;
        let tables = tables(&colour, dim(&setup.dims))?;
        let plan = Plan::new(&setup.layout, &make, &[]).map_err(EngineError::Layout)?;
        let meters = Arc::new(Meters::default());
        let rig = Rig::new(plan, Arc::clone(&make), &setup.outputs, &*setup.sinks, &meters);
        let leds = rig.leds();
        let mut player = Self {
            shop,
            opener: setup.opener,
            factory: setup.sinks,
            make,
            waker,
            meters,
            screen: Arc::default(),
            state: watch::Sender::new(PlayerState::empty(colour, now)),
            walls: watch::Sender::new(Arc::clone(rig.wall())),
            show: None,
            mode: Mode::Stopped,
            stalled: None,
            retry: None,
            rest: course::REST,
            clock: PlayClock::default(),
            current: None,
            blend: None,
            incoming: None,
            caption: None,
            sign: None,
            splash: Some(Splash::new(now)),
            planned: false,
            broken: Arc::default(),
            tickets: 0,
            rig,
            colour,
            dims: setup.dims,
            tables,
            mixed: vec![[0; 3]; leds],
            dirty: true,
            news: true,
        };
        if let Some(playlist) = setup.playlist {
            let resume = setup.resume.filter(|position| position.playlist == playlist.id);
            let sequence = match &resume {
                Some(position) => Sequence::resume(&playlist, position.round, position.item),
                None => Sequence::new(&playlist, chance()),
            };
            let resumed = resume.filter(|_| sequence.place().is_some());
            let (mode, elapsed) =
                resumed.map_or((Mode::Playing, Duration::ZERO), |at| (at.mode, at.elapsed));
            player.show = Some(Show::new(playlist, sequence));
            player.set_mode(if setup.autoplay { mode } else { Mode::Stopped }, now);
            player.take_up(elapsed, now);
        }
        player.publish(now);
        Ok(player)
    }

    /// Does what is due by now and sends what is to be seen.
    pub fn tick(&mut self, now: Duration) {
        let play = self.clock.at(now);
        self.end_sign(now);
        self.collect(now);
        self.try_again(now);
        self.progress(now);
        self.look_ahead(play);
        self.end_splash();
        self.draw(play, now);
        self.publish(now);
    }

    /// Carries out a command and returns the state that follows from it.
    ///
    /// # Errors
    /// The command is refused, and nothing has changed.
    pub fn apply(&mut self, command: Command, now: Duration) -> Result<PlayerState, EngineError> {
        self.carry_out(command, now)?;
        self.news = true;
        self.publish(now);
        Ok(self.state())
    }

    /// When to be called again if nothing happens.
    pub fn pace(&self) -> Pace {
        let is_captioned = self.caption.as_ref().is_some_and(Caption::is_on);
        if self.sign.is_some() || self.splash.is_some() || is_captioned {
            return Pace::Frames;
        }
        if self.mode != Mode::Playing {
            return Pace::Idle;
        }
        if let Some(at) = self.retry {
            return Pace::At(at);
        }
        let moves = self.current.as_ref().is_some_and(Scene::is_moving);
        if moves || self.blend.is_some() {
            return Pace::Frames;
        }
        let waiting = self.incoming.as_ref().filter(|incoming| incoming.is_awaited());
        let given_up = waiting.and_then(Incoming::given_up);
        let turn = self.current.as_ref().filter(|_| !self.has_next()).map(|scene| {
            let settled = self.planned || waiting.is_some();
            if settled { scene.end() } else { course::look_ahead_at(scene) }
        });
        let next = given_up.into_iter().chain(turn).min();
        next.and_then(|next| self.clock.reaches(next)).map_or(Pace::Idle, Pace::At)
    }

    /// The state as it was published last.
    pub fn state(&self) -> PlayerState {
        self.state.borrow().clone()
    }

    /// Frames made and missed.
    pub fn counters(&self) -> EngineCounters {
        self.meters.counters()
    }

    /// Counts frames that were due but left out.
    pub(crate) fn late(&self, frames: u64) {
        if frames > 0 {
            self.meters.late(frames);
        }
    }

    /// Counts a round of whoever calls [`Player::tick`].
    pub(crate) fn round(&self) {
        self.meters.round();
    }

    /// LED values as they are sent, for as long as the preview is kept.
    pub fn preview(&self) -> Preview {
        Preview::new(Arc::clone(&self.screen))
    }

    pub(crate) fn outlook(&self) -> Outlook {
        Outlook {
            state: self.state.subscribe(),
            wall: self.walls.subscribe(),
            meters: Arc::clone(&self.meters),
            screen: Arc::clone(&self.screen),
        }
    }

    /// Leaves the LEDs as `ending` says and hands out the sinks to be dropped.
    pub(crate) fn end(mut self, ending: Ending) -> Vec<Box<dyn Sink>> {
        if ending == Ending::Black {
            self.rig.send(None, &self.meters);
        }
        self.rig.release()
    }

    /// So much light is shown of what the colours give.
    fn dim(&self) -> Brightness {
        dim(&self.dims)
    }

    fn set_mode(&mut self, mode: Mode, now: Duration) {
        self.mode = mode;
        match mode {
            Mode::Playing => self.clock.run(now),
            Mode::Paused | Mode::Stopped => self.clock.hold(now),
        }
    }

    fn publish(&mut self, now: Duration) {
        let play = self.clock.at(now);
        let sent = self.rig.has_sent();
        {
            let published = self.state.borrow();
            let duration =
                self.current.as_ref().filter(|_| !self.is_waiting()).map(Scene::duration);
            self.news |= published.first_frame_sent != sent
                || (duration.is_some() && published.duration != duration);
        }
        if !std::mem::take(&mut self.news) {
            return;
        }
        let place = self.show.as_ref().and_then(|show| show.sequence.place());
        let item = self.show.as_ref().zip(place).and_then(|(show, place)| show.item(place.item));
        let (duration, elapsed, running) = self.timing(item.map(|(_, item)| item), play);
        let state = PlayerState {
            mode: self.mode,
            playlist: self.show.as_ref().map(|show| (show.playlist.id, Arc::clone(&show.name))),
            item: item.map(|(index, item)| CurrentItem::new(item, index)),
            duration,
            elapsed,
            taken: now,
            running,
            round: self.show.as_ref().map(|show| show.sequence.round()),
            colour: self.colour,
            blackout: self.dims.get(&Dimmer::Operator) == Some(&Brightness::BLACK),
            first_frame_sent: sent,
            broken: Arc::clone(&self.broken),
            failed_outputs: Arc::clone(self.rig.failed()),
            message: self.stalled.clone(),
            sign: self.sign.as_ref().map(|sign| sign.until),
        };
        self.state.send_replace(state);
    }

    /// Duration of the item that is on or awaited, how far into it playback is, and whether that grows.
    fn timing(&self, item: Option<&Item>, play: Duration) -> (Option<Duration>, Duration, bool) {
        match (&self.incoming, &self.current) {
            (Some(incoming), _) if incoming.is_next() => {
                (item.and_then(|item| item.duration), incoming.start, false)
            }
            (_, Some(scene)) => {
                let duration = scene.duration();
                (Some(duration), scene.elapsed(play).min(duration), self.mode == Mode::Playing)
            }
            _ => (item.and_then(|item| item.duration), Duration::ZERO, false),
        }
    }

    /// Opens the item stood on, or the first there is; only stands on it if stopped.
    fn take_up(&mut self, start: Duration, now: Duration) {
        let Some(show) = &mut self.show else { return };
        let step = match show.sequence.place() {
            Some(place) => Step::To(place),
            None => show.sequence.forward(),
        };
        match step {
            _ if self.mode == Mode::Stopped => {}
            Step::To(place) => self.await_item(place, start, None),
            Step::End(end) => self.close(end, now),
        }
    }

    fn mark_broken(&mut self, place: Place, reason: &str, now: Duration) {
        let reason: Arc<str> = Arc::from(reason);
        if let Some(show) = &mut self.show {
            show.sequence.mark_broken(place);
            if let Some((index, item)) = show.item(place.item) {
                let CurrentItem { id, media, title, .. } = CurrentItem::new(item, index);
                let reason = Arc::clone(&reason);
                self.meters.failed(Failure { at: now, item: id, media, title, reason });
            }
        }
        if self.broken.get(&place.item) != Some(&reason) {
            tracing::warn!(item = %place.item, %reason, "item cannot be played");
            Arc::make_mut(&mut self.broken).insert(place.item, reason);
        }
        self.planned = false;
        self.news = true;
    }
}

/// The mapper the engine uses.
pub(crate) fn area_mapper() -> MakeMapper {
    Arc::new(|wall, size| Box::new(AreaMapper::new(wall, size)))
}

/// What of the light all of them let be shown.
fn dim(dims: &BTreeMap<Dimmer, Brightness>) -> Brightness {
    dims.values().fold(Brightness::FULL, |all, one| all * *one)
}

fn tables(settings: &ColourSettings, dim: Brightness) -> Result<ColourTables, EngineError> {
    let brightness = settings.brightness * dim;
    ColourTables::new(&ColourSettings { brightness, ..*settings })
        .map_err(|source| EngineError::Colour { settings: *settings, source })
}

/// A seed nobody has chosen.
fn chance() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests;
