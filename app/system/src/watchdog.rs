//! systemd's watchdog (`WatchdogSec=`): fed for as long as every part of the program is alive. Once one is
//! not, systemd ends the program and starts it anew.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

use crate::vitals::{Sign, Vitals};

/// The watchdog that systemd has set on this process.
#[derive(Debug)]
pub struct Watchdog {
    every: Duration,
}

impl Watchdog {
    /// The one that `WATCHDOG_USEC` and `WATCHDOG_PID` tell of, if there is one. It is fed twice in its time,
    /// as `sd_watchdog_enabled(3)` recommends.
    pub fn detect() -> Option<Self> {
        let every = sd_notify::watchdog_enabled()? / 2;
        (!every.is_zero()).then_some(Self { every })
    }

    /// From one meal to the next.
    pub fn every(&self) -> Duration {
        self.every
    }

    /// Feeds it while the signs that `collect` gathers are good. Never ends.
    pub async fn feed<C, S>(self, mut collect: C)
    where
        C: FnMut() -> S,
        S: Future<Output = Vec<Sign>>,
    {
        tracing::info!(every = self.every.as_secs_f64(), "the watchdog is fed");
        let start = Instant::now();
        let mut vitals = Vitals::default();
        let mut silent = Vec::new();
        let mut meals = interval(self.every);
        meals.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            meals.tick().await;
            let signs = collect().await;
            let found = vitals.look(start.elapsed(), &signs);
            if found.is_empty() {
                if !silent.is_empty() {
                    tracing::warn!("the watchdog is fed again");
                }
                if let Err(error) = sd_notify::notify(&[NotifyState::Watchdog]) {
                    tracing::debug!("the watchdog cannot be fed: {error}");
                }
            } else if silent.is_empty() {
                tracing::error!("the watchdog is not fed: {}", found.join("; "));
            }
            silent = found;
        }
    }
}
