//! systemd on D-Bus, as `org.freedesktop.systemd1(5)` describes it: the proxies are generated from these
//! traits, which have only what is used.

use zbus::proxy;
use zbus::wire::OwnedObjectPath;

/// What systemd tells of a unit in a list: its name, description, `LoadState`, `ActiveState`, `SubState`, the unit it
/// follows, its path, and number, kind and path of a job that is queued.
pub(crate) type Listed =
    (String, String, String, String, String, String, OwnedObjectPath, u32, String, OwnedObjectPath);

/// The manager of units.
#[proxy(
    interface = "org.freedesktop.systemd1.Manager",
    default_service = "org.freedesktop.systemd1",
    default_path = "/org/freedesktop/systemd1"
)]
pub(crate) trait Manager {
    /// The unit that a process belongs to.
    #[zbus(name = "GetUnitByPID")]
    async fn get_unit_by_pid(&self, pid: u32) -> zbus::Result<OwnedObjectPath>;

    /// The units that it knows, of any of these states (all, where none is named) and named like any of these patterns.
    async fn list_units_by_patterns(
        &self,
        states: &[&str],
        patterns: &[&str],
    ) -> zbus::Result<Vec<Listed>>;

    /// A unit by its name, if it is loaded.
    async fn get_unit(&self, name: &str) -> zbus::Result<OwnedObjectPath>;

    /// Forgets that a unit has failed, and how often it was started lately.
    async fn reset_failed_unit(&self, name: &str) -> zbus::Result<()>;

    /// When the kernel was started, in microseconds since 1970.
    #[zbus(property)]
    fn kernel_timestamp(&self) -> zbus::Result<u64>;

    /// Its version, such as `252.38-1~deb12u1`.
    #[zbus(property)]
    fn version(&self) -> zbus::Result<String>;

    /// Queues a job that stops and starts a unit; `replace` takes the place of jobs that conflict.
    async fn restart_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
}

/// What all units have.
#[proxy(interface = "org.freedesktop.systemd1.Unit", default_service = "org.freedesktop.systemd1")]
pub(crate) trait Unit {
    /// Its name.
    #[zbus(property)]
    fn id(&self) -> zbus::Result<String>;

    /// `active`, `inactive`, `failed` …
    #[zbus(property)]
    fn active_state(&self) -> zbus::Result<String>;
}

/// What only services have.
#[proxy(
    interface = "org.freedesktop.systemd1.Service",
    default_service = "org.freedesktop.systemd1"
)]
pub(crate) trait Service {
    /// The process it consists of.
    #[zbus(property, name = "MainPID")]
    fn main_pid(&self) -> zbus::Result<u32>;
}
