//! Why a request got no reply: the HTTP library's errors, sorted into kinds.

use crate::NetError;
use rustls::{CertificateError, Error as TlsError, OtherError};
use std::error::Error as _;
use std::fmt;
use std::io;

/// Why no secure connection could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate signed itself, or an authority did that this computer does not know.
    UnknownAuthority,
    /// The certificate has ended, by this computer's clock.
    Expired,
    /// The certificate has not begun, by this computer's clock.
    NotYetValid,
    /// The certificate is for other names.
    OtherName,
    /// What answers speaks something else.
    NotSpoken,
    /// Anything else: a handshake that was cut short, a certificate that was withdrawn.
    Other,
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownAuthority => {
                "its certificate is signed by itself, or by an authority that this computer does not know"
            }
            Self::Expired => "its certificate has expired, by this computer's clock",
            Self::NotYetValid => "its certificate is not valid yet, by this computer's clock",
            Self::OtherName => "its certificate is for another name",
            Self::NotSpoken => "what answers there does not speak https",
            Self::Other => "setting it up failed",
        })
    }
}

impl TlsFault {
    fn of(error: &TlsError) -> Self {
        let TlsError::InvalidCertificate(certificate) = error else {
            return if matches!(error, TlsError::InvalidMessage(_)) { Self::NotSpoken } else { Self::Other };
        };
        match certificate {
            // Two authorities may go by one name, and the key tells them apart.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownAuthority,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Self::OtherName,
            // One that signed itself is often marked as an authority's, which no server may show.
            CertificateError::Other(OtherError(cause))
                if cause.downcast_ref::<webpki::Error>() == Some(&webpki::Error::CaUsedAsEndEntity) =>
            {
                Self::UnknownAuthority
            }
            _ => Self::Other,
        }
    }
}

/// How the library's errors begin where a connection through a proxy is not made.
const TUNNEL: &str = "tunnel error";

pub(crate) fn kind_of(error: &reqwest::Error) -> NetError {
    if error.is_timeout() {
        return if error.is_connect() { NetError::Unconnected } else { NetError::Timeout };
    }
    if error.is_dns() {
        return NetError::UnknownHost;
    }
    if !error.is_connect() {
        return NetError::Broken;
    }
    let mut source = error.source();
    let mut words = String::new();
    while let Some(cause) = source {
        match cause.downcast_ref::<io::Error>().map(innermost) {
            Some(inner) if inner.kind() == io::ErrorKind::ConnectionRefused => return NetError::Refused,
            Some(inner) => {
                if let Some(error) = inner.get_ref().and_then(|error| error.downcast_ref::<TlsError>()) {
                    let fault = TlsFault::of(error);
                    // The tunnel is what leads through the proxy: what fails inside of making it is not the server's.
                    return if words.contains(TUNNEL) { NetError::ProxyTls(fault) } else { NetError::Tls(fault) };
                }
            }
            None => {}
        }
        words.push_str(&cause.to_string().to_ascii_lowercase());
        source = cause.source();
    }
    // The libraries' errors have no type that this crate could name. Those of SOCKS hide what they were made of.
    if words.contains("socks error: failed to create") {
        return NetError::Refused;
    }
    if words.contains("error resolving for socks proxy") || words.contains("socks error: could not resolve") {
        return NetError::UnknownHost;
    }
    if words.contains("tunnel error: proxy authorization required") {
        return NetError::ProxyLocked;
    }
    let declined = ["tunnel error: unsuccessful", "tunnel error: proxy", "socks error: "];
    if declined.iter().any(|cause| words.contains(cause)) && !words.contains("io error during") {
        return NetError::ProxyDeclined;
    }
    if ["certificate", "tls", "handshake"].iter().any(|word| words.contains(word)) {
        NetError::Tls(TlsFault::Other)
    } else if words.contains("refused") {
        NetError::Refused
    } else {
        NetError::Broken
    }
}

/// The error that others were wrapped around. An `io::Error` hides what it wraps from [`Error::source`].
///
/// [`Error::source`]: std::error::Error::source
fn innermost(error: &io::Error) -> &io::Error {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        Some(inner) => innermost(inner),
        None => error,
    }
}
