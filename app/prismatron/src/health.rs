//! `prismatron health`: for monitoring. It takes no rights: the process is looked up, and the page's
//! `/api/health` is open to anyone. What needs a look is named, and is no failure.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use prismatron_store as store;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use crate::{listen, pulse};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// No answer is longer.
const LONGEST: u64 = 64 << 10;

/// Prints a line; 0 where all is well, 1 where nothing runs, 2 where it does not answer as it should.
pub(crate) fn check(config: &Path, pid_file: &Path) -> ExitCode {
    if !runs(pid_file) {
        println!("ERROR: Prismatron is not running");
        return ExitCode::from(1);
    }
    match answers(config) {
        Ok(answer) => {
            match needs_a_look(&answer) {
                checks if checks.is_empty() => println!("OK: Prismatron is healthy"),
                checks => println!("OK: Prismatron runs; needs a look: {}", checks.join(", ")),
            }
            ExitCode::SUCCESS
        }
        Err(reason) => {
            println!("ERROR: the API does not answer: {reason}");
            ExitCode::from(2)
        }
    }
}

/// Whether the process that wrote the file is there.
fn runs(pid_file: &Path) -> bool {
    let pid = std::fs::read_to_string(pid_file).ok().and_then(|pid| pid.trim().parse::<u32>().ok());
    pid.is_some_and(|pid| Path::new("/proc").join(pid.to_string()).exists())
}

/// The page's answer.
fn answers(config: &Path) -> Result<String, String> {
    // Without a file of its own the service listens where it usually does.
    let address = match store::config::load(config) {
        Ok(config) => config.listen,
        Err(_) if !config.exists() => None,
        Err(error) => return Err(error.to_string()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let rest = pulse::ask(address.unwrap_or(listen::USUAL), PATIENCE).await?;
        let mut answer = String::new();
        match timeout(PATIENCE, rest.take(LONGEST).read_to_string(&mut answer)).await {
            Ok(Ok(_)) => Ok(answer),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no end of its answer in {PATIENCE:?}")),
        }
    })
}

/// The checks that an answer says are neither well nor unknown.
fn needs_a_look(answer: &str) -> Vec<String> {
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let health: Value = serde_json::from_str(body).unwrap_or_default();
    let checks = health["checks"].as_object().into_iter().flatten();
    checks
        .filter(|(_, state)| *state == "degraded" || *state == "failing")
        .map(|(check, _)| check.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_look_is_named() {
        let answer = |checks: &str| format!("OK\r\na: b\r\n\r\n{{\"checks\": {checks}}}");
        let told = answer(r#"{"outputs": "degraded", "clock": "unknown", "disk": "failing"}"#);
        let mut told = needs_a_look(&told);
        told.sort();
        assert_eq!(told, ["disk", "outputs"]);
        assert_eq!(needs_a_look(&answer(r#"{"outputs": "ok"}"#)), [""; 0]);
        assert_eq!(needs_a_look("OK\r\n\r\n"), [""; 0]);
    }
}
