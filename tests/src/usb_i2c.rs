//! An I2C bus with sensors, behind an adapter on a machine's USB.
//!
//! The adapter is an i2c-tiny-usb, whose requests are those of Linux's driver of this name. What goes over USB goes to QEMU
//! by usbredir (its protocol's description, version 0.7): packets of a type, a length and a number, then what belongs to
//! the type, all least significant byte first. Of what is optional, only what an XHCI asks for is spoken.
//!
//! A *sensor* has registers of two bytes. The first byte that is written names one, more are its content; what is read
//! is the content of the one that was named last.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Types of packets.
const HELLO: u32 = 0;
const DEVICE_CONNECT: u32 = 1;
const INTERFACE_INFO: u32 = 4;
const ENDPOINT_INFO: u32 = 5;
const SET_CONFIGURATION: u32 = 6;
const CONFIGURATION_STATUS: u32 = 8;
const CONTROL: u32 = 100;

/// Capabilities: endpoints with the sizes of their packets, numbers of 64 bits from the greeting on, and long bulk
/// packets, of which there are none.
const CAPABILITIES: u32 = 1 << 4 | 1 << 5 | 1 << 6;

/// How a request ended.
const SUCCESS: u8 = 0;
const STALL: u8 = 4;

/// What the adapter tells of a message's address.
const ACKNOWLEDGED: u8 = 1;
const NOT_ACKNOWLEDGED: u8 = 2;

/// `I2C_FUNC_I2C`: messages, and nothing else.
const FUNCTIONS: u32 = 1;

/// USB 1.1, a class of its own, packets of 64 bytes, EZPrototypes' i2c-tiny-usb, one configuration.
const DEVICE: [u8; 18] = [18, 1, 0x10, 1, 0xff, 0, 0, 64, 0x40, 0x1c, 0x34, 5, 5, 2, 0, 0, 0, 1];
/// One interface without endpoints, for 100 mA.
const CONFIGURATION: [u8; 18] = [9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xff, 0, 0, 0];

type Sensors = BTreeMap<u8, Sensor>;

struct Sensor {
    registers: [[u8; 2]; 256],
    named: u8,
}

/// The bus.
pub struct UsbI2c(Arc<Mutex<Sensors>>);

impl UsbI2c {
    /// One with sensors at these addresses, all of whose bytes are zero, for a QEMU that connects to this socket.
    pub fn serve(socket: &Path, addresses: &[u8]) -> Self {
        let listener = UnixListener::bind(socket).unwrap();
        let sensor = |&address| (address, Sensor { registers: [[0; 2]; 256], named: 0 });
        let sensors: Arc<Mutex<Sensors>> =
            Arc::new(Mutex::new(addresses.iter().map(sensor).collect()));
        let adapter = Adapter { sensors: Arc::clone(&sensors), status: ACKNOWLEDGED };
        std::thread::spawn(move || {
            let (line, _) = listener.accept().unwrap();
            // It ends with the machine.
            let _ = adapter.talk(line);
        });
        Self(sensors)
    }

    /// Has a register of a sensor hold these bytes.
    pub fn hold(&self, sensor: u8, register: u8, bytes: [u8; 2]) {
        let mut sensors = self.0.lock().unwrap();
        sensors.get_mut(&sensor).unwrap().registers[usize::from(register)] = bytes;
    }

    /// What a register of a sensor holds.
    pub fn held(&self, sensor: u8, register: u8) -> [u8; 2] {
        self.0.lock().unwrap()[&sensor].registers[usize::from(register)]
    }
}

struct Adapter {
    sensors: Arc<Mutex<Sensors>>,
    /// Whether the last message had somebody at its address.
    status: u8,
}

/// A request on the default endpoint.
struct Request<'a> {
    kind: u8,
    number: u8,
    value: u16,
    index: u16,
    length: u16,
    data: &'a [u8],
}

impl Adapter {
    fn talk(mut self, mut line: UnixStream) -> io::Result<()> {
        greet(&mut line)?;
        // One interface, of a class of its own; how many there are comes first.
        let mut interfaces = [0; 4 + 4 * 32];
        (interfaces[0], interfaces[4 + 32]) = (1, 0xff);
        send(&mut line, INTERFACE_INFO, 0, &interfaces)?;
        // The default endpoint in both directions, and else none: types, intervals, interfaces, sizes of packets.
        let mut endpoints = [0; 3 * 32 + 2 * 32];
        endpoints[..32].fill(0xff);
        for default in [0, 16] {
            endpoints[default] = 0;
            endpoints[3 * 32 + 2 * default] = DEVICE[7];
        }
        send(&mut line, ENDPOINT_INFO, 0, &endpoints)?;
        // At full speed.
        let [vendor, product] = [&DEVICE[8..10], &DEVICE[10..12]];
        send(&mut line, DEVICE_CONNECT, 0, &[&[1, 0xff, 0, 0], vendor, product].concat())?;
        loop {
            let (kind, id, body) = receive(&mut line)?;
            match kind {
                SET_CONFIGURATION => {
                    send(&mut line, CONFIGURATION_STATUS, id, &[SUCCESS, body[0]])?;
                }
                CONTROL => {
                    let answer = self.control(&body);
                    send(&mut line, CONTROL, id, &answer)?;
                }
                // Resets; the one interface has no other settings.
                _ => {}
            }
        }
    }

    /// Endpoint, number, type, status, value, index, length, then data.
    fn control(&mut self, body: &[u8]) -> Vec<u8> {
        let word = |at| u16::from_le_bytes([body[at], body[at + 1]]);
        let [value, index, length] = [4, 6, 8].map(word);
        let (number, kind, data) = (body[1], body[2], &body[10..]);
        let given = self.answer(&Request { kind, number, value, index, length, data });
        let mut answer = body[..10].to_vec();
        answer[3] = if given.is_some() { SUCCESS } else { STALL };
        let mut given = given.unwrap_or_default();
        // Of what was written, all is taken.
        let is_in = kind & 0x80 != 0;
        given.truncate(if is_in { length.into() } else { 0 });
        let passed = if is_in { given.len() as u16 } else { length };
        answer[8..10].copy_from_slice(&passed.to_le_bytes());
        answer.extend(given);
        answer
    }

    /// What is answered, or nothing to what is not understood.
    fn answer(&mut self, request: &Request<'_>) -> Option<Vec<u8>> {
        let address = request.index as u8;
        match (request.kind, request.number) {
            // GET_DESCRIPTOR
            (0x80, 6) => match request.value >> 8 {
                1 => Some(DEVICE.to_vec()),
                2 => Some(CONFIGURATION.to_vec()),
                _ => None,
            },
            (0xc1, 1) => Some(FUNCTIONS.to_le_bytes().to_vec()),
            // How fast, which is nobody's business here.
            (0x41, 2) => Some(Vec::new()),
            (0xc1, 3) => Some(vec![self.status]),
            (0x41, 4..=7) => Some(self.message(address, |sensor| sensor.write(request.data))),
            (0xc1, 4..=7) => {
                Some(self.message(address, |sensor| sensor.read(request.length.into())))
            }
            _ => None,
        }
    }

    fn message(&mut self, address: u8, pass: impl FnOnce(&mut Sensor) -> Vec<u8>) -> Vec<u8> {
        let mut sensors = self.sensors.lock().unwrap();
        let sensor = sensors.get_mut(&address);
        self.status = if sensor.is_some() { ACKNOWLEDGED } else { NOT_ACKNOWLEDGED };
        // Nobody pulls the line down.
        sensor.map_or(vec![0xff; 2], pass)
    }
}

impl Sensor {
    fn write(&mut self, bytes: &[u8]) -> Vec<u8> {
        if let [named, content @ ..] = bytes {
            self.named = *named;
            let register = &mut self.registers[usize::from(*named)];
            register.iter_mut().zip(content).for_each(|(byte, given)| *byte = *given);
        }
        Vec::new()
    }

    fn read(&self, length: usize) -> Vec<u8> {
        self.registers[usize::from(self.named)].iter().copied().cycle().take(length).collect()
    }
}

/// Says its version, which is nobody's business, and what it can, and hears the other's.
fn greet(line: &mut UnixStream) -> io::Result<()> {
    let words = [HELLO, 64 + 4, 0].map(u32::to_le_bytes);
    line.write_all(&[words.as_flattened(), &[0; 64], &CAPABILITIES.to_le_bytes()].concat())?;
    let mut header = [0; 12];
    line.read_exact(&mut header)?;
    line.read_exact(&mut vec![0; word(&header, 4) as usize])
}

fn send(line: &mut UnixStream, kind: u32, id: u64, body: &[u8]) -> io::Result<()> {
    let words = [kind, body.len() as u32].map(u32::to_le_bytes);
    line.write_all(&[words.as_flattened(), &id.to_le_bytes(), body].concat())
}

fn receive(line: &mut UnixStream) -> io::Result<(u32, u64, Vec<u8>)> {
    let mut header = [0; 16];
    line.read_exact(&mut header)?;
    let [kind, length, low, high] = [0, 4, 8, 12].map(|at| word(&header, at));
    let mut body = vec![0; length as usize];
    line.read_exact(&mut body)?;
    Ok((kind, u64::from(high) << 32 | u64::from(low), body))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}
