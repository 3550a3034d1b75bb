//! Updates of the whole system: what the other parts do for them.

use std::sync::Arc;
use std::time::SystemTime;

use prismatron_core::id::UploadId;
use prismatron_core::unit::Brightness;
use prismatron_engine::{self as engine, Command, Dimmer};
use prismatron_store::{self as store, Occasion, Purpose};
use prismatron_system::Supervisor;
use prismatron_system::update::{Arrived, Handle, Keeper, Kept, Setup, Updates};

use crate::appliance;

/// The name under which the store keeps where an update stands.
const STATE: &str = "update";
/// So much light is left while something is installed, where that is wanted: clearly less, and still a picture.
const DIM: f32 = 0.3;

/// Starts the task, where it ended.
pub(crate) async fn start(
    store: &store::Handle,
    engine: &engine::Handle,
    power: &prismatron_system::Handle,
) -> (Updates, Handle) {
    let kept = store.load_state::<Kept>(STATE).await.unwrap_or_else(|error| {
        tracing::warn!("where an update stood is not known: {error}");
        None
    });
    Updates::start(Setup {
        supervisor: Supervisor::detect(),
        kept: kept.unwrap_or_default(),
        keeper: Parts { store: store.clone(), engine: engine.clone() },
        power: power.clone(),
        clock: Arc::new(SystemTime::now),
    })
}

/// The parts that updates need.
struct Parts {
    store: store::Handle,
    engine: engine::Handle,
}

impl Keeper for Parts {
    async fn keep(&self, kept: Kept) -> Result<(), String> {
        self.store.save_state(STATE, &kept).await.map_err(words)
    }

    async fn restore_point(&self) -> Result<(), String> {
        let taken = self.store.take_snapshot(Occasion::BeforeUpdate).await;
        taken.map(drop).map_err(words)
    }

    async fn find(&self, upload: UploadId) -> Option<Arrived> {
        let status = self.store.upload(upload).await.ok()?;
        let is_complete = status.is_complete();
        let bytes = status.offset;
        (status.purpose == Purpose::Update).then_some(Arrived {
            file: status.file,
            bytes,
            is_complete,
        })
    }

    async fn discard(&self, upload: UploadId) {
        if let Err(error) = self.store.abort_upload(upload).await {
            tracing::debug!(%upload, "an upload stays until it expires: {error}");
        }
    }

    async fn dim(&self, dim: bool) {
        let light = if dim { Brightness::try_from(DIM) } else { Ok(Brightness::FULL) };
        let light = light.unwrap_or(Brightness::FULL);
        if let Err(error) = self.engine.send(Command::Dim(Dimmer::Update, light)).await {
            tracing::warn!("the light stays as it is: {error}");
        }
    }

    fn confirm(&self) -> Result<(), String> {
        appliance::confirm_by_hand().map_err(|error| error.to_string())
    }

    fn given_up(&self, slot: &str, since: SystemTime) -> Option<String> {
        appliance::given_up(slot, since)
    }
}

/// An error and what it comes from, for a sentence.
fn words(error: store::StoreError) -> String {
    format!("{:#}", anyhow::Error::new(error))
}
