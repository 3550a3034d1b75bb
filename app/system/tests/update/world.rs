//! A machine, its bus, and the task under test.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use prismatron_core::id::UploadId;
use prismatron_system::update::{
    Arrived, Failed, Handle, Keeper, Kept, Setup, Stage, StageName, UpdateState, Updates,
};
use prismatron_system::{Order, Orders, Supervisor, System};
use tokio::time::timeout;
use zbus::Connection;

use crate::bundles::{Bundles, COMPATIBLE};
use crate::daemon::Daemon;
use crate::imitation::Imitation;

/// Nothing here takes this long unless it hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What the rest of the program was asked to do.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) kept: Kept,
    pub(crate) uploads: BTreeMap<UploadId, Arrived>,
    pub(crate) restore_points: u32,
    /// Each change of the light.
    pub(crate) dimmed: Vec<bool>,
    /// Why the last boot of a slot was given up.
    pub(crate) given_up: Option<String>,
    /// Whether the health gate was told that somebody has confirmed this boot.
    pub(crate) is_gate_told: bool,
    /// Whether nothing can be written.
    pub(crate) is_full: bool,
}

#[derive(Clone, Default)]
pub(crate) struct Notebook(pub(crate) Arc<Mutex<Shelf>>);

impl Keeper for Notebook {
    async fn keep(&self, kept: Kept) -> Result<(), String> {
        let mut shelf = self.0.lock().unwrap();
        if shelf.is_full {
            return Err("the disk is full".into());
        }
        shelf.kept = kept;
        Ok(())
    }

    async fn restore_point(&self) -> Result<(), String> {
        let mut shelf = self.0.lock().unwrap();
        if shelf.is_full {
            return Err("the disk is full".into());
        }
        shelf.restore_points += 1;
        Ok(())
    }

    async fn find(&self, upload: UploadId) -> Option<Arrived> {
        self.0.lock().unwrap().uploads.get(&upload).cloned()
    }

    async fn discard(&self, upload: UploadId) {
        self.0.lock().unwrap().uploads.remove(&upload);
    }

    async fn dim(&self, dim: bool) {
        self.0.lock().unwrap().dimmed.push(dim);
    }

    fn confirm(&self) -> Result<(), String> {
        let mut shelf = self.0.lock().unwrap();
        if shelf.is_full {
            return Err("the disk is full".into());
        }
        shelf.is_gate_told = true;
        Ok(())
    }

    fn given_up(&self, _: &str, _: SystemTime) -> Option<String> {
        self.0.lock().unwrap().given_up.clone()
    }
}

pub(crate) struct World {
    pub(crate) machine: Imitation,
    pub(crate) notebook: Notebook,
    pub(crate) bundles: Bundles,
    pub(crate) time: Arc<Mutex<SystemTime>>,
    pub(crate) power: prismatron_system::Handle,
    pub(crate) updates: Handle,
    pub(crate) orders: Orders,
    running: (Updates, System),
    _bus: Connection,
    daemon: Daemon,
}

impl World {
    pub(crate) async fn start() -> Self {
        let daemon = Daemon::start().await;
        let bundles = Bundles::new();
        let slot = bundles.path("slot");
        std::fs::write(&slot, vec![0; 1 << 20]).unwrap();
        std::fs::write(bundles.path("os-release"), "ID=wall\nVERSION_ID=\"1\"\n").unwrap();
        let machine = Imitation::new(COMPATIBLE, slot.display().to_string());
        let bus = machine.serve(&daemon).await;
        let (notebook, time) = (Notebook::default(), Arc::new(Mutex::new(SystemTime::now())));
        let (running, updates, power, orders) = begin(&daemon, &bundles, &notebook, &time);
        Self {
            machine,
            notebook,
            bundles,
            time,
            power,
            updates,
            orders,
            running,
            _bus: bus,
            daemon,
        }
    }

    /// The program ends and starts again.
    pub(crate) fn restart(&mut self) {
        let (running, updates, power, orders) =
            begin(&self.daemon, &self.bundles, &self.notebook, &self.time);
        (self.running, self.updates, self.power, self.orders) = (running, updates, power, orders);
    }

    /// The machine boots a slot, and the program starts.
    pub(crate) fn boot(&mut self, slot: &'static str) {
        self.machine.boot(slot);
        let version = if slot == "A" { "1" } else { "2" };
        let release = format!("VERSION_ID={version}\n");
        std::fs::write(self.bundles.path("os-release"), release).unwrap();
        self.restart();
    }

    /// Waits until the state is as wanted.
    pub(crate) async fn until(&self, wanted: impl FnMut(&UpdateState) -> bool) -> UpdateState {
        let mut state = self.updates.state();
        let waited = timeout(PATIENCE, state.wait_for(wanted)).await;
        match waited {
            Ok(state) => state.unwrap().clone(),
            Err(_) => panic!("it never comes to that: {:#?}", self.updates.state().borrow()),
        }
    }

    pub(crate) async fn until_stage(&self, name: StageName) -> UpdateState {
        self.until(|state| state.stage.name() == name).await
    }

    /// Waits until the LEDs were dimmed and lit so.
    pub(crate) async fn until_lit(&self, dimmed: &[bool]) {
        let lit = async {
            while self.notebook.0.lock().unwrap().dimmed != dimmed {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, lit).await.expect("the light stays as it was");
    }

    /// Waits until RAUC has answered.
    pub(crate) async fn ready(&self) -> UpdateState {
        self.until(|state| state.slots.is_some()).await
    }

    /// Uploads a file, and has it inspected.
    pub(crate) async fn upload(&self, file: &Path) -> UploadId {
        self.ready().await;
        let upload = UploadId(7);
        self.updates.receive(upload, "wall.raucb".into()).await.unwrap();
        let bytes = std::fs::metadata(file).unwrap().len();
        let arrived = Arrived { file: file.into(), bytes, is_complete: true };
        self.notebook.0.lock().unwrap().uploads.insert(upload, arrived);
        self.updates.received(upload).await.unwrap();
        upload
    }

    /// Uploads what may be installed, until that is known.
    pub(crate) async fn accepted(&self, version: &str) -> UploadId {
        let upload = self.upload(&self.bundles.good(version)).await;
        self.until(|state| match &state.stage {
            Stage::Failed(Failed { refusal, .. }) => panic!("{refusal}"),
            stage => stage.name() == StageName::Inspected,
        })
        .await;
        upload
    }

    /// Waits until the machine is asked to reboot; the program is ready to end.
    pub(crate) async fn until_reboot(&mut self) {
        let order = timeout(PATIENCE, self.orders.recv()).await.expect("no order").unwrap();
        let Order::Prepare(_, ready) = order else { panic!("{order:?}") };
        ready.send(()).unwrap();
        timeout(PATIENCE, async {
            while !self.machine.get().told.contains(&"Reboot(false)".into()) {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("login1 is not asked");
    }
}

fn begin(
    daemon: &Daemon,
    bundles: &Bundles,
    notebook: &Notebook,
    time: &Arc<Mutex<SystemTime>>,
) -> ((Updates, System), Handle, prismatron_system::Handle, Orders) {
    let (system, power, orders) = System::start_on(Supervisor::Systemd, &daemon.address);
    let time = Arc::clone(time);
    let setup = Setup {
        supervisor: Supervisor::Systemd,
        kept: notebook.0.lock().unwrap().kept.clone(),
        keeper: notebook.clone(),
        power: power.clone(),
        clock: Arc::new(move || *time.lock().unwrap()),
    };
    let (updates, handle) = Updates::start_on(
        setup,
        &daemon.address,
        &bundles.configuration(),
        &bundles.path("os-release"),
    );
    ((updates, system), handle, power, orders)
}
