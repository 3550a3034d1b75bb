//! The end: what asks for it, and the last deadline over all its steps.

use std::time::Duration;

use anyhow::Context;
use nix::sys::signal::{SigSet, Signal as Kind};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Within this the program is gone, whatever hangs.
const DEADLINE: Duration = Duration::from_millis(4500);

/// What comes from outside while it plays. Held back by the kernel until it is taken: what comes in the moment in which
/// the program executes itself is found by the next (`signal(7)`).
#[derive(Debug)]
pub(crate) struct Signals(AsyncFd<SignalFd>);

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// To end.
    Stop(&'static str),
    /// To read the configuration and open the log again.
    Reload,
}

/// From now on signals wait to be taken instead of ending the program. For threads begun later, so to be called before
/// there is any.
///
/// # Errors
/// They cannot be held back.
pub(crate) fn hold_signals() -> anyhow::Result<()> {
    taken().thread_block().context("cannot hold back signals")
}

/// The signals that are taken.
fn taken() -> SigSet {
    [Kind::SIGTERM, Kind::SIGINT, Kind::SIGHUP].into_iter().collect()
}

impl Signals {
    /// Those that [`hold_signals`] holds back. Needs a tokio runtime.
    ///
    /// # Errors
    /// They cannot be listened to.
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let signals =
            SignalFd::with_flags(&taken(), SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        // SAFETY: what is registered owns its descriptor, which nothing replaces or closes while it is.
        #[allow(unsafe_code, reason = "tokio asks for it where it is given a descriptor")]
        let signals = unsafe { AsyncFd::register_with_interest(signals, Interest::READABLE) };
        Ok(Self(signals.context("cannot listen for signals")?))
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Signal {
        loop {
            match self.0.readable().await {
                Ok(mut ready) => match self.take() {
                    Some(signal) => return signal,
                    None => ready.clear_ready(),
                },
                // The runtime is about to end.
                Err(_) => std::future::pending().await,
            }
        }
    }

    /// Whether one that has not been taken yet asks for an end. Does not wait.
    pub(crate) fn ask_to_stop(&mut self) -> bool {
        std::iter::from_fn(|| self.take()).any(|signal| signal != Signal::Reload)
    }

    fn take(&self) -> Option<Signal> {
        let signal = self.0.get_ref().read_signal().ok()??;
        Some(match i32::try_from(signal.ssi_signo).map(Kind::try_from) {
            Ok(Ok(Kind::SIGHUP)) => Signal::Reload,
            Ok(Ok(Kind::SIGINT)) => Signal::Stop("Ctrl-C"),
            _ => Signal::Stop("SIGTERM"),
        })
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
