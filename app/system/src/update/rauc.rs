//! RAUC on D-Bus, as its introspection describes it (`/usr/share/dbus-1/interfaces/de.pengutronix.rauc.Installer.xml`): the
//! proxy is generated from this trait, which has only what is used, all of it in RAUC 1.8 as in 1.15. A test holds it to
//! that file (`tests/update/introspection.rs`).

use std::collections::HashMap;
use std::time::Duration;

use zbus::proxy::CacheProperties;
use zbus::wire::{OwnedVariant, Variant};
use zbus::{Connection, proxy};

use super::bundle::Bundle;
use super::{Boot, Progress, Slot, Slots};
use crate::bus::{Bus, Reason, reason};
use crate::systemd1;

/// How long an answer may take: RAUC looks at slots and boot loader for some of them.
const ANSWER: Duration = Duration::from_secs(30);
/// The unit that confirms a boot once the health gate has let it pass.
const CONFIRMS: &str = "prismatron-mark-good.service";

/// Whether it is all that keeps RAUC from answering that it installs, by what it says. It says so to everybody.
pub fn installs(said: &str) -> bool {
    said.contains("already processing")
}

/// RAUC's service.
#[proxy(
    interface = "de.pengutronix.rauc.Installer",
    default_service = "de.pengutronix.rauc",
    default_path = "/"
)]
pub(crate) trait Installer {
    /// Begins to install; `args` may have `require-manifest-hash` (RAUC 1.14).
    async fn install_bundle(
        &self,
        source: &str,
        args: HashMap<&str, Variant<'_>>,
    ) -> zbus::Result<()>;

    /// Makes a slot `good`, `bad` or `active`; the slot is `booted`, `other` or a name.
    async fn mark(&self, state: &str, slot_identifier: &str) -> zbus::Result<(String, String)>;

    /// All slots, each with what is known of it.
    async fn get_slot_status(&self) -> zbus::Result<Vec<(String, HashMap<String, OwnedVariant>)>>;

    /// The slot that is booted next.
    async fn get_primary(&self) -> zbus::Result<String>;

    /// `idle` or `installing`.
    #[zbus(property)]
    fn operation(&self) -> zbus::Result<String>;

    /// Why the last installation failed; empty where it did not.
    #[zbus(property)]
    fn last_error(&self) -> zbus::Result<String>;

    /// Percentage, what is done, and how deep in what is done that is.
    #[zbus(property)]
    fn progress(&self) -> zbus::Result<(i32, String, i32)>;

    /// The kind of machine this is.
    #[zbus(property)]
    fn compatible(&self) -> zbus::Result<String>;
}

/// A connection to it.
#[derive(Debug)]
pub(super) struct Rauc {
    bus: Connection,
    installer: InstallerProxy<'static>,
}

/// What it is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operation {
    Idle,
    Installing(Progress),
}

impl Rauc {
    pub(super) async fn connect(bus: &Bus) -> Result<Self, Reason> {
        let bus = bus.connect_for(ANSWER).await?;
        let installer = InstallerProxy::builder(&bus).cache_properties(CacheProperties::No);
        let installer = installer.build().await.map_err(|error| reason(&error))?;
        Ok(Self { bus, installer })
    }

    /// The kind of machine this is.
    pub(super) async fn compatible(&self) -> Result<String, Reason> {
        self.installer.compatible().await.map_err(|error| reason(&error))
    }

    /// What it is doing.
    pub(super) async fn operation(&self) -> Result<Operation, Reason> {
        let asked = async {
            if self.installer.operation().await? == "idle" {
                return Ok(Operation::Idle);
            }
            let (percent, message, _) = self.installer.progress().await?;
            let percent = u8::try_from(percent.clamp(0, 100)).unwrap_or(0);
            Ok(Operation::Installing(Progress { percent, message }))
        };
        asked.await.map_err(|error| reason(&error))
    }

    /// Why the last installation failed, if it did.
    pub(super) async fn last_error(&self) -> Result<Option<String>, Reason> {
        let error = self.installer.last_error().await.map_err(|error| reason(&error))?;
        Ok((!error.is_empty()).then_some(error))
    }

    /// Has it begin with a bundle, and only with the very one that was looked at, where RAUC can see to that.
    pub(super) async fn install(&self, bundle: &Bundle) -> Result<(), Reason> {
        let source = bundle.source.argument();
        if let Some(hash) = &bundle.manifest_hash {
            let args = HashMap::from([("require-manifest-hash", Variant::from(hash.as_str()))]);
            let begun = self.installer.install_bundle(&source, args).await;
            match begun.map_err(|error| reason(&error)) {
                // RAUC from 1.9 on tells the hash, and takes it from 1.14 on.
                Err(reason) if reason.contains("Unsupported key") => {}
                begun => return begun,
            }
        }
        let begun = self.installer.install_bundle(&source, HashMap::new()).await;
        begun.map_err(|error| reason(&error))
    }

    /// Makes a slot good or active.
    pub(super) async fn mark(&self, state: &str, slot: &str) -> Result<(), Reason> {
        self.installer.mark(state, slot).await.map(drop).map_err(|error| reason(&error))
    }

    /// Both slots. What runs says by itself which version it is: `running`.
    pub(super) async fn slots(&self, running: Option<&str>) -> Result<Slots, Reason> {
        let all = self.installer.get_slot_status().await.map_err(|error| reason(&error))?;
        let (mut booted, mut other) = (None, None);
        for (id, known) in &all {
            let text = |name: &str| {
                let value = known.get(name)?;
                <&str>::try_from(value).ok().map(str::to_owned)
            };
            if text("class").as_deref() != Some("rootfs") {
                continue;
            }
            let mut slot = Slot {
                name: text("bootname").unwrap_or_default(),
                version: text("bundle.version"),
                is_good: text("boot-status").as_deref() == Some("good"),
                id: id.clone(),
                device: text("device").unwrap_or_default(),
            };
            if text("state").as_deref() == Some("booted") {
                slot.version = running.map(str::to_owned).or(slot.version);
                booted = Some(slot);
            } else {
                other = Some(slot);
            }
        }
        Ok(Slots {
            booted: booted.ok_or("RAUC does not know which slot is booted")?,
            other: other.ok_or("RAUC knows of one slot only")?,
        })
    }

    /// What RAUC calls the slot that is booted next.
    pub(super) async fn primary(&self) -> Result<String, Reason> {
        self.installer.get_primary().await.map_err(|error| reason(&error))
    }

    /// Which boot this is.
    pub(super) async fn boot(&self) -> Result<Boot, Reason> {
        let asked = async {
            let manager = systemd1::ManagerProxy::builder(&self.bus);
            let manager = manager.cache_properties(CacheProperties::No).build().await?;
            manager.kernel_timestamp().await
        };
        asked.await.map(Boot).map_err(|error| reason(&error))
    }

    /// Whether this boot was confirmed.
    pub(super) async fn is_confirmed(&self) -> bool {
        let asked = async {
            let path = systemd1::ManagerProxy::new(&self.bus).await?.get_unit(CONFIRMS).await?;
            let unit = systemd1::UnitProxy::builder(&self.bus)
                .path(path)
                .cache_properties(CacheProperties::No)
                .build()
                .await?;
            unit.active_state().await
        };
        // A unit that has not been loaded has confirmed nothing.
        asked.await.is_ok_and(|state: String| state == "active")
    }
}
