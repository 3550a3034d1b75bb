//! A device that is opened, used, and opened again with longer and longer pauses where it fails.

use std::time::Duration;

use crate::error::BoardError;

/// Before the first new try; doubled with each that fails.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The device, if it is open.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    what: &'static str,
    device: Option<T>,
    trouble: Option<String>,
    pause: Duration,
    next: Duration,
}

impl<T> Kept<T> {
    /// Not open yet. `what` says what it is for.
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, device: None, trouble: None, pause: FIRST_PAUSE, next: Duration::ZERO }
    }

    /// Uses the device, which is opened where it is not and its time has come.
    pub(crate) fn with<R>(
        &mut self,
        now: Duration,
        open: impl FnOnce() -> Result<T, BoardError>,
        act: impl FnOnce(&mut T) -> Result<R, BoardError>,
    ) -> Option<R> {
        if self.device.is_none() && now < self.next {
            return None;
        }
        let device = match self.device.take() {
            Some(device) => Ok(device),
            None => open(),
        };
        match device.and_then(|mut device| Ok((act(&mut device)?, device))) {
            Ok((result, device)) => {
                self.device = Some(device);
                self.pause = FIRST_PAUSE;
                if self.trouble.take().is_some() {
                    tracing::info!("{}: well again", self.what);
                }
                Some(result)
            }
            Err(error) => {
                self.next = now + self.pause;
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                let message = error.to_string();
                if self.trouble.as_ref() != Some(&message) {
                    tracing::warn!("{}: {message}", self.what);
                    self.trouble = Some(message);
                }
                None
            }
        }
    }

    /// The device, where it is open.
    pub(crate) fn open(&mut self) -> Option<&mut T> {
        self.device.as_mut()
    }

    /// What it is for, and what is wrong with it, if something is.
    pub(crate) fn trouble(&self) -> Option<(&'static str, &str)> {
        Some((self.what, self.trouble.as_deref()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn it_is_tried_again_with_longer_pauses_and_told_of_once_it_works() {
        let mut kept = Kept::<u8>::new("light");
        let mut opened = 0;
        let fail = || Err(BoardError::Missing("not there".into()));
        for (at, tries) in [(0, 1), (0, 1), (1, 2), (2, 2), (3, 3), (6, 3), (7, 4)] {
            let open = || {
                opened += 1;
                fail()
            };
            assert_eq!(kept.with(s(at), open, |_| Ok(())), None);
            assert_eq!(opened, tries, "at {at} s");
        }
        assert_eq!(kept.trouble(), Some(("light", "not there")));
        assert_eq!(kept.with(s(15), || Ok(1), |device| Ok(*device)), Some(1));
        assert_eq!(kept.trouble(), None);
        // It breaks off, and the first new try comes soon.
        let broken = kept.with(s(16), || Ok(2), |_| fail());
        assert!(broken.is_none() && kept.open().is_none());
        assert_eq!(kept.with(s(17), || Ok(3), |device| Ok(*device)), Some(3));
    }
}
