//! A certificate and its key from the files somebody gave: PEM, as certbot and every other issuer's client
//! writes them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

use super::TlsError;

/// Longest file that is read.
const LONGEST: u64 = 1 << 20;

/// Reads both.
pub(super) fn load(
    certificate: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let wrong = |file: &Path, reason: String| TlsError::Content { file: file.into(), reason };
    let chain = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(wrong(certificate, "there is no certificate in it (PEM)".into()));
    }
    let secret = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            wrong(key, "there is no private key in it (PEM, without a passphrase)".into())
        }
        error => wrong(key, error.to_string()),
    })?;
    // Which of the two files it is that cannot be used is told by trying the key alone.
    if let Err(error) = provider.key_provider.load_private_key(secret.clone_key()) {
        return Err(wrong(key, format!("its key cannot be used: {error}")));
    }
    CertifiedKey::from_der(chain, secret, provider).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            TlsError::Pair { key: key.into(), certificate: certificate.into() }
        }
        error => wrong(certificate, format!("its certificate cannot be used: {error}")),
    })
}

fn read(file: &Path) -> Result<Vec<u8>, TlsError> {
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|open| open.take(LONGEST + 1).read_to_end(&mut bytes))
        .and_then(|count| match count as u64 > LONGEST {
            true => Err(io::Error::other(format!("it is longer than {LONGEST} bytes"))),
            false => Ok(bytes),
        })
        .map_err(|source| TlsError::Read { file: file.into(), source })
}
