//! The displays of this machine: `prismatron.service` and each `prismatron@NAME.service`.
//!
//! Which there are systemd tells, so that one that has failed is not forgotten. Each one that runs says in its runtime
//! directory, which anyone may read, where its page is.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::bus::{Bus, Reason};
use crate::runtime::{self, Published};

/// Units that are displays, as systemd matches names.
const PATTERNS: [&str; 2] = [FIRST, "prismatron@*.service"];
/// The first.
const FIRST: &str = "prismatron.service";
/// Where the runtime directories are.
const RUN: &str = "/run";
/// In each of them.
const PAGE: &str = "page";
/// No such file is longer.
const LONGEST: u64 = 128;
/// Most displays that are told of.
const MOST: usize = 64;

/// A display of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Display {
    /// The NAME of `prismatron@NAME.service`; `None` is `prismatron.service`.
    pub name: Option<String>,
    /// Whether it runs.
    pub stage: DisplayStage,
    /// Where its page is, if it serves one.
    pub page: Option<PageAddress>,
}

/// Whether a display runs, as systemd sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisplayStage {
    /// It does.
    Running,
    /// It is about to, or waits for its next start after a crash.
    Starting,
    /// It was stopped, or never started.
    Stopped,
    /// It has failed, and is not started again by itself.
    Failed,
}

/// How a page is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageAddress {
    /// By which protocol.
    pub scheme: Scheme,
    /// Where it listens, which may be at any address.
    pub listening: SocketAddr,
}

/// The protocol of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https,
}

/// What tells others where this display's page is; removed when this is dropped.
#[derive(Debug)]
pub struct PageFile(#[allow(dead_code, reason = "removed when dropped")] Published);

impl PageFile {
    /// Tells it in the runtime directory that systemd made, if it did.
    pub fn write(page: PageAddress) -> Option<Self> {
        Published::write(&runtime::directory()?, PAGE, &page.text()).map(Self)
    }
}

/// The displays of this machine, by name, the one without a name first; 64 at most. Takes no rights.
///
/// # Errors
/// systemd cannot be asked; why, in words for people.
pub async fn displays() -> Result<Vec<Display>, Reason> {
    all(&Bus::default()).await
}

/// [`displays`], as told on this bus.
pub(crate) async fn all(bus: &Bus) -> Result<Vec<Display>, Reason> {
    Ok(listed(bus.units(&PATTERNS).await?, Path::new(RUN)))
}

/// The displays among units, each given as its name and its `ActiveState`.
fn listed(units: Vec<(String, String)>, run: &Path) -> Vec<Display> {
    let display = |(unit, state): (String, String)| {
        let name = instance(&unit)?;
        let stage = match &*state {
            "active" | "reloading" => DisplayStage::Running,
            "activating" => DisplayStage::Starting,
            "failed" => DisplayStage::Failed,
            _ => DisplayStage::Stopped,
        };
        let page = PageAddress::read(&below(run, name.as_deref()));
        Some(Display { name, stage, page })
    };
    let mut displays: Vec<_> = units.into_iter().filter_map(display).collect();
    displays.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    displays.truncate(MOST);
    displays
}

impl Display {
    /// The unit it runs as.
    pub fn unit(&self) -> String {
        self.name.as_ref().map_or(FIRST.into(), |name| format!("prismatron@{name}.service"))
    }
}

/// Whose unit this is: `Some(None)` the first display's, `None` no display's.
fn instance(unit: &str) -> Option<Option<String>> {
    if unit == FIRST {
        return Some(None);
    }
    let name = unit.strip_prefix("prismatron@")?.strip_suffix(".service")?;
    // systemd has no others, and this becomes part of a path.
    (!name.is_empty() && !name.contains('/')).then(|| Some(name.to_owned()))
}

/// The runtime directory of a display, as its unit has it.
pub fn runtime_directory(name: Option<&str>) -> PathBuf {
    below(Path::new(RUN), name)
}

fn below(run: &Path, name: Option<&str>) -> PathBuf {
    run.join(name.map_or("prismatron".into(), |name| format!("prismatron-{name}")))
}

impl PageAddress {
    /// Where the page is of the display that has this runtime directory, if it serves one.
    pub fn read(runtime_directory: &Path) -> Option<Self> {
        let file = File::open(runtime_directory.join(PAGE)).ok()?;
        let mut text = String::new();
        file.take(LONGEST).read_to_string(&mut text).ok()?;
        text.trim_end().parse().ok()
    }

    fn text(self) -> String {
        format!("{}://{}\n", self.scheme, self.listening)
    }
}

/// As addresses begin.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

impl FromStr for PageAddress {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (scheme, listening) = text.split_once("://").ok_or(())?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(()),
        };
        Ok(Self { scheme, listening: listening.parse().map_err(drop)? })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use std::fs;

    use super::*;

    fn page(text: &str) -> Option<PageAddress> {
        text.parse().ok()
    }

    #[test]
    fn an_address_reads_back() {
        for text in ["http://0.0.0.0:8080", "https://[::1]:443"] {
            assert_eq!(page(text).unwrap().text(), format!("{text}\n"));
        }
        for text in ["", "0.0.0.0:8080", "ftp://0.0.0.0:1", "http://wall:80", "http://1.2.3.4:80/"]
        {
            assert_eq!(page(text), None, "{text}");
        }
    }

    #[test]
    fn units_become_displays_in_order() {
        let run = tempfile::tempdir().unwrap();
        let tell = |folder: &str, text: &str| {
            fs::create_dir(run.path().join(folder)).unwrap();
            fs::write(run.path().join(folder).join(PAGE), text).unwrap();
        };
        tell("prismatron", "http://0.0.0.0:8080\n");
        tell("prismatron-left", "https://0.0.0.0:8081\n");
        tell("prismatron-odd", &"x".repeat(10_000));
        let unit = |name: &str, state: &str| (name.to_owned(), state.to_owned());
        let found = listed(
            vec![
                unit("prismatron@odd.service", "failed"),
                unit("prismatron@left.service", "active"),
                unit("prismatron.service", "reloading"),
                unit("prismatron@right.service", "activating"),
                unit("prismatron@x.service", "inactive"),
                unit("prismatron-data.service", "active"),
                unit("prismatron@.service", "active"),
            ],
            run.path(),
        );
        let display = |name: Option<&str>, stage, text: &str| Display {
            name: name.map(str::to_owned),
            stage,
            page: page(text),
        };
        assert_eq!(
            found,
            [
                display(None, DisplayStage::Running, "http://0.0.0.0:8080"),
                display(Some("left"), DisplayStage::Running, "https://0.0.0.0:8081"),
                display(Some("odd"), DisplayStage::Failed, ""),
                display(Some("right"), DisplayStage::Starting, ""),
                display(Some("x"), DisplayStage::Stopped, ""),
            ]
        );
    }
}
