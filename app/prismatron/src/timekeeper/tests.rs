#![allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::civil::time;
use prismatron_core::effect::Effect;
use prismatron_core::frame::{Frame, Rgb8};
use prismatron_core::layout::Layout;
use prismatron_core::media::{Fit, MediaInfo};
use prismatron_core::output::OutputSpec;
use prismatron_core::playlist::{Content, Item};
use prismatron_core::port::{
    MediaError, MediaFault, OpenRequest, Opener, Prober, Sink, SinkError, SinkFactory, Source,
};
use prismatron_core::schedule::{Day, Moment, Rule};
use prismatron_core::transition::Transition;
use prismatron_core::unit::{Brightness, Fps};
use prismatron_engine::{Engine, EngineSetup};
use prismatron_store::{StorageLimits, Store};
use prismatron_web::Cause;
use tempfile::TempDir;

use super::*;
use crate::clock::MonotonicClock;

struct Stub;

impl Prober for Stub {
    fn probe(&self, _: &Path) -> Result<MediaInfo, MediaError> {
        Err(MediaError::new(MediaFault::Unsupported, "nothing is media here"))
    }

    fn thumbnail(&self, _: &Path, _: &MediaInfo) -> Result<Vec<u8>, MediaError> {
        Err(MediaError::new(MediaFault::Unsupported, "nothing is media here"))
    }
}

impl Opener for Stub {
    fn open(&self, request: OpenRequest<'_>) -> Result<Source, MediaError> {
        Ok(Source::Still(Frame::new(request.detail)))
    }
}

impl Sink for Stub {
    fn submit(&mut self, _: &[Rgb8]) {}
}

impl SinkFactory for Stub {
    fn make(&self, _: &OutputSpec, _: usize) -> Result<Box<dyn Sink>, SinkError> {
        Ok(Box::new(Self))
    }
}

/// A show with three playlists, of which the last is on: “morning”, “evening” and “own”.
struct World {
    work: Work,
    time: Arc<AtomicI64>,
    lists: [PlaylistId; 3],
    safe_mode: SafeMode,
    // Dropped in this order.
    _engine: Engine,
    _store: Store,
    _data: TempDir,
}

const BEFORE_ANY: &str = "1970-01-01T00:00:10Z";

impl World {
    /// In which it is so late.
    async fn at(now: &str) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (own_store, store) =
            Store::open(data.path(), Arc::new(Stub), StorageLimits::default()).unwrap();
        let mut lists = Vec::new();
        for name in ["morning", "evening", "own"] {
            let mut made = store.create_playlist(name).await.unwrap().playlist.clone();
            made.items = vec![item(1), item(2)];
            lists.push(store.save_playlist(made, None).await.unwrap().playlist.clone());
        }
        let own = lists[2].clone();
        let active = Some(own.id);
        store.edit_settings(move |settings| settings.active = active).await.unwrap();
        let (own_engine, engine) = Engine::start(EngineSetup {
            opener: Arc::new(Stub),
            sinks: Box::new(Stub),
            clock: Arc::new(MonotonicClock::new()),
            layout: Layout::default(),
            outputs: Vec::new(),
            colour: ColourSettings::default(),
            dims: BTreeMap::new(),
            fps: Fps::SIXTY,
            playlist: Some(own),
            resume: None,
            autoplay: true,
        })
        .unwrap();
        let time = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&time);
        let safe_mode = SafeMode::new(None, || {});
        let keeper = Timekeeper {
            store,
            engine,
            safe_mode: safe_mode.clone(),
            zones: Zones::of_a_machine_in(TimeZone::UTC),
            time: Arc::new(move || -> SystemTime {
                UNIX_EPOCH + Duration::from_secs(told.load(Ordering::SeqCst).unsigned_abs())
            }),
            standing: watch::Sender::default(),
        };
        let lists = [0, 1, 2].map(|n: usize| lists[n].id);
        let work = Work::new(keeper, Done::default());
        let mut world = Self {
            work,
            time,
            lists,
            safe_mode,
            _engine: own_engine,
            _store: own_store,
            _data: data,
        };
        world.set_clock(now);
        world
    }

    fn set_clock(&mut self, now: &str) {
        let now: Timestamp = now.parse().unwrap();
        self.time.store(now.as_second(), Ordering::SeqCst);
    }

    /// What has become of it by this time of a Thursday.
    async fn by(&mut self, clock: &str) -> String {
        self.set_clock(&format!("2026-11-26T{clock}:00Z"));
        self.now().await
    }

    /// Which playlist is on, and how bright: `morning 1`, `dark 0.2`; with a `!` where somebody has chosen otherwise.
    async fn now(&mut self) -> String {
        self.work.look().await;
        let state = self.work.keeper.engine.state().borrow().clone();
        let list = state.playlist.map_or_else(|| "none".into(), |(_, name)| name.to_string());
        let show = if state.mode == Mode::Playing { list } else { "dark".into() };
        let standing = self.work.keeper.standing.borrow().clone();
        let sign = |obedience| if obedience == Obedience::Overridden { "!" } else { "" };
        let (other_show, other_light) = match standing {
            Standing::On(followed) => (sign(followed.show), sign(followed.brightness)),
            Standing::Off => ("", ""),
            Standing::ClockUnset => ("?", ""),
            Standing::SafeMode => ("#", ""),
        };
        format!("{show}{other_show} {}{other_light}", state.colour.brightness.get())
    }

    async fn set(&mut self, rules: Vec<Rule>) {
        let schedule = Schedule { rules, ..Schedule::default() };
        self.work.keeper.store.save_schedule(schedule, None).await.unwrap();
    }

    async fn send(&self, command: Command) {
        self.work.keeper.engine.send(command).await.unwrap();
    }

    /// As after a restart: with what was stored, and the engine as people have set it.
    async fn restart(&mut self) {
        let Timekeeper { store, engine, safe_mode, zones, time, standing } = &self.work.keeper;
        let keeper = Timekeeper {
            store: store.clone(),
            engine: engine.clone(),
            safe_mode: safe_mode.clone(),
            zones: zones.clone(),
            time: Arc::clone(time),
            standing: standing.clone(),
        };
        let done = keeper.store.load_state(STATE).await.unwrap().unwrap_or_default();
        self.work = Work::new(keeper, done);
        self.send(Command::SetColour(ColourSettings::default())).await;
    }
}

fn item(id: u64) -> Item {
    Item {
        id: ItemId(id),
        content: Content::Effect(Effect { name: "any".into(), params: [].into() }),
        duration: None,
        fit: Fit::default(),
        transition: Transition::CUT,
    }
}

fn rule(id: u64, from: i8, until: i8, act: Act) -> Rule {
    use Day::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    let hour = |hour| Moment::Clock(time(hour, 0, 0, 0));
    Rule {
        id: RuleId(id),
        name: format!("rule {id}"),
        enabled: true,
        days: [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday].into(),
        dates: None,
        from: hour(from),
        until: hour(until),
        act,
    }
}

fn dim(to: f32) -> Act {
    Act::Brightness(Brightness::try_from(to).unwrap())
}

#[tokio::test]
async fn a_day_goes_by() {
    let mut world = World::at("2026-11-26T05:00:00Z").await;
    let [morning, evening, _] = world.lists;
    world
        .set(vec![
            rule(1, 8, 12, Act::Play(morning)),
            rule(2, 12, 13, Act::Dark),
            rule(3, 18, 23, Act::Play(evening)),
            rule(4, 22, 6, dim(0.25)),
        ])
        .await;
    for (clock, expected) in [
        ("05:00", "own 0.25"),
        ("06:00", "own 1"),
        ("07:59", "own 1"),
        ("08:00", "morning 1"),
        ("12:00", "dark 1"),
        ("13:00", "own 1"),
        ("18:00", "evening 1"),
        ("22:00", "evening 0.25"),
        ("23:30", "own 0.25"),
    ] {
        assert_eq!(world.by(clock).await, expected, "{clock}");
    }
    let active = world.work.keeper.store.settings().borrow().active;
    assert_eq!(active, Some(world.lists[2]), "what is on is what a restart goes on with");
}

#[tokio::test]
async fn what_somebody_chooses_holds_until_the_next_change() {
    let mut world = World::at("2026-11-26T07:00:00Z").await;
    let [morning, evening, _] = world.lists;
    let own = world.work.keeper.store.playlists().borrow().get(world.lists[2]).cloned().unwrap();
    let play_own = || Command::Activate { playlist: own.playlist.clone(), item: None };
    world
        .set(vec![
            rule(1, 8, 12, Act::Play(morning)),
            rule(2, 12, 13, Act::Play(evening)),
            rule(3, 8, 22, dim(0.5)),
        ])
        .await;
    assert_eq!(world.by("08:00").await, "morning 0.5");
    world.send(play_own()).await;
    world.send(Command::SetColour(ColourSettings::default())).await;
    assert_eq!(world.by("09:00").await, "own! 1!");
    world.restart().await;
    assert_eq!(world.by("11:59").await, "own! 1!");
    assert_eq!(world.by("12:00").await, "evening 1!");
    world.send(Command::Stop).await;
    assert_eq!(world.by("12:30").await, "dark! 1!");
    assert_eq!(world.by("13:00").await, "dark 1!", "who wanted it dark has it dark");
    assert_eq!(world.by("22:00").await, "dark 1");
    world.set_clock("2026-11-27T08:00:00Z");
    assert_eq!(world.now().await, "morning 0.5");
}

#[tokio::test]
async fn a_restart_changes_nothing() {
    let mut world = World::at("2026-11-26T07:00:00Z").await;
    let [morning, ..] = world.lists;
    world.set(vec![rule(1, 8, 12, Act::Play(morning)), rule(2, 8, 12, dim(0.5))]).await;
    assert_eq!(world.by("08:00").await, "morning 0.5");
    world.restart().await;
    assert_eq!(world.by("09:00").await, "morning 0.5");
    assert_eq!(world.by("12:00").await, "own 1");
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_waited_for_or_seen_to_be_set_right() {
    let mut world = World::at(BEFORE_ANY).await;
    let [morning, evening, _] = world.lists;
    world.set(vec![rule(1, 8, 12, Act::Play(morning)), rule(2, 12, 13, Act::Play(evening))]).await;
    assert_eq!(world.now().await, "own? 1");
    assert_eq!(world.by("09:00").await, "morning 1");
    // Set right, forward and back.
    assert_eq!(world.by("12:30").await, "evening 1");
    assert_eq!(world.by("09:30").await, "morning 1");
    assert_eq!(world.by("03:00").await, "own 1");
}

#[tokio::test]
async fn what_is_edited_is_followed_at_once() {
    let mut world = World::at("2026-11-26T09:00:00Z").await;
    let [morning, evening, _] = world.lists;
    world.set(vec![rule(1, 8, 12, Act::Play(morning))]).await;
    assert_eq!(world.now().await, "morning 1");
    world.set(vec![rule(1, 8, 12, Act::Play(evening)), rule(2, 8, 9, dim(0.1))]).await;
    assert_eq!(world.now().await, "evening 1");
    world.work.keeper.store.delete_playlist(evening, None).await.unwrap();
    world.send(Command::Deactivate).await;
    assert_eq!(world.now().await, "dark 1", "a rule with nothing to play does not hold");
    world.set(vec![rule(1, 8, 12, Act::Play(morning))]).await;
    assert_eq!(world.now().await, "morning 1");
    let off = Schedule { enabled: false, ..Schedule::default() };
    world.work.keeper.store.save_schedule(off, None).await.unwrap();
    assert_eq!(world.now().await, "dark 1");
}

#[tokio::test]
async fn nothing_happens_by_itself_in_safe_mode() {
    let mut world = World::at("2026-11-26T09:00:00Z").await;
    let [morning, ..] = world.lists;
    let cause = Cause { reason: "a test".into(), log: Vec::new() };
    world.work.keeper.safe_mode = SafeMode::new(Some(cause), || {});
    world.set(vec![rule(1, 8, 12, Act::Play(morning))]).await;
    world.send(Command::Stop).await;
    assert_eq!(world.now().await, "dark# 1");
    world.work.keeper.safe_mode = world.safe_mode.clone();
    assert_eq!(world.now().await, "morning 1");
}
