//! Once an item plays, no frame of it costs an allocation. In a program of its own, as everything that
//! allocates is counted.

use std::alloc::{GlobalAlloc, Layout as Block, System};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use prismatron_core::colour::ColourSettings;
use prismatron_core::effect::Effect;
use prismatron_core::frame::{Frame, Rgb8};
use prismatron_core::id::{ItemId, PlaylistId};
use prismatron_core::layout::{Layout, Piece};
use prismatron_core::media::Fit;
use prismatron_core::output::{OutputSpec, Probe, Protocol};
use prismatron_core::playlist::{Content, Item, Playlist, Repeat};
use prismatron_core::port::{
    Clock, Decoder, Generator, MediaError, OpenRequest, Opener, Sink, SinkError, SinkFactory,
    Source,
};
use prismatron_core::power::PowerLimit;
use prismatron_core::transition::{Transition, TransitionKind, WipeDirection};
use prismatron_core::unit::{Fps, Milliamps};
use prismatron_engine::{Command, EngineError, EngineSetup, Player};

const SECOND: Duration = Duration::from_secs(1);

struct Counting;

static COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// The one place an allocator can be looked over the shoulder: every call goes to the system's as it came.
#[allow(unsafe_code, reason = "implementing GlobalAlloc is unsafe by definition")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, block: Block) -> *mut u8 {
        count();
        unsafe { System.alloc(block) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, block: Block) {
        unsafe { System.dealloc(memory, block) }
    }

    unsafe fn realloc(&self, memory: *mut u8, block: Block, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(memory, block, size) }
    }
}

fn count() {
    if COUNTING.load(Ordering::Relaxed) {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

struct Moving;

impl Generator for Moving {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        let time = at.as_millis() as u8;
        for (index, byte) in frame.pixels_mut().iter_mut().enumerate() {
            *byte = time.wrapping_add(index as u8);
        }
    }
}

/// Forty milliseconds a picture, for ever.
struct Film(u32);

impl Decoder for Film {
    fn next(&mut self, frame: &mut Frame) -> Result<Option<Duration>, MediaError> {
        self.0 += 1;
        frame.pixels_mut().fill(self.0 as u8);
        Ok(Some(Duration::from_millis(40) * (self.0 - 1)))
    }

    fn seek(&mut self, _: Duration) -> Result<(), MediaError> {
        self.0 = 0;
        Ok(())
    }
}

struct Staged;

impl Opener for Staged {
    fn open(&self, request: OpenRequest<'_>) -> Result<Source, MediaError> {
        let Content::Effect(effect) = request.content else { unreachable!("only effects") };
        Ok(match effect.name.as_str() {
            "film" => {
                Source::Stream { decoder: Box::new(Film(0)), size: request.detail, duration: None }
            }
            _ => Source::Generated { generator: Box::new(Moving), size: request.detail },
        })
    }
}

struct Nowhere;

impl SinkFactory for Nowhere {
    fn make(&self, _: &OutputSpec, _: usize) -> Result<Box<dyn Sink>, SinkError> {
        Ok(Box::new(Nowhere))
    }
}

impl Sink for Nowhere {
    fn submit(&mut self, leds: &[Rgb8]) {
        std::hint::black_box(leds);
    }
}

impl Clock for Nowhere {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

fn item(id: u64, effect: &str, transition: Transition) -> Item {
    Item {
        id: ItemId(id),
        content: Content::Effect(Effect { name: effect.into(), params: Default::default() }),
        duration: Some(Duration::from_secs(3600)),
        fit: Fit::Cover,
        transition,
    }
}

/// What is allocated does not depend on how many LEDs there are; how long a test takes does.
fn small() -> Layout {
    let mut layout = Layout::default();
    if let [Piece::Matrix(matrix)] = layout.pieces.as_mut_slice() {
        (matrix.columns, matrix.rows) = (20, 10);
    }
    layout
}

fn player(items: Vec<Item>) -> Result<Player, EngineError> {
    let output = OutputSpec {
        name: "all".into(),
        enabled: true,
        protocol: Protocol::default(),
        hosts: vec![],
        leds: None,
        colour_order: Default::default(),
        max_fps: None,
        pace_ms: 0,
        power: Some(PowerLimit { per_led: Milliamps(60), budget: Milliamps(20_000) }),
        probe: Probe::None,
    };
    let playlist = Playlist {
        id: PlaylistId(1),
        name: "steady".into(),
        items,
        order: Default::default(),
        repeat: Repeat::All,
    };
    Player::new(EngineSetup {
        opener: Arc::new(Staged),
        sinks: Box::new(Nowhere),
        clock: Arc::new(Nowhere),
        layout: small(),
        outputs: vec![output],
        colour: ColourSettings::default(),
        dims: BTreeMap::new(),
        fps: Fps::SIXTY,
        playlist: Some(playlist),
        resume: None,
        autoplay: true,
    })
}

/// Ticks at sixty frames a second from `start` until `frames` more were sent; returns the allocations in that time.
///
/// The player's time runs much faster than decoders do. So the processor is left to them at each tick that has
/// no frame, and the first frame is waited for in no time at all.
fn allocations(player: &mut Player, start: Duration, frames: u64) -> u64 {
    ALLOCATIONS.store(0, Ordering::Relaxed);
    COUNTING.store(true, Ordering::Relaxed);
    let (before, began) = (player.counters().frames, Instant::now());
    let mut tick = 0;
    while player.counters().frames < before + frames {
        let sent = player.counters().frames;
        player.tick(start + Duration::from_micros(16_667) * tick);
        if player.counters().frames == sent {
            thread::sleep(Duration::from_micros(100));
        }
        tick += u32::from(player.counters().frames > 0);
        assert!(began.elapsed() < Duration::from_secs(60), "no frames come");
    }
    COUNTING.store(false, Ordering::Relaxed);
    ALLOCATIONS.load(Ordering::Relaxed)
}

/// Whether nothing is allocated for so many frames twice in a row. It may take a while: a decoder's last buffer
/// is made, and a thread waits for the first time, when the machine happens to get there. What is allocated
/// for a frame would be so in every window.
///
/// Looks at windows that begin one after each time, which is longer than they are.
fn settles(player: &mut Player, start: Duration, each: Duration, frames: u64) -> bool {
    let mut quiet = 0;
    (0..20).any(|window| {
        let count = allocations(player, start + window * each, frames);
        quiet = if count == 0 { quiet + 1 } else { 0 };
        quiet == 2
    })
}

#[test]
fn nothing_is_allocated_per_frame() {
    let wipe = Transition {
        kind: TransitionKind::Wipe(WipeDirection::Right),
        duration: Duration::from_secs(30),
        ..Transition::default()
    };
    for first in ["effect", "film"] {
        let mut player =
            player(vec![item(1, first, Transition::CUT), item(2, "effect", wipe)]).unwrap();
        let preview = player.preview();
        let mut seen = Vec::new();
        let warm_up = allocations(&mut player, Duration::ZERO, 60);
        assert!(warm_up > 0, "the counting works");
        assert!(settles(&mut player, 100 * SECOND, 100 * SECOND, 300), "{first}");
        assert!(player.state().broken.is_empty(), "{first}: {:?}", player.state().broken);
        assert!(preview.read(0, &mut seen).is_some());
        // A transition between two that move costs no more once it is under way.
        let now = 3000 * SECOND;
        player.apply(Command::Next, now).unwrap();
        while !player.state().running {
            player.tick(now);
            thread::yield_now();
        }
        player.tick(now + SECOND);
        assert!(settles(&mut player, now + 2 * SECOND, SECOND * 5 / 4, 60), "out of {first}");
    }
}
