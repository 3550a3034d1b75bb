//! `prismatron provision`: does what the setup file says, before the network and the service are started.
//!
//! All of it is in memory, so that a boot without the file is one without its settings. A file that is wrong counts for
//! nothing, and a note says where it is wrong; the appliance boots all the same.

use std::fmt::Write;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context;
use nix::mount::{MsFlags, mount, umount};
use prismatron_store::config::{Hawkbit, NetworkSetup, Setup, Wifi};

use super::{NOTES, notes};

/// What the file is called on its partition.
const FILE: &str = "prismatron-setup.ron";
/// What notes are about.
const SUBJECT: &str = "setup file";
/// Longest message that fits a note on a terminal.
const LONGEST: usize = 400;

/// How long the partition is waited for: it is there at once, unless udev has not come to it yet.
const WAIT: Duration = Duration::from_secs(5);
/// How often it is looked for meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// Does what the file on a partition says, which is mounted on a folder meanwhile.
///
/// # Errors
/// Something cannot be written.
pub(crate) fn run(device: &Path, at: &Path, root: &Path) -> anyhow::Result<()> {
    let mounted = Mounted::new(device, at);
    if let Err(error) = &mounted {
        eprintln!("{error:#}");
    }
    provision(at, root)
}

/// A partition while it is mounted.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    /// Mounts a FAT partition, to be read only. It is done here: of a command for each step every one would take its time,
    /// before the first picture.
    fn new(device: &Path, at: &'a Path) -> anyhow::Result<Self> {
        let until = Instant::now() + WAIT;
        while !device.exists() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
        fs::create_dir_all(at).with_context(|| format!("cannot make {}", at.display()))?;
        let flags =
            MsFlags::MS_RDONLY | MsFlags::MS_NODEV | MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
        mount(Some(device), at, Some("vfat"), flags, None::<&Path>)
            .with_context(|| format!("cannot mount {}", device.display()))?;
        Ok(Self(at))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        if let Err(error) = umount(self.0) {
            eprintln!("cannot unmount {}: {error}", self.0.display());
        }
    }
}

/// Does what the file in a folder says, in a system whose root is there.
fn provision(from: &Path, root: &Path) -> anyhow::Result<()> {
    let setup = read(&from.join(FILE), &at(root, NOTES));
    let name = setup.host_name.clone().unwrap_or_else(|| own_name(root));
    fs::write(at(root, "/proc/sys/kernel/hostname"), &name).context("cannot set the host name")?;

    let folder = at(root, "/run/prismatron-setup");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let display = setup.for_display().context("cannot write down what the display is to know")?;
    write(&folder.join("setup.ron"), &display, 0o640)?;
    set_time_zone(&setup, root, &folder.join("localtime"))?;
    if let Some(network) = network(&setup.network) {
        let units = at(root, "/run/systemd/network");
        fs::create_dir_all(&units).with_context(|| format!("cannot make {}", units.display()))?;
        write(&units.join("10-prismatron-setup.network"), &network, 0o644)?;
    }
    if let Some(wifi) = &setup.network.wifi {
        write(&folder.join("wpa_supplicant.conf"), &wpa_supplicant(wifi), 0o600)?;
    }
    if let Some(server) = &setup.hawkbit {
        // For the display's user, as whom the updater runs.
        write(&folder.join("hawkbit.conf"), &hawkbit(server, &name), 0o640)?;
    }
    if let Some(key) = &setup.ssh_key {
        write(&folder.join("authorized_keys"), &format!("{key}\n"), 0o600)?;
    }
    Ok(())
}

/// The file, or one that says nothing.
fn read(file: &Path, notes_folder: &Path) -> Setup {
    if !file.exists() {
        return Setup::default();
    }
    match Setup::load(file) {
        Ok(setup) => {
            println!("Prismatron: {FILE} is read");
            setup
        }
        Err(error) => {
            let reason: String = format!("{error:#}")
                .replace(&file.display().to_string(), FILE)
                .chars()
                .take(LONGEST)
                .collect();
            let message = format!("It is wrong, and nothing of it counts: {reason}");
            notes::leave(notes_folder, SUBJECT, &message);
            Setup::default()
        }
    }
}

/// `prismatron-XXXX` by what tells this board from others; always the same on one board.
fn own_name(root: &Path) -> String {
    let identity = ["/proc/device-tree/serial-number", "/sys/class/dmi/id/product_uuid"];
    let serial = identity.iter().find_map(|file| fs::read(at(root, file)).ok()).or_else(|| {
        let interfaces = fs::read_dir(at(root, "/sys/class/net")).ok()?;
        let hardware = interfaces.flatten().filter(|entry| entry.path().join("device").exists());
        hardware.filter_map(|entry| fs::read(entry.path().join("address")).ok()).min()
    });
    let number = crc32fast::hash(&serial.unwrap_or_default());
    format!("prismatron-{:04x}", number & 0xffff)
}

/// The image's `/etc/localtime` is a link to this one.
fn set_time_zone(setup: &Setup, root: &Path, link: &Path) -> anyhow::Result<()> {
    let zone = setup.time_zone.as_deref().unwrap_or("UTC");
    let file = format!("/usr/share/zoneinfo/{zone}");
    let target = if at(root, &file).is_file() {
        file
    } else {
        notes::leave(
            &at(root, NOTES),
            SUBJECT,
            &format!("There is no time zone {zone}: it is UTC."),
        );
        "/usr/share/zoneinfo/UTC".to_owned()
    };
    if fs::symlink_metadata(link).is_ok() {
        fs::remove_file(link).with_context(|| format!("cannot replace {}", link.display()))?;
    }
    symlink(target, link).with_context(|| format!("cannot make {}", link.display()))
}

/// A unit of systemd-networkd, where the address is not DHCP's.
fn network(setup: &NetworkSetup) -> Option<String> {
    let address = setup.address?;
    let kind = if setup.wifi.is_some() { "wlan" } else { "ether" };
    let mut text = format!(
        "[Match]\nType={kind}\n\n[Network]\nAddress={address}\nMulticastDNS=yes\nLLMNR=no\n"
    );
    // Writing to a string cannot fail.
    if let Some(gateway) = setup.gateway {
        let _ = writeln!(text, "Gateway={gateway}");
    }
    for server in &setup.name_servers {
        let _ = writeln!(text, "DNS={server}");
    }
    Some(text)
}

/// A configuration of wpa_supplicant. The name goes as hexadecimal digits, which mean nothing else; a password has none
/// but plain characters, and ends at the last quotation mark of its line.
fn wpa_supplicant(wifi: &Wifi) -> String {
    let name = wifi.name().bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let country = wifi.country().map(|country| format!("country={country}\n")).unwrap_or_default();
    let key = match wifi.password() {
        Some(password) => {
            format!(
                "    key_mgmt=WPA-PSK WPA-PSK-SHA256 SAE\n    ieee80211w=1\n    psk=\"{password}\"\n"
            )
        }
        None => "    key_mgmt=NONE\n".to_owned(),
    };
    format!("{country}network={{\n    ssid={name}\n    scan_ssid=1\n{key}}}\n")
}

/// A configuration of rauc-hawkbit-updater. RAUC reads bundles from the server as it needs them; the reboot is left to people,
/// since the updater's own would not wait for anything to end.
fn hawkbit(server: &Hawkbit, name: &str) -> String {
    let target = server.target().unwrap_or(name);
    let (host, tls) = (server.host(), server.is_secure());
    let (tenant, token) = (server.tenant(), server.token());
    format!(
        "[client]\nhawkbit_server = {host}\nssl = {tls}\nssl_verify = {tls}\ntenant_id = {tenant}\n\
         target_name = {target}\nauth_token = {token}\nstream_bundle = true\npost_update_reboot = false\n\n\
         [device]\nhost_name = {name}\n"
    )
}

/// Writes a file that others may see only once it has its mode.
fn write(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let made = || {
        let draft = path.with_extension("new");
        fs::write(&draft, "")?;
        fs::set_permissions(&draft, Permissions::from_mode(mode))?;
        fs::write(&draft, text)?;
        fs::rename(&draft, path)
    };
    made().with_context(|| format!("cannot write {}", path.display()))
}

/// Where a path of the system is below another root.
fn at(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    /// A root, and the partition.
    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            let place = Self(tempfile::tempdir().unwrap());
            for folder in ["partition", "proc/sys/kernel", "usr/share/zoneinfo/Europe"] {
                fs::create_dir_all(place.path(folder)).unwrap();
            }
            for zone in ["UTC", "Europe/Berlin"] {
                fs::write(place.path("usr/share/zoneinfo").join(zone), zone).unwrap();
            }
            place
        }

        fn path(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn run(&self, setup: Option<&str>) -> Vec<notes::Note> {
            if let Some(setup) = setup {
                fs::write(self.path("partition").join(FILE), setup).unwrap();
            }
            provision(&self.path("partition"), self.0.path()).unwrap();
            notes::all(&at(self.0.path(), NOTES))
        }

        fn read(&self, path: &str) -> String {
            fs::read_to_string(self.path(path)).unwrap()
        }
    }

    #[test]
    fn without_a_file_the_name_is_the_boards_own_and_stays() {
        let place = Place::new();
        assert_eq!(place.run(None), []);
        fs::create_dir_all(place.path("proc/device-tree")).unwrap();
        fs::write(place.path("proc/device-tree/serial-number"), "1423\0").unwrap();
        place.run(None);
        let name = place.read("proc/sys/kernel/hostname");
        assert!(name.starts_with("prismatron-") && name.len() == 15, "{name}");
        place.run(None);
        assert_eq!(place.read("proc/sys/kernel/hostname"), name);
        fs::write(place.path("proc/device-tree/serial-number"), "1424\0").unwrap();
        place.run(None);
        assert_ne!(place.read("proc/sys/kernel/hostname"), name);
        assert!(!place.path("run/systemd/network").exists());
        assert_eq!(
            fs::read_link(place.path("run/prismatron-setup/localtime")).unwrap(),
            Path::new("/usr/share/zoneinfo/UTC")
        );
    }

    #[test]
    fn everything_it_says_is_done() {
        let place = Place::new();
        let notes = place.run(Some(
            r#"(host_name: "lobby", time_zone: "Europe/Berlin", ssh_key: "ssh-ed25519 A",
                hawkbit: (server: "https://updates.example", token: "secret"), network: (
                address: "10.0.0.2/24", gateway: "10.0.0.1", name_servers: ["10.0.0.1"],
                wifi: (name: "a\"b", password: "quo\"ted \\ word", country: "DE")))"#,
        ));
        assert_eq!(notes, []);
        assert_eq!(place.read("proc/sys/kernel/hostname"), "lobby");
        let network = place.read("run/systemd/network/10-prismatron-setup.network");
        for line in ["Type=wlan", "Address=10.0.0.2/24", "Gateway=10.0.0.1", "DNS=10.0.0.1"] {
            assert!(network.lines().any(|is| is == line), "{line}: {network}");
        }
        let wifi = place.read("run/prismatron-setup/wpa_supplicant.conf");
        assert!(wifi.contains("country=DE\n") && wifi.contains("ssid=612262\n"), "{wifi}");
        assert!(wifi.contains("psk=\"quo\"ted \\ word\"\n"), "{wifi}");
        let mode =
            |path: &str| fs::metadata(place.path(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("run/prismatron-setup/wpa_supplicant.conf"), 0o600);
        assert_eq!(mode("run/prismatron-setup/setup.ron"), 0o640);
        assert!(!place.read("run/prismatron-setup/setup.ron").contains("word"));
        let hawkbit = place.read("run/prismatron-setup/hawkbit.conf");
        for line in [
            "hawkbit_server = updates.example",
            "ssl = true",
            "ssl_verify = true",
            "tenant_id = DEFAULT",
            "target_name = lobby",
            "auth_token = secret",
            "stream_bundle = true",
            "post_update_reboot = false",
        ] {
            assert!(hawkbit.lines().any(|is| is == line), "{line}: {hawkbit}");
        }
        assert_eq!(mode("run/prismatron-setup/hawkbit.conf"), 0o640);
    }

    #[test]
    fn a_wrong_file_counts_for_nothing_and_is_told_with_its_line() {
        let place = Place::new();
        let notes = place.run(Some("(\n  host_name: \"lobby\",\n  outputs: 7,\n)"));
        let [note] = &notes[..] else { panic!("{notes:?}") };
        assert!(note.message.contains("prismatron-setup.ron:3:"), "{}", note.message);
        assert!(place.read("proc/sys/kernel/hostname").starts_with("prismatron-"));
    }

    #[test]
    fn an_unknown_time_zone_is_utc_and_the_rest_counts() {
        let place = Place::new();
        let notes = place.run(Some("(host_name: \"lobby\", time_zone: \"Mars/Base\")"));
        assert!(notes[0].message.contains("Mars/Base"), "{notes:?}");
        assert_eq!(place.read("proc/sys/kernel/hostname"), "lobby");
    }
}
