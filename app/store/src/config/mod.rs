//! The configuration: a RON file somebody wrote by hand. What is wrong with it stops the start, with file,
//! line, column and what was expected.
//!
//! `Some(…)` may be left out around values, and variants take their fields without second parentheses:
//!
//! ```text
//! (
//!     layout: (pieces: [Matrix(columns: 80, rows: 40, serpentine: true)]),
//!     outputs: [(hosts: ["wled.local"])],
//! )
//! ```
//!
//! A [`Draft`] is the text understood; [`load`] makes a [`Config`] of it, reading the files it names.

mod draft;
mod hawkbit;
mod layout;
mod points;
mod setup;
mod tls;

use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use prismatron_core::board::BoardSpec;
use prismatron_core::layout::Layout;
use prismatron_core::output::OutputSpec;
use prismatron_core::unit::Fps;

pub use draft::{Draft, DraftStorage, parse};
pub use hawkbit::Hawkbit;
pub use layout::{DEFAULT_FOOTPRINT, LayoutConfig, PieceConfig, PointsFile, pieces_of};
pub use points::{PlacedLed, parse_csv, parse_ron};
pub use setup::{NetworkSetup, Setup, Subnet, Wifi};
pub use tls::TlsConfig;

use crate::storage::StorageLimits;

/// What is configured. The default is that of an empty file.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where to listen.
    pub listen: Option<SocketAddr>,
    /// Where to keep things; relative to the configuration's folder in the file, not here any more.
    pub data_dir: Option<PathBuf>,
    /// Where the LEDs are; known to resolve.
    pub layout: Option<Layout>,
    /// Who they are told by; each has a name of its own.
    pub outputs: Vec<OutputSpec>,
    /// How many frames are made.
    pub fps: Fps,
    /// How much may be kept.
    pub storage: StorageLimits,
    /// Most pixels a picture may decode to.
    pub max_pixels: u64,
    /// Names the machine goes by beside its own, for the page's address.
    pub host_names: Vec<String>,
    /// How the page is made secure, if it is; its files are not known to be there.
    pub tls: Option<TlsConfig>,
    /// The appliance's own hardware; its devices are not known to be there.
    pub board: BoardSpec,
}

impl Default for Config {
    fn default() -> Self {
        let Draft {
            listen,
            data_dir,
            layout: _,
            outputs,
            fps,
            storage,
            max_pixels,
            host_names,
            tls,
            board,
        } = Draft::default();
        let (outputs, storage) = (outputs.into(), storage.into());
        let layout = None;
        Self { listen, data_dir, layout, outputs, fps, storage, max_pixels, host_names, tls, board }
    }
}

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// What is wrong and what was expected.
    pub reason: String,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("could not read {}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Something in a file is wrong.
    #[error("{}:{line}:{column}: {reason}", file.display())]
    Wrong {
        /// Which file.
        file: PathBuf,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What is wrong and what was expected.
        reason: String,
    },
}

impl ConfigError {
    fn wrong(file: &Path, Mistake { line, column, reason }: Mistake) -> Self {
        Self::Wrong { file: file.into(), line, column, reason }
    }
}

/// Reads a configuration and the files it names.
///
/// # Errors
/// The first thing that is wrong.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text = read(path, MAX_CONFIG)?;
    let draft = parse(&text).map_err(|mistake| ConfigError::wrong(path, mistake))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let Draft {
        listen,
        data_dir,
        layout,
        outputs,
        fps,
        storage,
        max_pixels,
        host_names,
        tls,
        board,
    } = draft;
    let layout = match layout {
        Some(layout) => {
            let layout = layout.settle(folder)?;
            // Which piece is wrong is told by number; where the text has it is not known any more.
            let at_start = |reason: String| Mistake { reason, ..first_mention(&text, "layout") };
            layout
                .resolve()
                .map_err(|error| ConfigError::wrong(path, at_start(error.to_string())))?;
            Some(layout)
        }
        None => None,
    };
    Ok(Config {
        listen,
        data_dir: data_dir.map(|data_dir| folder.join(data_dir)),
        layout,
        outputs: outputs.into(),
        fps,
        storage: storage.into(),
        max_pixels,
        host_names,
        tls: tls.map(|tls| tls.settle(folder)),
        board,
    })
}

/// A configuration that says nothing but this of the board.
///
/// # Errors
/// It has no written form.
pub fn board_text(board: &BoardSpec) -> Result<String, ron::Error> {
    #[derive(serde::Serialize)]
    struct Written<'a> {
        board: &'a BoardSpec,
    }
    draft::text(&Written { board })
}

/// Longest configuration in bytes.
const MAX_CONFIG: u64 = 4 << 20;
/// Longest file of points in bytes.
const MAX_POINTS: u64 = 128 << 20;

fn read(path: &Path, limit: u64) -> Result<String, ConfigError> {
    let mut bytes = Vec::new();
    let result = File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .and_then(|count| match count as u64 > limit {
            true => Err(io::Error::other(format!("it is longer than {limit} bytes"))),
            false => Ok(()),
        });
    result.map_err(|source| ConfigError::Read { file: path.into(), source })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned();
        let mut mistake = position(&before, before.len());
        mistake.reason = "expected UTF-8 text".into();
        ConfigError::wrong(path, mistake)
    })
}

/// Where a word first stands in a text.
fn first_mention(text: &str, word: &str) -> Mistake {
    position(text, text.find(word).unwrap_or(0))
}

/// Line and column of a byte.
fn position(text: &str, at: usize) -> Mistake {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Mistake { line, column, reason: String::new() }
}
