//! Transitions.

use std::time::Duration;

use prismatron_core::transition as domain;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Invalid, mirror, seconds};

/// The way into an item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transition {
    /// What is seen.
    #[serde(rename = "type")]
    pub(crate) kind: TransitionType,
    /// Where the edge of a wipe runs to; only for a wipe. `right` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) direction: Option<Direction>,
    /// How long both items are on, 0 to 30; 0 for a cut, otherwise 1 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) duration_seconds: Option<f64>,
    /// How progress runs over that time; `in_out` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) easing: Option<Easing>,
}

/// What is seen while one item gives way to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TransitionType {
    /// Nothing.
    Cut,
    /// One dissolves into the other.
    Crossfade,
    /// The old one goes dark, then the new one comes up.
    FadeThroughBlack,
    /// An edge runs over the canvas.
    Wipe,
}

mirror! {
    /// Where the edge of a wipe runs to.
    Direction = domain::WipeDirection { Right, Left, Down, Up }
}

mirror! {
    /// How progress runs over the time of a transition.
    Easing = domain::Easing {
        /// Evenly.
        Linear,
        /// Slow at first.
        In,
        /// Slow at the end.
        Out,
        /// Slow at both ends.
        InOut,
    }
}

impl From<domain::Transition> for Transition {
    fn from(value: domain::Transition) -> Self {
        let (kind, direction) = match value.kind {
            domain::TransitionKind::Cut => (TransitionType::Cut, None),
            domain::TransitionKind::Crossfade => (TransitionType::Crossfade, None),
            domain::TransitionKind::FadeThroughBlack => (TransitionType::FadeThroughBlack, None),
            domain::TransitionKind::Wipe(to) => (TransitionType::Wipe, Some(to.into())),
        };
        Self {
            kind,
            direction,
            duration_seconds: Some(value.duration.as_secs_f64()),
            easing: Some(value.easing.into()),
        }
    }
}

impl TryFrom<Transition> for domain::Transition {
    type Error = Invalid;

    fn try_from(value: Transition) -> Result<Self, Invalid> {
        let kind = match (value.kind, value.direction) {
            (TransitionType::Wipe, direction) => {
                domain::TransitionKind::Wipe(direction.unwrap_or(Direction::Right).into())
            }
            (_, Some(_)) => return Err(Invalid::new("direction", "only a wipe has one")),
            (TransitionType::Cut, None) => domain::TransitionKind::Cut,
            (TransitionType::Crossfade, None) => domain::TransitionKind::Crossfade,
            (TransitionType::FadeThroughBlack, None) => domain::TransitionKind::FadeThroughBlack,
        };
        let duration = match value.duration_seconds {
            Some(value) => seconds("duration_seconds", value, Duration::ZERO, Self::MAX)?,
            None if kind == domain::TransitionKind::Cut => Duration::ZERO,
            None => Self::default().duration,
        };
        let easing = value.easing.map_or(Self::default().easing, Into::into);
        Ok(Self { kind, duration, easing })
    }
}
