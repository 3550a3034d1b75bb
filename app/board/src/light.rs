//! Ambient light: its sensors, and the brightness that follows from it.

use std::fmt;
use std::time::Duration;

use bh1750::{BH1750, BH1750Error, Resolution};
use embedded_hal::i2c::I2c;
use linux_embedded_hal::Delay;
use prismatron_core::board::{Curve, LightSensor, LightSpec};
use prismatron_core::unit::Brightness;
use veml7700::{Gain, IntegrationTime, Veml7700};

use crate::error::BoardError;

/// A sensor that measures over and over.
pub(crate) enum Light<B> {
    Veml7700(Veml7700<B>),
    Bh1750(BH1750<B, Delay>),
}

impl<B: I2c<Error: fmt::Display>> Light<B> {
    /// Has it measure. The first result is there after an eighth of a second.
    pub(crate) fn start(bus: B, sensor: LightSensor) -> Result<Self, BoardError> {
        match sensor {
            LightSensor::Veml7700 => {
                let mut veml = Veml7700::new(bus);
                // At this gain full sun is within its range, and steps are of half a lux.
                veml.set_gain(Gain::OneEighth)
                    .and_then(|()| veml.set_integration_time(IntegrationTime::_100ms))
                    .and_then(|()| veml.enable())
                    .map_err(of_veml)?;
                Ok(Self::Veml7700(veml))
            }
            LightSensor::Bh1750 | LightSensor::Bh1750High => {
                let mut bh = BH1750::new(bus, Delay, sensor == LightSensor::Bh1750High);
                bh.start_continuous_measurement(Resolution::High).map_err(of_bh)?;
                Ok(Self::Bh1750(bh))
            }
        }
    }

    /// The last result, in lux.
    pub(crate) fn lux(&mut self) -> Result<f32, BoardError> {
        match self {
            Self::Veml7700(veml) => veml.read_lux().map_err(of_veml),
            Self::Bh1750(bh) => bh.get_current_measurement(Resolution::High).map_err(of_bh),
        }
    }
}

fn of_veml<E: fmt::Display>(veml7700::Error::I2C(error): veml7700::Error<E>) -> BoardError {
    BoardError::silent("the light sensor (VEML7700)", error)
}

fn of_bh<E: fmt::Display>(error: BH1750Error<E>) -> BoardError {
    const WHICH: &str = "the light sensor (BH1750)";
    match error {
        BH1750Error::I2C(error) => BoardError::silent(WHICH, error),
        BH1750Error::MeasurementTimeOutOfRange => BoardError::silent(WHICH, "out of range"),
    }
}

/// Under this, hysteresis is not of the light itself any more: sensors tremble by a step.
const DARK_LUX: f32 = 2.0;

/// Brightness that follows the light: only when that has really changed, and slowly.
#[derive(Debug, Clone)]
pub(crate) struct Ambient {
    curve: Curve,
    hysteresis: f32,
    /// A second's part of the whole way.
    pace: f32,
    /// The light that is followed.
    lux: Option<f32>,
    level: f32,
    last: Duration,
}

impl Ambient {
    pub(crate) fn new(spec: &LightSpec) -> Self {
        Self {
            curve: spec.curve.clone(),
            hysteresis: spec.hysteresis.get(),
            pace: 1.0 / f32::from(spec.fade_seconds).max(0.001),
            lux: None,
            level: 1.0,
            last: Duration::ZERO,
        }
    }

    /// Takes in a measurement.
    pub(crate) fn measured(&mut self, lux: f32, now: Duration) {
        match self.lux {
            // The first one is where it begins.
            None => {
                (self.lux, self.level, self.last) = (Some(lux), self.curve.at(lux), now);
            }
            Some(followed) => {
                if (lux - followed).abs() > self.hysteresis * followed.max(DARK_LUX) {
                    self.lux = Some(lux);
                }
            }
        }
    }

    /// How bright it is at a time, which moves towards where it is to be. Full without any measurement yet.
    pub(crate) fn at(&mut self, now: Duration) -> Brightness {
        let Some(lux) = self.lux else { return Brightness::FULL };
        let most = self.pace * now.saturating_sub(self.last).as_secs_f32();
        self.last = now;
        let target = self.curve.at(lux);
        self.level += (target - self.level).clamp(-most, most);
        Brightness::try_from(self.level.clamp(0.0, 1.0)).unwrap_or(Brightness::FULL)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use embedded_hal_mock::eh1::i2c::{Mock, Transaction};
    use prismatron_core::board::Fraction;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_veml7700_is_set_up_and_read_as_its_datasheet_says() {
        const AT: u8 = 0x10;
        let mut bus = Mock::new(&[
            // ALS_CONF: gain 1/8 (bits 12 and 11 are 10), shut down; then 100 ms, then on.
            Transaction::write(AT, vec![0x00, 0x01, 0x10]),
            Transaction::write(AT, vec![0x00, 0x01, 0x10]),
            Transaction::write(AT, vec![0x00, 0x00, 0x10]),
            Transaction::write_read(AT, vec![0x04], vec![0xe8, 0x03]),
        ]);
        let mut light = Light::start(bus.clone(), LightSensor::Veml7700).unwrap();
        let lux = light.lux().unwrap();
        assert!((lux - 1000.0 * 0.5376).abs() < 0.1, "{lux}");
        bus.done();
    }

    #[test]
    fn a_bh1750_is_told_to_measure_and_read() {
        let mut bus = Mock::new(&[
            Transaction::write(0x5c, vec![0x10]),
            // The datasheet's own example: 0x8390 is 28067 lx.
            Transaction::read(0x5c, vec![0x83, 0x90]),
        ]);
        let mut light = Light::start(bus.clone(), LightSensor::Bh1750High).unwrap();
        assert!((light.lux().unwrap() - 28_066.7).abs() < 0.1);
        bus.done();
    }

    #[test]
    fn one_that_does_not_answer_says_what_to_look_at() {
        use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
        let nobody = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);
        let mut bus = Mock::new(&[Transaction::write(0x23, vec![0x10]).with_error(nobody)]);
        let error = Light::start(bus.clone(), LightSensor::Bh1750).err().unwrap().to_string();
        assert!(error.contains("BH1750") && error.contains("two wires"), "{error}");
        bus.done();
    }

    fn ambient() -> Ambient {
        Ambient::new(&LightSpec {
            sensor: LightSensor::Veml7700,
            bus: 1,
            curve: Curve::try_from(vec![(10.0, 0.1), (1000.0, 1.0)]).unwrap(),
            hysteresis: Fraction::try_from(0.1).unwrap(),
            fade_seconds: 20,
        })
    }

    #[test]
    fn it_begins_where_the_light_is_and_fades_to_where_it_goes() {
        let mut ambient = ambient();
        let at = |ambient: &mut Ambient, seconds| ambient.at(Duration::from_secs(seconds)).get();
        assert_eq!(at(&mut ambient, 0), 1.0, "without a measurement nothing is dimmed");
        ambient.measured(10.0, Duration::from_secs(1));
        assert_eq!(at(&mut ambient, 1), 0.1);
        ambient.measured(10.9, Duration::from_secs(2));
        assert_eq!(at(&mut ambient, 100), 0.1, "that is no change");
        ambient.measured(5000.0, Duration::from_secs(100));
        assert!((at(&mut ambient, 110) - 0.6).abs() < 1e-5, "half of the way in half of the time");
        assert_eq!(at(&mut ambient, 130), 1.0);
    }

    proptest! {
        #[test]
        fn trembling_light_moves_nothing_and_no_step_is_fast(
            followed in 5.0f32..2000.0,
            measurements in prop::collection::vec((0.91f32..1.09, 0.0f32..20_000.0, any::<bool>()), 1..80),
        ) {
            let mut steady = ambient();
            let mut wild = ambient();
            steady.measured(followed, Duration::ZERO);
            wild.measured(followed, Duration::ZERO);
            let begin = steady.at(Duration::ZERO);
            let mut before = wild.at(Duration::ZERO).get();
            for (step, (part, lux, jumps)) in measurements.into_iter().enumerate() {
                let now = Duration::from_millis(250 * (step as u64 + 1));
                steady.measured(followed * part, now);
                prop_assert_eq!(steady.at(now), begin);
                if jumps {
                    wild.measured(lux, now);
                }
                let after = wild.at(now).get();
                prop_assert!((after - before).abs() <= 0.25 / 20.0 + 1e-5);
                before = after;
            }
        }
    }
}
