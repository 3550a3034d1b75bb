//! The running service and the machine under it, as the units' commands see them.

use std::net::IpAddr;
use std::path::Path;
use std::{fs, io};

use anyhow::Context;
use nix::net::if_::InterfaceFlags;
use prismatron_web::client::{self, Method};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::health_gate::Look;
use super::tool;

/// The service's local socket.
const SOCKET: &str = "/run/prismatron-admin.sock";
/// Its runtime directory.
const RUNTIME: &str = "/run/prismatron";
/// Its unit.
pub(crate) const UNIT: &str = "prismatron.service";

/// What the service leaves in its runtime directory once somebody has confirmed this boot by hand.
const BY_HAND: &str = "confirmed";

/// The slot that UEFI's launcher has started on a Jetson (edk2-nvidia, `L4TLauncher.c`): four bytes of attributes, then a
/// little-endian number.
const BOOT_CHAIN: &str =
    "/sys/firmware/efi/efivars/BootChainOsCurrent-781e084c-a330-417c-b678-38e696380cb9";

/// The running service, asked by its local socket.
pub(crate) struct Service {
    runtime: Runtime,
}

impl Service {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// There is no runtime to ask from.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self { runtime: runtime.context("cannot start the runtime")? })
    }

    /// Asks.
    ///
    /// # Errors
    /// It does not answer, or refuses.
    pub(crate) fn ask(&self, method: Method, path: &str) -> anyhow::Result<Value> {
        // The socket is systemd's: asking a service that does not run would start it.
        anyhow::ensure!(is_answering(&Unit::look().state), "the service does not run");
        Ok(self.runtime.block_on(client::ask(Path::new(SOCKET), method, path))?)
    }

    /// How it is at this moment.
    pub(crate) fn look(&self) -> Look {
        let Unit { state, restarts } = Unit::look();
        let status = match is_answering(&state) {
            true => self
                .runtime
                .block_on(client::ask(Path::new(SOCKET), Method::GET, "/api/status"))
                .map_err(|error| error.to_string()),
            false => Err(format!("it is {state}")),
        };
        let is_confirmed = Path::new(RUNTIME).join(BY_HAND).exists();
        Look { unit: state, restarts, status, is_confirmed }
    }
}

/// Leaves word for the health gate that somebody has confirmed this boot by hand: the service has no other right to it.
///
/// # Errors
/// It cannot be written.
pub(crate) fn confirm_by_hand() -> io::Result<()> {
    let folder = prismatron_system::own_runtime_directory().ok_or(io::ErrorKind::NotFound)?;
    fs::write(folder.join(BY_HAND), "")
}

/// The service's unit, as systemd tells of it.
pub(crate) struct Unit {
    /// Its `ActiveState`.
    pub(crate) state: String,
    /// Its `NRestarts`.
    pub(crate) restarts: u32,
}

impl Unit {
    /// Asks systemd.
    pub(crate) fn look() -> Self {
        let ask = ["show", "--property=ActiveState", "--property=NRestarts", UNIT];
        let said = tool::require("systemctl", ask).unwrap_or_default();
        let value = |name: &str| said.lines().find_map(|line| line.strip_prefix(name));
        Self {
            state: value("ActiveState=").unwrap_or("unknown").to_owned(),
            restarts: value("NRestarts=").and_then(|count| count.parse().ok()).unwrap_or(0),
        }
    }
}

fn is_answering(state: &str) -> bool {
    matches!(state, "active" | "reloading" | "activating")
}

/// Addresses people can type, of interfaces that are up.
pub(crate) fn addresses() -> Vec<IpAddr> {
    let all = nix::ifaddrs::getifaddrs().into_iter().flatten();
    all.filter(|interface| {
        interface.flags.contains(InterfaceFlags::IFF_UP)
            && !interface.flags.contains(InterfaceFlags::IFF_LOOPBACK)
    })
    .filter_map(|interface| {
        let address = interface.address?;
        let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
        v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
    })
    .filter(|address| match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(address) => !address.is_unicast_link_local(),
    })
    .collect()
}

/// What the machine is called in its network.
pub(crate) fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

/// What the image calls itself, from `os-release(5)`.
pub(crate) fn image() -> Option<String> {
    let text = fs::read_to_string("/etc/os-release").ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(name.trim_matches('"').to_owned())
}

/// The slot that runs: from the kernel's command line where the boot loader says so, or from the firmware of a Jetson.
pub(crate) fn slot() -> Option<String> {
    slot_of(&fs::read_to_string("/proc/cmdline").ok()?, fs::read(BOOT_CHAIN).ok().as_deref())
}

fn slot_of(command_line: &str, boot_chain: Option<&[u8]>) -> Option<String> {
    let mut words = command_line.split_whitespace();
    let said = words.find_map(|word| word.strip_prefix("rauc.slot="));
    let of_firmware = || match boot_chain? {
        [_, _, _, _, 0, 0, 0, 0] => Some("A"),
        [_, _, _, _, 1, 0, 0, 0] => Some("B"),
        _ => None,
    };
    said.or_else(of_firmware).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slot_is_told_by_the_boot_loader_or_the_firmware() {
        let second = Some(&[6, 0, 0, 0, 1, 0, 0, 0][..]);
        assert_eq!(slot_of("ro rauc.slot=A panic=10\n", second), Some("A".into()));
        assert_eq!(slot_of("ro panic=10\n", second), Some("B".into()));
        assert_eq!(slot_of("ro", Some(&[6, 0, 0, 0, 0, 0, 0, 0])), Some("A".into()));
        assert_eq!(slot_of("ro", Some(&[6, 0, 0, 0, 2, 0, 0, 0])), None);
        assert_eq!(slot_of("ro", Some(&[6, 0, 0, 0])), None);
        assert_eq!(slot_of("ro", None), None);
    }
}
