//! What differs by the machine's processor: `tests/appliance/arch` says it, to the scripts and here.

use std::process::Command;

use super::{run, run_script};

/// The processor of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arch {
    /// That of the computers that emulate it, which is quicker.
    X86_64,
    /// The target's.
    Arm64,
}

impl Arch {
    /// Its name for the scripts.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86-64",
            Self::Arm64 => "arm64",
        }
    }

    /// The commands by which root installs what is missing here to make and boot such a machine.
    pub fn missing(self) -> String {
        run_script(self, "appliance/needs", &[])
    }

    /// QEMU with such a board.
    pub(super) fn emulator(self) -> Command {
        let words = self.told("${emulator[*]}");
        let mut words = words.split(' ');
        let mut qemu = Command::new(words.next().unwrap());
        qemu.args(words);
        qemu
    }

    /// The device of the shell's line, whose other end is the character device `shell`.
    pub(super) fn shell(self) -> &'static str {
        match self {
            Self::X86_64 => "-serial chardev:shell",
            Self::Arm64 => "-device virtio-serial-pci -device virtconsole,chardev=shell",
        }
    }

    /// The firmware.
    pub(super) fn code(self) -> String {
        self.told("$code")
    }

    /// The firmware's variables as they are when it is new.
    pub(super) fn variables(self) -> String {
        self.told("$variables")
    }

    /// Arguments of the kernel.
    pub(super) fn arguments(self) -> String {
        self.told("$arguments")
    }

    fn told(self, what: &str) -> String {
        let say = format!(r#"tests=$0; . "$0/appliance/arch"; echo "{what}""#);
        let mut bash = Command::new("bash");
        bash.args(["-euc", &say, env!("CARGO_MANIFEST_DIR")]).env("PRISMATRON_ARCH", self.name());
        run(&mut bash).trim().to_owned()
    }
}
