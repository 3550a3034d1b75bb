//! A stage for tests: sources, sinks and a workshop that do as they are told, on a clock that is told.
//!
//! What an item plays is the name of its effect, or what its text says: `still 40`, `ramp` (its value is tenths of a second),
//! `video 8 100` (eight pictures of 100 ms, valued 1 to 8), `breaks 3 100` (a video that fails after three),
//! `endless 100` (a video that is as long as it is watched), `broken`, `panics`. A value is one grey for the
//! whole picture, and what the sinks get for every LED.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prismatron_core::colour::ColourSettings;
use prismatron_core::effect::Effect;
use prismatron_core::frame::{Frame, LedFrame, Rgb8};
use prismatron_core::id::{ItemId, PlaylistId};
use prismatron_core::layout::{Layout, Piece, Points};
use prismatron_core::mapper::Mapper;
use prismatron_core::media::Fit;
use prismatron_core::output::{OutputSpec, Probe, Protocol};
use prismatron_core::playlist::sequence::Round;
use prismatron_core::playlist::{Content, Item, Order, Playlist, Repeat};
use prismatron_core::port::{
    Clock, Decoder, Generator, MediaError, MediaFault, OpenRequest, Opener, Sink, SinkError,
    SinkFactory, Source,
};
use prismatron_core::text::Text;
use prismatron_core::transition::{Easing, Transition, TransitionKind};
use prismatron_core::unit::{Fps, LedRange, Size};

use crate::command::Command;
use crate::engine::EngineSetup;
use crate::error::EngineError;
use crate::player::Player;
use crate::rig::MakeMapper;
use crate::state::{Mode, PlayerState, Position};
use crate::stream::{Feed, Flow};
use crate::wake::Waker;
use crate::workshop::{Done, Job, Workshop};

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// An item with a cut and a duration, 0 for its own.
pub(crate) fn item(id: u64, plays: &str, millis: u64) -> Item {
    Item {
        id: ItemId(id),
        content: Content::Effect(Effect { name: plays.into(), params: Default::default() }),
        duration: (millis > 0).then(|| ms(millis)),
        fit: Fit::default(),
        transition: Transition::CUT,
    }
}

/// The item with an even crossfade.
pub(crate) fn fading(mut item: Item, millis: u64) -> Item {
    item.transition = Transition {
        kind: TransitionKind::Crossfade,
        duration: ms(millis),
        easing: Easing::Linear,
    };
    item
}

pub(crate) fn playlist(items: Vec<Item>) -> Playlist {
    let (order, repeat) = (Order::Listed, Repeat::All);
    Playlist { id: PlaylistId(1), name: "test".into(), items, order, repeat }
}

/// A text that plays this.
pub(crate) fn text(plays: &str) -> Text {
    Text {
        text: plays.into(),
        font: None,
        size: Text::default_size(),
        colour: Text::default_colour(),
        background: [0; 3],
        align: Default::default(),
        motion: Default::default(),
    }
}

pub(crate) fn layout(leds: u16) -> Layout {
    let at = (0..leds).map(|x| (f32::from(x) + 0.5, 0.5)).collect();
    Layout { canvas: Size::CANVAS, pieces: vec![Piece::Points(Points { at, footprint: 8.0 })] }
}

pub(crate) fn output(name: &str, leds: Option<LedRange>) -> OutputSpec {
    OutputSpec {
        name: name.into(),
        enabled: true,
        protocol: Protocol::default(),
        hosts: vec!["wall".into()],
        leds,
        colour_order: Default::default(),
        max_fps: None,
        pace_ms: 0,
        power: None,
        probe: Probe::None,
    }
}

pub(crate) struct Fake;

impl Opener for Fake {
    fn open(&self, request: OpenRequest<'_>) -> Result<Source, MediaError> {
        let plays = match request.content {
            Content::Effect(effect) => &effect.name,
            Content::Text(text) => &text.text,
            Content::Media(_) => panic!("no files are staged"),
        };
        let mut words = plays.split(' ');
        let kind = words.next().unwrap();
        let numbers: Vec<u64> = words.map(|word| word.parse().unwrap()).collect();
        let size = Size::new(2, 2).unwrap();
        let video = |pictures: u64, millis: u64, fails| {
            let period = ms(millis);
            Box::new(Video { pictures, period, next: 0, fails }) as Box<dyn Decoder>
        };
        Ok(match kind {
            "still" => {
                let mut frame = Frame::new(size);
                frame.fill([numbers[0] as u8; 3]);
                Source::Still(frame)
            }
            "ramp" => Source::Generated { generator: Box::new(Ramp), size },
            "panics" => Source::Generated { generator: Box::new(Panics), size },
            "video" => Source::Stream {
                decoder: video(numbers[0], numbers[1], false),
                size,
                duration: Some(ms(numbers[0] * numbers[1])),
            },
            "breaks" => Source::Stream {
                decoder: video(numbers[0], numbers[1], true),
                size,
                duration: Some(ms(60_000)),
            },
            "unknown" => Source::Stream {
                decoder: video(numbers[0], numbers[1], false),
                size,
                duration: None,
            },
            "endless" => {
                Source::Stream { decoder: video(u64::MAX, numbers[0], false), size, duration: None }
            }
            _ => return Err(MediaError::new(MediaFault::Broken, "it is broken")),
        })
    }
}

struct Ramp;

impl Generator for Ramp {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.fill([(at.as_millis() / 100).min(255) as u8; 3]);
    }
}

struct Panics;

impl Generator for Panics {
    fn render(&mut self, at: Duration, _: &mut Frame) {
        assert!(at < ms(500), "as it should");
    }
}

struct Video {
    pictures: u64,
    period: Duration,
    next: u64,
    fails: bool,
}

impl Decoder for Video {
    fn next(&mut self, frame: &mut Frame) -> Result<Option<Duration>, MediaError> {
        if self.next >= self.pictures {
            let broken = || MediaError::new(MediaFault::Broken, "it breaks off");
            return if self.fails { Err(broken()) } else { Ok(None) };
        }
        let pts = self.period * u32::try_from(self.next).unwrap();
        self.next += 1;
        frame.fill([(self.next % 256) as u8; 3]);
        Ok(Some(pts))
    }

    fn seek(&mut self, at: Duration) -> Result<(), MediaError> {
        self.next = (at.as_nanos() / self.period.as_nanos()) as u64;
        Ok(())
    }
}

struct First;

impl Mapper for First {
    fn map(&mut self, frame: &Frame, leds: &mut LedFrame) {
        let value = u16::from(frame.pixels()[0]) * 257;
        leds.fill([value; 3]);
    }
}

pub(crate) fn first_pixel() -> MakeMapper {
    Arc::new(|_, _| Box::new(First))
}

/// What a sink was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) output: String,
    pub(crate) value: u8,
}

/// Sinks that keep what they get. An output called `impossible` cannot be made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sinks(pub(crate) Arc<Mutex<Vec<Sent>>>);

struct Keeping {
    output: String,
    leds: usize,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl SinkFactory for Sinks {
    fn make(&self, spec: &OutputSpec, leds: usize) -> Result<Box<dyn Sink>, SinkError> {
        if spec.name == "impossible" {
            return Err(SinkError { output: spec.name.clone(), reason: "no such wire".into() });
        }
        let (output, sent) = (spec.name.clone(), Arc::clone(&self.0));
        Ok(Box::new(Keeping { output, leds, sent }))
    }
}

impl Sink for Keeping {
    fn submit(&mut self, leds: &[Rgb8]) {
        assert_eq!(leds.len(), self.leds, "as many LEDs as the sink was made for");
        let value = leds.first().map_or(0, |led| led[0]);
        self.sent.lock().unwrap().push(Sent { output: self.output.clone(), value });
    }
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// Jobs wait until they are told to be done.
#[derive(Clone, Default)]
struct Bench(Arc<Mutex<Work>>);

#[derive(Default)]
struct Work {
    jobs: VecDeque<Job>,
    done: VecDeque<Done>,
    feeds: Vec<Feed>,
    opened: usize,
}

impl Workshop for Bench {
    fn open(&mut self, job: Job) {
        self.0.lock().unwrap().jobs.push_back(job);
    }

    fn done(&mut self) -> Option<Done> {
        self.0.lock().unwrap().done.pop_front()
    }

    fn discard(&mut self, thing: Box<dyn Send>) {
        drop(thing);
    }
}

/// A player and everything around it.
pub(crate) struct Stage {
    pub(crate) player: Player,
    pub(crate) sent: Sinks,
    pub(crate) now: Duration,
    bench: Bench,
    /// Whether jobs are done before each tick.
    pub(crate) diligent: bool,
    /// Whether streams are decoded before each tick.
    pub(crate) decoding: bool,
}

/// What the player of a stage starts with: eight LEDs on one output.
pub(crate) fn setup(playlist: Option<Playlist>, sinks: &Sinks) -> EngineSetup {
    EngineSetup {
        opener: Arc::new(Fake),
        sinks: Box::new(sinks.clone()),
        clock: Arc::new(Still),
        layout: layout(8),
        outputs: vec![output("all", None)],
        colour: ColourSettings::default(),
        dims: BTreeMap::new(),
        fps: Fps::SIXTY,
        playlist,
        resume: None,
        autoplay: true,
    }
}

impl Stage {
    pub(crate) fn new(playlist: Playlist) -> Self {
        Self::of(|sinks| setup(Some(playlist), sinks))
    }

    /// Goes on in shuffled order from a seed.
    pub(crate) fn resumed(playlist: Playlist, position: Position) -> Self {
        Self::of(|sinks| EngineSetup { resume: Some(position), ..setup(Some(playlist), sinks) })
    }

    /// Whose splash has been seen.
    pub(crate) fn of(setup: impl FnOnce(&Sinks) -> EngineSetup) -> Self {
        let mut stage = Self::just_started(setup);
        stage.player.skip_splash();
        stage
    }

    pub(crate) fn just_started(setup: impl FnOnce(&Sinks) -> EngineSetup) -> Self {
        let sent = Sinks::default();
        let bench = Bench::default();
        let shop = Box::new(bench.clone());
        let player = Player::in_shop(setup(&sent), shop, Waker::new(|| {}), first_pixel()).unwrap();
        Self { player, sent, now: Duration::ZERO, bench, diligent: true, decoding: true }
    }

    /// Does every job there is and decodes as far as buffers reach.
    pub(crate) fn work(&self) {
        let mut work = self.bench.0.lock().unwrap();
        while let Some(job) = work.jobs.pop_front() {
            if self.diligent {
                let (done, feed) = job.run();
                work.opened += 1;
                work.done.push_back(done);
                work.feeds.extend(feed);
            } else {
                work.jobs.push_front(job);
                break;
            }
        }
        if self.decoding {
            work.feeds.retain_mut(|feed| {
                loop {
                    match feed.step(false) {
                        Flow::Onward => {}
                        Flow::Blocked => return true,
                        Flow::Over => return false,
                    }
                }
            });
        }
    }

    /// Calls the player as its thread would: at a time, after what is to be done for it has been.
    pub(crate) fn at(&mut self, millis: u64) -> &mut Self {
        assert!(ms(millis) >= self.now, "time runs forward");
        self.now = ms(millis);
        // What a tick asks for is there for a second one at the same time.
        for _ in 0..2 {
            self.work();
            self.player.tick(self.now);
        }
        self
    }

    /// Calls the player every `step` until a time.
    pub(crate) fn until(&mut self, millis: u64, step: u64) -> &mut Self {
        while self.now + ms(step) < ms(millis) {
            self.at(self.now.as_millis() as u64 + step);
        }
        self.at(millis)
    }

    pub(crate) fn tell(&mut self, command: Command) -> PlayerState {
        self.try_tell(command).unwrap()
    }

    pub(crate) fn try_tell(&mut self, command: Command) -> Result<PlayerState, EngineError> {
        self.player.apply(command, self.now)
    }

    /// The value sent last.
    pub(crate) fn light(&self) -> Option<u8> {
        self.sent.0.lock().unwrap().last().map(|sent| sent.value)
    }

    /// How many frames were sent.
    pub(crate) fn frames(&self) -> usize {
        self.sent.0.lock().unwrap().len()
    }

    /// Sources opened so far.
    pub(crate) fn opened(&self) -> usize {
        self.bench.0.lock().unwrap().opened
    }

    /// Decoders about.
    pub(crate) fn feeds(&self) -> usize {
        self.work();
        self.bench.0.lock().unwrap().feeds.len()
    }

    /// The item that is on, and how far into it.
    pub(crate) fn on(&self) -> (Option<u64>, Duration) {
        let state = self.player.state();
        let position = state.position(self.now);
        (state.item.map(|item| item.id.0), position)
    }
}

pub(crate) fn position(item: u64, elapsed: Duration, mode: Mode) -> Position {
    let round = Round::first(7);
    Position { playlist: PlaylistId(1), item: ItemId(item), elapsed, mode, round }
}
