//! What RAUC is seen to do, and what follows from it.

use std::sync::Arc;

use tokio::time::Instant;

use super::bundle::Source;
use super::desk::{AGAIN, Desk, HELD, SILENCE};
use super::keeper::Keeper;
use super::rauc::{Operation, Rauc, installs};
use super::refusal::{Cause, Refusal};
use super::stage::{Boot, Errand, Installing, Next, Stage};
use super::{Progress, Ran, Slot, Slots};
use crate::action::{Ability, Action};
use crate::bus::Reason;
use crate::supervisor::Supervisor;

impl<K: Keeper> Desk<K> {
    /// Looks at what RAUC is doing, and does what follows from it.
    pub(super) async fn look(&mut self) {
        if self.supervisor == Supervisor::Nobody {
            return;
        }
        let looked = match self.try_look().await {
            // Whoever else wants to install now is refused, and has RAUC say that it does nothing although it goes on.
            Err(reason) if installs(&reason) => Ok(()),
            looked => looked,
        };
        if let Err(reason) = &looked {
            // The connection may be the trouble.
            self.rauc = None;
            let since = *self.silent.get_or_insert_with(Instant::now);
            if matches!(self.kept.stage, Stage::Installing(_)) && since.elapsed() >= SILENCE {
                let message = format!("RAUC does not answer any more: {reason}.");
                self.fail(Refusal::new(Cause::Interrupted, message)).await;
            }
        } else {
            self.silent = None;
        }
        let ability = looked.map_or_else(Ability::No, |()| Ability::Yes);
        self.state.send_if_modified(|state| {
            std::mem::replace(&mut state.ability, ability.clone()) != ability
        });
    }

    async fn try_look(&mut self) -> Result<(), Reason> {
        if self.rauc.is_none() {
            self.rauc = Some(Rauc::connect(&self.bus).await?);
        }
        let Some(rauc) = &self.rauc else { return Ok(()) };
        let operation = rauc.operation().await?;
        if let Operation::Installing(progress) = operation {
            let boot = rauc.boot().await?;
            return self.installing(progress, boot).await;
        }
        let mut slots = rauc.slots(self.running.as_deref()).await?;
        if !matches!(self.kept.stage, Stage::Installing(_)) {
            (self.held, self.moved) = (None, None);
        }
        slots.recall(self.kept.before.as_ref());
        let boot = rauc.boot().await?;
        let is_confirmed = rauc.is_confirmed().await;
        self.state
            .send_if_modified(|state| state.slots.replace(slots.clone()).as_ref() != Some(&slots));
        self.settle(boot).await;
        match &self.kept.stage {
            Stage::Installing(installing) => {
                let installing = installing.clone();
                self.ended(installing, &slots, boot).await?;
            }
            Stage::WaitingForReboot { next, .. } | Stage::Confirming(next) if next.boot != boot => {
                let next = next.clone();
                self.after_boot(next, &slots, is_confirmed).await;
            }
            Stage::WaitingForReboot { at: Some(at), .. } if *at <= (self.clock)() => {
                self.reboot_when_due().await;
            }
            Stage::WaitingForReboot { at: None, .. } if self.has_asked => {
                self.reboot_again().await;
            }
            Stage::Receiving { upload, .. } => {
                let upload = *upload;
                if self.keeper.find(upload).await.is_none() {
                    self.step(Stage::Idle).await;
                }
            }
            Stage::Inspected(_) => {
                if let Some(upload) = self.kept.stage.upload()
                    && self.keeper.find(upload).await.is_none()
                {
                    self.step(Stage::Idle).await;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Goes on with what was going on when the program ended.
    async fn settle(&mut self, boot: Boot) {
        if std::mem::replace(&mut self.is_settled, true) {
            return;
        }
        let source = match &self.kept.stage {
            Stage::Receiving { upload, name } => {
                let (upload, name) = (*upload, name.clone());
                match self.keeper.find(upload).await {
                    Some(arrived) if arrived.is_complete => {
                        Some(Source::Upload { upload, name, file: arrived.file })
                    }
                    _ => None,
                }
            }
            Stage::Inspecting(source) => Some(source.clone()),
            _ => None,
        };
        let Some(source) = source else {
            tracing::debug!(?boot, "updates: {}", self.kept.stage.name());
            return;
        };
        let bytes = match &source {
            Source::Upload { upload, .. } => {
                self.keeper.find(*upload).await.map(|arrived| arrived.bytes)
            }
            Source::Url(_) => None,
        };
        if let Ok(stage) = self.kept.stage.inspect(source.clone()) {
            self.step(stage).await;
        }
        self.begin_inspection(source, bytes);
    }

    /// RAUC installs: what we had it do, or somebody else.
    async fn installing(&mut self, progress: Progress, boot: Boot) -> Result<(), Reason> {
        if !matches!(self.kept.stage, Stage::Installing(_)) {
            let slots = self.state.borrow().slots.clone();
            // It does not tell while it installs.
            let from = slots.map(|slots| slots.booted.name).unwrap_or_default();
            match self.kept.stage.adopt(from, boot) {
                Ok(stage) => {
                    tracing::warn!("somebody else has RAUC install an update");
                    if let Some(inspecting) = self.inspecting.take() {
                        inspecting.abort();
                    }
                    if let Err(why) = self.keeper.restore_point().await {
                        tracing::warn!("there is no restore point: {why}");
                    }
                    self.step(stage).await;
                }
                Err(error) => tracing::debug!("{error}"),
            }
        }
        let is_stuck = self.is_stuck(&progress);
        // Also where it is not ours to follow: before what runs is confirmed.
        if is_stuck {
            if self.held.take().is_some() {
                tracing::error!(
                    "RAUC has come no further for an hour: the machine may be rebooted, which gives up what it installs"
                );
            }
        } else if self.held.is_none() {
            self.held = Some(self.power.hold(HELD));
        }
        if matches!(self.kept.stage, Stage::Installing(_)) {
            self.is_settled = true;
            self.state.send_if_modified(|state| {
                let is_new = std::mem::replace(&mut state.is_stuck, is_stuck) != is_stuck;
                is_new | (state.progress.replace(progress.clone()).as_ref() != Some(&progress))
            });
            self.light().await;
        }
        Ok(())
    }

    /// RAUC has ended what it installed, in this boot or an earlier one.
    async fn ended(
        &mut self,
        installing: Installing,
        slots: &Slots,
        boot: Boot,
    ) -> Result<(), Reason> {
        let Some(rauc) = &self.rauc else { return Ok(()) };
        let version = installing.bundle.map(|bundle| bundle.version);
        if installing.boot != boot {
            if slots.booted.name == installing.from {
                let message = format!(
                    "The machine was switched off or rebooted while it was being installed. {} runs, and was not touched.",
                    capital(&slots.booted)
                );
                self.fail(Refusal::new(Cause::Interrupted, message)).await;
                return Ok(());
            }
            let slot = slots.booted.name.clone();
            let (errand, since) = (Errand::Update, (self.clock)());
            let next = Next { errand, slot, version, boot: installing.boot, since };
            if let Ok(stage) = self.kept.stage.installed(next) {
                self.step(stage).await;
            }
            return Ok(());
        }
        if let Some(error) = rauc.last_error().await? {
            self.fail(Refusal::of(&error, None, self.is_clock_set())).await;
            return Ok(());
        }
        if rauc.primary().await? != slots.other.id {
            let message = "RAUC ended before it was done. The running system was not touched.";
            self.fail(Refusal::new(Cause::Interrupted, message)).await;
            return Ok(());
        }
        let next = Next {
            errand: Errand::Update,
            slot: slots.other.name.clone(),
            version: version.or_else(|| slots.other.version.clone()),
            boot,
            since: (self.clock)(),
        };
        tracing::warn!(slot = next.slot, version = next.version, "an update is installed");
        let Slot { name: slot, version, .. } = slots.booted.clone();
        self.kept.before = version.map(|version| Ran { slot, version });
        if let Ok(stage) = self.kept.stage.installed(next) {
            self.step(stage).await;
        }
        Ok(())
    }

    /// The machine has booted since another slot was chosen.
    async fn after_boot(&mut self, next: Next, slots: &Slots, is_confirmed: bool) {
        if slots.booted.name == next.slot {
            if let Ok(stage) = self.kept.stage.booted() {
                self.step(stage).await;
            }
            if is_confirmed {
                self.confirmed().await;
            }
            return;
        }
        let tried = Slot { version: next.version.clone(), ..slots.other.clone() };
        let why = self.keeper.given_up(&next.slot, next.since);
        let why = why.unwrap_or_else(|| "it did not come so far as to say why".into());
        let message = format!(
            "{} was tried and given up: {}. {} runs.",
            capital(&tried),
            why.trim_end_matches('.'),
            capital(&slots.booted)
        );
        self.fail(Refusal::new(Cause::RolledBack, message)).await;
    }

    /// Where it is refused it stays due: each look tries again.
    async fn reboot_when_due(&mut self) {
        if let Err(error) = self.request_reboot("update".into()).await {
            let why: Arc<str> = error.to_string().into();
            let is_new = self.state.send_if_modified(|state| {
                state.waits.replace(Arc::clone(&why)).as_ref() != Some(&why)
            });
            if is_new {
                tracing::error!("the reboot into what was installed waits: {why}");
            }
        } else if let Ok(stage) = self.kept.stage.schedule(None) {
            self.has_asked = true;
            self.step(stage).await;
        }
    }

    /// What was accepted and has failed since is due once more; what somebody has taken back is not.
    async fn reboot_again(&mut self) {
        let power = self.power.state().borrow().clone();
        if power.pending.is_some() {
            return;
        }
        self.has_asked = false;
        let has_failed = power.failure.is_some_and(|failure| failure.action == Action::Reboot);
        if has_failed && let Ok(stage) = self.kept.stage.schedule(Some((self.clock)() + AGAIN)) {
            self.step(stage).await;
        }
    }
}

/// A slot as the beginning of a sentence.
fn capital(slot: &Slot) -> String {
    slot.to_string().replacen("slot", "Slot", 1)
}
