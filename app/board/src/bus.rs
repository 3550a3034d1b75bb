//! An I2C bus of this machine.
//!
//! Some adapters, such as those of PC chipsets, speak SMBus and cannot be given messages as they are. What sensors are
//! asked and told fits SMBus too: so those are spoken to by it, once the first message was refused. A driver may name
//! a register in one message and read it in the next; SMBus has both in one.

use std::fmt;

use embedded_hal::i2c::{self, ErrorKind, ErrorType, I2c, Operation};
use linux_embedded_hal::I2cdev;
use linux_embedded_hal::i2cdev::core::I2CDevice;
use linux_embedded_hal::i2cdev::linux::LinuxI2CError;

use crate::error::BoardError;

/// Most bytes that go into a block of SMBus.
const BLOCK: usize = 32;
/// `EOPNOTSUPP`: the adapter cannot be given messages.
const NOT_SUPPORTED: i32 = 95;

/// A bus.
pub struct Bus {
    device: I2cdev,
    way: Way,
}

/// How an adapter is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Messages,
    /// With the register that was named last, and whose.
    Smbus(Option<(u8, u8)>),
}

impl Bus {
    /// Opens `/dev/i2c-N`.
    ///
    /// # Errors
    /// It cannot be had.
    pub(crate) fn open(number: u16) -> Result<Self, BoardError> {
        let path = format!("/dev/i2c-{number}");
        let device = I2cdev::new(path)
            .map_err(|error| BoardError::bus(number, std::io::Error::from(error)))?;
        Ok(Self { device, way: Way::Messages })
    }
}

/// What the system said of a bus.
#[derive(Debug)]
pub struct BusError {
    kind: ErrorKind,
    said: String,
}

impl BusError {
    fn unsupported() -> Self {
        Self {
            kind: ErrorKind::Other,
            said: "the adapter speaks SMBus only, which has no such message".to_owned(),
        }
    }
}

impl From<LinuxI2CError> for BusError {
    fn from(error: LinuxI2CError) -> Self {
        let error = std::io::Error::from(error);
        let said = match error.raw_os_error() {
            // ENXIO and EREMOTEIO.
            Some(6 | 121) => "nobody answers at the address".to_owned(),
            _ => error.to_string(),
        };
        Self { kind: ErrorKind::Other, said }
    }
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

impl i2c::Error for BusError {
    fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl ErrorType for Bus {
    type Error = BusError;
}

impl I2c for Bus {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError> {
        if self.way == Way::Messages {
            let error = match I2c::<i2c::SevenBitAddress>::transaction(
                &mut self.device,
                address,
                operations,
            ) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if !matches!(error.inner(), LinuxI2CError::Errno(NOT_SUPPORTED)) {
                let kind = i2c::Error::kind(&error);
                let said = match error.inner() {
                    LinuxI2CError::Errno(errno) => {
                        BusError::from(LinuxI2CError::Errno(*errno)).said
                    }
                    LinuxI2CError::Io(error) => error.to_string(),
                };
                return Err(BusError { kind, said });
            }
            tracing::debug!("the adapter cannot be given messages: SMBus it is");
            self.way = Way::Smbus(None);
        }
        let Way::Smbus(named) = self.way else { return Ok(()) };
        let mut register = named.filter(|(whose, _)| *whose == address).map(|(_, named)| named);
        self.device.set_slave_address(address.into())?;
        smbus(&mut *self.device, &mut register, operations)?;
        self.way = Way::Smbus(register.map(|register| (address, register)));
        Ok(())
    }
}

/// Says by SMBus what fits it: a register and what is read from it, or a register and what is written to it. `named`
/// is the register that was named last.
fn smbus<D>(
    device: &mut D,
    named: &mut Option<u8>,
    operations: &mut [Operation<'_>],
) -> Result<(), BusError>
where
    D: I2CDevice,
    BusError: From<D::Error>,
{
    match operations {
        [Operation::Write([register]), Operation::Read(into)] => read(device, *register, into)?,
        [Operation::Read(into)] => match *named {
            Some(register) => read(device, register, into)?,
            None => return Err(BusError::unsupported()),
        },
        [Operation::Write(bytes)] => match *bytes {
            [register] => {
                device.smbus_write_byte(*register)?;
                *named = Some(*register);
            }
            [register, byte] => device.smbus_write_byte_data(*register, *byte)?,
            [register, low, high] => {
                let word = u16::from_le_bytes([*low, *high]);
                device.smbus_write_word_data(*register, word)?;
            }
            [register, many @ ..] if many.len() <= BLOCK => {
                device.smbus_write_i2c_block_data(*register, many)?;
            }
            _ => return Err(BusError::unsupported()),
        },
        _ => return Err(BusError::unsupported()),
    }
    Ok(())
}

/// Reads a register of one, two or more bytes.
fn read<D>(device: &mut D, register: u8, into: &mut [u8]) -> Result<(), BusError>
where
    D: I2CDevice,
    BusError: From<D::Error>,
{
    match into {
        [byte] => *byte = device.smbus_read_byte_data(register)?,
        [low, high] => [*low, *high] = device.smbus_read_word_data(register)?.to_le_bytes(),
        many if many.len() <= BLOCK => {
            let told = device.smbus_read_i2c_block_data(register, many.len() as u8)?;
            let given = told.len().min(many.len());
            many[..given].copy_from_slice(&told[..given]);
        }
        _ => return Err(BusError::unsupported()),
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    /// A chip as SMBus sees it: bytes by register.
    struct Chip([u8; 256]);

    impl I2CDevice for Chip {
        type Error = LinuxI2CError;

        fn read(&mut self, _: &mut [u8]) -> Result<(), LinuxI2CError> {
            Err(LinuxI2CError::Errno(NOT_SUPPORTED))
        }

        fn write(&mut self, _: &[u8]) -> Result<(), LinuxI2CError> {
            Err(LinuxI2CError::Errno(NOT_SUPPORTED))
        }

        fn smbus_write_quick(&mut self, _: bool) -> Result<(), LinuxI2CError> {
            Ok(())
        }

        fn smbus_read_byte_data(&mut self, register: u8) -> Result<u8, LinuxI2CError> {
            Ok(self.0[usize::from(register)])
        }

        fn smbus_write_byte_data(&mut self, register: u8, value: u8) -> Result<(), LinuxI2CError> {
            self.0[usize::from(register)] = value;
            Ok(())
        }

        fn smbus_read_word_data(&mut self, register: u8) -> Result<u16, LinuxI2CError> {
            let at = usize::from(register);
            Ok(u16::from_le_bytes([self.0[at], self.0[at + 1]]))
        }

        fn smbus_write_word_data(&mut self, register: u8, value: u16) -> Result<(), LinuxI2CError> {
            let at = usize::from(register);
            [self.0[at], self.0[at + 1]] = value.to_le_bytes();
            Ok(())
        }

        fn smbus_read_block_data(&mut self, _: u8) -> Result<Vec<u8>, LinuxI2CError> {
            Err(LinuxI2CError::Errno(NOT_SUPPORTED))
        }

        fn smbus_read_i2c_block_data(
            &mut self,
            register: u8,
            length: u8,
        ) -> Result<Vec<u8>, LinuxI2CError> {
            let at = usize::from(register);
            Ok(self.0[at..at + usize::from(length)].to_vec())
        }

        fn smbus_write_block_data(&mut self, _: u8, _: &[u8]) -> Result<(), LinuxI2CError> {
            Err(LinuxI2CError::Errno(NOT_SUPPORTED))
        }

        fn smbus_write_i2c_block_data(
            &mut self,
            register: u8,
            values: &[u8],
        ) -> Result<(), LinuxI2CError> {
            let at = usize::from(register);
            self.0[at..at + values.len()].copy_from_slice(values);
            Ok(())
        }

        fn smbus_process_block(&mut self, _: u8, _: &[u8]) -> Result<Vec<u8>, LinuxI2CError> {
            Err(LinuxI2CError::Errno(NOT_SUPPORTED))
        }
    }

    #[test]
    fn what_fits_smbus_comes_out_in_the_order_of_the_wire() {
        let mut chip = Chip([0; 256]);
        for message in [&[1, 0xaa][..], &[2, 0x12, 0x34], &[4, 1, 2, 3, 4, 5]] {
            smbus(&mut chip, &mut None, &mut [Operation::Write(message)]).unwrap();
        }
        assert_eq!(chip.0[1..9], [0xaa, 0x12, 0x34, 1, 2, 3, 4, 5]);
        for (register, expected) in [(1, &[0xaa][..]), (2, &[0x12, 0x34]), (4, &[1, 2, 3, 4, 5])] {
            let mut told = vec![0; expected.len()];
            let register = [register];
            let mut ask = [Operation::Write(&register), Operation::Read(&mut told)];
            smbus(&mut chip, &mut None, &mut ask).unwrap();
            assert_eq!(told, expected);
        }
        let (mut named, mut told) = (Some(9), [0; 2]);
        smbus(&mut chip, &mut named, &mut [Operation::Read(&mut told)]).unwrap();
        assert_eq!((named, told), (Some(9), [0; 2]));
        named = Some(2);
        smbus(&mut chip, &mut named, &mut [Operation::Read(&mut told)]).unwrap();
        assert_eq!(told, [0x12, 0x34], "what was named before is read");
    }

    #[test]
    fn what_does_not_fit_smbus_is_refused() {
        let mut chip = Chip([0; 256]);
        let mut two = [0; 2];
        assert!(smbus(&mut chip, &mut None, &mut [Operation::Read(&mut two)]).is_err());
        assert!(smbus(&mut chip, &mut None, &mut [Operation::Write(&[0; 40])]).is_err());
        let error = BusError::from(LinuxI2CError::Errno(121));
        assert_eq!(error.to_string(), "nobody answers at the address");
    }
}
