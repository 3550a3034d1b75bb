//! How hot the machine is, and the steps that are taken as it gets hotter: dim, black, no power.

use std::fs;
use std::path::{Path, PathBuf};

use prismatron_core::board::{Darkening, HeatSpec};
use prismatron_core::unit::Brightness;

use crate::error::BoardError;
use crate::steady::Backlash;

/// What a sensor says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// Type of the zone, or name or label of the sensor.
    pub(crate) sensor: String,
    pub(crate) celsius: f32,
}

/// All sensors: `/sys/class/thermal` and hwmon. A sensor that does not read is left out.
pub(crate) fn read_all(sys: &Path) -> Vec<Reading> {
    let zones = folders(&sys.join("class/thermal")).into_iter().filter_map(|zone| {
        Some(Reading { sensor: text(&zone.join("type"))?, celsius: celsius(&zone.join("temp"))? })
    });
    let sensors = folders(&sys.join("class/hwmon")).into_iter().flat_map(|device| {
        let name = text(&device.join("name")).unwrap_or_default();
        folders(&device).into_iter().filter_map(move |file| {
            let number =
                file.file_name()?.to_str()?.strip_prefix("temp")?.strip_suffix("_input")?;
            let label = text(&device.join(format!("temp{number}_label")));
            Some(Reading {
                sensor: label.unwrap_or_else(|| name.clone()),
                celsius: celsius(&file)?,
            })
        })
    });
    zones.chain(sensors).collect()
}

/// The sensor that is named, or the hottest.
pub(crate) fn read(sys: &Path, sensor: Option<&str>) -> Result<Reading, BoardError> {
    let all = read_all(sys);
    let known: Vec<String> = all.iter().map(|reading| reading.sensor.clone()).collect();
    all.into_iter()
        .filter(|reading| sensor.is_none_or(|sensor| reading.sensor == sensor))
        .max_by(|a, b| a.celsius.total_cmp(&b.celsius))
        .ok_or_else(|| {
            BoardError::Missing(match sensor {
                Some(sensor) => format!(
                    "there is no temperature sensor “{sensor}”; there are: {}",
                    known.join(", ")
                ),
                None => "this machine has no temperature sensor".to_owned(),
            })
        })
}

/// What is in a folder, in the order of names.
pub(crate) fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    all.sort();
    all
}

fn text(file: &Path) -> Option<String> {
    Some(fs::read_to_string(file).ok()?.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Thousandths of a degree; what no machine has is no reading.
fn celsius(file: &Path) -> Option<f32> {
    let celsius = text(file)?.parse::<f32>().ok()? / 1000.0;
    (-60.0..=200.0).contains(&celsius).then_some(celsius)
}

/// The steps.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    spec: HeatSpec,
    heat: Backlash,
}

/// How far they were taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    /// So bright it may be.
    Bright(Brightness),
    Dark(Darkening),
}

impl Steps {
    pub(crate) fn new(spec: &HeatSpec) -> Self {
        Self { spec: spec.clone(), heat: Backlash::new(spec.hysteresis) }
    }

    /// What is to be done at a temperature.
    pub(crate) fn at(&mut self, celsius: f32) -> Step {
        match self.heat.step(celsius) {
            heat if heat >= self.spec.power_off => Step::Dark(Darkening::PowerOff),
            heat if heat >= self.spec.black => Step::Dark(Darkening::Black),
            heat => Step::Bright(self.spec.curve.brightness(heat)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
pub(crate) mod tests {
    use prismatron_core::board::Curve;

    use super::*;

    /// Puts a file there, with its folders.
    pub(crate) fn put(sys: &Path, file: &str, text: &str) {
        let path = sys.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn sensors_are_zones_and_hwmon() {
        let sys = tempfile::tempdir().unwrap();
        let sys = sys.path();
        assert!(read(sys, None).unwrap_err().to_string().contains("no temperature sensor"));
        put(sys, "class/thermal/thermal_zone0/type", "cpu-thermal\n");
        put(sys, "class/thermal/thermal_zone0/temp", "48500\n");
        put(sys, "class/thermal/thermal_zone1/type", "broken\n");
        put(sys, "class/thermal/thermal_zone1/temp", "-274000\n");
        put(sys, "class/hwmon/hwmon0/name", "tmp102\n");
        put(sys, "class/hwmon/hwmon0/temp1_input", "61000\n");
        put(sys, "class/hwmon/hwmon0/temp2_input", "30000\n");
        put(sys, "class/hwmon/hwmon0/temp2_label", "cabinet\n");
        assert_eq!(read(sys, None).unwrap().sensor, "tmp102");
        assert_eq!(read(sys, Some("cpu-thermal")).unwrap().celsius, 48.5);
        assert_eq!(read(sys, Some("cabinet")).unwrap().celsius, 30.0);
        let error = read(sys, Some("gpu")).unwrap_err().to_string();
        assert!(error.contains("cpu-thermal, tmp102, cabinet"), "{error}");
    }

    #[test]
    fn steps_are_taken_as_it_rises_and_back_only_when_it_is_well_cooler() {
        let spec = HeatSpec {
            sensor: None,
            curve: Curve::try_from(vec![(70.0, 1.0), (80.0, 0.5)]).unwrap(),
            black: 85.0,
            power_off: 90.0,
            hysteresis: 3.0,
        };
        let mut steps = Steps::new(&spec);
        let bright = |part: f32| Step::Bright(Brightness::try_from(part).unwrap());
        let (black, power_off) = (Step::Dark(Darkening::Black), Step::Dark(Darkening::PowerOff));
        for (celsius, step) in [
            (20.0, bright(1.0)),
            (75.0, bright(0.75)),
            (72.5, bright(0.75)),
            (80.0, bright(0.5)),
            (84.9, bright(0.5)),
            (85.0, black),
            (82.5, black),
            (90.0, power_off),
            (87.5, power_off),
            (86.9, black),
            (81.0, bright(0.5)),
            (60.0, bright(1.0)),
        ] {
            assert_eq!(steps.at(celsius), step, "{celsius} °C");
        }
    }
}
