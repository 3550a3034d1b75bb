//! What is pending: pure, by the times it is given.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::action::{Action, Pending, Stage};
use crate::error::SystemError;

/// At most one request.
#[derive(Debug, Default)]
pub(crate) struct Agenda(Option<Pending>);

impl Agenda {
    /// Takes a request, to be carried out after a delay. Asked for again it stays as it was: two who ask for
    /// the same at once get it once.
    ///
    /// # Errors
    /// Something else is pending.
    pub(crate) fn request(
        &mut self,
        action: Action,
        delay: Duration,
        who: Arc<str>,
        now: Instant,
    ) -> Result<Pending, SystemError> {
        match &self.0 {
            Some(pending) if pending.action == action => Ok(pending.clone()),
            Some(Pending { action, who, .. }) => {
                Err(SystemError::Pending { action: *action, who: Arc::clone(who) })
            }
            None => {
                let pending = Pending { action, who, due: now + delay, stage: Stage::Waiting };
                Ok(self.0.insert(pending).clone())
            }
        }
    }

    /// Takes back what is pending.
    ///
    /// # Errors
    /// Nothing is, or it has begun.
    pub(crate) fn cancel(&mut self) -> Result<Pending, SystemError> {
        match self.0.take_if(|pending| pending.stage == Stage::Waiting) {
            Some(pending) => Ok(pending),
            None => Err(match &self.0 {
                Some(pending) => SystemError::UnderWay { action: pending.action },
                None => SystemError::NothingPending,
            }),
        }
    }

    /// When the next one begins.
    pub(crate) fn due(&self) -> Option<Instant> {
        let waiting = self.0.as_ref().filter(|pending| pending.stage == Stage::Waiting);
        waiting.map(|pending| pending.due)
    }

    /// Begins what is waiting, and returns it.
    pub(crate) fn begin(&mut self) -> Option<Action> {
        let pending = self.0.as_mut().filter(|pending| pending.stage == Stage::Waiting)?;
        pending.stage = Stage::UnderWay;
        Some(pending.action)
    }

    /// Forgets what was under way, and returns it.
    pub(crate) fn clear(&mut self) -> Option<Pending> {
        self.0.take()
    }

    /// What is pending or under way.
    pub(crate) fn pending(&self) -> Option<&Pending> {
        self.0.as_ref()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_secs(5);

    fn agenda() -> (Agenda, Instant) {
        (Agenda::default(), Instant::now())
    }

    #[test]
    fn two_at_once_act_once() {
        let (mut agenda, now) = agenda();
        let first = agenda.request(Action::Reboot, DELAY, "admin".into(), now).unwrap();
        assert_eq!(first.due, now + DELAY);
        let later = now + Duration::from_secs(1);
        let again = agenda.request(Action::Reboot, DELAY, "script".into(), later).unwrap();
        assert_eq!(again, first, "neither later nor by somebody else");
        assert_eq!(
            agenda.request(Action::PowerOff, Duration::ZERO, "script".into(), later),
            Err(SystemError::Pending { action: Action::Reboot, who: "admin".into() })
        );
        assert_eq!(agenda.begin(), Some(Action::Reboot));
        assert_eq!(agenda.begin(), None, "it begins once");
    }

    #[test]
    fn what_waits_can_be_cancelled_and_what_has_begun_cannot() {
        let (mut agenda, now) = agenda();
        assert_eq!(agenda.cancel(), Err(SystemError::NothingPending));
        agenda.request(Action::PowerOff, DELAY, "admin".into(), now).unwrap();
        agenda.cancel().unwrap();
        assert_eq!((agenda.due(), agenda.begin()), (None, None));
        agenda.request(Action::Restart, Duration::ZERO, "admin".into(), now).unwrap();
        assert_eq!(agenda.due(), Some(now));
        agenda.begin();
        assert_eq!(agenda.due(), None);
        assert_eq!(agenda.cancel(), Err(SystemError::UnderWay { action: Action::Restart }));
        agenda.clear();
        assert!(agenda.request(Action::Reboot, DELAY, "admin".into(), now).is_ok());
    }
}
