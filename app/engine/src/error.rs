//! What the engine refuses or cannot do.

use prismatron_core::colour::ColourSettings;
use prismatron_core::layout::LayoutError;
use prismatron_core::unit::UnitError;

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// More commands wait than are kept; ask again in a moment.
    #[error("the player has too many commands waiting")]
    Busy,
    /// The engine has ended.
    #[error("the player has stopped")]
    Stopped,
    /// The command makes no sense now.
    #[error("cannot {command}: {reason}")]
    Rejected {
        /// What was asked, in words: `seek`, `jump` …
        command: &'static str,
        /// Why not.
        reason: String,
    },
    /// The LEDs cannot be laid out like that.
    #[error("cannot lay out the wall")]
    Layout(#[source] LayoutError),
    /// The colours cannot be set like that.
    #[error("cannot set colours to {settings:?}")]
    Colour {
        /// What was asked.
        settings: ColourSettings,
        /// The value that is out of range.
        #[source]
        source: UnitError,
    },
    /// The operating system gives no thread.
    #[error("cannot start thread {name}")]
    Thread {
        /// What it would have been called.
        name: &'static str,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
}

impl EngineError {
    pub(crate) fn rejected(command: &'static str, reason: impl Into<String>) -> Self {
        Self::Rejected { command, reason: reason.into() }
    }
}
