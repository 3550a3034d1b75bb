//! The task that owns what is pending, and carries it out.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};

use crate::action::{Ability, Action, Failure, Pending, SystemState};
use crate::agenda::Agenda;
use crate::bus::{Bus, Reason};
use crate::error::SystemError;
use crate::handle::{Handle, Message};
use crate::supervisor::Supervisor;

/// Requests that may wait.
const INBOX: usize = 16;
/// How often it is looked what can be done.
const LOOK: Duration = Duration::from_secs(60);
/// Longest wait for somebody to take their answer.
const ANSWERED: Duration = Duration::from_secs(1);
/// Longest wait for the program to save what it has to.
const PREPARED: Duration = Duration::from_secs(2);
/// How long systemd may take to begin with what it has accepted.
const CARRIED_OUT: Duration = Duration::from_secs(60);

/// What the program is to do.
#[derive(Debug)]
pub enum Order {
    /// Save what there is to save, and say so; SIGTERM follows. For a restart the LEDs are left as they are
    /// then.
    Prepare(Action, oneshot::Sender<()>),
    /// It did not come to that.
    Resume,
    /// End now, and come back so.
    Leave(Return),
}

/// How the program comes back after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// It exits with [`RESTART_EXIT_CODE`](crate::RESTART_EXIT_CODE), and systemd starts it.
    BySystemd,
    /// It executes itself.
    ByItself,
}

/// Orders to the program.
pub type Orders = mpsc::Receiver<Order>;

/// The task. It ends when this is dropped.
#[derive(Debug)]
pub struct System(JoinHandle<()>);

impl System {
    /// Starts the task, on the system bus. Needs a tokio runtime.
    pub fn start(supervisor: Supervisor) -> (Self, Handle, Orders) {
        Self::on_bus(supervisor, Bus::default())
    }

    /// The same on another bus, by its D-Bus address.
    pub fn start_on(supervisor: Supervisor, address: &str) -> (Self, Handle, Orders) {
        Self::on_bus(supervisor, Bus { address: Some(address.to_owned()) })
    }

    fn on_bus(supervisor: Supervisor, bus: Bus) -> (Self, Handle, Orders) {
        let (inbox, messages) = mpsc::channel(INBOX);
        let (orders, ordered) = mpsc::channel(INBOX);
        let (state, published) = watch::channel(SystemState::new(supervisor));
        let holds = Arc::new(watch::Sender::new(None));
        let desk = Desk {
            supervisor,
            bus: bus.clone(),
            agenda: Agenda::default(),
            answered: None,
            acting: None,
            orders,
            state,
            holds: Arc::clone(&holds),
        };
        let task = tokio::spawn(desk.run(messages));
        (Self(task), Handle { inbox, state: published, bus, holds }, ordered)
    }
}

impl Drop for System {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the task owns.
struct Desk {
    supervisor: Supervisor,
    bus: Bus,
    agenda: Agenda,
    /// Whoever asked has their answer once this ends.
    answered: Option<oneshot::Receiver<()>>,
    /// What is under way; ends with why it came to nothing, if the program is still there to know.
    acting: Option<JoinHandle<Reason>>,
    orders: mpsc::Sender<Order>,
    state: watch::Sender<SystemState>,
    /// Why the machine must go on for now.
    holds: Arc<watch::Sender<Option<Reason>>>,
}

impl Desk {
    async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = messages.recv() => match message {
                    Some(message) => self.hear(message).await,
                    None => return,
                },
                () = due(self.agenda.due(), &mut self.answered) => self.begin(),
                reason = failure(&mut self.acting) => self.failed(reason).await,
                _ = looks.tick() => self.look().await,
            }
        }
    }

    async fn hear(&mut self, message: Message) {
        match message {
            Message::Request { action, delay, who, answered, reply } => {
                let outcome = self.request(action, delay, who, answered).await;
                let _ = reply.send(outcome);
            }
            Message::Cancel(reply) => {
                let cancelled = self.agenda.cancel();
                if let Ok(pending) = &cancelled {
                    tracing::warn!(who = &*pending.who, "{} was cancelled", pending.action);
                }
                self.publish();
                let _ = reply.send(cancelled);
            }
        }
    }

    async fn request(
        &mut self,
        action: Action,
        delay: Duration,
        who: Arc<str>,
        answered: oneshot::Receiver<()>,
    ) -> Result<Pending, SystemError> {
        self.let_go(action)?;
        let known = self.agenda.pending().is_some();
        if action != Action::Restart && self.supervisor == Supervisor::Systemd && !known {
            // It may have become possible, or impossible, since it was looked at.
            let ability = self.bus.ability(action).await;
            self.state.send_if_modified(|state| {
                let known = match action {
                    Action::Reboot => &mut state.reboot,
                    _ => &mut state.power_off,
                };
                std::mem::replace(known, ability.clone()) != ability
            });
            // Something may have begun meanwhile.
            self.let_go(action)?;
        }
        if let Ability::No(reason) = self.state.borrow().ability(action) {
            return Err(SystemError::Impossible { action, reason: Arc::clone(reason) });
        }
        let pending = self.agenda.request(action, delay, who, Instant::now())?;
        if !known {
            tracing::warn!(
                who = &*pending.who,
                delay = delay.as_secs_f64(),
                "{action} was asked for"
            );
            self.answered = Some(answered);
            self.state.send_modify(|state| state.failure = None);
            self.publish();
        }
        Ok(pending)
    }

    /// Whether nothing holds the machine that must not be broken off. The service's own restart breaks nothing off.
    fn let_go(&self, action: Action) -> Result<(), SystemError> {
        match self.holds.borrow().clone() {
            Some(reason) if action != Action::Restart => Err(SystemError::Held { action, reason }),
            _ => Ok(()),
        }
    }

    /// Carries out what is due, elsewhere: D-Bus may take its time.
    fn begin(&mut self) {
        self.answered = None;
        let Some(action) = self.agenda.begin() else { return };
        self.publish();
        // What has begun since it was asked for comes first.
        if let Err(error) = self.let_go(action) {
            let reason = error.to_string().into();
            self.acting = Some(tokio::spawn(async move { reason }));
            return;
        }
        let (bus, orders, supervisor) = (self.bus.clone(), self.orders.clone(), self.supervisor);
        self.acting = Some(tokio::spawn(async move {
            match (action, supervisor) {
                (Action::Restart, Supervisor::Nobody) => leave(&orders, Return::ByItself).await,
                (Action::Restart, Supervisor::Systemd) => restart(&bus, &orders).await,
                (Action::Reboot | Action::PowerOff, _) => power(&bus, &orders, action).await,
            }
        }));
    }

    async fn failed(&mut self, reason: Reason) {
        self.acting = None;
        let Some(Pending { action, .. }) = self.agenda.clear() else { return };
        tracing::error!("{action} did not come about: {reason}");
        let failure = Failure { action, reason, at: SystemTime::now() };
        self.state.send_modify(|state| state.failure = Some(failure));
        self.publish();
        // Whoever is not there to hear it has nothing to resume.
        let _ = self.orders.send(Order::Resume).await;
    }

    /// Finds out what can be done.
    async fn look(&self) {
        if self.supervisor == Supervisor::Nobody {
            return;
        }
        let look = self.bus.look().await;
        self.state.send_if_modified(|state| {
            let before = state.clone();
            match look {
                Ok(look) => {
                    state.version = look.version;
                    state.unit = look.unit;
                    state.reboot = look.reboot;
                    state.power_off = look.power_off;
                }
                Err(reason) => {
                    state.reboot = Ability::No(Arc::clone(&reason));
                    state.power_off = Ability::No(reason);
                }
            }
            *state != before
        });
    }

    fn publish(&self) {
        let pending = self.agenda.pending().cloned();
        self.state.send_if_modified(|state| {
            std::mem::replace(&mut state.pending, pending.clone()) != pending
        });
    }
}

/// Waits until what is pending may begin: its delay has passed, and whoever asked has their answer.
async fn due(due: Option<Instant>, answered: &mut Option<oneshot::Receiver<()>>) {
    let Some(due) = due else { return pending().await };
    sleep_until(due.into()).await;
    if let Some(answered) = answered {
        let _ = timeout(ANSWERED, answered).await;
    }
}

/// Waits until what is under way has come to nothing.
async fn failure(acting: &mut Option<JoinHandle<Reason>>) -> Reason {
    match acting {
        Some(task) => task.await.unwrap_or_else(|error| error.to_string().into()),
        None => pending().await,
    }
}

/// Has the program end. It is not there any more to hear of a failure.
async fn leave(orders: &mpsc::Sender<Order>, how: Return) -> Reason {
    if orders.send(Order::Leave(how)).await.is_ok() {
        tokio::time::sleep(CARRIED_OUT).await;
    }
    "the program did not end".into()
}

async fn prepare(orders: &mpsc::Sender<Order>, action: Action) {
    let (done, saved) = oneshot::channel();
    if orders.send(Order::Prepare(action, done)).await.is_ok() {
        let _ = timeout(PREPARED, saved).await;
    }
}

/// By systemd, which sends SIGTERM; where it will not, by the exit code that has it start the program again.
async fn restart(bus: &Bus, orders: &mpsc::Sender<Order>) -> Reason {
    prepare(orders, Action::Restart).await;
    if let Err(reason) = bus.restart().await {
        tracing::warn!("systemd is not asked to restart but made to: {reason}");
        return leave(orders, Return::BySystemd).await;
    }
    accepted_only().await
}

async fn power(bus: &Bus, orders: &mpsc::Sender<Order>, action: Action) -> Reason {
    prepare(orders, action).await;
    if let Err(reason) = bus.power(action).await {
        return reason;
    }
    accepted_only().await
}

/// Systemd ends the program before this is over, or does not do what it has accepted.
async fn accepted_only() -> Reason {
    tokio::time::sleep(CARRIED_OUT).await;
    "systemd accepted it and did not do it".into()
}
