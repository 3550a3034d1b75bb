//! RAUC, systemd and login1 as far as they are asked, by their introspection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::timeout;
use zbus::wire::{OwnedObjectPath, OwnedVariant, Variant};
use zbus::{Connection, fdo, interface};

use crate::daemon::Daemon;

const UNIT: &str = "/org/freedesktop/systemd1/unit/prismatron_2dmark_2dgood_2eservice";

/// How the machine is, and what it was told.
pub(crate) struct Machine {
    pub(crate) compatible: &'static str,
    /// The slot that is booted, A or B.
    pub(crate) booted: &'static str,
    /// The slot that is booted next.
    pub(crate) primary: &'static str,
    /// Whether the slot that is not booted may be.
    pub(crate) is_other_good: bool,
    /// What RAUC does: percentage and words, or nothing.
    pub(crate) installing: Option<(i32, &'static str)>,
    /// Whether it was asked for another meanwhile: it refuses that, and says then that it does nothing.
    pub(crate) has_refused: bool,
    /// Whether login1 refuses to reboot.
    pub(crate) stays_up: bool,
    pub(crate) last_error: String,
    /// When the kernel was started.
    pub(crate) boot: u64,
    pub(crate) is_confirmed: bool,
    /// What the boot loader says of the booted slot: that of a Jetson never anything else.
    pub(crate) is_booted_good: bool,
    /// A file in place of the other slot's device.
    pub(crate) device: String,
    pub(crate) told: Vec<String>,
}

/// The machine, shared by the objects on the bus and the test.
#[derive(Clone)]
pub(crate) struct Imitation(Arc<Mutex<Machine>>);

impl Imitation {
    pub(crate) fn new(compatible: &'static str, device: String) -> Self {
        Self(Arc::new(Mutex::new(Machine {
            compatible,
            booted: "A",
            primary: "A",
            is_other_good: true,
            installing: None,
            has_refused: false,
            stays_up: false,
            last_error: String::new(),
            boot: 1,
            is_confirmed: true,
            is_booted_good: true,
            device,
            told: Vec::new(),
        })))
    }

    pub(crate) fn get(&self) -> MutexGuard<'_, Machine> {
        self.0.lock().unwrap()
    }

    pub(crate) fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.get().told)
    }

    /// RAUC comes to its end with what it installs.
    pub(crate) fn end(&self, error: &str) {
        let mut machine = self.get();
        machine.installing = None;
        machine.last_error = error.into();
        if error.is_empty() {
            machine.primary = other(machine.booted);
            machine.is_other_good = true;
        }
    }

    /// The machine boots a slot.
    pub(crate) fn boot(&self, slot: &'static str) {
        let mut machine = self.get();
        machine.boot += 1;
        (machine.booted, machine.installing, machine.last_error) = (slot, None, String::new());
        machine.is_confirmed = false;
    }

    /// Puts all of it on a bus.
    pub(crate) async fn serve(&self, daemon: &Daemon) -> Connection {
        let serving = zbus::connection::Builder::address(daemon.address.as_str())
            .serve_at("/", Installer(self.clone()))
            .serve_at("/org/freedesktop/systemd1", Manager(self.clone()))
            .serve_at(UNIT, Unit(self.clone()))
            .serve_at("/org/freedesktop/login1", Login(self.clone()))
            .name("de.pengutronix.rauc")
            .name("org.freedesktop.systemd1")
            .name("org.freedesktop.login1")
            .build();
        timeout(Duration::from_secs(30), serving).await.expect("the bus does not answer").unwrap()
    }
}

fn other(slot: &str) -> &'static str {
    if slot == "A" { "B" } else { "A" }
}

fn id(slot: &str) -> String {
    if slot == "A" { "rootfs.0".into() } else { "rootfs.1".into() }
}

pub(crate) struct Installer(pub(crate) Imitation);

impl Installer {
    fn busy(&self) -> fdo::Result<()> {
        match self.0.get().installing {
            Some(_) => Err(fdo::Error::Failed("already processing a different method".into())),
            None => Ok(()),
        }
    }
}

#[interface(name = "de.pengutronix.rauc.Installer")]
impl Installer {
    fn install_bundle(&self, source: &str, args: HashMap<String, OwnedVariant>) -> fdo::Result<()> {
        self.busy()?;
        let mut keys: Vec<_> = args.into_keys().collect();
        keys.sort();
        let mut machine = self.0.get();
        machine.told.push(format!("InstallBundle({source}, {keys:?})"));
        machine.installing = Some((0, "Installing"));
        machine.last_error.clear();
        machine.is_other_good = false;
        Ok(())
    }

    fn mark(&self, state: &str, slot_identifier: &str) -> fdo::Result<(String, String)> {
        self.busy()?;
        let mut machine = self.0.get();
        machine.told.push(format!("Mark({state}, {slot_identifier})"));
        let slot = match slot_identifier {
            "booted" => machine.booted,
            _ => other(machine.booted),
        };
        if state == "active" {
            machine.primary = slot;
        }
        Ok((id(slot), "done".into()))
    }

    fn get_slot_status(&self) -> fdo::Result<Vec<(String, HashMap<String, OwnedVariant>)>> {
        self.busy()?;
        let machine = self.0.get();
        let slot = |name: &'static str| {
            let is_booted = name == machine.booted;
            let is_good = if is_booted { machine.is_booted_good } else { machine.is_other_good };
            let known = [
                ("class", "rootfs"),
                ("bootname", name),
                ("state", if is_booted { "booted" } else { "inactive" }),
                ("boot-status", if is_good { "good" } else { "bad" }),
                ("device", machine.device.as_str()),
            ];
            let owned = |value: &str| OwnedVariant::try_from(Variant::from(value)).unwrap();
            let known = known.map(|(key, value)| (key.to_owned(), owned(value)));
            (id(name), known.into_iter().collect())
        };
        Ok(vec![slot("B"), slot("A")])
    }

    fn get_primary(&self) -> fdo::Result<String> {
        self.busy()?;
        Ok(id(self.0.get().primary))
    }

    #[zbus(property)]
    fn operation(&self) -> &'static str {
        let machine = self.0.get();
        if machine.installing.is_some() && !machine.has_refused { "installing" } else { "idle" }
    }

    #[zbus(property)]
    fn last_error(&self) -> String {
        self.0.get().last_error.clone()
    }

    #[zbus(property)]
    fn progress(&self) -> (i32, String, i32) {
        let (percent, message) = self.0.get().installing.unwrap_or_default();
        (percent, message.into(), 1)
    }

    #[zbus(property)]
    fn compatible(&self) -> &'static str {
        self.0.get().compatible
    }
}

struct Manager(Imitation);

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    fn get_unit(&self, name: &str) -> fdo::Result<OwnedObjectPath> {
        assert_eq!(name, "prismatron-mark-good.service");
        Ok(OwnedObjectPath::try_from(UNIT).unwrap())
    }

    #[zbus(property)]
    fn kernel_timestamp(&self) -> u64 {
        self.0.get().boot
    }
}

struct Unit(Imitation);

#[interface(name = "org.freedesktop.systemd1.Unit")]
impl Unit {
    #[zbus(property)]
    fn active_state(&self) -> &'static str {
        if self.0.get().is_confirmed { "active" } else { "inactive" }
    }
}

struct Login(Imitation);

#[interface(name = "org.freedesktop.login1.Manager")]
impl Login {
    fn can_reboot(&self) -> &'static str {
        "yes"
    }

    fn can_power_off(&self) -> &'static str {
        "yes"
    }

    fn reboot(&self, interactive: bool) -> fdo::Result<()> {
        let mut machine = self.0.get();
        if machine.stays_up {
            return Err(fdo::Error::AccessDenied("not now".into()));
        }
        machine.told.push(format!("Reboot({interactive})"));
        Ok(())
    }
}
