//! The text of a configuration, understood but not yet acted on.

use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use prismatron_core::board::BoardSpec;
use prismatron_core::output::OutputSpec;
use prismatron_core::unit::Fps;
use ron::extensions::Extensions;
use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{LayoutConfig, Mistake, TlsConfig};
use crate::rules;
use crate::storage::StorageLimits;

/// A configuration as it stands in a file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default, rename = "the configuration")]
pub struct Draft {
    /// Address and port to listen on, such as `"0.0.0.0:8080"`.
    #[serde(deserialize_with = "address")]
    pub listen: Option<SocketAddr>,
    /// The data directory, relative to the file's folder.
    pub data_dir: Option<PathBuf>,
    /// Where the LEDs are.
    pub layout: Option<LayoutConfig>,
    /// Who they are told by.
    pub(super) outputs: Outputs,
    /// How many frames are made a second.
    pub fps: Fps,
    /// How much may be kept.
    pub storage: DraftStorage,
    /// Most pixels a picture may decode to.
    #[serde(deserialize_with = "pixels")]
    pub max_pixels: u64,
    /// Names the machine goes by beside its own, for the page's address.
    #[serde(deserialize_with = "host_names")]
    pub host_names: Vec<String>,
    /// How the page is made secure, with files relative to the file's folder; plain HTTP when left out.
    pub tls: Option<TlsConfig>,
    /// The appliance's own hardware.
    #[serde(deserialize_with = "board")]
    pub board: BoardSpec,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            listen: None,
            data_dir: None,
            layout: None,
            outputs: Outputs::default(),
            fps: Fps::SIXTY,
            storage: DraftStorage::default(),
            // A square of 8192: as long as the longest side that is accepted.
            max_pixels: 1 << 26,
            host_names: Vec::new(),
            tls: None,
            board: BoardSpec::default(),
        }
    }
}

/// How much may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default, rename = "storage")]
pub struct DraftStorage {
    /// Most MiB of media, at least 1; as many as fit when left out.
    #[serde(deserialize_with = "quota")]
    pub quota_mib: Option<u32>,
    /// MiB of the disk that uploads leave free.
    pub reserve_mib: u32,
    /// Hours after which an upload nobody continues is removed, 1 to 8760.
    #[serde(deserialize_with = "hours")]
    pub upload_expiry_hours: u32,
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let parse = |text: String| {
        text.parse().map_err(|_| {
            D::Error::custom(format!(
                "“{text}” is no IP address with a port, such as \"0.0.0.0:8080\" or \"[::]:8080\""
            ))
        })
    };
    Option::<String>::deserialize(deserializer)?.map(parse).transpose()
}

pub(super) fn board<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BoardSpec, D::Error> {
    let board = BoardSpec::deserialize(deserializer)?;
    board.check().map_err(D::Error::custom)?;
    Ok(board)
}

fn pixels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match u64::deserialize(deserializer)? {
        0 => Err(D::Error::custom("a picture must be allowed at least 1 pixel")),
        pixels => Ok(pixels),
    }
}

fn quota<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    match Option::deserialize(deserializer)? {
        Some(0) => Err(D::Error::custom(
            "a quota of 0 MiB takes no file: leave quota_mib out for none, or give at least 1",
        )),
        quota => Ok(quota),
    }
}

fn host_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let is_plain = |name: &String| {
        (1..=253).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    };
    match names.iter().find(|name| !is_plain(name)) {
        Some(name) => Err(D::Error::custom(format!(
            "a host name is one such as wall.example.org, without scheme or port, not “{name}”"
        ))),
        None => Ok(names),
    }
}

fn hours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let hours = u32::deserialize(deserializer)?;
    match hours {
        1..=8760 => Ok(hours),
        _ => Err(D::Error::custom(format!("an expiry must be from 1 to 8760 hours, not {hours}"))),
    }
}

impl Default for DraftStorage {
    fn default() -> Self {
        Self { quota_mib: None, reserve_mib: 512, upload_expiry_hours: 24 }
    }
}

impl From<DraftStorage> for StorageLimits {
    fn from(draft: DraftStorage) -> Self {
        let bytes = |mib: u32| u64::from(mib) << 20;
        Self {
            quota: draft.quota_mib.map(bytes),
            reserve: bytes(draft.reserve_mib),
            upload_expiry: Duration::from_secs(u64::from(draft.upload_expiry_hours) * 3600),
        }
    }
}

/// Outputs, each checked where it stands, so that what is wrong is told by line.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(transparent)]
pub(super) struct Outputs(Vec<OutputSpec>);

impl From<Outputs> for Vec<OutputSpec> {
    fn from(outputs: Outputs) -> Self {
        outputs.0
    }
}

impl<'de> Deserialize<'de> for Outputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Outputs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of outputs, as in [(hosts: [\"wled.local\"])]")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Outputs, A::Error> {
                let (mut outputs, mut names) = (Vec::new(), BTreeSet::new());
                while let Some(spec) = all.next_element_seed(One { names: &mut names })? {
                    outputs.push(spec);
                    if outputs.len() > rules::MAX_OUTPUTS {
                        let most = rules::MAX_OUTPUTS;
                        return Err(A::Error::custom(format!("expected at most {most} outputs")));
                    }
                }
                Ok(Outputs(outputs))
            }
        }

        deserializer.deserialize_seq(Each)
    }
}

/// An output after others that have these names.
struct One<'a> {
    names: &'a mut BTreeSet<String>,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = OutputSpec;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<OutputSpec, D::Error> {
        let mut spec = OutputSpec::deserialize(deserializer)?;
        rules::settle_output(&mut spec, self.names).map_err(D::Error::custom)?;
        Ok(spec)
    }
}

/// Understands the text of a configuration.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn parse(text: &str) -> Result<Draft, Mistake> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES)
        .from_str(text)
        .map_err(Mistake::from)
}

/// A value as it is written by hand.
///
/// # Errors
/// It has no written form.
pub(super) fn text(value: &impl Serialize) -> Result<String, ron::Error> {
    let options = ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES);
    let pretty = ron::ser::PrettyConfig::new().indentor("    ");
    options.to_string_pretty(value, pretty)
}

/// A message without the mark RON puts behind names that are no identifiers; ours are words.
fn plain(message: &str) -> String {
    message.replace("_[invalid identifier]", "")
}

impl From<ron::error::SpannedError> for Mistake {
    fn from(error: ron::error::SpannedError) -> Self {
        let at = error.span.end;
        Self { line: at.line, column: at.col, reason: plain(&error.code.to_string()) }
    }
}
