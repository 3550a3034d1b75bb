//! The commands beside `serve`.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use prismatron_store as store;

/// Says whether a configuration can be used, and what it comes to.
///
/// # Errors
/// It cannot be used; the error names file, line, column and what was expected.
pub(crate) fn check_config(file: &Path) -> anyhow::Result<ExitCode> {
    let config = store::config::load(file)?;
    let wall = config.layout.clone().unwrap_or_default().resolve()?;
    for spec in &config.outputs {
        prismatron_output::Outputs::check(spec, spec_leds(spec, wall.leds.len()))
            .with_context(|| format!("{}: output “{}”", file.display(), spec.name))?;
    }
    crate::secure::given(&config).with_context(|| file.display().to_string())?;
    println!(
        "{}: good: {} LEDs on a canvas of {}, {} outputs",
        file.display(),
        wall.leds.len(),
        wall.canvas,
        config.outputs.len()
    );
    Ok(ExitCode::SUCCESS)
}

fn spec_leds(spec: &prismatron_core::output::OutputSpec, total: usize) -> usize {
    spec.leds.map_or(total, |range| range.within(total).len())
}

/// Reads all media and the audit log again; the exit code is 1 where something has rotted.
///
/// # Errors
/// The data directory cannot be read.
pub(crate) fn verify(data_dir: &Path) -> anyhow::Result<ExitCode> {
    let mut progress = Progress { shown: None, on: std::io::stderr().is_terminal() };
    let report = store::verify(data_dir, |now| progress.show(now.done, now.total))?;
    progress.clear();
    for damage in &report.damaged {
        println!("{} ({}): {}", damage.name, damage.path.display(), damage.kind);
    }
    println!(
        "{} files, {} bytes read, {} not as they came",
        report.files,
        report.bytes,
        report.damaged.len()
    );
    let audit_is_whole = verify_audit(data_dir)?;
    let is_whole = report.damaged.is_empty() && audit_is_whole;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verify_audit(data_dir: &Path) -> anyhow::Result<bool> {
    let log = data_dir.join("logs/audit.log");
    let missing = store::missing_audit_lines(data_dir)?;
    if missing > 0 {
        println!("{}: {missing} lines are missing from its end", log.display());
    }
    if !log.exists() {
        return Ok(missing == 0);
    }
    let report = store::verify_audit(&log)?;
    if let Some(bad) = &report.bad {
        println!("{}:{}: {}", log.display(), bad.line, bad.reason);
    }
    println!(
        "{} lines of the audit log read, {} as written",
        report.lines + u64::from(report.bad.is_some()),
        report.lines
    );
    Ok(report.bad.is_none() && missing == 0)
}

/// Percentages on a terminal.
struct Progress {
    shown: Option<u64>,
    on: bool,
}

impl Progress {
    fn show(&mut self, done: u64, total: u64) {
        let percent = done.saturating_mul(100) / total.max(1);
        if self.on && self.shown != Some(percent) {
            self.shown = Some(percent);
            eprint!("\rreading: {percent} %");
            let _ = std::io::stderr().flush();
        }
    }

    fn clear(&self) {
        if self.shown.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}

/// Prints a token for scripts.
///
/// # Errors
/// There is no data directory, or its key cannot be read: who cannot read it gets no token.
pub(crate) fn token(data_dir: &Path) -> anyhow::Result<ExitCode> {
    anyhow::ensure!(
        store::is_data_dir(data_dir),
        "{} is no data directory: start the program once, or give --data-dir",
        data_dir.display()
    );
    println!("{}", prismatron_web::script_token(&store::signing_key(data_dir)?));
    Ok(ExitCode::SUCCESS)
}
