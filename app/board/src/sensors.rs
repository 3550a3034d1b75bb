//! What is measured and what follows from it: light, current, heat, the fan; and the display. One round after the
//! other, by the times that are given.

use std::sync::Arc;
use std::time::Duration;

use prismatron_core::board::{BoardSpec, Darkening};
use prismatron_core::unit::{Brightness, Milliamps};

use crate::current::{Current, Fuse, exceeds};
use crate::display::Display;
use crate::error::BoardError;
use crate::fan::{Airflow, Fan};
use crate::hardware::Hardware;
use crate::heat::{self, Reading, Step, Steps};
use crate::kept::Kept;
use crate::light::{Ambient, Light};
use crate::outlook::Finding;

/// A light sensor has measured nothing before.
const FIRST_LIGHT: Duration = Duration::from_millis(200);
/// Heat is slow.
const HEAT: Duration = Duration::from_secs(2);
/// More than estimated has to be drawn for so long before anybody is told.
const EXCESS: Duration = Duration::from_secs(5);

/// What the board is told from outside.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scene {
    /// For the lamp.
    pub lamp: crate::Pattern,
    /// For the display.
    pub lines: Vec<String>,
    /// What the LEDs draw by reckoning, where all outputs have a power limit.
    pub estimate: Option<Milliamps>,
}

/// All of it.
pub(crate) struct Sensors<H: Hardware> {
    hardware: Arc<H>,
    spec: BoardSpec,
    light: Kept<(Light<H::Bus>, Duration)>,
    lux: Option<f32>,
    ambient: Option<Ambient>,
    current: Kept<Current<H::Bus>>,
    drawn: Option<Milliamps>,
    fuse: Fuse,
    excess_since: Option<Duration>,
    heat: Kept<()>,
    hottest: Option<Reading>,
    steps: Option<Steps>,
    step: Step,
    fan: Kept<Fan<H::Output>>,
    fan_heat: Kept<()>,
    airflow: Option<Airflow>,
    display: Kept<Display<H::Bus>>,
    heat_due: Duration,
}

/// What came of a round.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    /// How bright the wall may be; not known before the light has been measured once.
    pub(crate) shade: Option<Brightness>,
    /// How dark heat and current want it, if they do.
    pub(crate) darkening: Option<Darkening>,
    pub(crate) findings: Vec<Finding>,
    /// In words for people.
    pub(crate) seen: Vec<String>,
}

impl<H: Hardware> Sensors<H> {
    pub(crate) fn new(hardware: Arc<H>, spec: BoardSpec) -> Self {
        Self {
            hardware,
            light: Kept::new("light sensor"),
            lux: None,
            ambient: spec.light.as_ref().map(Ambient::new),
            current: Kept::new("current sensor"),
            drawn: None,
            fuse: Fuse::new(spec.current.as_ref().and_then(|current| current.trip)),
            excess_since: None,
            heat: Kept::new("temperature"),
            hottest: None,
            steps: spec.heat.as_ref().map(Steps::new),
            step: Step::Bright(Brightness::FULL),
            fan: Kept::new("fan"),
            fan_heat: Kept::new("fan's temperature"),
            airflow: spec.fan.as_ref().map(Airflow::new),
            display: Kept::new("display"),
            heat_due: Duration::ZERO,
            spec,
        }
    }

    /// Does what is due.
    pub(crate) fn round(&mut self, now: Duration, scene: &Scene) -> Measured {
        self.look_at_light(now);
        self.look_at_current(now, scene.estimate);
        if now >= self.heat_due {
            self.heat_due = now + HEAT;
            self.look_at_heat(now);
            self.blow(now);
        }
        self.show(now, &scene.lines);
        let darkening = match self.step {
            Step::Dark(darkening) => Some(darkening),
            Step::Bright(_) => None,
        };
        let blown = self.fuse.blown().map(|_| Darkening::PowerOff);
        Measured {
            shade: self.shade(now),
            darkening: darkening.max(blown),
            findings: self.findings(now),
            seen: self.seen(),
        }
    }

    /// Has the fan run as nobody sees to it any more.
    pub(crate) fn finish(&mut self) {
        if let Some(fan) = self.fan.open()
            && let Err(error) = fan.set(1.0)
        {
            tracing::warn!("fan: {error}");
        }
    }

    fn look_at_light(&mut self, now: Duration) {
        let (Some(spec), Some(ambient)) = (&self.spec.light, &mut self.ambient) else { return };
        let open = || {
            let bus = self.hardware.bus(spec.bus)?;
            Ok((Light::start(bus, spec.sensor)?, now))
        };
        let lux = self.light.with(now, open, |(light, since)| {
            let is_first = now.saturating_sub(*since) < FIRST_LIGHT;
            if is_first { Ok(None) } else { light.lux().map(Some) }
        });
        if let Some(Some(lux)) = lux {
            ambient.measured(lux, now);
            self.lux = Some(lux);
        }
    }

    fn look_at_current(&mut self, now: Duration, estimate: Option<Milliamps>) {
        let Some(spec) = &self.spec.current else { return };
        let open = || Current::start(self.hardware.bus(spec.bus)?, spec);
        self.drawn = self.current.with(now, open, Current::read);
        let Some(drawn) = self.drawn else { return };
        self.fuse.measured(drawn);
        let is_excess = estimate.is_some_and(|estimate| exceeds(drawn, estimate));
        self.excess_since = is_excess.then(|| self.excess_since.unwrap_or(now));
    }

    fn look_at_heat(&mut self, now: Duration) {
        let (Some(spec), Some(steps)) = (&self.spec.heat, &mut self.steps) else { return };
        let sensor = spec.sensor.as_deref();
        let reading = self.heat.with(now, || Ok(()), |()| heat::read(self.hardware.sys(), sensor));
        // What cannot be read any more keeps its step.
        let Some(reading) = reading else { return };
        let step = steps.at(reading.celsius);
        if step != self.step
            && (matches!(step, Step::Dark(_)) || matches!(self.step, Step::Dark(_)))
        {
            tracing::warn!("{} has {:.0} °C: {}", reading.sensor, reading.celsius, word(step));
        }
        self.step = step;
        self.hottest = Some(reading);
    }

    fn blow(&mut self, now: Duration) {
        let (Some(spec), Some(airflow)) = (&self.spec.fan, &mut self.airflow) else { return };
        let sensor = spec.sensor.as_deref();
        let reading =
            self.fan_heat.with(now, || Ok(()), |()| heat::read(self.hardware.sys(), sensor));
        let part = airflow.at(reading.map(|reading| reading.celsius));
        let open = || Fan::open(&*self.hardware, &spec.drive);
        self.fan.with(now, open, |fan| fan.set(part));
    }

    fn show(&mut self, now: Duration, lines: &[String]) {
        let Some(spec) = &self.spec.display else { return };
        let open = || Display::start(self.hardware.bus(spec.bus)?, spec);
        self.display.with(now, open, |display| display.show(lines));
    }

    fn shade(&mut self, now: Duration) -> Option<Brightness> {
        let by_heat = match self.step {
            Step::Bright(brightness) => brightness.get(),
            Step::Dark(_) => 0.0,
        };
        let by_light = match &mut self.ambient {
            Some(_) if self.lux.is_none() && self.light.trouble().is_none() => return None,
            Some(ambient) => ambient.at(now).get(),
            None => 1.0,
        };
        Brightness::try_from(by_heat * by_light).ok()
    }

    fn findings(&self, now: Duration) -> Vec<Finding> {
        let troubles = [
            self.light.trouble(),
            self.current.trouble(),
            self.heat.trouble(),
            self.fan.trouble(),
            self.fan_heat.trouble(),
            self.display.trouble(),
        ];
        let mut findings: Vec<Finding> =
            troubles.into_iter().flatten().map(|(what, why)| Finding::new(what, why)).collect();
        if let Some(drawn) = self.fuse.blown() {
            let message = format!(
                "the LEDs drew {drawn}, and their supply was switched off: look for a short circuit, then restart \
                 the service"
            );
            findings.push(Finding::new("trip level", &message));
        }
        if let (Some(since), Some(drawn)) = (self.excess_since, self.drawn)
            && now.saturating_sub(since) >= EXCESS
        {
            let message = format!(
                "the LEDs draw {drawn}, which is more than was estimated: set what an LED draws (power: per_led)"
            );
            findings.push(Finding::new("current", &message));
        }
        if let (Step::Dark(_), Some(reading)) = (self.step, &self.hottest) {
            let message = format!(
                "{} has {:.0} °C: {}. Look at the fan, and at the air around it",
                reading.sensor,
                reading.celsius,
                word(self.step)
            );
            findings.push(Finding::new("heat", &message));
        }
        findings
    }

    fn seen(&self) -> Vec<String> {
        let light = self.lux.map(|lux| format!("{lux:.0} lx around"));
        let drawn = self.drawn.map(|drawn| format!("LEDs draw {drawn}"));
        let heat = self.hottest.as_ref();
        let heat = heat.map(|reading| format!("{} has {:.0} °C", reading.sensor, reading.celsius));
        [light, drawn, heat].into_iter().flatten().collect()
    }
}

fn word(step: Step) -> &'static str {
    match step {
        Step::Bright(_) => "the wall is lit again",
        Step::Dark(Darkening::Black) => "the wall is black until it is cooler",
        Step::Dark(Darkening::PowerOff) => "the LEDs’ supply is off until it is cooler",
    }
}

/// Measures the light once, for somebody who asks.
///
/// # Errors
/// The sensor cannot be had.
pub fn measure_light<H: Hardware>(
    hardware: &H,
    spec: &prismatron_core::board::LightSpec,
) -> Result<f32, BoardError> {
    let mut light = Light::start(hardware.bus(spec.bus)?, spec.sensor)?;
    std::thread::sleep(FIRST_LIGHT);
    light.lux()
}

/// Measures the current once, for somebody who asks.
///
/// # Errors
/// The sensor cannot be had.
pub fn measure_current<H: Hardware>(
    hardware: &H,
    spec: &prismatron_core::board::CurrentSpec,
) -> Result<Milliamps, BoardError> {
    let mut current = Current::start(hardware.bus(spec.bus)?, spec)?;
    std::thread::sleep(FIRST_LIGHT);
    current.read()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use embedded_hal_mock::eh1::i2c::{Mock, Transaction};
    use prismatron_core::board::{
        CurrentSensor, CurrentSpec, Curve, Fraction, HeatSpec, I2cAddress, LightSensor, LightSpec,
        Positive,
    };

    use super::*;
    use crate::bench::Bench;
    use crate::heat::tests::put;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn light() -> BoardSpec {
        let light = LightSpec {
            sensor: LightSensor::Bh1750,
            bus: 1,
            curve: Curve::try_from(vec![(0.0, 0.1), (1000.0, 0.6)]).unwrap(),
            hysteresis: Fraction::try_from(0.1).unwrap(),
            fade_seconds: 10,
        };
        BoardSpec { light: Some(light), ..BoardSpec::default() }
    }

    #[test]
    fn brightness_is_not_known_before_the_light_is_and_is_full_without_a_sensor() {
        let bench = Bench::default();
        let mut bus = Mock::new(&[
            Transaction::write(0x23, vec![0x10]),
            Transaction::read(0x23, vec![0x04, 0xb0]),
        ]);
        bench.plug(&bus);
        let mut sensors = Sensors::new(Arc::new(bench), light());
        assert_eq!(sensors.round(ms(0), &Scene::default()).shade, None);
        assert_eq!(sensors.round(ms(100), &Scene::default()).shade, None);
        let measured = sensors.round(ms(250), &Scene::default());
        let shade = measured.shade.unwrap().get();
        assert!((shade - 0.6).abs() < 1e-5, "1200 steps are 1000 lx: {shade}");
        assert_eq!(measured.seen, ["1000 lx around"]);
        bus.done();

        let mut blind = Sensors::new(Arc::new(Bench::default()), light());
        let measured = blind.round(ms(0), &Scene::default());
        assert_eq!(measured.shade, Some(Brightness::FULL));
        assert_eq!(measured.findings[0].subject, "light sensor");
        assert!(measured.findings[0].message.contains("device tree"));
    }

    #[test]
    fn too_much_current_takes_the_power_and_more_than_estimated_is_told() {
        let bench = Bench::default();
        let mut told = vec![Transaction::write(0x40, vec![0x00, 0x46, 0x1f])];
        // 2.5 µV a step over 1 mΩ: 400 steps are an ampere.
        for raw in [1600_u16, 1600, 4000, 4000, 0] {
            told.push(Transaction::write(0x40, vec![0x01]));
            told.push(Transaction::read(0x40, raw.to_be_bytes().to_vec()));
        }
        let mut bus = Mock::new(&told);
        bench.plug(&bus);
        let current = CurrentSpec {
            sensor: CurrentSensor::Ina226,
            bus: 1,
            address: I2cAddress::try_from(0x40).unwrap(),
            shunt_milliohms: Positive::try_from(1.0).unwrap(),
            trip: Some(Milliamps(10_000)),
        };
        let spec = BoardSpec { current: Some(current), ..BoardSpec::default() };
        let mut sensors = Sensors::new(Arc::new(bench), spec);
        let scene = Scene { estimate: Some(Milliamps(2000)), ..Scene::default() };
        assert_eq!(sensors.round(ms(0), &scene).findings, []);
        let measured = sensors.round(ms(5000), &scene);
        assert_eq!(measured.findings[0].subject, "current");
        assert_eq!(measured.darkening, None);
        sensors.round(ms(5250), &scene);
        let measured = sensors.round(ms(5500), &scene);
        assert_eq!(measured.darkening, Some(Darkening::PowerOff));
        assert!(measured.findings.iter().any(|found| found.subject == "trip level"));
        assert_eq!(sensors.round(ms(9000), &scene).darkening, Some(Darkening::PowerOff));
        bus.done();
    }

    #[test]
    fn heat_dims_then_darkens_then_takes_the_power() {
        let sys = tempfile::tempdir().unwrap();
        let heat = "class/thermal/thermal_zone0/temp";
        put(sys.path(), "class/thermal/thermal_zone0/type", "cpu\n");
        put(sys.path(), heat, "20000\n");
        let spec = BoardSpec { heat: Some(HeatSpec::default()), ..BoardSpec::default() };
        let mut sensors = Sensors::new(Arc::new(Bench::with_sys(sys.path())), spec);
        let mut at = |millis, temp: &str| {
            put(sys.path(), heat, temp);
            sensors.round(ms(millis), &Scene::default())
        };
        assert_eq!(at(0, "20000").shade, Some(Brightness::FULL));
        let dimmed = at(3000, "85000").shade.unwrap().get();
        assert!((dimmed - 0.4).abs() < 1e-5, "{dimmed}");
        assert_eq!(at(6000, "92000").darkening, Some(Darkening::Black));
        let off = at(9000, "95000");
        assert_eq!(off.darkening, Some(Darkening::PowerOff));
        assert!(off.findings[0].message.contains("supply is off"));
        assert_eq!(at(12_000, "40000").darkening, None);
    }
}
