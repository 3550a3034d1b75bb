//! Words over whatever is on: what the appliance itself has to say to those who stand before it.
//!
//! A caption is seen in every mode, over black too, and changes nothing about playback. It goes by the engine's
//! clock, which does not stand still when playback does.

use std::time::Duration;

use prismatron_core::frame::LedFrame;
use prismatron_core::media::Fit;
use prismatron_core::playlist::Content;
use prismatron_core::text::Text;
use prismatron_core::unit::Size;

use super::Player;
use super::incoming::Ticket;
use crate::rig::Rig;
use crate::source::{Live, Opened};
use crate::workshop::Ready;

/// What is behind the letters keeps one part of its light in so many, or they could not be read on it.
const DIMMED: u32 = 4;

/// Words that are on, or will be once they are set.
pub(super) struct Caption {
    text: Text,
    ticket: Ticket,
    lettering: Option<Lettering>,
}

/// Words that are set.
struct Lettering {
    live: Live,
    size: Size,
    since: Duration,
    letters: LedFrame,
    /// The letters over what is on.
    seen: LedFrame,
}

impl Caption {
    pub(super) fn is_on(&self) -> bool {
        self.lettering.is_some()
    }

    /// Size of its frames.
    pub(super) fn size(&self) -> Option<Size> {
        self.lettering.as_ref().map(|lettering| lettering.size)
    }

    /// The LEDs with the words over `behind`, or over black; `None` before they are set.
    pub(super) fn over(
        &mut self,
        behind: Option<&LedFrame>,
        now: Duration,
        rig: &mut Rig,
    ) -> Option<&LedFrame> {
        let Lettering { live, since, letters, seen, .. } = self.lettering.as_mut()?;
        live.advance(now.saturating_sub(*since));
        if let Some(picture) = live.picture() {
            rig.map(picture, letters);
        }
        match behind {
            Some(behind) => {
                for ((seen, letter), behind) in seen.iter_mut().zip(&*letters).zip(behind) {
                    *seen = over(*letter, *behind);
                }
            }
            None => seen.clone_from(letters),
        }
        Some(seen)
    }
}

/// A letter over what is behind it, both linear.
fn over(letter: [u16; 3], behind: [u16; 3]) -> [u16; 3] {
    let full = u32::from(u16::MAX);
    let covered = letter.into_iter().max().map_or(0, u32::from);
    let left = (full - covered) / DIMMED;
    // At most `left` of one is added to at most `covered` of the other.
    std::array::from_fn(|i| letter[i] + (u32::from(behind[i]) * left / full) as u16)
}

impl Player {
    /// Puts words over whatever is on, or takes them away.
    pub(super) fn set_caption(&mut self, text: Option<Text>) {
        self.dirty = true;
        self.caption = text.map(|text| {
            let ticket = self.order(Content::Text(text.clone()), Fit::default());
            Caption { text, ticket, lettering: None }
        });
    }

    /// Sets the words anew, for another wall.
    pub(super) fn refit_caption(&mut self) {
        let text = self.caption.take().map(|caption| caption.text);
        self.set_caption(text);
    }

    /// Whether an order was for the caption.
    pub(super) fn is_for_caption(&self, number: u64) -> bool {
        self.caption.as_ref().is_some_and(|caption| caption.ticket.is(number))
    }

    /// Takes in words that were set.
    pub(super) fn begin_caption(&mut self, ready: Ready, now: Duration) {
        let Some(caption) = &mut self.caption else { return };
        let Ready { opened: Opened { live, size, .. }, mapper } = ready;
        if let Some((wall, mapper)) = mapper {
            self.rig.adopt(size, &wall, mapper);
        }
        let dark = vec![[0; 3]; self.rig.leds()];
        let (letters, seen) = (dark.clone(), dark);
        caption.lettering = Some(Lettering { live, size, since: now, letters, seen });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_full_letter_covers_and_none_dims() {
        assert_eq!(over([u16::MAX, 0, 0], [u16::MAX; 3]), [u16::MAX, 0, 0]);
        assert_eq!(over([0; 3], [40_000, 4, 0]), [9_999, 0, 0]);
    }

    proptest! {
        #[test]
        fn no_light_overflows(letter: [u16; 3], behind: [u16; 3]) {
            let seen = over(letter, behind);
            prop_assert!((0..3).all(|i| seen[i] >= letter[i]));
        }
    }
}
