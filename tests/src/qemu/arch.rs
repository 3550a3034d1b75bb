//! What differs by the machine's processor, as `tests/appliance/arch` has it for the scripts.

use std::process::Command;

use super::run_script;

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
        let (program, board) = match self {
            Self::X86_64 => ("qemu-system-x86_64", "-M q35 -cpu max"),
            Self::Arm64 => ("qemu-system-aarch64", "-M virt -cpu cortex-a72"),
        };
        let mut qemu = Command::new(program);
        qemu.args(board.split(' '));
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
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::X86_64 => "/usr/share/OVMF/OVMF_CODE_4M.fd",
            Self::Arm64 => "/usr/share/AAVMF/AAVMF_CODE.fd",
        }
    }

    /// The firmware's variables as they are when it is new.
    pub(super) fn variables(self) -> &'static str {
        match self {
            Self::X86_64 => "/usr/share/OVMF/OVMF_VARS_4M.fd",
            Self::Arm64 => "/usr/share/AAVMF/AAVMF_VARS.fd",
        }
    }

    /// Arguments of the kernel.
    pub(super) fn arguments(self) -> &'static str {
        match self {
            Self::X86_64 => "console=ttyS0 no_timer_check",
            Self::Arm64 => "console=ttyAMA0",
        }
    }
}
