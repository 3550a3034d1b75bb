//! What a frame costs: an effect on the default wall of 3,200 LEDs, drawn, mapped, coloured and handed to an
//! output that does nothing. The effect itself is as cheap as can be; the media crate measures real ones.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use prismatron_core::colour::ColourSettings;
use prismatron_core::effect::Effect;
use prismatron_core::frame::{Frame, Rgb8};
use prismatron_core::id::{ItemId, PlaylistId};
use prismatron_core::layout::Layout;
use prismatron_core::media::Fit;
use prismatron_core::output::{OutputSpec, Probe, Protocol};
use prismatron_core::playlist::{Content, Item, Playlist, Repeat};
use prismatron_core::port::{
    Clock, Generator, MediaError, OpenRequest, Opener, Sink, SinkError, SinkFactory, Source,
};
use prismatron_core::transition::Transition;
use prismatron_core::unit::{Fps, Size};
use prismatron_engine::{EngineSetup, Player};

struct Plain;

impl Generator for Plain {
    fn render(&mut self, at: Duration, frame: &mut Frame) {
        frame.fill([at.as_millis() as u8; 3]);
    }
}

/// Opens the effect at the wall's detail or, as a picture of the library would be, at the canvas's size.
struct Plainly {
    full: bool,
}

impl Opener for Plainly {
    fn open(&self, request: OpenRequest<'_>) -> Result<Source, MediaError> {
        let size: Size = if self.full { request.canvas } else { request.detail };
        Ok(Source::Generated { generator: Box::new(Plain), size })
    }
}

struct Nowhere;

impl SinkFactory for Nowhere {
    fn make(&self, _: &OutputSpec, _: usize) -> Result<Box<dyn Sink>, SinkError> {
        Ok(Box::new(Self))
    }
}

impl Sink for Nowhere {
    fn submit(&mut self, leds: &[Rgb8]) {
        black_box(leds);
    }
}

impl Clock for Nowhere {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

fn player(full: bool) -> Player {
    let item = Item {
        id: ItemId(1),
        content: Content::Effect(Effect { name: "plain".into(), params: Default::default() }),
        duration: None,
        fit: Fit::Cover,
        transition: Transition::CUT,
    };
    let output = OutputSpec {
        name: "all".into(),
        enabled: true,
        protocol: Protocol::default(),
        hosts: vec![],
        leds: None,
        colour_order: Default::default(),
        max_fps: None,
        pace_ms: 0,
        power: None,
        probe: Probe::None,
    };
    let playlist = Playlist {
        id: PlaylistId(1),
        name: "bench".into(),
        items: vec![item],
        order: Default::default(),
        repeat: Repeat::All,
    };
    let setup = EngineSetup {
        opener: Arc::new(Plainly { full }),
        sinks: Box::new(Nowhere),
        clock: Arc::new(Nowhere),
        layout: Layout::default(),
        outputs: vec![output],
        colour: ColourSettings::default(),
        dims: BTreeMap::new(),
        fps: Fps::SIXTY,
        playlist: Some(playlist),
        resume: None,
        autoplay: true,
    };
    let mut player = match Player::new(setup) {
        Ok(player) => player,
        Err(error) => unreachable!("the setup is well: {error}"),
    };
    while player.counters().frames == 0 {
        player.tick(Duration::ZERO);
        thread::yield_now();
    }
    player
}

fn tick(criterion: &mut Criterion) {
    for (name, full) in [("effect at detail", false), ("picture at canvas size", true)] {
        let mut player = player(full);
        let mut now = Duration::ZERO;
        criterion.bench_function(&format!("tick, 3200 LEDs, {name}"), |bencher| {
            bencher.iter(|| {
                now += Duration::from_micros(16_667);
                player.tick(now);
            });
        });
    }
}

criterion_group!(benches, tick);
criterion_main!(benches);
