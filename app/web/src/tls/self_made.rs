//! A certificate for those who have none: signed by itself, so that people compare its fingerprint once.

use std::fmt;
use std::time::Duration;

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};

use super::TlsError;
use crate::access::{machine_names, tidy};

/// A certificate with its key, as it is kept from its first start on.
#[derive(Clone, Serialize, Deserialize)]
pub struct SelfMade {
    /// Those it is good for.
    names: Vec<String>,
    /// PEM.
    certificate: String,
    /// PEM, PKCS #8.
    key: String,
}

impl SelfMade {
    /// A new one, for the names and addresses that every machine has, this one's, and these.
    ///
    /// It is good from 1970 on, since a board without a battery takes that for today, and has no end
    /// (RFC 5280, section 4.1.2.5): nobody is there to make another, and what is compared by its fingerprint
    /// gains nothing by changing. It signs no others: to trust it is to trust this machine only.
    ///
    /// # Errors
    /// A name cannot be one.
    pub fn make(host_names: &[String]) -> Result<Self, TlsError> {
        let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
        for name in machine_names().into_iter().chain(host_names.iter().map(|name| tidy(name))) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut params = CertificateParams::new(names.clone()).map_err(unmade)?;
        params.distinguished_name.push(DnType::CommonName, "Prismatron");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(1970, 1, 1);
        params.not_after = date_time_ymd(9999, 12, 31) + Duration::from_secs(24 * 3600 - 1);
        let key = KeyPair::generate().map_err(unmade)?;
        let certificate = params.self_signed(&key).map_err(unmade)?;
        Ok(Self { names, certificate: certificate.pem(), key: key.serialize_pem() })
    }

    /// Whether it is good for these names too.
    pub fn covers(&self, host_names: &[String]) -> bool {
        host_names.iter().all(|name| self.names.contains(&tidy(name)))
    }

    pub(super) fn pair(&self, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let certificate =
            CertificateDer::from_pem_slice(self.certificate.as_bytes()).map_err(unmade)?;
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).map_err(unmade)?;
        CertifiedKey::from_der(vec![certificate], key, provider).map_err(unmade)
    }
}

fn unmade(error: impl fmt::Display) -> TlsError {
    TlsError::SelfMade(error.to_string())
}

/// The key is nobody's to see.
impl fmt::Debug for SelfMade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SelfMade").field("names", &self.names).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Tls, provider};
    use super::*;

    #[test]
    fn it_is_kept_as_text_and_stays_the_same() {
        let names = ["Wall.Example.".to_owned(), "10.0.0.7".to_owned()];
        let made = SelfMade::make(&names).unwrap();
        let kept: SelfMade = serde_json::from_str(&serde_json::to_string(&made).unwrap()).unwrap();
        let shown = |own| Tls::self_made(own).unwrap().fingerprint();
        assert_eq!(shown(&made), shown(&kept));
        assert_ne!(shown(&made), shown(&SelfMade::make(&names).unwrap()));
        assert!(kept.covers(&names) && kept.covers(&["wall.example".into()]));
        assert!(!kept.covers(&["other.example".into()]));
        assert!(!format!("{made:?}").contains("PRIVATE"));
    }

    #[test]
    fn a_key_of_another_is_refused() {
        let (one, other) = (SelfMade::make(&[]).unwrap(), SelfMade::make(&[]).unwrap());
        let mixed = SelfMade { key: other.key, ..one.clone() };
        assert!(mixed.pair(&provider()).is_err());
        assert!(SelfMade { certificate: String::new(), ..one }.pair(&provider()).is_err());
    }
}
