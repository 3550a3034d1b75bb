//! Commands that ask the running service by its local socket.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use prismatron_web::client::{Method, ask};
use serde_json::Value;

use crate::cli::{Admin, Switch};
use crate::{diagnostics, passwd};

/// Asks, and prints what is answered.
///
/// # Errors
/// The service cannot be reached, or says no.
pub(crate) fn run(command: &Admin) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let said = runtime.block_on(asked(command))?;
    if !said.is_empty() {
        println!("{said}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn asked(command: &Admin) -> anyhow::Result<String> {
    let words = |answer: &Value| answer["message"].as_str().unwrap_or_default().to_owned();
    let act = async |socket: &Path, path: &str| {
        ask(socket, Method::POST, path).await.map(|answer| words(&answer))
    };
    Ok(match command {
        Admin::Status(at) => status(&ask(&at.path(), Method::GET, "/api/status").await?),
        Admin::Restart(at) => act(&at.path(), "/api/system/restart").await?,
        Admin::Reboot(at) => act(&at.path(), "/api/system/reboot").await?,
        Admin::Poweroff(at) => act(&at.path(), "/api/system/poweroff").await?,
        Admin::ClaimCode(at) => {
            let answer = ask(&at.path(), Method::GET, "/api/claim/code").await?;
            answer["code"].as_str().unwrap_or_default().to_owned()
        }
        Admin::Logs { lines, socket } => {
            let path = format!("/api/log?lines={lines}");
            let answer = ask(&socket.path(), Method::GET, &path).await?;
            let lines = answer["lines"].as_array().into_iter().flatten();
            lines.filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        }
        Admin::Passwd { name, socket } => passwd::set(&socket.path(), name).await?,
        Admin::Diagnostics { file, socket } => {
            diagnostics::save(&socket.path(), file.as_deref()).await?
        }
        Admin::SafeMode { state, socket } => {
            let (method, done) = match state {
                Switch::On => (Method::PUT, "safe mode: nothing plays"),
                Switch::Off => (Method::DELETE, "it plays"),
            };
            ask(&socket.path(), method, "/api/safe-mode").await?;
            done.to_owned()
        }
    })
}

/// How everything is, in lines.
pub(crate) fn status(status: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let mut lines = vec![format!(
        "Prismatron {}, up {} s, {}",
        text(&status["version"]),
        status["uptime_seconds"],
        text(&status["health"]["state"])
    )];
    let player = &status["player"];
    let playlist = player["playlist"]["name"].as_str().map(|name| format!(" “{name}”"));
    lines.push(format!("{}{}", text(&player["mode"]), playlist.unwrap_or_default()));
    if let Some(reason) = status["safe_mode"].as_str() {
        lines.push(format!("safe mode: {reason}"));
    }
    if let Some(fingerprint) = status["certificate"].as_str() {
        lines.push(format!("certificate SHA-256 {fingerprint}"));
    }
    for output in status["outputs"].as_array().into_iter().flatten() {
        let message = output["message"].as_str().map(|message| format!(": {message}"));
        let (name, state) = (text(&output["name"]), text(&output["state"]));
        lines.push(format!("output “{name}” {state}{}", message.unwrap_or_default()));
    }
    for finding in status["health"]["findings"].as_array().into_iter().flatten() {
        lines.push(format!("{}: {}", text(&finding["subject"]), text(&finding["message"])));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_status_is_told_in_lines() {
        let told = status(&json!({
            "version": "1.0.0",
            "uptime_seconds": 7,
            "safe_mode": "It was asked for.",
            "certificate": "AB:CD",
            "player": {"mode": "stopped", "playlist": {"name": "Evening"}},
            "outputs": [{"name": "left", "state": "failing", "message": "no route"}],
            "health": {"state": "degraded", "findings": [{"subject": "storage", "message": "full"}]},
        }));
        assert_eq!(
            told,
            "Prismatron 1.0.0, up 7 s, degraded\nstopped “Evening”\nsafe mode: It was asked for.\n\
             certificate SHA-256 AB:CD\n\
             output “left” failing: no route\nstorage: full"
        );
    }
}
