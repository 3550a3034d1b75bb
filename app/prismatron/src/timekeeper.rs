//! Carries the schedule out: has the engine play, go dark or change its brightness whenever something else wins.
//!
//! It acts at these changes alone. What somebody chooses between two of them therefore holds until the next, over a
//! restart too: what was carried out last is kept. Where no rule holds any more, what was on before the first is on
//! again, unless somebody has chosen meanwhile.
//!
//! The time of day is looked at every few seconds, however far the next change is: a clock that is set, or set right,
//! is seen by that. One that was never set is waited for.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use prismatron_core::colour::ColourSettings;
use prismatron_core::id::{ItemId, PlaylistId, RuleId};
use prismatron_core::schedule::{
    Act, Course, Followed, Obedience, Occurrence, Outlook, Schedule, Standing,
};
use prismatron_core::unit::Brightness;
use prismatron_engine::{self as engine, Command, Mode, PlayerState};
use prismatron_store::{self as store, WallClock, is_believed};
use prismatron_system::Zones;
use prismatron_web::SafeMode;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio::time::sleep;

/// The name under which what was carried out is stored.
const STATE: &str = "schedule";
/// How often the time of day is looked at.
const EVERY: Duration = Duration::from_secs(5);
/// How long it is believed that nothing changes in a year.
const OLDEST: SignedDuration = SignedDuration::from_hours(1);

/// Who carries the schedule out, and what it takes.
pub(crate) struct Timekeeper {
    pub(crate) store: store::Handle,
    pub(crate) engine: engine::Handle,
    pub(crate) safe_mode: SafeMode,
    pub(crate) zones: Zones,
    pub(crate) time: WallClock,
    /// Where it is told what has become of the schedule.
    pub(crate) standing: watch::Sender<Standing>,
}

/// What was carried out last.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Done {
    show: Option<Deed>,
    /// What was on before rules decided.
    before: Option<Before>,
    brightness: Option<Deed>,
    /// Whether somebody has chosen another brightness since.
    other_brightness: bool,
}

/// A rule that was carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deed {
    rule: RuleId,
    start: Timestamp,
    act: Act,
}

/// What was on before rules decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    playlist: Option<PlaylistId>,
    item: Option<ItemId>,
    mode: Mode,
}

impl Timekeeper {
    /// Carries the schedule out. Never ends.
    pub(crate) async fn keep(self) {
        let done = self.store.load_state::<Done>(STATE).await.unwrap_or_else(|error| {
            tracing::warn!("it is not known what the schedule did last: {error}");
            None
        });
        let mut schedule = self.store.schedule();
        let mut playlists = self.store.playlists();
        let mut player = self.engine.state();
        let mut safe_mode = self.safe_mode.changes();
        let mut work = Work::new(self, done.unwrap_or_default());
        loop {
            schedule.mark_unchanged();
            playlists.mark_unchanged();
            player.mark_unchanged();
            let until = work.look().await;
            let now = Timestamp::try_from((work.keeper.time)()).unwrap_or_default();
            let left = until.and_then(|until| Duration::try_from(until.duration_since(now)).ok());
            let changed = tokio::select! {
                () = sleep(left.unwrap_or(EVERY).min(EVERY)) => Ok(()),
                changed = schedule.changed() => changed,
                changed = playlists.changed() => changed,
                changed = player.changed() => changed,
                changed = safe_mode.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    }
}

/// The schedule being carried out.
struct Work {
    keeper: Timekeeper,
    done: Done,
    /// Whether nothing has been carried out in this run.
    fresh: bool,
    /// What follows from a schedule in a zone, as it was computed last.
    known: Option<(Schedule, TimeZone, Outlook)>,
}

impl Work {
    fn new(keeper: Timekeeper, done: Done) -> Self {
        Self { keeper, done, fresh: true, known: None }
    }

    /// Does what is due, and returns when to look again at the latest.
    async fn look(&mut self) -> Option<Timestamp> {
        let standing = self.stand().await;
        let until = match &standing {
            Standing::On(followed) => followed.outlook.until(),
            _ => None,
        };
        self.keeper.standing.send_if_modified(|published| {
            let is_news = !is_same(published, &standing);
            if is_news {
                *published = standing;
            }
            is_news
        });
        until
    }

    async fn stand(&mut self) -> Standing {
        let now = (self.keeper.time)();
        let stored = self.keeper.store.schedule().borrow().clone();
        if self.keeper.safe_mode.is_on() {
            return Standing::SafeMode;
        }
        if !stored.schedule.enabled {
            // What people have set is in force again.
            self.carry_out(None, None).await;
            return Standing::Off;
        }
        let Some(now) = Timestamp::try_from(now).ok().filter(|_| is_believed(now)) else {
            return Standing::ClockUnset;
        };
        let schedule = self.playable(&stored.schedule);
        let outlook = self.outlook(&schedule, now);
        let show = wanted(&schedule, outlook.show);
        self.carry_out(show.clone(), wanted(&schedule, outlook.brightness)).await;
        let state = self.keeper.engine.state().borrow().clone();
        let brightness = self.obeys_brightness(&state);
        if brightness == Obedience::Overridden && !self.done.other_brightness {
            self.done.other_brightness = true;
            self.save().await;
        }
        let show = match show {
            Some(deed) if !is_on(deed.act, &state) => Obedience::Overridden,
            _ => Obedience::Kept,
        };
        Standing::On(Box::new(Followed { outlook, show, brightness }))
    }

    /// The schedule without what has nothing to play.
    fn playable(&self, schedule: &Schedule) -> Schedule {
        let playlists = self.keeper.store.playlists().borrow().clone();
        let mut schedule = schedule.clone();
        for rule in &mut schedule.rules {
            if let Act::Play(id) = rule.act {
                rule.enabled &= playlists.get(id).is_some();
            }
        }
        schedule
    }

    /// What follows from a schedule: computed again when that may be something else.
    fn outlook(&mut self, schedule: &Schedule, now: Timestamp) -> Outlook {
        let zone = self.keeper.zones.in_force(schedule.time_zone.as_deref());
        let holds = |outlook: &Outlook| {
            let until = outlook.until().map_or(outlook.at.saturating_add(OLDEST), Ok);
            outlook.at <= now && until.is_ok_and(|until| now < until)
        };
        let known = self
            .known
            .as_ref()
            .filter(|(of, there, outlook)| of == schedule && *there == zone && holds(outlook));
        if let Some((_, _, outlook)) = known {
            return outlook.clone();
        }
        let outlook = schedule.outlook(&zone, now);
        self.known = Some((schedule.clone(), zone, outlook.clone()));
        outlook
    }

    /// Has done what is wanted, where that is something else than was done last.
    async fn carry_out(&mut self, show: Option<Deed>, brightness: Option<Deed>) {
        let before = self.done.clone();
        if show != self.done.show {
            match self.show(show.as_ref()).await {
                Ok(()) => self.done.show = show,
                Err(error) => tracing::warn!("the schedule cannot be carried out: {error:#}"),
            }
        }
        let is_another = brightness != self.done.brightness;
        // The engine begins each run with what people have set.
        if is_another || (self.fresh && brightness.is_some() && !self.done.other_brightness) {
            match self.dim(brightness.as_ref()).await {
                Ok(()) => {
                    self.done.brightness = brightness;
                    self.done.other_brightness = false;
                }
                Err(error) => tracing::warn!("the schedule cannot set the brightness: {error:#}"),
            }
        }
        self.fresh = false;
        if self.done != before {
            self.save().await;
        }
    }

    async fn show(&mut self, wanted: Option<&Deed>) -> anyhow::Result<()> {
        let state = self.keeper.engine.state().borrow().clone();
        let Some(deed) = wanted else {
            let was = self.done.show.as_ref();
            let is_ours = was.is_some_and(|deed| is_on(deed.act, &state));
            let before = self.done.before.take().filter(|_| is_ours);
            return match before {
                Some(before) => self.bring_back(&before, &state).await,
                None => Ok(()),
            };
        };
        if self.done.show.is_none() {
            self.done.before = Some(Before {
                playlist: state.playlist.as_ref().map(|(id, _)| *id),
                item: state.item.as_ref().map(|item| item.id),
                mode: state.mode,
            });
        }
        if is_on(deed.act, &state) {
            return Ok(());
        }
        match deed.act {
            Act::Play(id) => self.play(id, None).await,
            Act::Dark | Act::Brightness(_) => {
                tracing::info!("the schedule has the wall go dark");
                self.keeper.engine.send(Command::Stop).await?;
                Ok(())
            }
        }
    }

    async fn bring_back(&self, before: &Before, state: &PlayerState) -> anyhow::Result<()> {
        let here = state.playlist.as_ref().map(|(id, _)| *id);
        match (before.mode, before.playlist) {
            (Mode::Stopped, _) | (_, None) => {
                self.keeper.engine.send(Command::Stop).await?;
            }
            (_, Some(id)) if here == Some(id) => {
                self.keeper.engine.send(Command::Play).await?;
            }
            (_, Some(id)) => self.play(id, before.item).await?,
        }
        Ok(())
    }

    /// Plays a playlist, from an item that may be gone by now or from the first.
    async fn play(&self, id: PlaylistId, item: Option<ItemId>) -> anyhow::Result<()> {
        let stored = || self.keeper.store.playlists().borrow().get(id).cloned();
        let Some(mut playing) = stored() else { return Ok(()) };
        let playlist = playing.playlist.clone();
        tracing::info!(playlist = playlist.name, "the schedule has a playlist play");
        let item = item.filter(|id| playlist.items.iter().any(|item| item.id == *id));
        self.keeper.engine.send(Command::Activate { playlist, item }).await?;
        // An edit that was saved meanwhile could not know that it has to be followed.
        while let Some(now) = stored().filter(|now| now.revision != playing.revision) {
            self.keeper.engine.send(Command::Update(now.playlist.clone())).await?;
            playing = now;
        }
        self.keeper.store.edit_settings(move |settings| settings.active = Some(id)).await?;
        Ok(())
    }

    async fn dim(&self, wanted: Option<&Deed>) -> anyhow::Result<()> {
        let colour = self.keeper.store.settings().borrow().colour;
        let brightness = brightness(wanted).unwrap_or(colour.brightness);
        self.keeper
            .engine
            .send(Command::SetColour(ColourSettings { brightness, ..colour }))
            .await?;
        Ok(())
    }

    fn obeys_brightness(&self, state: &PlayerState) -> Obedience {
        match brightness(self.done.brightness.as_ref()) {
            Some(wanted) if wanted != state.colour.brightness => Obedience::Overridden,
            _ => Obedience::Kept,
        }
    }

    async fn save(&self) {
        if let Err(error) = self.keeper.store.save_state(STATE, &self.done).await {
            tracing::warn!("what the schedule does is not kept: {error}");
        }
    }
}

/// What a schedule wants.
fn wanted(schedule: &Schedule, course: Course) -> Option<Deed> {
    let Occurrence { rule, start, .. } = course.now?;
    Some(Deed { rule, start, act: schedule.rule(rule)?.act })
}

fn brightness(deed: Option<&Deed>) -> Option<Brightness> {
    match deed?.act {
        Act::Brightness(brightness) => Some(brightness),
        Act::Play(_) | Act::Dark => None,
    }
}

/// Whether what is on is what a rule wants.
fn is_on(act: Act, state: &PlayerState) -> bool {
    match act {
        Act::Play(id) => {
            let plays = state.playlist.as_ref().is_some_and(|(playing, _)| *playing == id);
            plays && state.mode == Mode::Playing
        }
        Act::Dark => state.mode == Mode::Stopped,
        Act::Brightness(brightness) => state.colour.brightness == brightness,
    }
}

/// Whether two say the same, whenever it was looked at.
fn is_same(a: &Standing, b: &Standing) -> bool {
    match (a, b) {
        (Standing::On(a), Standing::On(b)) => {
            let told = |followed: &Followed| {
                let Followed { outlook, show, brightness } = followed;
                (outlook.show, outlook.brightness, *show, *brightness)
            };
            told(a) == told(b)
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests;
