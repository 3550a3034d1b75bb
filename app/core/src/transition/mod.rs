//! How one item gives way to the next.

mod blend;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::blend::Blender;

/// The way into an item.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// What is seen.
    pub kind: TransitionKind,
    /// How long both items are on; at most [`Transition::MAX`].
    pub duration: Duration,
    /// How progress runs over that time.
    #[serde(default)]
    pub easing: Easing,
}

impl Transition {
    /// Longest transition that is accepted.
    pub const MAX: Duration = Duration::from_secs(30);
    /// From one frame to the next.
    pub const CUT: Self =
        Self { kind: TransitionKind::Cut, duration: Duration::ZERO, easing: Easing::Linear };
}

impl Default for Transition {
    fn default() -> Self {
        Self {
            kind: TransitionKind::Crossfade,
            duration: Duration::from_secs(1),
            easing: Easing::InOut,
        }
    }
}

/// What is seen while one item gives way to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransitionKind {
    /// Nothing: the next frame is the next item's.
    Cut,
    /// One dissolves into the other, in linear light.
    Crossfade,
    /// The old one goes dark, then the new one comes up.
    FadeThroughBlack,
    /// An edge runs over the canvas; behind it is the new item.
    Wipe(WipeDirection),
}

/// Where the edge of a wipe runs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum WipeDirection {
    Right,
    Left,
    Down,
    Up,
}

/// How progress runs over the time of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Easing {
    /// Evenly.
    Linear,
    /// Slow at first (quadratic).
    In,
    /// Slow at the end (quadratic).
    Out,
    /// Slow at both ends (smoothstep, 3t² − 2t³).
    #[default]
    InOut,
}

impl Easing {
    /// Progress 0 to 1 at time `t` from 0 to 1; times outside are clamped.
    pub fn at(self, t: f32) -> f32 {
        let t = t.clamp(0.0, 1.0);
        match self {
            Self::Linear => t,
            Self::In => t * t,
            Self::Out => t * (2.0 - t),
            Self::InOut => t * t * (3.0 - 2.0 * t),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easings_start_at_0_and_end_at_1() {
        for easing in [Easing::Linear, Easing::In, Easing::Out, Easing::InOut] {
            assert_eq!((easing.at(-1.0), easing.at(0.0)), (0.0, 0.0), "{easing:?}");
            assert_eq!((easing.at(1.0), easing.at(2.0)), (1.0, 1.0), "{easing:?}");
            let steps: Vec<f32> = (0..=100).map(|step| easing.at(step as f32 / 100.0)).collect();
            assert!(steps.is_sorted(), "{easing:?}");
        }
    }
}
