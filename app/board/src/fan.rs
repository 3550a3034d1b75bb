//! The cabinet's fan: a line that switches it, or a PWM of the kernel's.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use embedded_hal::digital::OutputPin;
use embedded_hal::pwm::{self, SetDutyCycle};
use prismatron_core::board::{FanDrive, FanSpec};

use crate::error::BoardError;
use crate::hardware::{Driven, Hardware, Switch};
use crate::heat::folders;
use crate::steady::Backlash;

/// The PWM of a hwmon device.
#[derive(Debug)]
pub(crate) struct Pwm(PathBuf);

/// What hwmon's PWMs count to.
const FULL: u16 = 255;

impl Pwm {
    fn open(sys: &Path, name: &str) -> Result<Self, BoardError> {
        let devices = folders(&sys.join("class/hwmon"));
        let is_it = |device: &&PathBuf| {
            fs::read_to_string(device.join("name")).is_ok_and(|text| text.trim() == name)
        };
        let device = devices.iter().find(is_it).ok_or_else(|| {
            BoardError::Missing(format!("there is no hwmon device “{name}” with a PWM"))
        })?;
        // Not every driver can be told who is in charge.
        let _ = fs::write(device.join("pwm1_enable"), "1");
        Ok(Self(device.join("pwm1")))
    }
}

/// What the system said of a PWM.
#[derive(Debug)]
pub(crate) struct PwmError(io::Error);

impl pwm::Error for PwmError {
    fn kind(&self) -> pwm::ErrorKind {
        pwm::ErrorKind::Other
    }
}

impl pwm::ErrorType for Pwm {
    type Error = PwmError;
}

impl SetDutyCycle for Pwm {
    fn max_duty_cycle(&self) -> u16 {
        FULL
    }

    fn set_duty_cycle(&mut self, duty: u16) -> Result<(), PwmError> {
        fs::write(&self.0, duty.to_string()).map_err(PwmError)
    }
}

/// What drives it.
pub(crate) enum Fan<P> {
    Line(Driven<P>),
    Pwm(Pwm),
}

impl<P: OutputPin<Error: fmt::Display>> Fan<P> {
    pub(crate) fn open<H: Hardware<Output = P>>(
        hardware: &H,
        drive: &FanDrive,
    ) -> Result<Self, BoardError> {
        match drive {
            FanDrive::Line(line) => Driven::open(hardware, line, Switch::On).map(Self::Line),
            FanDrive::Pwm(name) => Pwm::open(hardware.sys(), name).map(Self::Pwm),
        }
    }

    /// Has it run at a part of its full speed.
    pub(crate) fn set(&mut self, part: f32) -> Result<(), BoardError> {
        match self {
            Self::Line(line) => line.set(if part >= 0.5 { Switch::On } else { Switch::Off }),
            Self::Pwm(pwm) => {
                let duty = (part.clamp(0.0, 1.0) * f32::from(FULL)).round() as u16;
                pwm.set_duty_cycle(duty).map_err(|PwmError(error)| BoardError::Open {
                    device: pwm.0.display().to_string(),
                    reason: error.to_string(),
                    advice: "The unit must be let write there: see the guide on fans",
                })
            }
        }
    }
}

/// How fast it is to run.
#[derive(Debug, Clone)]
pub(crate) struct Airflow {
    spec: FanSpec,
    heat: Backlash,
}

impl Airflow {
    pub(crate) fn new(spec: &FanSpec) -> Self {
        Self { spec: spec.clone(), heat: Backlash::new(spec.hysteresis) }
    }

    /// The part of its full speed at a temperature; all of it where that is not known.
    pub(crate) fn at(&mut self, celsius: Option<f32>) -> f32 {
        celsius.map_or(1.0, |celsius| self.spec.curve.at(self.heat.step(celsius)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use prismatron_core::board::{Curve, Level, LineId, LineSpec};

    use super::*;
    use crate::bench::{Bench, Wire};
    use crate::heat::tests::put;

    #[test]
    fn a_line_is_on_from_half_and_a_pwm_by_steps() {
        let sys = tempfile::tempdir().unwrap();
        put(sys.path(), "class/hwmon/hwmon3/name", "pwmfan\n");
        put(sys.path(), "class/hwmon/hwmon3/pwm1", "0\n");
        let bench = Bench::with_sys(sys.path());
        let line = LineSpec { chip: "c".into(), line: LineId::Offset(7), active: Level::High };
        let mut switched: Fan<Wire> = Fan::open(&bench, &FanDrive::Line(line)).unwrap();
        assert!(bench.is_high(7), "as long as nobody knows better");
        switched.set(0.4).unwrap();
        assert!(!bench.is_high(7));
        let mut blown: Fan<Wire> = Fan::open(&bench, &FanDrive::Pwm("pwmfan".into())).unwrap();
        blown.set(0.5).unwrap();
        let file = sys.path().join("class/hwmon/hwmon3/pwm1");
        assert_eq!(fs::read_to_string(file).unwrap(), "128");
        assert!(Fan::<Wire>::open(&bench, &FanDrive::Pwm("other".into())).is_err());
    }

    #[test]
    fn it_runs_fully_where_nobody_knows_the_heat() {
        let curve = Curve::try_from(vec![(40.0, 0.0), (60.0, 1.0)]).unwrap();
        let drive = FanDrive::Pwm("pwmfan".into());
        let mut airflow = Airflow::new(&FanSpec { drive, sensor: None, curve, hysteresis: 2.0 });
        assert_eq!(airflow.at(None), 1.0);
        assert_eq!(airflow.at(Some(50.0)), 0.5);
        assert_eq!(airflow.at(Some(48.5)), 0.5);
        assert_eq!(airflow.at(Some(30.0)), 0.0);
    }
}
