//! What is asked for, and what comes of it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prismatron_core::id::UploadId;
use tokio::sync::oneshot;

use super::bundle::Source;
use super::desk::{Desk, HELD};
use super::handle::Request;
use super::keeper::Keeper;
use super::refusal::Refusal;
use super::stage::{After, Errand, Next, Stage, Step};
use super::{Done, Kept, Slot};
use crate::action::Action;
use crate::error::SystemError;

/// Time to think better of a reboot.
const REBOOT_DELAY: Duration = Duration::from_secs(5);

impl<K: Keeper> Desk<K> {
    pub(super) async fn hear(
        &mut self,
        request: Request,
        reply: oneshot::Sender<Result<(), SystemError>>,
    ) {
        let done = match request {
            Request::Receive { upload, name } => self.receive(upload, name).await,
            Request::Received(upload) => self.received(upload).await,
            Request::Inspect { url } => self.inspect(Source::Url(url), None).await,
            Request::Install { then, who } => self.install(then, &who).await,
            Request::Reboot { at, who } => self.reboot(at, who).await,
            Request::RollBack { who } => self.roll_back(who).await,
            Request::Confirm { who } => self.confirm(&who).await,
            Request::Cancel { who } => self.cancel(&who).await,
            Request::Dim(dim) => self.set_dim(dim).await,
        };
        let _ = reply.send(done);
    }

    async fn receive(&mut self, upload: UploadId, name: String) -> Result<(), SystemError> {
        self.require()?;
        let stage = self.kept.stage.receive(upload, name)?;
        self.step(stage).await;
        Ok(())
    }

    async fn received(&mut self, upload: UploadId) -> Result<(), SystemError> {
        let Stage::Receiving { name, .. } = &self.kept.stage else {
            return Err(self.kept.stage.out_of_turn(Step::Inspect));
        };
        let name = name.clone();
        let arrived = self.keeper.find(upload).await.filter(|arrived| arrived.is_complete);
        let arrived = arrived.ok_or(SystemError::UploadGone)?;
        let source = Source::Upload { upload, name, file: arrived.file };
        self.inspect(source, Some(arrived.bytes)).await
    }

    async fn inspect(&mut self, source: Source, bytes: Option<u64>) -> Result<(), SystemError> {
        self.require()?;
        let stage = self.kept.stage.inspect(source.clone())?;
        self.step(stage).await;
        self.begin_inspection(source, bytes);
        Ok(())
    }

    async fn install(&mut self, then: After, who: &str) -> Result<(), SystemError> {
        self.require()?;
        let Stage::Inspected(bundle) = self.kept.stage.clone() else {
            return Err(self.kept.stage.out_of_turn(Step::Install));
        };
        // Held first: nothing that comes between is let through.
        let hold = self.power.hold(HELD);
        if let Some(pending) = self.power.state().borrow().pending.clone() {
            return Err(SystemError::Pending { action: pending.action, who: pending.who });
        }
        if let Some(upload) = self.kept.stage.upload()
            && self.keeper.find(upload).await.is_none()
        {
            self.step(Stage::Idle).await;
            return Err(SystemError::UploadGone);
        }
        let (slots, boot) = self.slots_and_boot().await?;
        // A Jetson's boot loader says “good” of a slot that has proved nothing (ADR 17); of one that was given up by hand,
        // the unit knows nothing.
        if !slots.booted.is_good || !self.rauc().await?.is_confirmed().await {
            return Err(SystemError::Unconfirmed);
        }
        self.keeper.restore_point().await.map_err(|why| SystemError::NotKept(why.into()))?;
        let stage = self.kept.stage.install(then, slots.booted.name, boot)?;
        let kept = Kept { stage: stage.clone(), ..self.kept.clone() };
        self.keeper.keep(kept).await.map_err(|why| SystemError::NotKept(why.into()))?;
        tracing::warn!(who, version = bundle.version, "{} is being installed", bundle.source);
        self.held = Some(hold);
        self.step(stage).await;
        if let Err(reason) = self.rauc().await?.install(&bundle).await {
            let refusal = Refusal::of(&reason, None, self.is_clock_set());
            self.fail(refusal).await;
            return Err(SystemError::Rauc(reason));
        }
        Ok(())
    }

    async fn reboot(&mut self, at: Option<SystemTime>, who: Arc<str>) -> Result<(), SystemError> {
        let stage = self.kept.stage.schedule(at)?;
        match at {
            Some(_) => tracing::info!(who = &*who, "a reboot into what was installed is set"),
            None => self.request_reboot(who).await?,
        }
        self.step(stage).await;
        Ok(())
    }

    pub(super) async fn request_reboot(&self, who: Arc<str>) -> Result<(), SystemError> {
        self.power.request(Action::Reboot, REBOOT_DELAY, who).await.map(drop)
    }

    async fn roll_back(&mut self, who: Arc<str>) -> Result<(), SystemError> {
        self.require()?;
        let (slots, boot) = self.slots_and_boot().await?;
        let Slot { name, version, is_good, .. } = slots.other;
        let since = (self.clock)();
        let next = Next { errand: Errand::RollBack, slot: name, version, boot, since };
        let stage = self.kept.stage.roll_back(next.clone())?;
        if !is_good {
            let reason = format!("slot {} is not to be booted", next.slot);
            return Err(SystemError::NoWayBack(reason.into()));
        }
        self.rauc().await?.mark("active", "other").await.map_err(SystemError::Rauc)?;
        tracing::warn!(who = &*who, "slot {} is gone back to", next.slot);
        self.step(stage).await;
        self.request_reboot(who).await
    }

    async fn confirm(&mut self, who: &str) -> Result<(), SystemError> {
        self.require()?;
        // First: what it still waits for would have the slot given up after all.
        self.keeper.confirm().map_err(|why| SystemError::GateUntold(why.into()))?;
        self.rauc().await?.mark("good", "booted").await.map_err(SystemError::Rauc)?;
        tracing::warn!(who, "the running slot was confirmed by hand");
        if matches!(self.kept.stage, Stage::Confirming(_)) {
            self.confirmed().await;
        }
        Ok(())
    }

    pub(super) async fn confirmed(&mut self) {
        let Stage::Confirming(next) = &self.kept.stage else { return };
        let Next { errand, slot, version, .. } = next.clone();
        let version = self.running.clone().or(version);
        tracing::info!(slot, version, "what was booted is confirmed");
        let done = Done { slot, version, errand, at: (self.clock)() };
        if let Ok(stage) = self.kept.stage.confirm() {
            self.kept.last = Some(done);
            self.step(stage).await;
        }
    }

    async fn cancel(&mut self, who: &str) -> Result<(), SystemError> {
        let stage = self.kept.stage.cancel()?;
        if matches!(self.kept.stage, Stage::WaitingForReboot { .. }) {
            self.rauc().await?.mark("active", "booted").await.map_err(SystemError::Rauc)?;
            // There may be none that has begun; what else somebody wants of the machine stays.
            let pending = self.power.state().borrow().pending.clone();
            if pending.is_some_and(|pending| pending.action == Action::Reboot) {
                let _ = self.power.cancel().await;
            }
        }
        if let Some(inspecting) = self.inspecting.take() {
            inspecting.abort();
        }
        if !matches!(self.kept.stage, Stage::Failed(_)) {
            tracing::info!(who, "an update was cancelled");
        }
        self.step(stage).await;
        Ok(())
    }

    async fn set_dim(&mut self, dim: bool) -> Result<(), SystemError> {
        let kept = Kept { dim, ..self.kept.clone() };
        self.keeper.keep(kept).await.map_err(|why| SystemError::NotKept(why.into()))?;
        self.kept.dim = dim;
        self.light().await;
        self.publish();
        Ok(())
    }
}
