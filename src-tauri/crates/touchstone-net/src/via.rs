//! The proxy on the way to a server: the one of the route, else the one that the environment or the system names. The HTTP
//! library finds the latter by itself and tells nobody, so it is found here once more, by the same rules.

use crate::{Route, is_loopback};
use hyper_util::client::proxy::matcher::Matcher;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;

/// How long it may take to see whether anything listens at a proxy.
const LOOK_TIMEOUT: Duration = Duration::from_secs(3);

/// A proxy through which a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// Host and port, and never the name or the password that one of the system may have.
    pub host: String,
    /// The environment or the system's settings name it, and not the user for this client.
    pub is_systems: bool,
    /// The server's name is looked up on this computer, and the proxy learns the number.
    pub is_told_numbers: bool,
}

impl Via {
    /// On the way to `url` by `route`; `system` holds what the environment and the system say.
    pub(crate) fn of(route: &Route, system: &Matcher, url: &reqwest::Url) -> Option<Self> {
        if is_loopback(url) {
            return None;
        }
        if let Some(proxy) = &route.proxy {
            let scheme = proxy.address().split("://").next().unwrap_or_default();
            let is_told_numbers = is_told_numbers(scheme);
            return Some(Self { host: proxy.host().to_owned(), is_systems: false, is_told_numbers });
        }
        let found = system.intercept(&url.as_str().parse().ok()?)?;
        let (scheme, host) = (found.uri().scheme_str().unwrap_or("http"), found.uri().host()?);
        let port = found.uri().port_u16().unwrap_or(match scheme {
            "http" => 80,
            "https" => 443,
            _ => 1080,
        });
        Some(Self { host: format!("{host}:{port}"), is_systems: true, is_told_numbers: is_told_numbers(scheme) })
    }

    /// Whether nothing listens there.
    pub(crate) async fn is_dead(&self) -> bool {
        let looked = tokio::time::timeout(LOOK_TIMEOUT, TcpStream::connect(&self.host)).await;
        matches!(looked, Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused)
    }
}

fn is_told_numbers(scheme: &str) -> bool {
    matches!(scheme, "socks4" | "socks5")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Proxy;

    #[track_caller]
    fn check(system: &Matcher, url: &str, want: Option<(&str, bool)>) {
        let url = reqwest::Url::parse(url).expect("an address");
        let via = Via::of(&Route::default(), system, &url);
        assert!(via.as_ref().is_none_or(|via| via.is_systems));
        assert_eq!(via.as_ref().map(|via| (&*via.host, via.is_told_numbers)), want, "{url}");
    }

    #[test]
    fn the_systems_proxy_is_known_by_host_and_port_alone() {
        let system = Matcher::builder()
            .http("http://me:planted@plain.example.com:3128")
            .https("https://me:planted@secure.example.com")
            .no("inside.example.com")
            .build();
        check(&system, "http://model.invalid/v1", Some(("plain.example.com:3128", false)));
        check(&system, "https://model.invalid/v1?key=1", Some(("secure.example.com:443", false)));
        check(&system, "https://inside.example.com/v1", None);
        check(&system, "http://127.0.0.1:11434", None);
        check(&Matcher::builder().build(), "https://model.invalid", None);
        let socks = |scheme: &str| Matcher::builder().all(format!("{scheme}://me:planted@[::1]")).build();
        check(&socks("socks5"), "https://model.invalid", Some(("[::1]:1080", true)));
        check(&socks("socks5h"), "https://model.invalid", Some(("[::1]:1080", false)));
    }

    #[test]
    fn the_routes_own_proxy_outweighs_the_systems() {
        let system = Matcher::builder().all("http://system.example.com:1").build();
        let proxy = Some(Proxy::parse("socks5://127.0.0.1:1080").expect("a proxy"));
        let url = reqwest::Url::parse("https://model.invalid").expect("an address");
        let via = Via::of(&Route { proxy, authorities: None }, &system, &url);
        let own = Via { host: "127.0.0.1:1080".to_owned(), is_systems: false, is_told_numbers: true };
        assert_eq!(via, Some(own));
    }
}
