//! What is asked over D-Bus, and what the answers come to.
//!
//! Each use has a connection of its own: it is used every other minute at most, and none can go stale.

use std::sync::Arc;
use std::time::Duration;

use zbus::Connection;
use zbus::connection::Builder;
use zbus::proxy::CacheProperties;

use crate::action::{Ability, Action};
use crate::{login1, systemd1};

/// How long an answer may take: polkit may have to be started for it. A connection, too: a machine that starts has much
/// else to do.
const ANSWER: Duration = Duration::from_secs(8);

/// Where the system bus is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bus {
    /// Another than the system's.
    pub(crate) address: Option<String>,
}

/// Why something was not done, in words for people.
pub(crate) type Reason = Arc<str>;

/// What there is.
pub(crate) struct Look {
    pub(crate) version: Option<Arc<str>>,
    pub(crate) unit: Option<Arc<str>>,
    pub(crate) reboot: Ability,
    pub(crate) power_off: Ability,
}

impl Bus {
    /// Finds out what there is.
    pub(crate) async fn look(&self) -> Result<Look, Reason> {
        let bus = self.connect().await?;
        let unit = own_unit(&bus).await.unwrap_or_else(|error| {
            tracing::debug!("the own unit is not known: {}", reason(&error));
            None
        });
        Ok(Look {
            version: version(&bus).await.ok(),
            unit,
            reboot: ability(&bus, Action::Reboot).await,
            power_off: ability(&bus, Action::PowerOff).await,
        })
    }

    /// The units named like any of these patterns, each with its `ActiveState`.
    pub(crate) async fn units(&self, patterns: &[&str]) -> Result<Vec<(String, String)>, Reason> {
        let bus = self.connect().await?;
        let asked = async {
            let manager = systemd1::ManagerProxy::new(&bus).await?;
            manager.list_units_by_patterns(&[], patterns).await
        };
        let units = asked.await.map_err(|error| reason(&error))?;
        // A unit that is only named somewhere has no file.
        let is_there = units.into_iter().filter(|unit| unit.2 != "not-found");
        Ok(is_there.map(|unit| (unit.0, unit.3)).collect())
    }

    /// Whether the machine's power can be used so.
    pub(crate) async fn ability(&self, action: Action) -> Ability {
        match self.connect().await {
            Ok(bus) => ability(&bus, action).await,
            Err(reason) => Ability::No(reason),
        }
    }

    /// Has systemd restart the unit this process is the main one of.
    pub(crate) async fn restart(&self) -> Result<(), Reason> {
        let bus = self.connect().await?;
        let unit = own_unit(&bus).await.map_err(|error| reason(&error))?;
        let unit = unit.ok_or("this is not the main process of a unit")?;
        let asked = async {
            let manager = systemd1::ManagerProxy::new(&bus).await?;
            // Otherwise it counts with the starts that are limited.
            if let Err(error) = manager.reset_failed_unit(&unit).await {
                tracing::warn!("this restart counts as a failed start: {}", reason(&error));
            }
            manager.restart_unit(&unit, "replace").await
        };
        asked.await.map(drop).map_err(|error| reason(&error))
    }

    /// Reboots or powers off.
    pub(crate) async fn power(&self, action: Action) -> Result<(), Reason> {
        let bus = self.connect().await?;
        let asked = async {
            let manager = login1::ManagerProxy::new(&bus).await?;
            match action {
                Action::Reboot => manager.reboot(false).await,
                _ => manager.power_off(false).await,
            }
        };
        asked.await.map_err(|error| reason(&error))
    }

    async fn connect(&self) -> Result<Connection, Reason> {
        self.connect_for(ANSWER).await
    }

    /// A connection for questions whose answers may take so long.
    pub(crate) async fn connect_for(&self, answer: Duration) -> Result<Connection, Reason> {
        let builder = match &self.address {
            Some(address) => Builder::address(address.as_str()),
            None => Builder::system(),
        };
        let connecting = builder.method_timeout(answer).build();
        match tokio::time::timeout(ANSWER, connecting).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(format!("the system bus cannot be reached: {error}").into()),
            Err(_) => Err("the system bus does not answer".into()),
        }
    }
}

/// What systemd says it is.
async fn version(bus: &Connection) -> zbus::Result<Arc<str>> {
    let manager =
        systemd1::ManagerProxy::builder(bus).cache_properties(CacheProperties::No).build().await?;
    Ok(manager.version().await?.into())
}

/// The name of the unit whose main process this is.
async fn own_unit(bus: &Connection) -> zbus::Result<Option<Arc<str>>> {
    let own = std::process::id();
    let path = systemd1::ManagerProxy::new(bus).await?.get_unit_by_pid(own).await?;
    let service = systemd1::ServiceProxy::builder(bus)
        .path(path.clone())
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    // Under a user's systemd the system's has the unit of all of that user's services here.
    if service.main_pid().await? != own {
        return Ok(None);
    }
    let unit = systemd1::UnitProxy::builder(bus)
        .path(path)
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    Ok(Some(unit.id().await?.into()))
}

async fn ability(bus: &Connection, action: Action) -> Ability {
    let asked = async {
        let manager = login1::ManagerProxy::new(bus).await?;
        match action {
            Action::Reboot => manager.can_reboot().await,
            _ => manager.can_power_off().await,
        }
    };
    match asked.await {
        Ok(word) => ability_of(&word),
        Err(error) => Ability::No(reason(&error)),
    }
}

/// What login1's word means for a program nobody sits before.
fn ability_of(word: &str) -> Ability {
    Ability::No(match word {
        "yes" => return Ability::Yes,
        "challenge" => {
            "polkit asks for a password: its rule for Prismatron is not installed".into()
        }
        "no" => "polkit does not allow it".into(),
        "na" => "this machine cannot do it".into(),
        other => format!("login1 says “{other}”").into(),
    })
}

/// An error in words for people.
pub(crate) fn reason(error: &zbus::Error) -> Reason {
    let (name, text) = match error {
        zbus::Error::MethodError(name, text, _) => {
            (name.as_str().to_owned(), text.clone().unwrap_or_default())
        }
        zbus::Error::FDO(error) => {
            let name = zbus::DBusError::name(&**error).as_str().to_owned();
            let text = zbus::DBusError::description(&**error).unwrap_or_default().to_owned();
            (name, text)
        }
        other => return other.to_string().into(),
    };
    let short = name.rsplit('.').next().unwrap_or_default();
    match short {
        "AccessDenied" | "InteractiveAuthorizationRequired" => {
            format!("polkit does not allow it ({text})").into()
        }
        _ => format!("{text} ({short})").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_is_one() {
        assert_eq!(ability_of("yes"), Ability::Yes);
        for word in ["no", "challenge", "na", "", "inhibited"] {
            assert!(matches!(ability_of(word), Ability::No(_)), "{word}");
        }
    }
}
