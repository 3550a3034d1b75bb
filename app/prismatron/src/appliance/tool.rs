//! Programs of the system that the units' commands use.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::Context;

/// How a program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Its exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    /// Its output, then its errors.
    pub(crate) text: String,
}

/// Runs a program to its end.
///
/// # Errors
/// It cannot be started.
pub(crate) fn run<A: AsRef<OsStr>>(
    program: &str,
    arguments: impl IntoIterator<Item = A>,
) -> anyhow::Result<Said> {
    let output = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(Said { code: output.status.code(), text })
}

/// Runs a program that must succeed, and returns what it says.
///
/// # Errors
/// It cannot be started, or fails; the error has its last line.
pub(crate) fn require<A: AsRef<OsStr>>(
    program: &str,
    arguments: impl IntoIterator<Item = A>,
) -> anyhow::Result<String> {
    let said = run(program, arguments)?;
    let last = said.text.trim_end().lines().last().unwrap_or("it says nothing");
    anyhow::ensure!(said.code == Some(0), "{program} fails: {last}");
    Ok(said.text)
}
