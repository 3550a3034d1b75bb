//! Whether the page is served over TLS, and with which certificate.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename = "tls")]
pub enum TlsConfig {
    /// The program makes one at its first start.
    SelfMade,
    /// Somebody puts it there, and another before it ends.
    Files {
        /// PEM: the server's certificate, then those that lead to its issuer.
        certificate: PathBuf,
        /// PEM: its private key, without a passphrase.
        key: PathBuf,
    },
}

impl TlsConfig {
    /// With files relative to a folder.
    pub(super) fn settle(self, folder: &Path) -> Self {
        match self {
            Self::SelfMade => Self::SelfMade,
            Self::Files { certificate, key } => {
                Self::Files { certificate: folder.join(certificate), key: folder.join(key) }
            }
        }
    }
}
