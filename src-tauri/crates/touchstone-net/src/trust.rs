//! Which servers are who they say they are, where the user named certificates to trust beside the system's.
//!
//! Two kinds of certificates are named there. Of an authority, whatever it signed is trusted, as of one of the system's.
//! But most servers of one's own show a certificate that signed itself, and `openssl req -x509` marks that one as an
//! authority's, which no server may show: the usual verification refuses it however much its signer is trusted. So a
//! server that shows, byte for byte, a certificate that the user named is trusted for the names in it and while it
//! holds. That it has the key, the handshake proves as ever.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, aws_lc_rs::default_provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use std::sync::Arc;

/// The only protocol that the HTTP library is built for.
const PROTOCOL: &[u8] = b"http/1.1";

/// How TLS is spoken where `pem` is trusted beside the system's certificates.
pub(crate) fn config(pem: &str) -> Result<ClientConfig, Error> {
    let provider = Arc::new(default_provider());
    let verifier = Arc::new(Trust::new(pem, &provider)?);
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

/// Whether each certificate in `pem` can be read to its end.
pub(crate) fn check(pem: &str) -> Result<(), Error> {
    roots(&named(pem)?).map(drop)
}

#[derive(Debug)]
struct Trust {
    /// What the user named.
    named: Vec<CertificateDer<'static>>,
    /// The rules for any certificate, by those that are named.
    rules: Arc<WebPkiServerVerifier>,
    /// The system's verification, with those that are named as authorities.
    usual: Verifier,
}

impl Trust {
    fn new(pem: &str, provider: &Arc<CryptoProvider>) -> Result<Self, Error> {
        let named = named(pem)?;
        let roots = Arc::new(roots(&named)?);
        let rules = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider)).build();
        let rules = rules.map_err(|error| Error::Other(OtherError(Arc::new(error))))?;
        let usual = Verifier::new_with_extra_roots(named.iter().cloned(), Arc::clone(provider))?;
        Ok(Self { named, rules, usual })
    }
}

fn named(pem: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates: Result<_, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    certificates.map_err(|_| CertificateError::BadEncoding.into())
}

fn roots(named: &[CertificateDer<'static>]) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in named {
        roots.add(certificate.clone())?;
    }
    Ok(roots)
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if !self.named.contains(end_entity) {
            return self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        }
        match self.rules.verify_server_cert(end_entity, &[], server_name, ocsp_response, now) {
            // The rules look at the time first, and then at these two, which do not matter here: that it is an
            // authority's, and that nobody who is known signed it. They did not come to the name any more.
            Err(error) if is_about_signer(&error) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            outcome => outcome,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.rules.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.rules.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.rules.supported_verify_schemes()
    }
}

fn is_about_signer(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => true,
        Error::InvalidCertificate(CertificateError::Other(OtherError(cause))) => {
            cause.downcast_ref::<webpki::Error>() == Some(&webpki::Error::CaUsedAsEndEntity)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, date_time_ymd};
    use std::time::Duration;

    /// A certificate that signed itself, as `openssl req -x509` makes it.
    fn own(name: &str, last_year: i32) -> rcgen::Certificate {
        let mut params = CertificateParams::new([name.to_owned()]).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 1, 1);
        params.self_signed(&KeyPair::generate().expect("a key")).expect("signed")
    }

    #[track_caller]
    fn check(named: &rcgen::Certificate, shown: &rcgen::Certificate, name: &str, want: Result<(), &str>) {
        let trust = Trust::new(&named.pem(), &Arc::new(default_provider())).expect("certificates");
        let name = ServerName::try_from(name).expect("a name");
        // 2026-11-14.
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_794_614_400));
        let outcome = trust.verify_server_cert(shown.der(), &[], &name, &[], now);
        let got = outcome.map(drop).map_err(|error| format!("{error:?}"));
        match (got, want) {
            (Ok(()), Ok(())) => {}
            (Err(got), Err(want)) if got.contains(want) => {}
            (got, _) => panic!("{got:?} instead of {want:?}"),
        }
    }

    #[test]
    fn a_certificate_that_is_named_is_trusted_for_its_names_and_while_it_holds() {
        let server = own("models.lan", 2030);
        check(&server, &server, "models.lan", Ok(()));
        check(&server, &server, "other.lan", Err("NotValidForName"));
        let ended = own("models.lan", 2024);
        check(&ended, &ended, "models.lan", Err("Expired"));
    }

    #[test]
    fn another_certificate_of_the_same_name_is_refused() {
        check(&own("models.lan", 2030), &own("models.lan", 2030), "models.lan", Err("InvalidCertificate"));
    }

    #[test]
    fn a_servers_certificate_is_trusted_without_its_signer() {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "an authority");
        let issuer = rcgen::Issuer::new(params, key);
        let own = CertificateParams::new(["models.lan".to_owned()]).expect("parameters");
        let own = own.signed_by(&KeyPair::generate().expect("a key"), &issuer).expect("signed");
        check(&own, &own, "models.lan", Ok(()));
        check(&own, &own, "other.lan", Err("NotValidForName"));
    }
}
