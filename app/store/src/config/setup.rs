//! The setup file: what somebody who holds the appliance's disk says about where it is to work. RON, as the
//! configuration is.
//!
//! ```text
//! (
//!     host_name: "lobby-wall",
//!     time_zone: "Europe/Berlin",
//!     network: (wifi: (name: "Lobby", password: "not a real one", country: "DE")),
//!     outputs: [(hosts: ["192.168.1.30"], probe: Wled)],
//! )
//! ```
//!
//! What is read is known to be well formed: no name or password can mean something else to the programs it is handed
//! to.

use std::net::IpAddr;
use std::path::Path;

use ron::extensions::Extensions;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::draft::{self, Outputs};
use super::hawkbit::Hawkbit;
use super::{ConfigError, MAX_CONFIG, Mistake, read};
use crate::accounts::ClaimCode;
use prismatron_core::board::BoardSpec;
use prismatron_core::output::OutputSpec;

/// What the setup file says. The default says nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename(deserialize = "the setup"))]
pub struct Setup {
    /// What the machine is called in its network, before `.local`.
    #[serde(deserialize_with = "host_name")]
    pub host_name: Option<String>,
    /// As in the IANA database: `Europe/Berlin`.
    #[serde(deserialize_with = "time_zone")]
    pub time_zone: Option<String>,
    /// By which the first account is made.
    pub claim_code: Option<ClaimCode>,
    /// A key that may sign in to a development image, as in `authorized_keys`.
    #[serde(deserialize_with = "ssh_key")]
    pub ssh_key: Option<String>,
    /// How the machine gets into its network; by cable and DHCP when left out.
    pub network: NetworkSetup,
    /// Who hands out updates; nobody when left out.
    pub hawkbit: Option<Hawkbit>,
    /// Who the LEDs are told by, in place of the configuration's.
    outputs: Outputs,
    /// The machine's own hardware, in place of the configuration's.
    #[serde(deserialize_with = "draft::board")]
    pub board: BoardSpec,
}

/// How the machine gets into its network.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename(deserialize = "network"))]
pub struct NetworkSetup {
    /// An address of its own in place of DHCP's.
    pub address: Option<Subnet>,
    /// Where everything else is reached by.
    pub gateway: Option<IpAddr>,
    /// Who knows names.
    pub name_servers: Vec<IpAddr>,
    /// The wireless network to join.
    pub wifi: Option<Wifi>,
}

/// An address with the length of its network's prefix: `192.168.1.20/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subnet {
    address: IpAddr,
    prefix: u8,
}

/// A wireless network with a password (WPA2 or WPA3), or an open one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WifiDraft", into = "WifiDraft")]
pub struct Wifi {
    name: String,
    password: Option<String>,
    country: Option<String>,
}

/// The text of it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename(deserialize = "wifi"))]
struct WifiDraft {
    name: String,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    country: Option<String>,
}

impl Setup {
    /// Reads a setup file.
    ///
    /// # Errors
    /// It cannot be read, or the first thing that is wrong with it.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = read(path, MAX_CONFIG)?;
        Self::parse(&text).map_err(|mistake| ConfigError::wrong(path, mistake))
    }

    /// Understands the text of a setup file.
    ///
    /// # Errors
    /// The first thing that is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        options().from_str(text).map_err(Mistake::from)
    }

    /// Who the LEDs are told by, if it says so.
    pub fn outputs(&self) -> Vec<OutputSpec> {
        self.outputs.clone().into()
    }

    /// What the display needs to know of it, as such a file: no passwords.
    ///
    /// # Errors
    /// It has no written form.
    pub fn for_display(&self) -> Result<String, ron::Error> {
        let known = Self {
            host_name: self.host_name.clone(),
            claim_code: self.claim_code.clone(),
            outputs: self.outputs.clone(),
            board: self.board.clone(),
            ..Self::default()
        };
        options().to_string(&known)
    }
}

fn options() -> ron::Options {
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES)
}

impl TryFrom<String> for Subnet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parse = || {
            let (address, prefix) = text.split_once('/')?;
            let subnet = Self { address: address.parse().ok()?, prefix: prefix.parse().ok()? };
            let most = if subnet.address.is_ipv4() { 32 } else { 128 };
            (1..=most).contains(&subnet.prefix).then_some(subnet)
        };
        parse().ok_or_else(|| {
            format!("“{text}” is no address with its network's prefix, such as \"192.168.1.20/24\"")
        })
    }
}

impl From<Subnet> for String {
    fn from(subnet: Subnet) -> Self {
        subnet.to_string()
    }
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Wifi {
    /// The network's name, 1 to 32 bytes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its password: 8 to 63 printable ASCII characters (IEEE 802.11-2020, J.4). None for an open network.
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// Whose rules for radio hold: two letters of ISO 3166.
    pub fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }
}

impl TryFrom<WifiDraft> for Wifi {
    type Error = &'static str;

    fn try_from(WifiDraft { name, password, country }: WifiDraft) -> Result<Self, &'static str> {
        if !(1..=32).contains(&name.len()) {
            return Err("the name of a wireless network has 1 to 32 bytes");
        }
        let is_password = |password: &String| {
            (8..=63).contains(&password.len())
                && password.bytes().all(|byte| (32..127).contains(&byte))
        };
        if !password.as_ref().is_none_or(is_password) {
            return Err("the password of a wireless network has 8 to 63 plain characters");
        }
        let is_country = |country: &String| {
            country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase())
        };
        if !country.as_ref().is_none_or(is_country) {
            return Err("a country is two capital letters, such as \"DE\"");
        }
        Ok(Self { name, password, country })
    }
}

impl From<Wifi> for WifiDraft {
    fn from(Wifi { name, password, country }: Wifi) -> Self {
        Self { name, password, country }
    }
}

/// Hides the password.
impl std::fmt::Debug for Wifi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wifi").field("name", &self.name).finish_non_exhaustive()
    }
}

fn checked<'de, D: Deserializer<'de>>(
    deserializer: D,
    is_good: impl FnOnce(&str) -> bool,
    expected: &str,
) -> Result<Option<String>, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(text) if !is_good(&text) => {
            Err(D::Error::custom(format!("“{text}” is not {expected}")))
        }
        text => Ok(text),
    }
}

fn host_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let is_label = |text: &str| {
        (1..=63).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
    };
    checked(deserializer, is_label, "a name of letters, digits and hyphens, such as \"lobby-wall\"")
}

fn time_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let is_zone = |text: &str| {
        let is_part = |part: &str| {
            !part.is_empty()
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+-".contains(&b))
        };
        text.split('/').all(is_part)
    };
    checked(deserializer, is_zone, "a time zone, such as \"Europe/Berlin\"")
}

fn ssh_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let is_key = |text: &str| {
        !text.chars().any(char::is_control)
            && (text.starts_with("ssh-") || text.starts_with("ecdsa-") || text.starts_with("sk-"))
    };
    checked(deserializer, is_key, "a public key in a line, such as \"ssh-ed25519 AAAA… name\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: &str = r#"(
        host_name: "lobby-wall",
        time_zone: "Europe/Berlin",
        claim_code: "01ABC-DEFGH",
        ssh_key: "ssh-ed25519 AAAA me@there",
        network: (
            address: "192.168.1.20/24",
            gateway: "192.168.1.1",
            name_servers: ["192.168.1.1", "fd00::1"],
            wifi: (name: "Lobby", password: "8 letters", country: "DE"),
        ),
        hawkbit: (server: "https://updates.example:8443", token: "a-token"),
        outputs: [(hosts: ["192.168.1.30"], probe: Wled, protocol: Sacn(universe: 7))],
        board: (supply: (line: (chip: "gpiochip0", line: Offset(3)))),
    )"#;

    #[test]
    fn a_whole_one_is_read() {
        let setup = Setup::parse(WHOLE).unwrap();
        assert_eq!(setup.host_name.as_deref(), Some("lobby-wall"));
        assert_eq!(setup.network.address.unwrap().to_string(), "192.168.1.20/24");
        assert_eq!(setup.network.wifi.as_ref().unwrap().password(), Some("8 letters"));
        assert_eq!(setup.outputs().len(), 1);
        assert_eq!(Setup::parse("()").unwrap(), Setup::default());
        assert!(!format!("{setup:?}").contains("8 letters"));
        let hawkbit = setup.hawkbit.as_ref().unwrap();
        assert_eq!((hawkbit.host(), hawkbit.is_secure()), ("updates.example:8443", true));
        assert_eq!((hawkbit.tenant(), hawkbit.target()), ("DEFAULT", None));
        assert!(!format!("{setup:?}").contains("a-token"));
    }

    #[test]
    fn the_display_is_told_what_it_needs_and_no_password() {
        let setup = Setup::parse(WHOLE).unwrap();
        let text = setup.for_display().unwrap();
        let secrets = ["8 letters", "ssh-", "a-token"];
        assert!(!secrets.iter().any(|secret| text.contains(secret)), "{text}");
        let told = Setup::parse(&text).unwrap();
        assert_eq!((told.outputs(), &told.board), (setup.outputs(), &setup.board));
        assert!(told.board.supply.is_some());
        assert_eq!((told.host_name, told.claim_code), (setup.host_name, setup.claim_code));
        assert_eq!(told.network, NetworkSetup::default());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, said) in [
            ("(\nhost_name: \"a b\")", 2, "is not a name"),
            ("(\nhost_name: \"-a\")", 2, "is not a name"),
            ("(time_zone: \"../../etc/shadow\")", 1, "is not a time zone"),
            ("(claim_code: \"short\")", 1, "ten characters"),
            ("(ssh_key: \"ssh-rsa a\\nroot\")", 1, "public key"),
            ("(network: (address: \"10.0.0.1\"))", 1, "prefix"),
            ("(network: (address: \"10.0.0.1/33\"))", 1, "prefix"),
            ("(network: (wifi: (name: \"\")))", 1, "1 to 32 bytes"),
            ("(network: (wifi: (name: \"a\", password: \"short\")))", 1, "8 to 63"),
            ("(network: (wifi: (name: \"a\", password: \"new\\nline99\")))", 1, "8 to 63"),
            ("(network: (wifi: (name: \"a\", country: \"de\")))", 1, "capital"),
            ("(hawkbit: (server: \"updates.example\", token: \"a\"))", 1, "is an address"),
            ("(hawkbit: (server: \"http://a\\n[x]\", token: \"a\"))", 1, "is an address"),
            (
                "(hawkbit: (server: \"http://a\", token: \"a\\nssl = false\"))",
                1,
                "plain characters",
            ),
            ("(\n\nhostname: \"a\")", 3, "hostname"),
        ] {
            let mistake = Setup::parse(text).unwrap_err();
            assert!(mistake.reason.contains(said), "{text}: {}", mistake.reason);
            assert_eq!(mistake.line, line, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".*") {
            let _ = Setup::parse(&text);
        }
    }
}
