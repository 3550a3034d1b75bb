//! Keeps the settings that last worked: those with which a run has ended well, or which have been in force for
//! long. Never in safe mode, where they are not tried.

use std::time::Duration;

use prismatron_store as store;
use prismatron_web::SafeMode;
use tokio::time::timeout;

/// Keeps them.
#[derive(Clone)]
pub(crate) struct Proof {
    pub(crate) store: store::Handle,
    pub(crate) safe_mode: SafeMode,
}

impl Proof {
    /// Keeps what is set now.
    pub(crate) async fn add(&self) {
        if self.safe_mode.is_on() {
            return;
        }
        if let Err(error) = self.store.prove_settings().await {
            tracing::warn!("the settings that worked are not kept: {error}");
        }
    }

    /// Keeps what is set whenever it has been in force for so long. Never ends.
    pub(crate) async fn keep(self, long: Duration) {
        let mut settings = self.store.settings();
        let mut safe_mode = self.safe_mode.changes();
        let mut another = async || {
            tokio::select! {
                changed = settings.changed() => changed.is_ok(),
                changed = safe_mode.changed() => changed.is_ok(),
            }
        };
        loop {
            match timeout(long, another()).await {
                // Others are to be tried now.
                Ok(true) => continue,
                Ok(false) => return,
                Err(_) => self.add().await,
            }
            // The same again need not be kept.
            if !another().await {
                return;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test ends where it goes wrong")]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use prismatron_core::media::MediaInfo;
    use prismatron_core::port::{MediaError, MediaFault, Prober};
    use prismatron_core::unit::Brightness;
    use prismatron_store::{Settings, StorageLimits, Store};
    use prismatron_web::Cause;

    use super::*;

    struct Nothing;

    impl Prober for Nothing {
        fn probe(&self, _: &Path) -> Result<MediaInfo, MediaError> {
            Err(MediaError::new(MediaFault::Unsupported, "nothing is media here"))
        }

        fn thumbnail(&self, _: &Path, _: &MediaInfo) -> Result<Vec<u8>, MediaError> {
            Err(MediaError::new(MediaFault::Unsupported, "nothing is media here"))
        }
    }

    async fn dim(store: &store::Handle, to: f32) -> Settings {
        let mut settings = Settings::default();
        settings.colour.brightness = Brightness::try_from(to).unwrap();
        store.save_settings(settings.clone()).await.unwrap();
        settings
    }

    async fn until_proven(store: &store::Handle, wanted: &Settings) {
        while store.proven_settings().await.unwrap().as_ref() != Some(wanted) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn what_has_been_in_force_for_long_is_kept_and_nothing_in_safe_mode() {
        let data = tempfile::tempdir().unwrap();
        let (_store, store) =
            Store::open(data.path(), Arc::new(Nothing), StorageLimits::default()).unwrap();
        let cause = Cause { reason: "a test".into(), log: Vec::new() };
        let safe_mode = SafeMode::new(Some(cause), || {});
        let proof = Proof { store: store.clone(), safe_mode: safe_mode.clone() };
        let untried = dim(&store, 0.5).await;
        proof.add().await;
        assert_eq!(store.proven_settings().await.unwrap(), None);

        let off = Proof { safe_mode: SafeMode::new(None, || {}), ..proof };
        let keeping = tokio::spawn(off.clone().keep(Duration::from_millis(20)));
        until_proven(&store, &untried).await;
        let other = dim(&store, 0.25).await;
        until_proven(&store, &other).await;
        keeping.abort();

        let never = tokio::spawn(off.clone().keep(Duration::from_secs(3600)));
        let last = dim(&store, 0.75).await;
        tokio::task::yield_now().await;
        assert_eq!(store.proven_settings().await.unwrap(), Some(other), "not long enough");
        off.add().await;
        assert_eq!(store.proven_settings().await.unwrap(), Some(last), "the end was a good one");
        never.abort();
    }
}
