//! The latest LED values for whoever wants to look on.
//!
//! The engine copies a frame only while somebody is subscribed, into a buffer that stays; a reader copies
//! it out under the same short lock. Nothing waits for anybody.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use prismatron_core::frame::Rgb8;

/// The engine's side.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    subscribers: AtomicUsize,
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    frame: u64,
    leds: Vec<Rgb8>,
}

impl Screen {
    pub(crate) fn is_watched(&self) -> bool {
        self.subscribers.load(Ordering::Relaxed) > 0
    }

    /// Shows frame number `frame` (from 1) as `draw` leaves it in the buffer, unless it is shown already.
    pub(crate) fn show(&self, frame: u64, draw: impl FnOnce(&mut Vec<Rgb8>)) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.frame != frame {
            shown.frame = frame;
            draw(&mut shown.leds);
        }
    }
}

/// A subscription to LED values. Dropping it ends it.
#[derive(Debug)]
pub struct Preview {
    screen: Arc<Screen>,
}

impl Preview {
    pub(crate) fn new(screen: Arc<Screen>) -> Self {
        screen.subscribers.fetch_add(1, Ordering::Relaxed);
        Self { screen }
    }

    /// Copies the latest frame into `leds`, as it went to the outputs (linear light, in wall order), and
    /// returns its number; `None`, with `leds` left alone, if there is none newer than number `after`. 0 is
    /// before the first.
    pub fn read(&self, after: u64, leds: &mut Vec<Rgb8>) -> Option<u64> {
        let shown = self.screen.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.frame <= after {
            return None;
        }
        leds.clear();
        leds.extend_from_slice(&shown.leds);
        Some(shown.frame)
    }
}

impl Clone for Preview {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.screen))
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        self.screen.subscribers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frame_is_read_once() {
        let screen = Arc::new(Screen::default());
        let preview = Preview::new(Arc::clone(&screen));
        let mut leds = Vec::new();
        assert_eq!(preview.read(0, &mut leds), None);
        screen.show(7, |leds| leds.push([1, 2, 3]));
        assert_eq!(preview.read(0, &mut leds), Some(7));
        assert_eq!(leds, [[1, 2, 3]]);
        assert_eq!(preview.read(7, &mut leds), None);
        assert_eq!(leds, [[1, 2, 3]], "left alone");
    }

    #[test]
    fn watched_until_the_last_one_leaves() {
        let screen = Arc::new(Screen::default());
        let one = Preview::new(Arc::clone(&screen));
        let two = one.clone();
        drop(one);
        assert!(screen.is_watched());
        drop(two);
        assert!(!screen.is_watched());
    }
}
