//! Frame rates as fractions, because 29.97 is 30000/1001 and a minute would show the difference.

use std::fmt;
use std::time::Duration;

/// Frames per `den` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    num: u32,
    den: u32,
}

impl Rate {
    /// The highest rate a video is played at.
    const MOST: f32 = 60.0;
    /// The rate of a video that does not tell.
    const UNKNOWN: Self = Self { num: 30, den: 1 };

    /// The rate to play a video of `fps` at: its own as exactly as it can be told, at most 60.
    pub(super) fn playing(fps: Option<f32>) -> Self {
        match fps {
            Some(fps) if fps > Self::MOST => Self { num: 60, den: 1 },
            // Slower than one frame in four seconds is a slide show, with times between.
            Some(fps) if fps >= 0.25 => {
                let ntsc = (fps * 1.001).round();
                if (fps - fps.round()).abs() < 0.001 {
                    Self { num: fps.round() as u32, den: 1 }
                } else if (fps - ntsc / 1.001).abs() < 0.001 {
                    Self { num: ntsc as u32 * 1000, den: 1001 }
                } else {
                    Self { num: (fps * 1000.0).round() as u32, den: 1000 }
                }
            }
            _ => Self::UNKNOWN,
        }
    }

    /// When a frame is shown, counted from 0.
    pub(super) fn time_of(self, frame: u64) -> Duration {
        let nanos = u128::from(frame) * 1_000_000_000 * u128::from(self.den) / u128::from(self.num);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The frame that is shown at a time.
    pub(super) fn frame_at(self, at: Duration) -> u64 {
        // A time as `time_of` has it is cut off below a nanosecond.
        let parts = (at.as_nanos() + 1) * u128::from(self.num);
        u64::try_from(parts / (1_000_000_000 * u128::from(self.den))).unwrap_or(u64::MAX)
    }

    pub(super) fn period(self) -> Duration {
        self.time_of(1)
    }
}

/// As ffmpeg takes it.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.num, self.den)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_rates_are_exact() {
        for (fps, text) in [
            (Some(25.0), "25/1"),
            (Some(29.97003), "30000/1001"),
            (Some(23.976_025), "24000/1001"),
            (Some(59.94006), "60000/1001"),
            (Some(12.5), "12500/1000"),
            (Some(240.0), "60/1"),
            (Some(0.01), "30/1"),
            (Some(f32::NAN), "30/1"),
            (None, "30/1"),
        ] {
            assert_eq!(Rate::playing(fps).to_string(), text, "{fps:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_frame_is_shown_at_its_time(frame in 0u64..10_000_000, fps in 0.25f32..60.0) {
            let rate = Rate::playing(Some(fps));
            proptest::prop_assert_eq!(rate.frame_at(rate.time_of(frame)), frame);
        }
    }
}
