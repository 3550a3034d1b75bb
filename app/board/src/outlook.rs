//! What others may know of the board.

use prismatron_core::unit::Brightness;

use crate::supply::Power;

/// All that is known; published when it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// How bright the board lets the wall be, as a part of what is set; not known before it has been looked at.
    pub shade: Option<Brightness>,
    /// Whether LEDs have power.
    pub power: Power,
    /// What is not well.
    pub findings: Vec<Finding>,
    /// What was measured, in words for people.
    pub seen: Vec<String>,
}

/// Something that is not well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is about; stays the same for as long as it holds.
    pub subject: String,
    /// What is wrong and what to do, in words for people.
    pub message: String,
}

impl Finding {
    pub(crate) fn new(subject: &str, message: &str) -> Self {
        Self { subject: subject.to_owned(), message: message.to_owned() }
    }
}
