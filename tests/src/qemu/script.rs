//! The scripts that make the machine, and other commands.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Arch;
use crate::appliance;

/// Runs a script of `tests/appliance`, and returns the path it prints.
pub fn script(name: &str, arguments: &[&str]) -> PathBuf {
    run_script(Arch::X86_64, &format!("appliance/{name}"), arguments).into()
}

/// Runs a script of the tests for a machine with this processor, and returns what it prints.
pub(super) fn run_script(arch: Arch, script: &str, arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let mut script = Command::new(script);
    script.args(arguments).env("PRISMATRON_ARCH", arch.name());
    match arch {
        Arch::X86_64 => script.env("PRISMATRON_BIN", appliance::binary()),
        // Not the one that runs here.
        Arch::Arm64 => script.env_remove("PRISMATRON_BIN"),
    };
    run(&mut script).trim().to_owned()
}

/// Runs a command that must succeed, and returns what it says.
pub fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
