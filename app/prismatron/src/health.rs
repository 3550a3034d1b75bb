//! `prismatron health`: for monitoring. It takes no rights: the process is looked up, and the page's
//! `/api/health` is open to anyone.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use prismatron_store as store;

use crate::{listen, pulse};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Prints a line; 0 where all is well, 1 where nothing runs, 2 where it does not answer as it should.
pub(crate) fn check(config: &Path, pid_file: &Path) -> ExitCode {
    if !runs(pid_file) {
        println!("ERROR: Prismatron is not running");
        return ExitCode::from(1);
    }
    match answers(config) {
        Ok(()) => {
            println!("OK: Prismatron is healthy");
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

fn answers(config: &Path) -> Result<(), String> {
    // Without a file of its own the service listens where it usually does.
    let address = match store::config::load(config) {
        Ok(config) => config.listen,
        Err(_) if !config.exists() => None,
        Err(error) => return Err(error.to_string()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(pulse::ask(address.unwrap_or(listen::USUAL), PATIENCE))
}
