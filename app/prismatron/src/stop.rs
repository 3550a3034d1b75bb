//! The end: what asks for it, and the last deadline over all its steps.

use std::task::{Context, Waker};
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{self, SignalKind};

/// Within this the program is gone, whatever hangs.
const DEADLINE: Duration = Duration::from_millis(4500);

/// What comes from outside while it plays.
pub(crate) struct Signals {
    term: unix::Signal,
    interrupt: unix::Signal,
    hangup: unix::Signal,
}

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// To end.
    Stop(&'static str),
    /// To read the configuration and open the log again.
    Reload,
}

impl Signals {
    /// From now on they wait to be taken instead of ending the program.
    ///
    /// # Errors
    /// They cannot be listened to.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let listen =
            |kind, name| unix::signal(kind).with_context(|| format!("cannot listen for {name}"));
        Ok(Self {
            term: listen(SignalKind::terminate(), "SIGTERM")?,
            interrupt: listen(SignalKind::interrupt(), "Ctrl-C")?,
            hangup: listen(SignalKind::hangup(), "SIGHUP")?,
        })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.term.recv() => Signal::Stop("SIGTERM"),
            _ = self.interrupt.recv() => Signal::Stop("Ctrl-C"),
            _ = self.hangup.recv() => Signal::Reload,
        }
    }

    /// Whether one that has not been taken yet asks for an end. Does not wait.
    pub(crate) fn ask_to_stop(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        [&mut self.term, &mut self.interrupt]
            .into_iter()
            .any(|signal| signal.poll_recv(&mut context).is_ready())
    }
}

/// Starts the last deadline: a thread of its own, since the runtime itself may be what hangs. `end` does not
/// return.
pub(crate) fn arm_deadline(end: impl FnOnce() + Send + 'static) {
    std::thread::spawn(|| {
        std::thread::sleep(DEADLINE);
        tracing::error!("something did not stop in time, ending without it");
        end();
    });
}
