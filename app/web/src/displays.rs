//! How the displays of this machine fare: asked of the page of each, as anyone may.

use std::fmt;
use std::time::Duration;

use futures_util::future::join_all;
use prismatron_system::{Display, DisplayStage};

use crate::client;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a display fares, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisplayState {
    /// All is well.
    Ok,
    /// It plays, but something needs a look.
    Degraded,
    /// It does not do its work.
    Failing,
    /// It runs, and its page does not answer.
    Silent,
    /// It is about to run.
    Starting,
    /// It was stopped, or never started.
    Stopped,
    /// It has failed, and is not started again by itself.
    Failed,
}

impl fmt::Display for DisplayState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Failing => "failing",
            Self::Silent => "silent",
            Self::Starting => "starting",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        })
    }
}

/// Asks all of them at once.
pub async fn look(displays: Vec<Display>) -> Vec<(Display, DisplayState)> {
    join_all(displays.into_iter().map(ask)).await
}

async fn ask(display: Display) -> (Display, DisplayState) {
    let state = match (display.stage, display.page) {
        (DisplayStage::Stopped, _) => DisplayState::Stopped,
        (DisplayStage::Failed, _) => DisplayState::Failed,
        (DisplayStage::Starting, _) => DisplayState::Starting,
        (DisplayStage::Running, None) => DisplayState::Silent,
        (DisplayStage::Running, Some(page)) => {
            let answer = client::health(page.listening, PATIENCE).await;
            match answer.as_ref().ok().and_then(|health| health["status"].as_str()) {
                Some("ok") => DisplayState::Ok,
                Some("degraded") => DisplayState::Degraded,
                Some("failing") => DisplayState::Failing,
                _ => DisplayState::Silent,
            }
        }
    };
    (display, state)
}
