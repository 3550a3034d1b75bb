//! What the LEDs draw, measured over a shunt; what it is held against, and the level at which it is enough.

use std::fmt;

use embedded_hal::i2c::I2c;
use ina219::SyncIna219;
use ina219::address::Address;
use ina219::calibration::UnCalibrated;
use ina219::configuration::{Configuration, Resolution};
use ina219::errors::ShuntVoltageReadError;
use ina226::{AVG, Config, INA226, MODE, VBUSCT, VSHCT};
use prismatron_core::board::{CurrentSensor, CurrentSpec};
use prismatron_core::unit::Milliamps;

use crate::error::BoardError;

/// A sensor that measures over and over.
pub(crate) struct Current<B: I2c> {
    chip: Chip<B>,
    /// In thousandths of an ohm.
    shunt: f32,
}

enum Chip<B: I2c> {
    Ina219(SyncIna219<B, UnCalibrated>),
    Ina226(INA226<B>),
}

impl<B: I2c<Error: fmt::Display>> Current<B> {
    /// Has it measure. Each result is over some tens of milliseconds: LEDs draw their current in pulses.
    pub(crate) fn start(bus: B, spec: &CurrentSpec) -> Result<Self, BoardError> {
        let chip = match spec.sensor {
            CurrentSensor::Ina219 => {
                let address = Address::from_byte(spec.address.get()).map_err(|_| {
                    BoardError::Missing("an INA219 has an address from 0x40 to 0x4f".to_owned())
                })?;
                let mut chip = SyncIna219::new_unchecked(bus, address, UnCalibrated);
                let configuration = Configuration {
                    shunt_resolution: Resolution::Avg128,
                    bus_resolution: Resolution::Res12Bit,
                    ..Configuration::default()
                };
                chip.set_configuration(configuration).map_err(|error| silent("INA219", error))?;
                Chip::Ina219(chip)
            }
            CurrentSensor::Ina226 => {
                let mut chip = INA226::new(bus, spec.address.get());
                let configuration = Config {
                    avg: AVG::_64,
                    vbusct: VBUSCT::_140us,
                    vshct: VSHCT::_588us,
                    mode: MODE::ShuntBusVoltageContinuous,
                };
                chip.set_configuration(&configuration).map_err(|error| silent("INA226", error))?;
                Chip::Ina226(chip)
            }
        };
        Ok(Self { chip, shunt: spec.shunt_milliohms.get() })
    }

    /// The last result. A current that flows back counts as none.
    pub(crate) fn read(&mut self) -> Result<Milliamps, BoardError> {
        let microvolts = match &mut self.chip {
            Chip::Ina219(chip) => chip
                .shunt_voltage()
                .map(|voltage| voltage.shunt_voltage_uv() as f32)
                .map_err(|error| match error {
                    ShuntVoltageReadError::I2cError(error) => silent("INA219", error),
                    other => silent("INA219", format_args!("{other:?}")),
                })?,
            Chip::Ina226(chip) => chip
                .shunt_voltage_microvolts()
                .map(|voltage| voltage as f32)
                .map_err(|error| silent("INA226", error))?,
        };
        // Microvolts by milliohms are milliamperes.
        Ok(Milliamps((microvolts / self.shunt).max(0.0).round() as u32))
    }
}

fn silent(chip: &str, reason: impl fmt::Display) -> BoardError {
    BoardError::silent(format!("the current sensor ({chip})"), reason)
}

/// Results in a row that have to reach the trip level: one may be of a supply that is just switched on.
const IN_A_ROW: u32 = 2;
/// So much more than estimated is within what LEDs and sensors differ by…
const TOLERANCE: f32 = 1.3;
/// … and what their controllers draw in the dark.
const IDLE: f32 = 500.0;

/// Watches what is drawn.
#[derive(Debug, Clone)]
pub(crate) struct Fuse {
    trip: Option<Milliamps>,
    over: u32,
    /// What was drawn when it was enough.
    blown: Option<Milliamps>,
}

impl Fuse {
    pub(crate) fn new(trip: Option<Milliamps>) -> Self {
        Self { trip, over: 0, blown: None }
    }

    /// Takes in what is drawn. Once it is enough, it stays so.
    pub(crate) fn measured(&mut self, drawn: Milliamps) {
        let is_over = self.trip.is_some_and(|trip| drawn >= trip);
        self.over = if is_over { self.over + 1 } else { 0 };
        if self.over >= IN_A_ROW && self.blown.is_none() {
            tracing::error!("the LEDs draw {drawn}: their supply goes off");
            self.blown = Some(drawn);
        }
    }

    /// What was drawn when it was enough, if it was.
    pub(crate) fn blown(&self) -> Option<Milliamps> {
        self.blown
    }
}

/// Whether more is drawn than was estimated.
pub(crate) fn exceeds(drawn: Milliamps, estimated: Milliamps) -> bool {
    drawn.0 as f32 > estimated.0 as f32 * TOLERANCE + IDLE
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use embedded_hal_mock::eh1::i2c::{Mock, Transaction};
    use prismatron_core::board::{I2cAddress, Positive};

    use super::*;

    fn spec(sensor: CurrentSensor, shunt: f32) -> CurrentSpec {
        CurrentSpec {
            sensor,
            bus: 1,
            address: I2cAddress::try_from(0x41).unwrap(),
            shunt_milliohms: Positive::try_from(shunt).unwrap(),
            trip: None,
        }
    }

    #[test]
    fn an_ina226_is_averaged_and_read_over_its_shunt() {
        let mut bus = Mock::new(&[
            // 64 results, 140 µs and 588 µs, both voltages over and over: 0100 011 000 011 111.
            Transaction::write(0x41, vec![0x00, 0x46, 0x1f]),
            // 4000 steps of 2.5 µV are 10 mV, over 2 mΩ 5 A.
            Transaction::write(0x41, vec![0x01]),
            Transaction::read(0x41, vec![0x0f, 0xa0]),
            Transaction::write(0x41, vec![0x01]),
            Transaction::read(0x41, vec![0xff, 0x9c]),
        ]);
        let mut current = Current::start(bus.clone(), &spec(CurrentSensor::Ina226, 2.0)).unwrap();
        assert_eq!(current.read(), Ok(Milliamps(5000)));
        assert_eq!(current.read(), Ok(Milliamps(0)), "flowing back");
        bus.done();
    }

    #[test]
    fn an_ina219_is_averaged_and_read_over_its_shunt() {
        let mut bus = Mock::new(&[
            // 32 V, ±320 mV, 12 bits, 128 results, both over and over: 0011 1001 1111 1111, less the bus's average.
            Transaction::write(0x41, vec![0x00, 0x39, 0xff]),
            // 3200 steps of 10 µV are 32 mV, over 10 mΩ 3.2 A.
            Transaction::write_read(0x41, vec![0x01], vec![0x0c, 0x80]),
        ]);
        let mut current = Current::start(bus.clone(), &spec(CurrentSensor::Ina219, 10.0)).unwrap();
        assert_eq!(current.read(), Ok(Milliamps(3200)));
        bus.done();
    }

    #[test]
    fn a_fuse_blows_at_its_level_and_stays_blown() {
        let mut fuse = Fuse::new(Some(Milliamps(10_000)));
        for drawn in [12_000, 9_999, 10_000] {
            fuse.measured(Milliamps(drawn));
            assert_eq!(fuse.blown(), None, "{drawn}");
        }
        fuse.measured(Milliamps(11_000));
        fuse.measured(Milliamps(0));
        assert_eq!(fuse.blown(), Some(Milliamps(11_000)));
        let mut none = Fuse::new(None);
        (0..9).for_each(|_| none.measured(Milliamps(u32::MAX)));
        assert_eq!(none.blown(), None);
    }

    #[test]
    fn a_little_more_than_estimated_is_not_more() {
        assert!(!exceeds(Milliamps(500), Milliamps(0)));
        assert!(!exceeds(Milliamps(1800), Milliamps(1000)));
        assert!(exceeds(Milliamps(1801), Milliamps(1000)));
    }
}
