//! What a bundle is, asked of RAUC's program as the service's own user.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

use super::bundle::{Manifest, Source};
use super::refusal::{Cause, Refusal, Shape};

/// How long it may take: a server may be slow.
const PATIENCE: Duration = Duration::from_secs(120);
/// Most that is read of what it says: a manifest has 64 KiB at most.
const LONGEST: u64 = 1 << 20;

/// RAUC's program.
#[derive(Debug, Clone)]
pub(super) struct Inspector {
    /// Another configuration than the system's.
    pub(super) configuration: Option<PathBuf>,
}

/// What it has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inspection {
    pub(super) manifest: Manifest,
    pub(super) signer: Option<String>,
}

/// How it ended.
struct Said {
    is_well: bool,
    out: String,
    err: String,
}

impl Inspector {
    /// Checks signature and format of a bundle, and reads its manifest.
    ///
    /// # Errors
    /// Why it is refused.
    pub(super) async fn inspect(
        &self,
        source: &Source,
        is_clock_set: bool,
    ) -> Result<Inspection, Refusal> {
        let mut said = self.ask(source, "json-2").await?;
        // RAUC before 1.9.
        if !said.is_well && said.err.contains("Unknown output format") {
            said = self.ask(source, "json").await?;
        }
        if !said.is_well {
            let shape = match source {
                Source::Upload { file, .. } => {
                    let file = file.clone();
                    tokio::task::spawn_blocking(move || Shape::of(&file)).await.ok().flatten()
                }
                Source::Url(_) => None,
            };
            return Err(Refusal::of(last(&said.err), shape, is_clock_set));
        }
        let manifest = json(&said.out).as_ref().and_then(Manifest::read);
        let manifest = manifest.ok_or_else(|| {
            Refusal::new(Cause::Other, "RAUC says nothing of it that can be understood.")
        })?;
        Ok(Inspection { manifest, signer: signer(&said.err) })
    }

    async fn ask(&self, source: &Source, format: &str) -> Result<Said, Refusal> {
        let mut command = Command::new("rauc");
        if let Some(configuration) = &self.configuration {
            command.arg("--conf").arg(configuration);
        }
        let child = command
            .args(["info", &format!("--output-format={format}"), "--"])
            .arg(source.argument())
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let failed =
            |why: String| Refusal::new(Cause::Other, format!("RAUC cannot be asked: {why}."));
        let mut child = child.map_err(|error| failed(error.to_string()))?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let said = async {
            let (out, err) = tokio::join!(text(out), text(err));
            (child.wait().await, out, err)
        };
        match timeout(PATIENCE, said).await {
            Ok((Ok(status), out, err)) => Ok(Said { is_well: status.success(), out, err }),
            Ok((Err(error), ..)) => Err(failed(error.to_string())),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                let why = format!("It took longer than {seconds} seconds to read it.");
                Err(Refusal::new(Cause::Unreachable, why))
            }
        }
    }
}

async fn text(from: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        // What was read until it broke off is what there is to tell.
        let _ = from.take(LONGEST).read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What it says, which may have logged before.
fn json(out: &str) -> Option<Value> {
    let from = out.find('{')?;
    let mut values = serde_json::Deserializer::from_str(&out[from..]);
    Value::deserialize(&mut values).ok()
}

/// Why it failed: the last line that is not of its log.
fn last(err: &str) -> &str {
    let is_reason = |line: &&str| !line.trim().is_empty() && !line.contains("rauc-Message");
    err.lines().rfind(is_reason).unwrap_or("nothing")
}

/// Who has signed it, from the line in its log.
fn signer(err: &str) -> Option<String> {
    let (_, signer) = err.lines().find_map(|line| line.split_once(" signature by "))?;
    let signer = signer.trim().trim_matches('\'');
    (!signer.is_empty()).then(|| signer.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_and_signer_are_found_among_log_lines() {
        let log = "rauc-Message: 1: Reading bundle: /a\nrauc-Message: 2: Verified inline signature by 'O = A, CN = B'\n";
        assert_eq!(signer(log).as_deref(), Some("O = A, CN = B"));
        assert_eq!(last(&format!("{log}it is bad\n\n")), "it is bad");
        assert_eq!((last(""), signer("")), ("nothing", None));
        assert_eq!(json("a line\n{\"a\": 1}\nmore"), Some(serde_json::json!({"a": 1})));
        assert_eq!(json("nothing"), None);
    }
}
