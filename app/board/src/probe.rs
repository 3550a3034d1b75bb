//! What there is on this machine, for whoever writes a configuration.

use std::fs;
use std::path::Path;

use embedded_hal::i2c::I2c;
use linux_embedded_hal::gpio_cdev;
use prismatron_core::board::{
    BoardSpec, CurrentSensor, CurrentSpec, DisplaySpec, HeatSpec, I2cAddress, LightSensor,
    LightSpec, Positive,
};
use prismatron_core::output::is_spi_device;

use crate::hardware::Hardware;
use crate::heat;
use crate::linux::Linux;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Each thing in a line, for people.
    pub lines: Vec<String>,
    /// A configuration for the devices that were recognised.
    pub spec: BoardSpec,
    /// SPI devices that LEDs may hang on.
    pub spi: Vec<String>,
}

/// Looks at chips, buses and sensors. Nothing is switched; devices on I2C buses are asked for a register.
pub fn probe(hardware: &Linux) -> Found {
    let mut found = Found::default();
    found.lines.push(hardware.lines_by().to_owned());
    chips(&mut found);
    for bus in i2c_buses(Path::new("/dev")) {
        devices(hardware, bus, &mut found);
    }
    spi(Path::new("/dev"), &mut found);
    for reading in heat::read_all(hardware.sys()) {
        found.lines.push(format!("temperature “{}”: {:.0} °C", reading.sensor, reading.celsius));
        found.spec.heat = Some(HeatSpec::default());
    }
    found
}

fn chips(found: &mut Found) {
    let Ok(chips) = gpio_cdev::chips() else { return };
    for chip in chips {
        match chip {
            Ok(chip) => {
                let lines = chip.num_lines();
                found.lines.push(format!("{} ({}): {lines} lines", chip.name(), chip.label()));
                for info in chip.lines().filter_map(|line| line.info().ok()) {
                    let named = info.name().filter(|name| !name.is_empty());
                    let taken = info.consumer().map(|who| format!(", taken by {who}"));
                    if named.is_some() || taken.is_some() {
                        let name = named.unwrap_or("without a name");
                        let line = info.line().offset();
                        let taken = taken.unwrap_or_default();
                        found.lines.push(format!("  line {line}: {name}{taken}"));
                    }
                }
            }
            Err(error) => found.lines.push(format!("a chip that cannot be opened: {error}")),
        }
    }
}

/// Numbers of the buses in a folder of devices.
fn i2c_buses(devices: &Path) -> Vec<u16> {
    let mut buses: Vec<u16> =
        names(devices).iter().filter_map(|name| name.strip_prefix("i2c-")?.parse().ok()).collect();
    buses.sort_unstable();
    buses
}

fn spi(devices: &Path, found: &mut Found) {
    found.spi = names(devices).into_iter().filter(|name| is_spi_device(name)).collect();
    found.spi.sort();
    found.lines.extend(found.spi.iter().map(|name| format!("{name}: LEDs may hang on it")));
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

fn register(bus: &mut impl I2c, address: u8, register: u8) -> Option<[u8; 2]> {
    let mut told = [0; 2];
    bus.write_read(address, &[register], &mut told).ok().map(|()| told)
}

/// Who answers on a bus, as far as it is a device that can be used.
fn devices<H: Hardware>(hardware: &H, number: u16, found: &mut Found) {
    let mut bus = match hardware.bus(number) {
        Ok(bus) => bus,
        Err(error) => return found.lines.push(error.to_string()),
    };
    found.lines.push(format!("I2C bus {number} (/dev/i2c-{number})"));
    let Found { lines, spec, .. } = found;
    let mut tell = |address: u8, what: &str| lines.push(format!("  {address:#04x}: {what}"));
    // ALS_CONF of a VEML7700 reads back.
    if register(&mut bus, 0x10, 0x00).is_some() {
        tell(0x10, "VEML7700 light sensor");
        spec.light = Some(LightSpec::new(LightSensor::Veml7700, number));
    }
    for (address, sensor) in [(0x23, LightSensor::Bh1750), (0x5c, LightSensor::Bh1750High)] {
        // It knows no registers; that it answers is all there is.
        if bus.write(address, &[0x01]).is_ok() {
            tell(address, "BH1750 light sensor, by its address");
            spec.light.get_or_insert_with(|| LightSpec::new(sensor, number));
        }
    }
    for address in 0x40..=0x4f {
        let mut ask = |number| register(&mut bus, address, number);
        // Texas Instruments’ own number is in register 0xfe of an INA226.
        let sensor = match (ask(0xfe), ask(0x00)) {
            (Some([0x54, 0x49]), _) => CurrentSensor::Ina226,
            // As it is after power-on, or as it is set here.
            (_, Some([0x39, 0x9f | 0xff])) => CurrentSensor::Ina219,
            _ => continue,
        };
        let name = match sensor {
            CurrentSensor::Ina219 => "INA219 current sensor",
            CurrentSensor::Ina226 => "INA226 current sensor",
        };
        tell(address, name);
        if let (Ok(address), Ok(shunt)) = (I2cAddress::try_from(address), Positive::try_from(100.0))
        {
            spec.current.get_or_insert(CurrentSpec {
                sensor,
                bus: number,
                address,
                shunt_milliohms: shunt,
                trip: None,
            });
        }
    }
    for address in [0x3c, 0x3d] {
        // A no-operation command.
        if bus.write(address, &[0x00, 0xe3]).is_ok() {
            tell(address, "SSD1306 display, by its address");
            if let Ok(address) = I2cAddress::try_from(address) {
                spec.display.get_or_insert(DisplaySpec {
                    bus: number,
                    address,
                    size: Default::default(),
                    mounted: Default::default(),
                });
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
    use embedded_hal_mock::eh1::i2c::{Mock, Transaction};

    use super::*;
    use crate::bench::Bench;

    #[test]
    fn devices_are_told_by_what_they_answer() {
        let nobody = ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address);
        let silent = |address, register| {
            Transaction::write_read(address, vec![register], vec![0, 0]).with_error(nobody)
        };
        let deaf =
            |address, bytes: &[u8]| Transaction::write(address, bytes.to_vec()).with_error(nobody);
        let mut all = vec![
            Transaction::write_read(0x10, vec![0x00], vec![0x00, 0x10]),
            deaf(0x23, &[0x01]),
            Transaction::write(0x5c, vec![0x01]),
        ];
        for address in 0x40..=0x4f {
            match address {
                0x41 => all.extend([
                    Transaction::write_read(0x41, vec![0xfe], vec![0x54, 0x49]),
                    Transaction::write_read(0x41, vec![0x00], vec![0x41, 0x27]),
                ]),
                0x45 => all.extend([
                    Transaction::write_read(0x45, vec![0xfe], vec![0, 0]),
                    Transaction::write_read(0x45, vec![0x00], vec![0x39, 0x9f]),
                ]),
                _ => all.extend([silent(address, 0xfe), silent(address, 0x00)]),
            }
        }
        all.extend([Transaction::write(0x3c, vec![0x00, 0xe3]), deaf(0x3d, &[0x00, 0xe3])]);
        let mut bus = Mock::new(&all);
        let bench = Bench::default();
        bench.plug(&bus);
        let mut found = Found::default();
        devices(&bench, 1, &mut found);
        bus.done();
        assert_eq!(
            found.lines,
            [
                "I2C bus 1 (/dev/i2c-1)",
                "  0x10: VEML7700 light sensor",
                "  0x5c: BH1750 light sensor, by its address",
                "  0x41: INA226 current sensor",
                "  0x45: INA219 current sensor",
                "  0x3c: SSD1306 display, by its address",
            ]
        );
        let spec = found.spec;
        assert_eq!(spec.light.unwrap().sensor, LightSensor::Veml7700);
        assert_eq!(spec.current.unwrap().address.get(), 0x41);
        assert_eq!(spec.display.unwrap().address.get(), 0x3c);
    }

    #[test]
    fn buses_and_devices_are_told_by_their_names() {
        let devices = tempfile::tempdir().unwrap();
        for name in ["i2c-10", "i2c-1", "i2c-x", "spidev0.0", "spidev", "null"] {
            fs::write(devices.path().join(name), "").unwrap();
        }
        assert_eq!(i2c_buses(devices.path()), [1, 10]);
        let mut found = Found::default();
        spi(devices.path(), &mut found);
        assert_eq!(found.spi, ["spidev0.0"]);
    }
}
