//! Carrying out commands.

use std::sync::Arc;
use std::time::Duration;

use prismatron_core::colour::ColourSettings;
use prismatron_core::id::ItemId;
use prismatron_core::output::OutputSpec;
use prismatron_core::playlist::Playlist;
use prismatron_core::playlist::sequence::{End, Sequence, Step};
use prismatron_core::unit::{Brightness, Size};

use super::{Player, Show, chance, tables};
use crate::command::{Command, Dimmer};
use crate::error::EngineError;
use crate::rig::{MakeMapper, Plan, Rig};
use crate::scene::is_same_picture;
use crate::state::Mode;

impl Player {
    pub(super) fn carry_out(&mut self, command: Command, now: Duration) -> Result<(), EngineError> {
        match command {
            Command::Play => self.play(now),
            Command::Pause => self.pause(now),
            Command::Stop => {
                self.stop(now);
                Ok(())
            }
            Command::Next => self.next(now),
            Command::Previous => self.previous(now),
            Command::Seek(to) => self.seek(to, now),
            Command::Jump(item) => self.jump(item, now),
            Command::Activate { playlist, item } => self.activate(playlist, item, now),
            Command::Update(playlist) => self.update(playlist, now),
            Command::Deactivate => {
                self.stop(now);
                self.show = None;
                self.broken = Arc::default();
                Ok(())
            }
            Command::SetColour(colour) => self.set_colour(colour),
            Command::Dim(by, to) => self.set_dim(by, to),
            Command::Caption(text) => {
                self.set_caption(text);
                Ok(())
            }
            Command::Identify(sign) => self.set_sign(sign, now),
            Command::SetWall { layout, outputs } => {
                let plan = Plan::new(&layout, &self.make, &self.rig.sizes());
                self.refit(plan.map_err(EngineError::Layout)?, &outputs, now);
                Ok(())
            }
        }
    }

    /// Takes on another wall and other outputs.
    pub(crate) fn refit(&mut self, plan: Plan, outputs: &[OutputSpec], now: Duration) {
        let before = (self.rig.wall().canvas, self.rig.detail());
        for sink in self.rig.release() {
            self.shop.discard(Box::new(sink));
        }
        self.rig = Rig::new(plan, Arc::clone(&self.make), outputs, &*self.factory, &self.meters);
        let leds = self.rig.leds();
        self.mixed.clear();
        self.mixed.resize(leds, [0; 3]);
        self.blend = None;
        if let Some(scene) = &mut self.current {
            scene.refit(leds);
        }
        if (self.rig.wall().canvas, self.rig.detail()) != before {
            self.reopen_incoming();
            if !self.is_waiting() {
                self.reopen(self.clock.at(now));
            }
        } else {
            self.refit_incoming(leds);
        }
        self.refit_caption();
        self.walls.send_replace(Arc::clone(self.rig.wall()));
        self.dirty = true;
        self.news = true;
        self.publish(now);
    }

    /// Makes mappers, and the frame sizes they are wanted for: what it takes to compute a [`Plan`] elsewhere.
    pub(crate) fn mapping(&self) -> (MakeMapper, Vec<Size>) {
        (Arc::clone(&self.make), self.rig.sizes())
    }

    fn play(&mut self, now: Duration) -> Result<(), EngineError> {
        let Some(show) = &mut self.show else {
            return Err(EngineError::rejected("play", "no playlist is active"));
        };
        if self.mode == Mode::Stopped || self.stalled.is_some() {
            show.sequence.forget_broken();
            self.begin_show(now);
        } else {
            self.set_mode(Mode::Playing, now);
        }
        Ok(())
    }

    fn pause(&mut self, now: Duration) -> Result<(), EngineError> {
        if self.mode == Mode::Stopped {
            return Err(EngineError::rejected("pause", "nothing is playing"));
        }
        self.set_mode(Mode::Paused, now);
        Ok(())
    }

    fn stop(&mut self, now: Duration) {
        self.set_mode(Mode::Stopped, now);
        self.go_black();
        self.unstall();
    }

    fn next(&mut self, now: Duration) -> Result<(), EngineError> {
        let stopped = self.mode == Mode::Stopped;
        let sequence = self.sequence("go to the next item")?;
        let step = sequence.forward();
        if !stopped {
            self.begin_item(step, now);
        } else if step == Step::End(End::Finished) {
            sequence.rewind();
            sequence.forward();
        }
        Ok(())
    }

    fn previous(&mut self, now: Duration) -> Result<(), EngineError> {
        let stopped = self.mode == Mode::Stopped;
        let step = self.sequence("go to the item before")?.back();
        if !stopped && !self.begin_again(step, now) {
            self.go_back(step, now);
        }
        Ok(())
    }

    fn seek(&mut self, to: Duration, now: Duration) -> Result<(), EngineError> {
        let play = self.clock.at(now);
        if self.mode == Mode::Stopped {
            return Err(EngineError::rejected("seek", "nothing is playing"));
        }
        if self.has_next() {
            // Beyond the end it is over as soon as it is open.
            self.set_incoming_start(to);
        } else if let Some(scene) = &mut self.current {
            let to = to.min(scene.duration());
            scene.seek(to, play);
            self.blend = None;
            self.dirty = true;
            self.planned = false;
            if self.is_waiting() {
                self.set_incoming_start(to);
            }
        }
        Ok(())
    }

    fn jump(&mut self, item: ItemId, now: Duration) -> Result<(), EngineError> {
        let sequence = self.sequence("jump")?;
        if !sequence.jump(item) {
            let reason = format!("the active playlist has no item {item}");
            return Err(EngineError::rejected("jump", reason));
        }
        let place = sequence.place();
        self.set_mode(Mode::Playing, now);
        self.unstall();
        if let Some(place) = place {
            self.begin_item(Step::To(place), now);
        }
        Ok(())
    }

    fn activate(
        &mut self,
        playlist: Playlist,
        item: Option<ItemId>,
        now: Duration,
    ) -> Result<(), EngineError> {
        let mut sequence = Sequence::new(&playlist, chance());
        if let Some(item) = item
            && !sequence.jump(item)
        {
            let reason = format!("it has no item {item}");
            return Err(EngineError::rejected("activate the playlist", reason));
        }
        self.show = Some(Show::new(playlist, sequence));
        self.broken = Arc::default();
        self.incoming = None;
        self.begin_show(now);
        Ok(())
    }

    fn update(&mut self, playlist: Playlist, now: Duration) -> Result<(), EngineError> {
        let Some(show) = self.show.as_mut().filter(|show| show.playlist.id == playlist.id) else {
            let reason = format!("“{}” is not the active one", playlist.name);
            return Err(EngineError::rejected("update the playlist", reason));
        };
        show.sequence.edit(&playlist);
        // Whatever the edit was about, it may have mended something.
        show.sequence.forget_broken();
        let old = std::mem::replace(&mut show.playlist, playlist);
        show.name = Arc::from(show.playlist.name.as_str());
        let untouched = |id: &ItemId| {
            let before = old.items.iter().find(|item| item.id == *id);
            let after = show.playlist.items.iter().find(|item| item.id == *id);
            before.zip(after).is_some_and(|(before, after)| is_same_picture(before, after))
        };
        if !self.broken.keys().all(untouched) {
            Arc::make_mut(&mut self.broken).retain(|id, _| untouched(id));
        }
        self.planned = false;
        let place = show.sequence.place();
        if self.stalled.is_some() {
            self.begin_show(now);
        } else if place.is_none() {
            let step = show.sequence.forward();
            if self.mode != Mode::Stopped {
                self.go(step, None, now);
            }
        } else {
            self.follow_edit(now);
        }
        Ok(())
    }

    /// The item stood on is still there, but may not be as it was.
    fn follow_edit(&mut self, now: Duration) {
        if self.incoming.is_some() && !self.incoming_is_current() {
            self.reopen_incoming();
        }
        self.follow_incoming();
        if self.has_next() {
            return;
        }
        let (Some(scene), Some(show)) = (&mut self.current, &self.show) else { return };
        let Some((_, item)) = show.item(scene.item.id) else { return };
        if scene.shows(item) {
            scene.follow(item.clone());
        } else if !self.is_waiting() {
            self.reopen(self.clock.at(now));
        }
    }

    fn set_colour(&mut self, colour: ColourSettings) -> Result<(), EngineError> {
        self.tables = tables(&colour, self.dim())?;
        self.colour = colour;
        self.dirty |= self.current.is_some();
        Ok(())
    }

    fn set_dim(&mut self, by: Dimmer, to: Brightness) -> Result<(), EngineError> {
        self.dims.insert(by, to);
        let dim = self.dim();
        self.tables = tables(&self.colour, dim)?;
        if let Some(sign) = &mut self.sign {
            sign.dim(dim)?;
        }
        self.dirty |= self.current.is_some();
        Ok(())
    }

    /// Plays from the item stood on, or the first.
    fn begin_show(&mut self, now: Duration) {
        self.unstall();
        self.set_mode(Mode::Playing, now);
        self.take_up(Duration::ZERO, now);
    }

    /// Goes where somebody wants to.
    fn begin_item(&mut self, step: Step, now: Duration) {
        if !self.begin_again(step, now) {
            self.go(step, None, now);
        }
    }

    /// Goes back to the start of the item that is on without opening it anew, if that is where the step
    /// leads.
    fn begin_again(&mut self, step: Step, now: Duration) -> bool {
        let play = self.clock.at(now);
        let (Some(scene), Step::To(place)) = (&mut self.current, step) else { return false };
        if scene.item.id != place.item || scene.failure().is_some() {
            return false;
        }
        scene.place = place;
        scene.seek(Duration::ZERO, play);
        self.incoming = None;
        self.blend = None;
        self.planned = false;
        self.dirty = true;
        true
    }

    fn sequence(&mut self, command: &'static str) -> Result<&mut Sequence, EngineError> {
        match &mut self.show {
            Some(show) => Ok(&mut show.sequence),
            None => Err(EngineError::rejected(command, "no playlist is active")),
        }
    }
}
