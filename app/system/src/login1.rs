//! The machine's power on D-Bus, as `org.freedesktop.login1(5)` describes it: the proxy is generated from
//! this trait, which has only what is used.

use zbus::proxy;

/// The manager of sessions, which has the power too.
#[proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1"
)]
pub(crate) trait Manager {
    /// `yes`, `no`, `challenge` (only with somebody's password) or `na`.
    async fn can_reboot(&self) -> zbus::Result<String>;

    /// As [`Manager::can_reboot`].
    async fn can_power_off(&self) -> zbus::Result<String>;

    /// Reboots; `interactive` lets polkit ask somebody for a password.
    async fn reboot(&self, interactive: bool) -> zbus::Result<()>;

    /// Switches the machine off.
    async fn power_off(&self, interactive: bool) -> zbus::Result<()>;
}
