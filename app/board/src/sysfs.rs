//! Lines of a kernel that offers nothing but `/sys/class/gpio`. A line is taken until it is given back, whoever ends
//! meanwhile, and keeps its level.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use embedded_hal::digital::PinState;
use prismatron_core::board::{LineId, LineSpec};
use sysfs_gpio::{Direction, Pin};

use crate::error::BoardError;
use crate::hardware::name;

/// Where chips are, and where lines are asked for.
const CLASS: &str = "/sys/class/gpio";

/// A line that was just taken belongs to root until udev has seen it and given it away.
const GIVEN: Duration = Duration::from_secs(2);
/// From one try to the next.
const LOOK: Duration = Duration::from_millis(10);

/// A line.
pub(crate) use linux_embedded_hal::SysfsPin as Line;

/// Whether it has lines to offer.
pub(crate) fn has_chips() -> bool {
    chips(Path::new(CLASS)).is_ok_and(|mut chips| chips.next().is_some())
}

/// Folders of chips.
fn chips(class: &Path) -> io::Result<impl Iterator<Item = PathBuf>> {
    let is_chip = |name: &OsStr| name.as_encoded_bytes().starts_with(b"gpiochip");
    let folders = fs::read_dir(class)?.filter_map(Result::ok).map(|entry| entry.path());
    Ok(folders.filter(move |folder| folder.file_name().is_some_and(is_chip)))
}

/// Takes a line to drive it.
pub(crate) fn output(line: &LineSpec, level: PinState) -> Result<Line, BoardError> {
    // Both set the level together with the direction.
    let direction = match level {
        PinState::High => Direction::High,
        PinState::Low => Direction::Low,
    };
    take(line, direction)
}

/// Takes a line to read it.
pub(crate) fn input(line: &LineSpec) -> Result<Line, BoardError> {
    take(line, Direction::In)
}

fn take(line: &LineSpec, direction: Direction) -> Result<Line, BoardError> {
    let pin = Pin::new(number(Path::new(CLASS), line)?);
    let refused = |error: sysfs_gpio::Error| BoardError::line(name(line), error);
    let patience = if pin.is_exported() { Duration::ZERO } else { GIVEN };
    pin.export().map_err(refused)?;
    once_permitted(patience, || pin.set_direction(direction)).map_err(refused)?;
    Ok(Line(pin))
}

/// Does what may not be permitted yet, but will be in this time.
fn once_permitted<T>(
    patience: Duration,
    mut act: impl FnMut() -> sysfs_gpio::Result<T>,
) -> sysfs_gpio::Result<T> {
    let until = Instant::now() + patience;
    loop {
        match act() {
            Err(sysfs_gpio::Error::Io(error))
                if error.kind() == io::ErrorKind::PermissionDenied && Instant::now() < until =>
            {
                thread::sleep(LOOK);
            }
            done => return done,
        }
    }
}

/// The number of a line among those of all chips.
fn number(class: &Path, line: &LineSpec) -> Result<u64, BoardError> {
    let LineId::Offset(offset) = line.line else {
        let reason = "this kernel knows no names of lines: give its offset";
        return Err(BoardError::line(name(line), reason));
    };
    let missing = || BoardError::line(name(line), "there is no such chip");
    let text = |folder: &Path, file| fs::read_to_string(folder.join(file)).ok();
    let chip = chips(class)
        .map_err(|error| BoardError::line(name(line), error))?
        .find(|folder| {
            folder.file_name().is_some_and(|name| name == line.chip.as_str())
                || text(folder, "label").is_some_and(|label| label.trim() == line.chip)
        })
        .ok_or_else(missing)?;
    let figure = |file| text(&chip, file).and_then(|text| text.trim().parse::<u64>().ok());
    let (base, lines) = figure("base").zip(figure("ngpio")).ok_or_else(missing)?;
    if u64::from(offset) >= lines {
        return Err(BoardError::line(name(line), format!("the chip has {lines} lines")));
    }
    Ok(base + u64::from(offset))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use prismatron_core::board::Level;

    use super::*;

    #[test]
    fn a_line_is_counted_from_its_chips_base() {
        let class = tempfile::tempdir().unwrap();
        for (chip, label, base) in [("gpiochip348", "tegra234-gpio", 348), ("gpiochip0", "sim", 0)]
        {
            let folder = class.path().join(chip);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("label"), format!("{label}\n")).unwrap();
            fs::write(folder.join("base"), format!("{base}\n")).unwrap();
            fs::write(folder.join("ngpio"), "164\n").unwrap();
        }
        let line = |chip: &str, line| LineSpec { chip: chip.into(), line, active: Level::High };
        let at = |chip, offset| number(class.path(), &line(chip, LineId::Offset(offset)));
        assert_eq!(chips(class.path()).unwrap().count(), 2);
        assert_eq!(at("tegra234-gpio", 12), Ok(360));
        assert_eq!(at("gpiochip348", 12), Ok(360));
        assert!(at("gpiochip348", 164).unwrap_err().to_string().contains("164 lines"));
        assert!(at("gpiochip9", 0).unwrap_err().to_string().contains("no such chip"));
        let named = number(class.path(), &line("sim", LineId::Name("PQ.05".into())));
        assert!(named.unwrap_err().to_string().contains("give its offset"));
    }

    #[test]
    fn a_line_that_was_just_taken_is_waited_for() {
        let after = |denied: usize, then: io::ErrorKind, patience| {
            let mut tries = 0;
            let done = once_permitted(patience, || {
                tries += 1;
                let kind = if tries <= denied { io::ErrorKind::PermissionDenied } else { then };
                Err::<(), _>(sysfs_gpio::Error::Io(kind.into()))
            });
            let Err(sysfs_gpio::Error::Io(error)) = done else { unreachable!() };
            (tries, error.kind())
        };
        let busy = io::ErrorKind::ResourceBusy;
        assert_eq!(after(2, busy, Duration::from_secs(60)), (3, busy));
        let denied = io::ErrorKind::PermissionDenied;
        assert_eq!(after(9, busy, Duration::ZERO), (1, denied), "it was taken before");
    }
}
