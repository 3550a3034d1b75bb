//! The installed ffmpeg: where it is, which version, and what to do where there is none.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use prismatron_core::port::{MediaError, MediaFault};

/// Whether video can be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FfmpegState {
    /// It can.
    Present {
        /// As ffmpeg says it: `5.1.9-0+deb12u1`.
        version: String,
    },
    /// It cannot.
    Missing {
        /// What to do about it, in words for people.
        advice: String,
    },
}

const ADVICE: &str = "ffmpeg is not installed, so video cannot be played; everything else can. \
                      Install it with “apt install ffmpeg” or your system's package manager";

/// Looks for ffmpeg and ffprobe in `PATH`: a few file look-ups, so it may be asked often, and one installed
/// later is found.
pub fn ffmpeg() -> FfmpegState {
    state(std::env::var_os("PATH").as_deref())
}

fn state(search: Option<&OsStr>) -> FfmpegState {
    static KNOWN: Mutex<Option<(PathBuf, String)>> = Mutex::new(None);
    let Some(tools) = Tools::find_in(search) else {
        return FfmpegState::Missing { advice: ADVICE.into() };
    };
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let version = match &*known {
        Some((path, version)) if *path == tools.ffmpeg => version.clone(),
        _ => {
            let version = version(&tools.ffmpeg);
            *known = Some((tools.ffmpeg, version.clone()));
            version
        }
    };
    FfmpegState::Present { version }
}

fn version(program: &Path) -> String {
    let output = Command::new(program).arg("-version").stdin(Stdio::null()).output();
    output
        .ok()
        .and_then(|output| {
            let words = String::from_utf8_lossy(&output.stdout);
            words.strip_prefix("ffmpeg version ")?.split_whitespace().next().map(str::to_owned)
        })
        .unwrap_or_else(|| "of unknown version".into())
}

/// Paths of the programs.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    pub(crate) ffmpeg: PathBuf,
    pub(crate) ffprobe: PathBuf,
}

impl Tools {
    /// Finds both.
    pub(crate) fn find() -> Result<Self, MediaError> {
        Self::find_in(std::env::var_os("PATH").as_deref())
            .ok_or_else(|| MediaError::new(MediaFault::ToolMissing, ADVICE))
    }

    fn find_in(search: Option<&OsStr>) -> Option<Self> {
        let find = |name: &str| {
            // A relative folder in PATH would make what is run depend on where it was started.
            std::env::split_paths(search?)
                .filter(|folder| folder.is_absolute())
                .map(|folder| folder.join(name))
                .find(|path| path.is_file())
        };
        Some(Self { ffmpeg: find("ffmpeg")?, ffprobe: find("ffprobe")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_the_path_is_missing_with_advice() {
        let empty = tempfile::tempdir().unwrap();
        let FfmpegState::Missing { advice } = state(Some(empty.path().as_os_str())) else {
            panic!("found ffmpeg in an empty folder");
        };
        assert!(advice.contains("apt install ffmpeg"), "{advice}");
        assert!(matches!(state(None), FfmpegState::Missing { .. }));
    }

    #[test]
    fn the_installed_one_is_found() {
        let state = ffmpeg();
        let FfmpegState::Present { version } = state else {
            panic!("these tests need ffmpeg: apt install ffmpeg");
        };
        assert!(version.contains(|c: char| c.is_ascii_digit()), "{version}");
    }
}
