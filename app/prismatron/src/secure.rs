//! What the page is made secure with: the certificate the configuration names, or one of our own.

use std::mem::discriminant;

use anyhow::Context;
use prismatron_store as store;
use prismatron_store::config::{Config, TlsConfig};
use prismatron_system::Scheme;
use prismatron_web::tls::{SelfMade, Tls, TlsError};

/// The name the self-made certificate is stored under.
const STATE: &str = "tls";

/// What the files that are configured come to; `None` where none are.
///
/// # Errors
/// They cannot be used.
pub(crate) fn given(config: &Config) -> Result<Option<Tls>, TlsError> {
    match &config.tls {
        Some(TlsConfig::Files { certificate, key }) => Tls::given(certificate, key).map(Some),
        Some(TlsConfig::SelfMade) | None => Ok(None),
    }
}

/// What was given, or our own where that is configured; says which certificate it is.
///
/// # Errors
/// It cannot be made.
pub(crate) async fn complete(
    given: Option<Tls>,
    config: &Config,
    store: &store::Handle,
) -> Result<Option<Tls>, TlsError> {
    let tls = match config.tls {
        Some(TlsConfig::SelfMade) => Some(own(store, &config.host_names).await?),
        _ => given,
    };
    if let Some(tls) = &tls {
        tracing::info!("the certificate is SHA-256 {}", tls.fingerprint());
    }
    Ok(tls)
}

/// The certificate that was made at the first start; another where this is that, where it does not read, or
/// where it is not good for a name that has been configured since.
///
/// One that cannot be kept serves all the same, until the next start.
async fn own(store: &store::Handle, host_names: &[String]) -> Result<Tls, TlsError> {
    let kept = store.load_state::<SelfMade>(STATE).await.unwrap_or_else(|error| {
        tracing::warn!("the self-made certificate is not known: {error}");
        None
    });
    if let Some(kept) = kept.filter(|kept| kept.covers(host_names)) {
        match Tls::self_made(&kept) {
            Ok(tls) => return Ok(tls),
            Err(error) => tracing::warn!("{error}"),
        }
    }
    let made = SelfMade::make(host_names)?;
    match store.save_state(STATE, &made).await {
        Ok(()) => tracing::info!("a certificate has been made"),
        Err(error) => tracing::warn!("the self-made certificate is not kept: {error}"),
    }
    Tls::self_made(&made)
}

/// What the page's address begins with.
pub(crate) fn scheme(tls: Option<&Tls>) -> Scheme {
    tls.map_or(Scheme::Http, |_| Scheme::Https)
}

/// Whether another start is needed to have the page secure in the new way, and not just another certificate.
pub(crate) fn is_another_way(old: &Config, new: &Config) -> bool {
    old.tls.as_ref().map(discriminant) != new.tls.as_ref().map(discriminant)
}

/// Shows the certificate that is in the files now, if that is the way. It may be a new one in the same files.
///
/// # Errors
/// It cannot be used; the one before is shown on.
pub(crate) async fn renew(tls: Option<&Tls>, old: &Config, new: &Config) -> anyhow::Result<()> {
    let (Some(tls), Some(TlsConfig::Files { certificate, key })) = (tls, &new.tls) else {
        return Ok(());
    };
    if is_another_way(old, new) {
        return Ok(());
    }
    let before = tls.fingerprint();
    let (shown, certificate, key) = (tls.clone(), certificate.clone(), key.clone());
    let read = tokio::task::spawn_blocking(move || shown.show(&certificate, &key)).await;
    read.context("the certificate was not read")??;
    if tls.fingerprint() != before {
        tracing::info!("the certificate is SHA-256 {} now", tls.fingerprint());
    }
    Ok(())
}
