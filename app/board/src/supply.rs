//! The relay of the LEDs' power supply: on before the first frame, off after the last, and never on too soon again.
//!
//! When it was switched off last is kept in a *note* in the runtime directory, by the time since the machine was booted,
//! and with the line it is on, so that a program which is started again, or [`switch_off`] after a crash, knows, also
//! where the configuration is another by then. Without a note it was off just now, for all that is known. A program that
//! means to be back at once leaves the relay on and notes that.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use embedded_hal::digital::OutputPin;
use prismatron_core::board::{Level, LineId, LineSpec, SupplySpec};

use crate::error::BoardError;
use crate::hardware::{Driven, Hardware, Switch};

/// Whether LEDs can be told anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// They have no power.
    Off,
    /// They will have.
    Coming,
    /// They have.
    On,
}

/// What was noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noted {
    On,
    Off(Duration),
}

/// Where it is noted.
#[derive(Debug, Clone)]
pub(crate) struct Note(Option<PathBuf>);

impl Note {
    /// In this folder, if there is one.
    pub(crate) fn in_folder(folder: Option<&Path>) -> Self {
        Self(folder.map(|folder| folder.join("supply")))
    }

    fn read(&self) -> Option<(Noted, LineSpec)> {
        let text = fs::read_to_string(self.0.as_ref()?).ok()?;
        let mut told = text.lines();
        let noted = match told.next()? {
            "on" => Noted::On,
            text => {
                let millis = text.strip_prefix("off ")?.parse().ok()?;
                Noted::Off(Duration::from_millis(millis))
            }
        };
        let chip = told.next()?.to_owned();
        let line = match told.next()?.split_once(' ')? {
            ("offset", offset) => LineId::Offset(offset.parse().ok()?),
            (_, name) => LineId::Name(name.to_owned()),
        };
        let active = if told.next()? == "low" { Level::Low } else { Level::High };
        Some((noted, LineSpec { chip, line, active }))
    }

    fn write(&self, noted: Noted, on: &LineSpec) {
        let Some(path) = &self.0 else { return };
        let noted = match noted {
            Noted::On => "on".to_owned(),
            Noted::Off(at) => format!("off {}", at.as_millis()),
        };
        let line = match &on.line {
            LineId::Offset(offset) => format!("offset {offset}"),
            LineId::Name(name) => format!("name {name}"),
        };
        let active = if on.active == Level::Low { "low" } else { "high" };
        let text = format!("{noted}\n{}\n{line}\n{active}\n", on.chip);
        if let Err(error) = fs::write(path, text) {
            tracing::debug!("{} is not written: {error}", path.display());
        }
    }
}

/// The relay. When this is dropped it is switched off, unless it is [left on](Supply::leave_on).
pub(crate) struct Supply<P: OutputPin<Error: fmt::Display>> {
    relay: Driven<P>,
    spec: SupplySpec,
    note: Note,
    state: State,
    leave_on: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Since then.
    Off(Duration),
    /// Since then.
    On(Duration),
}

impl<P: OutputPin<Error: fmt::Display>> Supply<P> {
    /// Takes the line, without switching anything.
    pub(crate) fn open<H: Hardware<Output = P>>(
        hardware: &H,
        spec: &SupplySpec,
        note: Note,
        now: Duration,
    ) -> Result<Self, BoardError> {
        let state = match note.read() {
            // It is another one by now.
            Some((noted, line)) if line != spec.line => {
                if noted == Noted::On
                    && let Err(error) = Driven::open(hardware, &line, Switch::Off)
                {
                    tracing::warn!("the relay that was: {error}");
                }
                State::Off(now)
            }
            // It is on, and its supply has settled.
            Some((Noted::On, _)) => State::On(now.saturating_sub(spec.settle())),
            // Times of another boot may lie ahead.
            Some((Noted::Off(at), _)) => State::Off(at.min(now)),
            None => State::Off(now),
        };
        let first = if matches!(state, State::On(_)) { Switch::On } else { Switch::Off };
        let relay = Driven::open(hardware, &spec.line, first)?;
        Ok(Self { relay, spec: spec.clone(), note, state, leave_on: false })
    }

    /// Goes on towards what is wanted.
    pub(crate) fn step(&mut self, wanted: Switch, now: Duration) -> Result<Power, BoardError> {
        match (self.state, wanted) {
            (State::Off(since), Switch::On)
                if now.saturating_sub(since) >= self.spec.off_at_least() =>
            {
                // Before it is done: a crash in between leaves a note that has it switched off once more.
                self.note.write(Noted::On, &self.spec.line);
                self.relay.set(Switch::On)?;
                self.state = State::On(now);
                tracing::info!("the LEDs’ supply is on");
            }
            (State::On(_), Switch::Off) => self.switch_off(now)?,
            _ => {}
        }
        Ok(match self.state {
            State::Off(_) if wanted == Switch::On => Power::Coming,
            State::Off(_) => Power::Off,
            State::On(since) if now.saturating_sub(since) < self.spec.settle() => Power::Coming,
            State::On(_) => Power::On,
        })
    }

    /// Has it stay as it is when this is dropped.
    pub(crate) fn leave_on(&mut self) {
        self.leave_on = true;
    }

    fn switch_off(&mut self, now: Duration) -> Result<(), BoardError> {
        self.relay.set(Switch::Off)?;
        self.state = State::Off(now);
        self.note.write(Noted::Off(now), &self.spec.line);
        tracing::info!("the LEDs’ supply is off");
        Ok(())
    }
}

impl<P: OutputPin<Error: fmt::Display>> Drop for Supply<P> {
    fn drop(&mut self) {
        if self.leave_on || matches!(self.state, State::Off(_)) {
            return;
        }
        if let Err(error) = self.switch_off(crate::time::since_boot()) {
            tracing::error!("the LEDs’ supply stays on: {error}");
        }
    }
}

/// Switches the relay off, whatever it is now: after a crash, when nobody else does. It is the one that was noted, or
/// that of the configuration. Tells whether there is one.
///
/// # Errors
/// The line cannot be had.
pub fn switch_off<H: Hardware>(
    hardware: &H,
    spec: Option<&SupplySpec>,
    runtime: Option<&Path>,
) -> Result<bool, BoardError> {
    let note = Note::in_folder(runtime);
    let now = crate::time::since_boot();
    let (since, line) = match (note.read(), spec) {
        // What was off stays off since when it was.
        (Some((Noted::Off(at), line)), _) => (at.min(now), line),
        (Some((Noted::On, line)), _) => (now, line),
        (None, Some(spec)) => (now, spec.line.clone()),
        (None, None) => return Ok(false),
    };
    Driven::open(hardware, &line, Switch::Off)?;
    note.write(Noted::Off(since), &line);
    Ok(true)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it goes wrong")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bench::{Bench, Wire};

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn spec(active: Level) -> SupplySpec {
        let line = LineSpec { chip: "gpiochip0".into(), line: LineId::Offset(1), active };
        SupplySpec { line, off_at_least_ms: 2000, settle_ms: 100 }
    }

    fn open(bench: &Bench, note: &Note, now: Duration) -> Supply<Wire> {
        Supply::open(bench, &spec(Level::High), note.clone(), now).unwrap()
    }

    #[test]
    fn it_waits_switches_on_settles_and_goes_off_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let note = Note::in_folder(Some(folder.path()));
        let bench = Bench::default();
        let mut supply = open(&bench, &note, ms(1000));
        let mut step = |wanted, at| supply.step(wanted, ms(at)).unwrap();
        assert_eq!(step(Switch::On, 1000), Power::Coming, "nobody knows since when it was off");
        assert_eq!(step(Switch::On, 2999), Power::Coming);
        assert!(!bench.is_high(1));
        assert_eq!(step(Switch::On, 3000), Power::Coming);
        assert!(bench.is_high(1));
        assert_eq!(step(Switch::On, 3100), Power::On);
        assert_eq!(step(Switch::Off, 5000), Power::Off);
        assert!(!bench.is_high(1));
        assert_eq!(step(Switch::On, 6999), Power::Coming);
        assert!(!bench.is_high(1));
        step(Switch::On, 7000);
        drop(supply);
        assert!(!bench.is_high(1), "whoever ends it");
    }

    #[test]
    fn who_comes_back_at_once_finds_it_on_and_never_blinks() {
        let folder = tempfile::tempdir().unwrap();
        let note = Note::in_folder(Some(folder.path()));
        let bench = Bench::default();
        let mut supply = open(&bench, &note, ms(0));
        supply.step(Switch::On, ms(2000)).unwrap();
        supply.leave_on();
        drop(supply);
        assert!(bench.is_high(1));
        let mut supply = open(&bench, &note, ms(9000));
        assert_eq!(supply.step(Switch::On, ms(9000)), Ok(Power::On));
        assert_eq!(bench.changes(1), [false, true], "taken off, then on once and for all");
    }

    #[test]
    fn after_a_crash_it_is_switched_off_and_the_next_start_waits_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Some(folder.path());
        let note = Note::in_folder(runtime);
        let bench = Bench::default();
        bench.set(1, true);
        note.write(Noted::On, &spec(Level::High).line);
        assert_eq!(switch_off(&bench, None, runtime), Ok(true), "whatever is configured by now");
        assert!(!bench.is_high(1));
        let Some((Noted::Off(at), _)) = note.read() else { panic!("it is not noted") };
        let mut supply = open(&bench, &note, at + ms(500));
        assert_eq!(supply.step(Switch::On, at + ms(1999)), Ok(Power::Coming));
        assert!(!bench.is_high(1));
        supply.step(Switch::On, at + ms(2000)).unwrap();
        assert!(bench.is_high(1));
    }

    #[test]
    fn a_relay_that_is_another_by_now_leaves_none_on() {
        let folder = tempfile::tempdir().unwrap();
        let note = Note::in_folder(Some(folder.path()));
        let bench = Bench::default();
        let named =
            LineSpec { chip: "gpiochip0".into(), line: LineId::Offset(2), active: Level::Low };
        bench.set(2, false);
        note.write(Noted::On, &named);
        assert_eq!(note.read(), Some((Noted::On, named.clone())));
        open(&bench, &note, ms(9000));
        assert!(bench.is_high(2) && !bench.is_high(1));
        let other = LineSpec { line: LineId::Name("a b".into()), ..named };
        note.write(Noted::Off(ms(7)), &other);
        assert_eq!(note.read(), Some((Noted::Off(ms(7)), other)));
        let nowhere = tempfile::tempdir().unwrap();
        assert_eq!(switch_off(&bench, None, Some(nowhere.path())), Ok(false));
    }

    #[test]
    fn a_relay_that_is_on_at_ground_is_off_at_the_supplys_voltage() {
        let bench = Bench::default();
        let mut supply =
            Supply::open(&bench, &spec(Level::Low), Note::in_folder(None), ms(0)).unwrap();
        assert!(bench.is_high(1));
        supply.step(Switch::On, ms(2000)).unwrap();
        assert!(!bench.is_high(1));
        drop(supply);
        assert!(bench.is_high(1));
    }

    proptest! {
        #[test]
        fn it_is_never_off_for_less_than_it_must(
            wishes in prop::collection::vec((1u64..3000, any::<bool>()), 1..60),
        ) {
            let bench = Bench::default();
            let mut supply = open(&bench, &Note::in_folder(None), Duration::ZERO);
            let (mut now, mut off_since, mut was_high) = (Duration::ZERO, Duration::ZERO, false);
            for (millis, on) in wishes {
                now += ms(millis);
                let wanted = if on { Switch::On } else { Switch::Off };
                let power = supply.step(wanted, now).unwrap();
                let is_high = bench.is_high(1);
                if is_high && !was_high {
                    prop_assert!(now - off_since >= ms(2000));
                }
                if was_high && !is_high {
                    off_since = now;
                }
                prop_assert!(on || !is_high, "off is at once");
                prop_assert!(power != Power::On || is_high);
                was_high = is_high;
            }
        }
    }
}
