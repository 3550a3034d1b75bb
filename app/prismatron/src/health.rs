//! `prismatron health`: for monitoring. It takes no rights: the process is looked up, and the page's
//! `/api/health` is open to anyone. What needs a look is named, and is no failure.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use prismatron_system::{PageAddress, PidFile};
use prismatron_web::client;
use serde_json::Value;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Prints a line; 0 where all is well, 1 where nothing runs, 2 where it does not answer as it should.
pub(crate) fn check(runtime_directory: &Path) -> ExitCode {
    if !PidFile::is_alive(runtime_directory) {
        println!("ERROR: Prismatron is not running");
        return ExitCode::from(1);
    }
    match answer(runtime_directory) {
        Ok(health) if health["status"] == "failing" => {
            println!("ERROR: Prismatron says that it does not work");
            ExitCode::from(2)
        }
        Ok(health) => {
            match needs_a_look(&health) {
                checks if checks.is_empty() => println!("OK: Prismatron is healthy"),
                checks => println!("OK: Prismatron runs; needs a look: {}", checks.join(", ")),
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("ERROR: the API does not answer: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// The page's answer.
fn answer(runtime_directory: &Path) -> anyhow::Result<Value> {
    let page = PageAddress::read(runtime_directory).context("it serves no page yet")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(client::health(page.listening, PATIENCE))?)
}

/// The checks that an answer says are neither well nor unknown.
fn needs_a_look(health: &Value) -> Vec<String> {
    let checks = health["checks"].as_object().into_iter().flatten();
    checks
        .filter(|(_, state)| *state == "degraded" || *state == "failing")
        .map(|(check, _)| check.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_needs_a_look_is_named() {
        let told =
            json!({"checks": {"outputs": "degraded", "clock": "unknown", "disk": "failing"}});
        let mut told = needs_a_look(&told);
        told.sort();
        assert_eq!(told, ["disk", "outputs"]);
        assert_eq!(needs_a_look(&json!({"checks": {"outputs": "ok"}})), [""; 0]);
        assert_eq!(needs_a_look(&Value::Null), [""; 0]);
    }
}
