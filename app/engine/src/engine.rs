//! The engine thread and the handle to it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use prismatron_core::colour::ColourSettings;
use prismatron_core::layout::{Layout, Wall};
use prismatron_core::output::OutputSpec;
use prismatron_core::playlist::{Content, Playlist};
use prismatron_core::port::{Clock, MediaError, Opener, SinkFactory};
use prismatron_core::unit::{Brightness, Fps};
use tokio::sync::{oneshot, watch};

use crate::census::Census;
use crate::command::{Command, Dimmer};
use crate::error::EngineError;
use crate::meters::{EngineCounters, Failures, OutputPower};
use crate::player::{Outlook, Pace, Player, area_mapper};
use crate::preview::Preview;
use crate::rehearsal::{self, Rehearsal};
use crate::rig::Plan;
use crate::schedule::Schedule;
use crate::state::{PlayerState, Position};
use crate::wake::Waker;
use crate::workshop::Threads;

/// Commands that may wait.
const INBOX: usize = 64;
/// The thread looks up at least this often, to show that it lives.
const PULSE: Duration = Duration::from_secs(1);
/// How long an end waits for the player, which itself waits for the outputs…
const PLAYER_END: Duration = Duration::from_millis(2000);
const OUTPUTS_END: Duration = Duration::from_millis(1500);
/// … and then for sources to be opened or decoded.
const SOURCES_END: Duration = Duration::from_millis(500);

/// What the engine is made of and starts with.
pub struct EngineSetup {
    /// Opens what items name.
    pub opener: Arc<dyn Opener>,
    /// Makes the sinks of outputs.
    pub sinks: Box<dyn SinkFactory>,
    /// All times are this clock's.
    pub clock: Arc<dyn Clock>,
    /// Where the LEDs are.
    pub layout: Layout,
    /// Who shows them.
    pub outputs: Vec<OutputSpec>,
    /// Colours to begin with.
    pub colour: ColourSettings,
    /// Who lets how much of that be shown to begin with; all of it, those that are not named.
    pub dims: BTreeMap<Dimmer, Brightness>,
    /// Frames a second while anything moves.
    pub fps: Fps,
    /// The active playlist.
    pub playlist: Option<Playlist>,
    /// Where playback stood in it.
    pub resume: Option<Position>,
    /// Whether to play at once (unless it was paused or stopped, as `resume` tells), or to wait for a
    /// command.
    pub autoplay: bool,
}

/// What the LEDs are left with when the engine ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Dark.
    Black,
    /// The last picture.
    Hold,
}

/// The running engine. Dropping it ends it as [`Ending::Hold`] would, without waiting.
pub struct Engine {
    inbox: Sender<Message>,
    ended: Receiver<()>,
    sources: Census,
    outlook: Outlook,
    clock: Arc<dyn Clock>,
}

/// Where the outcome of a command goes. Whoever asked may have gone.
type Reply = oneshot::Sender<Result<PlayerState, EngineError>>;

/// What reaches the engine's thread.
enum Message {
    Command(Command, Reply),
    /// A wall that was computed elsewhere, and which of those asked for it is.
    Wall(u64, Plan, Vec<OutputSpec>, Reply),
    /// Something is to be seen to.
    Wake,
    End(Ending),
}

impl Engine {
    /// Starts the engine; the first frame is made as soon as the first item is open.
    ///
    /// # Errors
    /// A layout or colours that cannot be, or no thread to be had.
    pub fn start(setup: EngineSetup) -> Result<(Self, Handle), EngineError> {
        let (inbox, messages) = bounded(INBOX);
        let (running, ended) = bounded(0);
        let waker = Waker::new({
            let inbox = inbox.clone();
            // A thread with messages waiting is awake already.
            move || drop(inbox.try_send(Message::Wake))
        });
        let clock = Arc::clone(&setup.clock);
        let opener = Arc::clone(&setup.opener);
        let fps = setup.fps;
        let sources = Census::default();
        let shop = Box::new(Threads::new(sources.clone()));
        let player = Player::in_shop(setup, shop, waker, area_mapper())?;
        let outlook = player.outlook();
        let handle = Handle {
            inbox: inbox.clone(),
            outlook: outlook.clone(),
            clock: Arc::clone(&clock),
            opener,
        };
        let worker = Worker {
            player,
            messages,
            own: inbox.clone(),
            clock: Arc::clone(&clock),
            schedule: Schedule::new(fps, clock.now()),
            paced: false,
            walls: 0,
        };
        thread::Builder::new()
            .name("player".into())
            .spawn(move || {
                let _running: Sender<()> = running;
                tracing::info_span!("player").in_scope(|| worker.run());
            })
            .map_err(|source| EngineError::Thread { name: "player", source })?;
        Ok((Self { inbox, ended, sources, outlook, clock }, handle))
    }

    /// Ends the engine and everything it had started, within about three seconds even if something hangs,
    /// and returns where playback stood.
    pub fn stop(self, ending: Ending) -> Option<Position> {
        let position = self.outlook.state.borrow().standing(self.clock.now());
        let told = self.inbox.send_timeout(Message::End(ending), PLAYER_END);
        let hangs = told.is_ok()
            && matches!(self.ended.recv_timeout(PLAYER_END), Err(RecvTimeoutError::Timeout));
        if hangs {
            tracing::error!("the player hangs and is left behind");
        }
        let left = self.sources.wait(SOURCES_END);
        if left > 0 {
            tracing::warn!(threads = left, "sources that hang are left behind");
        }
        position
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // After a stop there is nobody to hear it.
        let _ = self.inbox.send_timeout(Message::End(Ending::Hold), Duration::from_millis(100));
    }
}

/// What the engine's thread has.
struct Worker {
    player: Player,
    messages: Receiver<Message>,
    own: Sender<Message>,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    /// Whether frames are being made at the frame rate.
    paced: bool,
    /// Walls asked for so far.
    walls: u64,
}

impl Worker {
    fn run(mut self) {
        loop {
            let now = self.clock.now();
            if !self.paced || self.schedule.is_due(now) {
                if self.paced {
                    self.player.late(self.schedule.take(now));
                }
                self.player.tick(now);
            }
            let deadline = match self.player.pace() {
                Pace::Frames => {
                    if !self.paced {
                        self.schedule.restart(now);
                        self.schedule.take(now);
                    }
                    Some(self.schedule.deadline())
                }
                Pace::At(time) => Some(time),
                Pace::Idle => None,
            };
            self.paced = self.player.pace() == Pace::Frames;
            self.player.round();
            match self.receive(deadline) {
                Some(Message::End(ending)) => return self.end(ending),
                Some(message) => self.handle(message),
                None => {}
            }
        }
    }

    /// The next message, or `None` when it is time to go on.
    fn receive(&self, deadline: Option<Duration>) -> Option<Message> {
        let wait = deadline.map_or(PULSE, |at| at.saturating_sub(self.clock.now()).min(PULSE));
        match self.messages.recv_timeout(wait) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Message::End(Ending::Hold)),
        }
    }

    fn handle(&mut self, message: Message) {
        let now = self.clock.now();
        match message {
            Message::Command(Command::SetWall { layout, outputs }, reply) => {
                self.compute_wall(layout, outputs, reply);
            }
            Message::Command(command, reply) => {
                let _ = reply.send(self.player.apply(command, now));
            }
            Message::Wall(number, _, _, reply) if number != self.walls => {
                let reason = "another one was asked for meanwhile";
                let _ = reply.send(Err(EngineError::rejected("set the wall", reason)));
            }
            Message::Wall(_, plan, outputs, reply) => {
                self.player.refit(plan, &outputs, now);
                let _ = reply.send(Ok(self.player.state()));
            }
            Message::Wake | Message::End(_) => {}
        }
    }

    /// Computes a wall on a thread of its own: a large one takes longer than a frame.
    fn compute_wall(&mut self, layout: Layout, outputs: Vec<OutputSpec>, reply: Reply) {
        self.walls += 1;
        let number = self.walls;
        let (make, sizes) = self.player.mapping();
        let own = self.own.clone();
        let work = move || match Plan::new(&layout, &make, &sizes) {
            Ok(plan) => drop(own.send(Message::Wall(number, plan, outputs, reply))),
            Err(error) => drop(reply.send(Err(EngineError::Layout(error)))),
        };
        if let Err(error) = thread::Builder::new().name("wall".into()).spawn(work) {
            // The reply went with the closure: whoever asked hears that there is no answer.
            tracing::error!(%error, "no thread to compute the wall on");
        }
    }

    fn end(self, ending: Ending) {
        let outputs = Census::default();
        for sink in self.player.end(ending) {
            let presence = outputs.enter();
            let work = move || {
                drop(sink);
                drop(presence);
            };
            if let Err(error) = thread::Builder::new().name("discard".into()).spawn(work) {
                tracing::debug!(%error, "output ended on the player's thread");
            }
        }
        let left = outputs.wait(OUTPUTS_END);
        if left > 0 {
            tracing::warn!(threads = left, "outputs that hang are left behind");
        }
    }
}

/// The way to a running engine.
#[derive(Clone)]
pub struct Handle {
    inbox: Sender<Message>,
    outlook: Outlook,
    clock: Arc<dyn Clock>,
    opener: Arc<dyn Opener>,
}

impl Handle {
    /// Has a command carried out and returns the state that followed from it.
    ///
    /// # Errors
    /// The command is refused, too many are waiting, or the engine has ended.
    pub async fn send(&self, command: Command) -> Result<PlayerState, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.inbox.try_send(Message::Command(command, reply)).map_err(|error| match error {
            TrySendError::Full(_) => EngineError::Busy,
            TrySendError::Disconnected(_) => EngineError::Stopped,
        })?;
        answer.await.unwrap_or(Err(EngineError::Stopped))
    }

    /// The state, now and whenever it changes.
    pub fn state(&self) -> watch::Receiver<PlayerState> {
        self.outlook.state.clone()
    }

    /// The wall, now and whenever it changes.
    pub fn wall(&self) -> watch::Receiver<Arc<Wall>> {
        self.outlook.wall.clone()
    }

    /// LED values as they are sent, for as long as the preview is kept.
    pub fn preview(&self) -> Preview {
        let preview = Preview::new(Arc::clone(&self.outlook.screen));
        // A picture that stands is not sent again, but shown to whoever looks on from now on.
        let _ = self.inbox.try_send(Message::Wake);
        preview
    }

    /// Opens something to look at it as it would be on the wall, which goes on as it is. Blocks as long as it takes; not
    /// for async code.
    ///
    /// # Errors
    /// It cannot be played, or would have to be decoded.
    pub fn rehearse(&self, content: &Content) -> Result<Rehearsal, MediaError> {
        let wall = Arc::clone(&self.outlook.wall.borrow());
        let colour = self.outlook.state.borrow().colour;
        rehearsal::open(&*self.opener, &area_mapper(), &wall, colour, content)
    }

    /// Frames made and missed.
    pub fn counters(&self) -> EngineCounters {
        self.outlook.meters.counters()
    }

    /// Items that failed, the recent ones of them not longer ago than `within`.
    pub fn failures(&self, within: Duration) -> Failures {
        let since = self.now().saturating_sub(within);
        self.outlook.meters.failures(|failure| failure.at >= since)
    }

    /// What the outputs that have a power limit draw.
    pub fn power(&self) -> Vec<OutputPower> {
        self.outlook.meters.power()
    }

    /// Where playback stands, to be kept; `None` where no item is on.
    pub fn position(&self) -> Option<Position> {
        self.outlook.state.borrow().standing(self.now())
    }

    /// The time of the engine's clock, to read a state's position with.
    pub fn now(&self) -> Duration {
        self.clock.now()
    }
}

#[cfg(test)]
mod tests;
