//! TLS: the certificate that is shown to browsers, given or self-made, and how a connection is made secure.
//!
//! Invariants: a certificate and a key that do not belong together are never shown; another certificate takes
//! the place of the one before between two handshakes, and none is cut for it. Dates are nobody's concern
//! here: a board without a battery wakes in 1970, and browsers look at them anyway.
//!
//! TLS 1.2 and 1.3 as rustls has them, with ring for its arithmetic: a C compiler is all that it takes to build
//! for another machine. HTTP/1.1 is spoken inside, and said so (ALPN).

mod files;
mod self_made;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderValue;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub use self_made::SelfMade;

/// Why a certificate is not shown.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("could not read {}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file has not in it what it should.
    #[error("{}: {reason}", file.display())]
    Content {
        /// Which.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The key belongs to another certificate.
    #[error(
        "the key in {} is not that of the first certificate in {}",
        key.display(), certificate.display()
    )]
    Pair {
        /// Where the key is.
        key: PathBuf,
        /// Where the certificate is.
        certificate: PathBuf,
    },
    /// The self-made certificate could not be made, or is not one any more.
    #[error("there is no self-made certificate: {0}")]
    SelfMade(String),
    /// TLS itself cannot be had.
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
}

/// Whose certificate it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Somebody signed it and gave it to us.
    Given,
    /// We did.
    SelfMade,
}

/// What connections are made secure with; clones show the same certificate.
#[derive(Clone)]
pub struct Tls {
    current: Arc<RwLock<Current>>,
    origin: Origin,
}

/// What the next handshake is made with.
#[derive(Clone)]
struct Current {
    acceptor: TlsAcceptor,
    fingerprint: Fingerprint,
}

impl Tls {
    /// With the certificate (and those that lead to its issuer) and the key in these PEM files.
    ///
    /// # Errors
    /// A file cannot be read, has something else in it, or the two do not belong together.
    pub fn given(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let current = Current::new(files::load(certificate, key, &provider())?)?;
        Ok(Self { current: Arc::new(RwLock::new(current)), origin: Origin::Given })
    }

    /// With the certificate that was made here.
    ///
    /// # Errors
    /// It does not read.
    pub fn self_made(own: &SelfMade) -> Result<Self, TlsError> {
        let current = Current::new(own.pair(&provider())?)?;
        Ok(Self { current: Arc::new(RwLock::new(current)), origin: Origin::SelfMade })
    }

    /// Shows the certificate in these files from now on. What is open stays open.
    ///
    /// # Errors
    /// As for [`Tls::given`]; the one before is shown on.
    pub fn show(&self, certificate: &Path, key: &Path) -> Result<(), TlsError> {
        let next = Current::new(files::load(certificate, key, &provider())?)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    fn current(&self) -> Current {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Of the certificate that is shown now.
    pub fn fingerprint(&self) -> Fingerprint {
        self.current().fingerprint
    }

    /// Has a client and the server agree on keys.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.current().acceptor.accept(stream).await
    }

    /// What browsers are told of coming without TLS (`Strict-Transport-Security`, RFC 6797): not again.
    ///
    /// For a year where the certificate was given. Of a self-made one browsers hear it only where somebody
    /// has had them trust it (section 8.1), and where it is lost with its data directory they let nobody by
    /// (section 8.4) until this is over: a day.
    pub(crate) fn no_more_plain(&self) -> HeaderValue {
        HeaderValue::from_static(match self.origin {
            Origin::Given => "max-age=31536000",
            Origin::SelfMade => "max-age=86400",
        })
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl Current {
    /// Sessions of another certificate cannot be resumed by this: whoever comes again sees it.
    fn new(pair: CertifiedKey) -> Result<Self, TlsError> {
        let shown = pair.end_entity_cert().map_err(TlsError::Setup)?;
        let fingerprint = Fingerprint(Sha256::digest(shown).into());
        let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(pair)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), fingerprint })
    }
}

/// The SHA-256 of a certificate: what people compare with what their browser shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// As browsers and `openssl x509 -fingerprint` have it: `AB:CD:…`.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_written_as_openssl_writes_it() {
        let nothing = Fingerprint(Sha256::digest(b"").into()).to_string();
        assert!(nothing.starts_with("E3:B0:C4:42:98:FC:1C:14:"), "{nothing}");
        assert_eq!(nothing.len(), 32 * 3 - 1);
    }
}
