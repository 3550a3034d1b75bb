use std::sync::Mutex;
use std::sync::mpsc;
use std::time::Instant;

use prismatron_core::port::{MediaError, OpenRequest, Sink, SinkError, Source};

use super::*;
use crate::stage::{Fake, Sinks, item, layout, ms, output, playlist, setup};
use crate::state::Mode;

/// Longer than anything takes, however busy the machine.
const LONG: Duration = Duration::from_secs(60);

/// What the LEDs are told for the sRGB values 255 and 128.
const WHITE: u8 = 255;
const GREY: u8 = 55;

struct Real(Instant);

impl Clock for Real {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Sinks that hand on what they get, and say when they end.
struct Channels(mpsc::Sender<Option<u8>>);

struct Channel(mpsc::Sender<Option<u8>>);

impl SinkFactory for Channels {
    fn make(&self, _: &OutputSpec, _: usize) -> Result<Box<dyn Sink>, SinkError> {
        Ok(Box::new(Channel(self.0.clone())))
    }
}

impl Sink for Channel {
    fn submit(&mut self, leds: &[[u8; 3]]) {
        let _ = self.0.send(Some(leds[0][0]));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        let _ = self.0.send(None);
    }
}

/// Hangs until its other end is dropped.
struct Hanging(Mutex<mpsc::Receiver<()>>);

impl Opener for Hanging {
    fn open(&self, request: OpenRequest<'_>) -> Result<Source, MediaError> {
        let _ = self.0.lock().unwrap().recv();
        Fake.open(request)
    }
}

fn engine(plays: &str, opener: Arc<dyn Opener>) -> (Engine, Handle, mpsc::Receiver<Option<u8>>) {
    let (sender, sent) = mpsc::channel();
    let list = playlist(vec![item(1, plays, 0), item(2, "still 128", 0)]);
    let (engine, handle) = Engine::start(EngineSetup {
        sinks: Box::new(Channels(sender)),
        clock: Arc::new(Real(Instant::now())),
        opener,
        ..setup(Some(list), &Sinks::default())
    })
    .unwrap();
    (engine, handle, sent)
}

fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn plays_obeys_and_ends_black() {
    let (engine, handle, sent) = engine("still 255", Arc::new(Fake));
    assert_eq!(sent.recv_timeout(LONG), Ok(Some(WHITE)));
    let state = wait_for(handle.send(Command::Next)).unwrap();
    assert_eq!(state.item.map(|item| item.index), Some(1));
    while sent.recv_timeout(LONG) != Ok(Some(GREY)) {}
    let state = wait_for(handle.send(Command::Pause)).unwrap();
    assert_eq!((state.mode, handle.state().borrow().mode), (Mode::Paused, Mode::Paused));
    let refused = wait_for(handle.send(Command::Jump(prismatron_core::id::ItemId(9))));
    assert!(matches!(refused, Err(EngineError::Rejected { command: "jump", .. })));
    assert!(handle.counters().frames >= 2);
    let position = engine.stop(Ending::Black).unwrap();
    assert_eq!((position.item.0, position.mode), (2, Mode::Paused));
    let rest: Vec<_> = sent.iter().collect();
    assert_eq!(rest[rest.len() - 2..], [Some(0), None], "black, then the sink ends");
    assert!(matches!(wait_for(handle.send(Command::Play)), Err(EngineError::Stopped)));
}

#[test]
fn moving_pictures_keep_coming() {
    let (engine, _handle, sent) = engine("video 200 10", Arc::new(Fake));
    let mut last = 0;
    while last < 20 {
        let value = sent.recv_timeout(LONG).unwrap().unwrap();
        assert!(value >= last);
        last = value;
    }
    engine.stop(Ending::Hold);
}

#[test]
fn walls_are_changed_while_it_runs() {
    let (engine, handle, sent) = engine("still 255", Arc::new(Fake));
    assert_eq!(sent.recv_timeout(LONG), Ok(Some(WHITE)));
    let wall = |leds| Command::SetWall { layout: layout(leds), outputs: vec![output("all", None)] };
    wait_for(handle.send(wall(30))).unwrap();
    assert_eq!(handle.wall().borrow().leds.len(), 30);
    let empty =
        Command::SetWall { layout: Layout { pieces: vec![], ..layout(1) }, outputs: vec![] };
    assert!(matches!(wait_for(handle.send(empty)), Err(EngineError::Layout(_))));
    assert_eq!(handle.wall().borrow().leds.len(), 30);
    let rest: Vec<_> = sent.iter().take(2).collect();
    assert!(rest.contains(&None) && rest.contains(&Some(WHITE)), "{rest:?}");
    engine.stop(Ending::Hold);
}

#[test]
fn an_opener_that_hangs_does_not_keep_it_from_ending() {
    let (guard, hold) = mpsc::channel();
    let (engine, handle, sent) = engine("still 255", Arc::new(Hanging(Mutex::new(hold))));
    let state = wait_for(handle.send(Command::SetColour(ColourSettings::default()))).unwrap();
    assert!(!state.first_frame_sent);
    engine.stop(Ending::Black);
    assert_eq!(sent.iter().collect::<Vec<_>>(), [Some(0), None]);
    drop(guard);
}

#[test]
fn dropping_it_ends_it() {
    let (engine, _handle, sent) = engine("ramp", Arc::new(Fake));
    drop(engine);
    assert_eq!(sent.iter().last(), Some(None));
}

#[test]
fn a_preview_is_served_at_once_though_nothing_moves() {
    let (engine, handle, sent) = engine("still 255", Arc::new(Fake));
    assert_eq!(sent.recv_timeout(LONG), Ok(Some(WHITE)));
    let preview = handle.preview();
    // A command is answered after the preview's wish was heard.
    wait_for(handle.send(Command::Pause)).unwrap();
    wait_for(handle.send(Command::Play)).unwrap();
    let mut leds = Vec::new();
    assert!(preview.read(0, &mut leds).is_some());
    assert_eq!(leds, [[WHITE; 3]; 8]);
    assert!(handle.position().is_some_and(|position| position.elapsed < LONG));
    assert!(handle.now() > ms(0));
    assert!(handle.power().is_empty());
    engine.stop(Ending::Hold);
}
