//! What hangs on lines: the supply's relay, the lamp, the button and contacts. One round after the other, by the times
//! that are given.

use std::sync::Arc;
use std::time::Duration;

use prismatron_core::board::{BoardSpec, ContactSpec, Darkening, LineSpec};

use crate::button::{Button, Press};
use crate::hardware::{Driven, Hardware, Sensed, Switch};
use crate::kept::Kept;
use crate::lamp::Pattern;
use crate::outlook::Finding;
use crate::steady::Debounced;
use crate::supply::{Note, Power, Supply};

/// A contact counts when it has lasted so long.
const BOUNCING: Duration = Duration::from_millis(50);

/// All that hangs on lines.
pub(crate) struct Panel<H: Hardware> {
    hardware: Arc<H>,
    spec: BoardSpec,
    note: Note,
    supply: Kept<Supply<H::Output>>,
    lamp: Kept<Driven<H::Output>>,
    button: Kept<Sensed<H::Input>>,
    pressed: Option<Button>,
    contacts: Vec<Contact<H::Input>>,
    power: Power,
}

struct Contact<P> {
    spec: ContactSpec,
    input: Kept<Sensed<P>>,
    level: Debounced,
    is_active: bool,
}

/// What came of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Round {
    /// Whether the LEDs have power; they do where there is no relay, or none that can be had.
    pub(crate) power: Power,
    pub(crate) press: Option<Press>,
    /// What contacts ask for, if one does.
    pub(crate) darkening: Option<Darkening>,
    pub(crate) findings: Vec<Finding>,
}

impl<H: Hardware> Panel<H> {
    pub(crate) fn new(hardware: Arc<H>, spec: BoardSpec, note: Note) -> Self {
        let contact = |spec: &ContactSpec| Contact {
            spec: spec.clone(),
            input: Kept::new("contact"),
            level: Debounced::new(BOUNCING),
            is_active: false,
        };
        Self {
            hardware,
            supply: Kept::new("supply"),
            lamp: Kept::new("lamp"),
            button: Kept::new("button"),
            pressed: spec.button.as_ref().map(Button::new),
            contacts: spec.contacts.iter().map(contact).collect(),
            power: if spec.supply.is_some() { Power::Coming } else { Power::On },
            note,
            spec,
        }
    }

    /// Whether there is anything to look at often.
    pub(crate) fn has_inputs(&self) -> bool {
        self.spec.button.is_some() || !self.spec.contacts.is_empty()
    }

    /// Does what is due. `supply` says what is wanted of it besides what contacts ask for.
    pub(crate) fn round(&mut self, now: Duration, supply: Switch, lamp: Pattern) -> Round {
        let darkening = self.contacts(now);
        let press = self.button(now);
        let supply = if darkening == Some(Darkening::PowerOff) { Switch::Off } else { supply };
        self.supply(now, supply);
        let feedback = self.pressed.as_ref().and_then(|button| button.feedback(now));
        self.light(now, feedback.unwrap_or(lamp));
        Round { power: self.power, press, darkening, findings: self.findings() }
    }

    /// Has the supply stay on when all of this is dropped.
    pub(crate) fn leave_on(&mut self) {
        if let Some(supply) = self.supply.open() {
            supply.leave_on();
        }
    }

    fn supply(&mut self, now: Duration, wanted: Switch) {
        let Some(spec) = &self.spec.supply else { return };
        let open = || Supply::open(&*self.hardware, spec, self.note.clone(), now);
        let power = self.supply.with(now, open, |supply| supply.step(wanted, now));
        // A relay that cannot be had may be on all the same.
        self.power = power.unwrap_or(Power::On);
    }

    fn light(&mut self, now: Duration, pattern: Pattern) {
        let Some(line) = &self.spec.lamp else { return };
        let to = if pattern.is_lit(now) { Switch::On } else { Switch::Off };
        let open = || Driven::open(&*self.hardware, line, Switch::Off);
        self.lamp.with(now, open, |lamp| lamp.set(to));
    }

    fn button(&mut self, now: Duration) -> Option<Press> {
        let spec = self.spec.button.as_ref()?;
        let is_pressed = sense(&mut self.button, &*self.hardware, &spec.line, now)?;
        self.pressed.as_mut()?.step(is_pressed, now)
    }

    fn contacts(&mut self, now: Duration) -> Option<Darkening> {
        for contact in &mut self.contacts {
            let line = &contact.spec.line;
            // One that cannot be read says what it said last.
            if let Some(level) = sense(&mut contact.input, &*self.hardware, line, now) {
                let is_active = contact.level.step(level, now);
                if is_active != contact.is_active {
                    let name = &contact.spec.name;
                    match is_active {
                        true => tracing::warn!("contact “{name}”: the wall goes dark"),
                        false => tracing::info!("contact “{name}”: cleared"),
                    }
                    contact.is_active = is_active;
                }
            }
        }
        let active = self.contacts.iter().filter(|contact| contact.is_active);
        active.map(|contact| contact.spec.then).max()
    }

    fn findings(&self) -> Vec<Finding> {
        let single = [self.supply.trouble(), self.lamp.trouble(), self.button.trouble()];
        let single = single.into_iter().flatten().map(|(what, why)| Finding::new(what, why));
        let contacts = self.contacts.iter().flat_map(|contact| {
            let subject = format!("contact “{}”", contact.spec.name);
            let trouble = contact.input.trouble().map(|(_, why)| Finding::new(&subject, why));
            let open = "it keeps the wall dark until it is cleared: look at what it guards";
            let active = contact.is_active.then(|| Finding::new(&subject, open));
            trouble.into_iter().chain(active)
        });
        single.chain(contacts).collect()
    }
}

impl<H: Hardware> Drop for Panel<H> {
    fn drop(&mut self) {
        if let Some(lamp) = self.lamp.open()
            && let Err(error) = lamp.set(Switch::Off)
        {
            tracing::warn!("lamp: {error}");
        }
    }
}

/// Whether something on a line is active, where the line can be read.
fn sense<H: Hardware>(
    kept: &mut Kept<Sensed<H::Input>>,
    hardware: &H,
    line: &LineSpec,
    now: Duration,
) -> Option<bool> {
    kept.with(now, || Sensed::open(hardware, line), Sensed::is_active)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use prismatron_core::board::{ButtonSpec, Level, LineId, SupplySpec};

    use super::*;
    use crate::bench::Bench;

    const SUPPLY: u32 = 1;
    const LAMP: u32 = 2;
    const BUTTON: u32 = 3;
    const DOOR: u32 = 4;
    const THERMOSTAT: u32 = 5;

    fn line(offset: u32, active: Level) -> LineSpec {
        LineSpec { chip: "gpiochip0".into(), line: LineId::Offset(offset), active }
    }

    fn spec() -> BoardSpec {
        let contact = |name: &str, offset, then| ContactSpec {
            name: name.into(),
            line: line(offset, Level::High),
            then,
        };
        BoardSpec {
            supply: Some(SupplySpec {
                line: line(SUPPLY, Level::High),
                off_at_least_ms: 100,
                settle_ms: 0,
            }),
            lamp: Some(line(LAMP, Level::High)),
            button: Some(ButtonSpec {
                line: line(BUTTON, Level::Low),
                long_ms: 3000,
                very_long_ms: 10_000,
            }),
            contacts: vec![
                contact("door", DOOR, Darkening::Black),
                contact("thermostat", THERMOSTAT, Darkening::PowerOff),
            ],
            ..BoardSpec::default()
        }
    }

    struct World {
        bench: Bench,
        panel: Panel<Bench>,
        now: Duration,
    }

    impl World {
        fn new() -> Self {
            let bench = Bench::default();
            bench.set(BUTTON, true);
            let panel = Panel::new(Arc::new(bench.clone()), spec(), Note::in_folder(None));
            Self { bench, panel, now: Duration::ZERO }
        }

        /// Goes round for so long, and returns what came of the last round and all presses.
        fn run(&mut self, millis: u64) -> (Round, Vec<Press>) {
            let mut presses = Vec::new();
            let until = self.now + Duration::from_millis(millis);
            loop {
                self.now += Duration::from_millis(10);
                let round = self.panel.round(self.now, Switch::On, Pattern::Playing);
                presses.extend(round.press);
                if self.now >= until {
                    return (round, presses);
                }
            }
        }
    }

    #[test]
    fn an_open_door_is_black_and_a_hot_cabinet_has_no_power_until_they_are_cleared() {
        let mut world = World::new();
        let (round, _) = world.run(200);
        assert_eq!((round.power, round.darkening, round.findings), (Power::On, None, vec![]));
        assert!(world.bench.is_high(SUPPLY) && world.bench.is_high(LAMP));

        world.bench.set(DOOR, true);
        assert_eq!(world.run(20).0.darkening, None, "it may only tremble");
        let (round, _) = world.run(100);
        assert_eq!((round.power, round.darkening), (Power::On, Some(Darkening::Black)));
        assert_eq!(round.findings[0].subject, "contact “door”");

        world.bench.set(THERMOSTAT, true);
        let (round, _) = world.run(100);
        assert_eq!((round.power, round.darkening), (Power::Off, Some(Darkening::PowerOff)));
        assert!(!world.bench.is_high(SUPPLY));

        world.bench.set(THERMOSTAT, false);
        world.bench.set(DOOR, false);
        let (round, _) = world.run(300);
        assert_eq!((round.power, round.darkening, round.findings), (Power::On, None, vec![]));
    }

    #[test]
    fn the_button_pulls_to_ground_and_the_lamp_answers() {
        let mut world = World::new();
        world.run(100);
        world.bench.set(BUTTON, false);
        assert_eq!(world.run(200).1, []);
        world.bench.set(BUTTON, true);
        assert_eq!(world.run(100).1, [Press::Short]);
        let before = world.bench.changes(LAMP).len();
        world.bench.set(BUTTON, false);
        world.run(4000);
        assert!(world.bench.changes(LAMP).len() > before + 8, "it flickers");
        world.bench.set(BUTTON, true);
        assert_eq!(world.run(100).1, [Press::Long]);
    }

    #[test]
    fn what_cannot_be_had_is_a_finding_and_comes_back() {
        let mut world = World::new();
        for broken in [SUPPLY, LAMP, DOOR] {
            world.bench.break_line(broken, true);
        }
        let (round, _) = world.run(100);
        assert_eq!((round.power, round.darkening), (Power::On, None));
        let subjects: Vec<_> = round.findings.iter().map(|found| &*found.subject).collect();
        assert_eq!(subjects, ["supply", "lamp", "contact “door”"]);
        assert!(round.findings[0].message.contains("group gpio"), "it says what to look at");
        for mended in [SUPPLY, LAMP, DOOR] {
            world.bench.break_line(mended, false);
        }
        let (round, _) = world.run(1500);
        assert_eq!(round.findings, []);
        assert!(world.bench.is_high(SUPPLY));
    }

    #[test]
    fn all_of_it_goes_dark_when_it_is_dropped() {
        let mut world = World::new();
        world.run(200);
        let World { bench, panel, .. } = world;
        drop(panel);
        assert!(!bench.is_high(SUPPLY) && !bench.is_high(LAMP));
    }
}
