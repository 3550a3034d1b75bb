//! Heat, from the kernel's thermal zones (`Documentation/driver-api/thermal/sysfs-api.rst`): thousandths of a
//! degree Celsius in `temp`, and in *trip points* the temperatures at which the kernel does something.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use super::{number, text};

/// Hot unless the kernel acts sooner: what boards in a cabinet should stay below.
const HOT: f32 = 85.0;
/// What a sensor can mean: some zones that are switched off tell of absolute zero, and some trip points are
/// never set.
const PLAUSIBLE: RangeInclusive<f32> = -40.0..=150.0;
const PLAUSIBLE_TRIP: RangeInclusive<f32> = 50.0..=150.0;

/// What a sensor says.
#[derive(Debug, Clone, PartialEq)]
pub struct Temperature {
    /// What the kernel calls it, such as `cpu-thermal`.
    pub sensor: String,
    /// In degrees Celsius.
    pub celsius: f32,
    /// From here on it is hot: the kernel slows the machine down, or soon will.
    pub hot: f32,
    /// Here the kernel switches the machine off, where that is known.
    pub critical: Option<f32>,
}

/// The sensor that is furthest beyond what is hot for it, or closest to it.
pub(super) fn read(zones: &Path) -> Option<Temperature> {
    let sensors = all(zones).into_iter();
    sensors.max_by(|a, b| (a.celsius - a.hot).total_cmp(&(b.celsius - b.hot)))
}

/// All sensors, by name.
pub(super) fn all(zones: &Path) -> Vec<Temperature> {
    let zones = fs::read_dir(zones).into_iter().flatten().filter_map(Result::ok);
    let mut sensors: Vec<_> = zones.filter_map(|entry| sensor(&entry.path())).collect();
    sensors.sort_by(|a, b| a.sensor.cmp(&b.sensor));
    sensors
}

fn sensor(zone: &Path) -> Option<Temperature> {
    let celsius = degrees(&zone.join("temp")).filter(|value| PLAUSIBLE.contains(value))?;
    let trips = (0..)
        .map_while(|n| {
            let kind = text(&zone.join(format!("trip_point_{n}_type")))?;
            Some((kind, degrees(&zone.join(format!("trip_point_{n}_temp")))))
        })
        .filter_map(|(kind, at)| Some((kind, at.filter(|at| PLAUSIBLE_TRIP.contains(at))?)));
    let (mut hot, mut critical) = (HOT, None);
    for (kind, at) in trips {
        match kind.as_str() {
            "passive" | "hot" => hot = hot.min(at),
            "critical" => critical = Some(critical.map_or(at, |known: f32| known.min(at))),
            // A fan that turns is no trouble.
            _ => {}
        }
    }
    let hot = critical.map_or(hot, |critical| hot.min(critical));
    let sensor = text(&zone.join("type")).unwrap_or_else(|| "sensor".into());
    Some(Temperature { sensor, celsius, hot, critical })
}

fn degrees(path: &Path) -> Option<f32> {
    number::<i32>(path).map(|thousandths| thousandths as f32 / 1000.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;
    use crate::gauges::tests::lay_out;

    #[test]
    fn the_sensor_closest_to_its_limit_is_the_one_to_tell_of() {
        let root = tempfile::tempdir().unwrap();
        lay_out(
            root.path(),
            &[
                ("thermal_zone0/type", "cpu-thermal\n"),
                ("thermal_zone0/temp", "61500\n"),
                ("thermal_zone0/trip_point_0_type", "active\n"),
                ("thermal_zone0/trip_point_0_temp", "55000\n"),
                ("thermal_zone0/trip_point_1_type", "passive\n"),
                ("thermal_zone0/trip_point_1_temp", "70000\n"),
                ("thermal_zone0/trip_point_2_type", "critical\n"),
                ("thermal_zone0/trip_point_2_temp", "104500\n"),
                ("thermal_zone1/type", "tj-thermal\n"),
                ("thermal_zone1/temp", "63000\n"),
                ("thermal_zone2/type", "switched-off\n"),
                ("thermal_zone2/temp", "-274000\n"),
                ("thermal_zone3/type", "broken\n"),
                ("thermal_zone3/temp", "\n"),
                ("cooling_device0/type", "fan\n"),
            ],
        );
        let sensor = "cpu-thermal".to_owned();
        let expected = Temperature { sensor, celsius: 61.5, hot: 70.0, critical: Some(104.5) };
        assert_eq!(read(root.path()), Some(expected));
    }

    #[test]
    fn trip_points_that_cannot_be_leave_what_is_usual() {
        let root = tempfile::tempdir().unwrap();
        lay_out(
            root.path(),
            &[
                ("thermal_zone0/temp", "20000"),
                ("thermal_zone0/trip_point_0_type", "critical"),
                ("thermal_zone0/trip_point_0_temp", "-274000"),
                ("thermal_zone0/trip_point_1_type", "hot"),
                ("thermal_zone0/trip_point_1_temp", "0"),
            ],
        );
        let read = read(root.path()).unwrap();
        assert_eq!((read.hot, read.critical), (HOT, None));
    }

    #[test]
    fn a_machine_without_sensors_tells_nothing() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(read(root.path()), None);
        assert_eq!(read(&root.path().join("missing")), None);
    }
}
