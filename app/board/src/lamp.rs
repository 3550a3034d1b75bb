//! The status lamp: what it tells, as light and dark over time. Pure.

use std::time::Duration;

/// What the lamp tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pattern {
    /// Nothing: it is dark.
    #[default]
    Dark,
    /// On and off every second: it is not ready yet.
    Starting,
    /// On.
    Playing,
    /// Two flashes every two seconds.
    SafeMode,
    /// Four times a second: somebody has to look.
    Fault,
    /// On, with a gap every second: an update is installed, or machine or program are about to start again.
    Updating,
    /// Eight times a second: whoever lets go of the button now restarts the service.
    LongPress,
    /// On for as long as the button is still held: safe mode it is, or no longer.
    VeryLongPress,
}

impl Pattern {
    /// Whether it is lit at a time, by any clock.
    pub(crate) fn is_lit(self, now: Duration) -> bool {
        let within = |period: u128| now.as_millis() % period;
        match self {
            Self::Dark => false,
            Self::Playing | Self::VeryLongPress => true,
            Self::Starting => within(1000) < 500,
            Self::SafeMode => matches!(within(2000), 0..150 | 300..450),
            Self::Fault => within(250) < 125,
            Self::Updating => within(1000) < 800,
            Self::LongPress => within(125) < 62,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times in ten seconds at which it goes on, and the part that it is lit.
    fn rhythm(pattern: Pattern) -> (usize, f64) {
        let lit: Vec<bool> =
            (0..10_000).map(|ms| pattern.is_lit(Duration::from_millis(ms))).collect();
        let on = lit.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        (on, lit.iter().filter(|lit| **lit).count() as f64 / 10_000.0)
    }

    #[test]
    fn patterns_are_told_apart_by_their_rhythm() {
        assert_eq!(rhythm(Pattern::Dark), (0, 0.0));
        assert_eq!(rhythm(Pattern::Playing), (0, 1.0));
        assert_eq!(rhythm(Pattern::Starting), (9, 0.5));
        assert_eq!(rhythm(Pattern::SafeMode), (9, 0.15));
        assert_eq!(rhythm(Pattern::Fault), (39, 0.5));
        assert_eq!(rhythm(Pattern::Updating), (9, 0.8));
        assert_eq!(rhythm(Pattern::LongPress).0, 79);
    }
}
