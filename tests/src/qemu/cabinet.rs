//! A machine with the hardware of a cabinet, by a kernel that simulates chips of lines and of sensors.
//!
//! It is the service's Debian, installed as the guide says, with a disk of its own that nothing outlives. The service does
//! not start by itself: first there are its chips.

use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use tempfile::TempDir;

use super::guest::Guest;
use super::{Arch, add_shell, emulator, free_port, run_script, serial_log};
use crate::guide;
use crate::usb_i2c::UsbI2c;

/// Where the kernel tells of what is set on which line, and when.
const TRACE: &str = "/sys/kernel/tracing";

/// What I2C bus 0 is like, and at which addresses it has sensors, whose registers are zero.
#[derive(Debug, Clone, Copy)]
pub enum Sensors<'a> {
    /// There is none.
    None,
    /// One that speaks SMBus alone, as those of PC chipsets do: the kernel's own simulation.
    Smbus(&'a [u8]),
    /// One that passes messages on as they are: an adapter on USB.
    Messages(&'a [u8]),
}

/// The machine, which is on.
pub struct Cabinet {
    qemu: Child,
    guest: Guest,
    usb: Option<UsbI2c>,
    lines: Vec<String>,
    /// The number of the first line among those of all chips.
    base: u32,
    log: PathBuf,
    _folder: TempDir,
}

/// What the kernel has seen set on a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    /// In seconds since it was booted.
    pub at: f64,
    /// The level.
    pub is_high: bool,
}

impl Cabinet {
    /// Switches one on, and gives it a chip `cabinet` with these lines, each pulled down, and sensors.
    pub fn new(lines: &[&str], sensors: Sensors<'_>) -> Self {
        let install = guide::section("Install").join("\n");
        let made = PathBuf::from(run_script(Arch::X86_64, "board/disk", &[&install]));
        let folder = tempfile::tempdir().unwrap();
        let log = serial_log(&made, "board");
        let (page, shell) = (free_port(), folder.path().join("shell"));
        let mut qemu = emulator(Arch::X86_64, &format!("hostfwd=tcp:127.0.0.1:{page}-:8080"));
        for disk in ["root", "top"] {
            let image = made.join(disk).with_extension("squashfs");
            qemu.arg("-drive")
                .arg(format!("file={},format=raw,if=virtio,readonly=on", image.display()));
        }
        qemu.arg("-serial").arg(format!("file:{}", log.display()));
        add_shell(Arch::X86_64, &mut qemu, &shell);
        qemu.arg("-kernel").arg(made.join("vmlinuz")).arg("-initrd").arg(made.join("initrd"));
        let arguments = Arch::X86_64.arguments();
        qemu.arg("-append").arg(format!("panic=5 {arguments} quiet loglevel=4"));
        let mut usb = None;
        if let Sensors::Messages(addresses) = sensors {
            let socket = folder.path().join("usb");
            usb = Some(UsbI2c::serve(&socket, addresses));
            qemu.args(["-device", "qemu-xhci", "-chardev"])
                .arg(format!("socket,id=usb,path={}", socket.display()))
                .args(["-device", "usb-redir,chardev=usb"]);
        }
        let qemu = qemu.stdin(Stdio::null()).spawn().unwrap();
        let guest = Guest::connect(&shell, page);
        let lines = lines.iter().map(|&line| line.to_owned()).collect();
        let mut cabinet = Self { qemu, guest, usb, lines, base: 0, log, _folder: folder };
        cabinet.equip(sensors);
        cabinet
    }

    /// Has the kernel make its chips.
    fn equip(&mut self, sensors: Sensors<'_>) {
        let mut modules = vec!["configfs", "gpio-sim", "i2c-dev"];
        if let Sensors::Smbus(addresses) = sensors {
            modules.push("i2c-stub");
            let addresses: Vec<String> = addresses.iter().map(u8::to_string).collect();
            let options = format!("options i2c-stub chip_addr={}", addresses.join(","));
            self.put("/run/modprobe.d/cabinet.conf", &options);
        }
        self.put("/run/modules-load.d/cabinet.conf", &modules.join("\n"));
        self.shell("systemctl restart systemd-modules-load.service");
        self.shell("systemctl start sys-kernel-config.mount");
        let chip = "/sys/kernel/config/gpio-sim/cabinet";
        let bank = format!("{chip}/bank");
        self.shell(&format!("mkdir {chip} {bank} && echo cabinet >{bank}/label"));
        self.shell(&format!("echo {} >{bank}/num_lines", self.lines.len()));
        for (offset, name) in self.lines.iter().enumerate() {
            self.shell(&format!(
                "mkdir {bank}/line{offset} && echo {name} >{bank}/line{offset}/name"
            ));
        }
        self.shell(&format!("echo 1 >{chip}/live"));
        self.shell("udevadm settle");
        let base = self.shell("cat $(dirname $(grep -lx cabinet /sys/class/gpio/*/label))/base");
        self.base = base.parse().unwrap();
        // Nobody's looks at a line, only what is set.
        self.shell(&format!("echo get==0 >{TRACE}/events/gpio/gpio_value/filter"));
        self.shell(&format!("echo 1 >{TRACE}/events/gpio/gpio_value/enable"));
    }

    /// Writes a text file, and the folders around it.
    pub fn put(&self, path: &str, text: &str) {
        self.shell(&format!("mkdir -p $(dirname {path}) && cat >{path} <<'END'\n{text}\nEND"));
    }

    /// The level of a line, as it is on the wire.
    pub fn is_high(&self, line: &str) -> bool {
        self.shell(&format!("cat {}", self.attribute(line, "value"))) == "1"
    }

    /// Has a line's level be this one where nobody drives it.
    pub fn pull(&self, line: &str, up: bool) {
        let pull = if up { "pull-up" } else { "pull-down" };
        self.shell(&format!("echo {pull} >{}", self.attribute(line, "pull")));
    }

    /// What was set on a line, and when, since it is there.
    ///
    /// # Panics
    /// The kernel's words are not understood.
    pub fn sets(&self, line: &str) -> Vec<Set> {
        let event = format!("gpio_value: {} set ", self.base as usize + self.offset(line));
        let said = self.shell(&format!("grep -F '{event}' {TRACE}/trace || true"));
        let set = |line: &str| {
            let (before, level) = line.split_once(&event)?;
            let at = before.split_whitespace().last()?.trim_end_matches(':').parse().ok()?;
            Some(Set { at, is_high: level.trim() == "1" })
        };
        said.lines().map(|line| set(line).unwrap_or_else(|| panic!("{line}"))).collect()
    }

    /// Has a register of a sensor hold these bytes, in the order of the wire.
    pub fn hold(&self, sensor: u8, register: u8, bytes: [u8; 2]) {
        if let Some(usb) = &self.usb {
            return usb.hold(sensor, register, bytes);
        }
        let word = u16::from_le_bytes(bytes);
        self.shell(&format!("busybox i2cset -y 0 {sensor:#x} {register:#x} {word:#x} w"));
    }

    /// What a register of a sensor holds, in the order of the wire.
    pub fn held(&self, sensor: u8, register: u8) -> [u8; 2] {
        if let Some(usb) = &self.usb {
            return usb.held(sensor, register);
        }
        let said = self.shell(&format!("busybox i2cget -y 0 {sensor:#x} {register:#x} w"));
        u16::from_str_radix(said.trim_start_matches("0x"), 16).unwrap().to_le_bytes()
    }

    fn offset(&self, line: &str) -> usize {
        self.lines.iter().position(|known| known == line).unwrap()
    }

    fn attribute(&self, line: &str, name: &str) -> String {
        let offset = self.offset(line);
        format!("/sys/devices/platform/gpio-sim.0/gpiochip0/sim_gpio{offset}/{name}")
    }
}

/// It is spoken to as any machine.
impl Deref for Cabinet {
    type Target = Guest;

    fn deref(&self) -> &Guest {
        &self.guest
    }
}

impl Drop for Cabinet {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("── the serial line is in {}", self.log.display());
        }
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}
