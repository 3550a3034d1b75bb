//! While it plays: what comes from outside until the end, and what kind of end it is to be.

use std::sync::Arc;
use std::time::Duration;

use prismatron_engine::{self as engine, Ending};
use prismatron_system::{Action, Order, Orders, Return};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::position::Keeper;
use crate::stop::{Signal, Signals};

/// What may come from outside, and who is told.
pub(crate) struct Show {
    pub(crate) signals: Signals,
    pub(crate) orders: Orders,
    /// Told when the configuration is to be read again.
    pub(crate) reload: Arc<Notify>,
    pub(crate) keeper: Keeper,
    pub(crate) player: engine::Handle,
}

/// Longest wait for the position to be saved: a disk that hangs must not keep a signal waiting.
const SAVE: Duration = Duration::from_secs(1);

/// The end.
pub(crate) struct End {
    /// Who asked for it.
    pub(crate) why: &'static str,
    /// What the LEDs are left with: the last picture where the program will be back at once.
    pub(crate) ending: Ending,
    /// How it comes back, if it is to.
    pub(crate) back: Option<Return>,
    /// What may come yet.
    pub(crate) signals: Signals,
}

impl Show {
    /// Goes on until something asks for an end.
    pub(crate) async fn run(mut self) -> End {
        let mut ending = Ending::Black;
        loop {
            tokio::select! {
                signal = self.signals.next() => match signal {
                    Signal::Stop(why) => {
                        return End { why, ending, back: None, signals: self.signals };
                    }
                    Signal::Reload => self.reload.notify_one(),
                },
                Some(order) = self.orders.recv() => match order {
                    Order::Prepare(action, saved) => {
                        self.save().await;
                        if action == Action::Restart {
                            ending = Ending::Hold;
                        }
                        // Whoever asked may have gone on without it.
                        let _ = saved.send(());
                    }
                    Order::Resume => ending = Ending::Black,
                    Order::Leave(how) => {
                        let (ending, back) = (Ending::Hold, Some(how));
                        return End { why: "restart", ending, back, signals: self.signals };
                    }
                },
            }
        }
    }

    async fn save(&self) {
        let Some(position) = self.player.position() else { return };
        if timeout(SAVE, self.keeper.save(&position)).await.is_err() {
            tracing::warn!("the position is not saved in time");
        }
    }
}
