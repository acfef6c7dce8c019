//! The way to one server: where requests go, what they carry, and failures on the way in words.

use crate::chat::{ChatError, ChatErrorKind, Fault};
use crate::reply::{Reader, Rules};
use std::time::{Duration, Instant};
use touchstone_domain::secret::Secret;
use touchstone_net::{
    CONNECT_TIMEOUT, Call, Client, Credential, Method, NetError, Reply, TlsFault, Via, parse_address,
};

/// How long one answer may take: a local server may first have to load its model.
pub const ASK_TIMEOUT: Duration = Duration::from_secs(300);

/// How long a step of a test may take, a list or an answer: somebody is waiting for it.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(10);

/// What every connection may set beside what its vendor needs.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Replaces the scheme, host and prefix of the vendor's address, as for a gateway; the vendor's paths stay.
    pub base_url: Option<String>,
    /// Headers that every request carries. Their values may be secrets, and are treated as such.
    pub headers: Vec<(String, Secret)>,
}

impl Options {
    /// The base URL to use: the given one without slashes at its end, else the vendor's.
    pub(crate) fn base<'o>(&'o self, vendors: &'o str) -> &'o str {
        self.base_url.as_deref().map_or(vendors, |given| given.trim().trim_end_matches('/'))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub client: Client,
    /// The base URL.
    pub endpoint: String,
    /// Host and port, for words.
    pub host: String,
    /// What is sent can be read on its way.
    pub is_exposed: bool,
    pub credentials: Vec<Credential>,
    pub rules: &'static Rules,
    pub ask_timeout: Duration,
    pub test_timeout: Duration,
}

impl Line {
    pub(crate) fn new(client: Client, endpoint: String, credentials: Vec<Credential>, rules: &'static Rules) -> Self {
        let address = parse_address(&endpoint);
        let is_exposed = address.as_ref().is_some_and(|address| !address.is_encrypted && !address.is_loopback);
        let host = address.map_or_else(|| endpoint.clone(), |address| address.host);
        Self {
            client,
            endpoint,
            host,
            is_exposed,
            credentials,
            rules,
            ask_timeout: ASK_TIMEOUT,
            test_timeout: TEST_TIMEOUT,
        }
    }

    /// With the headers that the user named.
    pub(crate) fn with(mut self, options: &Options) -> Self {
        let headers = options.headers.iter();
        self.credentials
            .extend(headers.map(|(name, value)| Credential::Header(name.to_ascii_lowercase().into(), value.clone())));
        self
    }

    /// The proxy on the way.
    pub(crate) fn via(&self) -> Option<Via> {
        self.client.via(&self.endpoint)
    }

    pub(crate) fn reader<'q>(&'q self, model: &'q str) -> Reader<'q> {
        Reader { host: &self.host, model, credentials: &self.credentials, rules: self.rules }
    }

    /// Posts `json` to a full address; the reply, and how long it took in milliseconds.
    pub(crate) async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, &'static str)],
        json: String,
        timeout: Duration,
    ) -> Result<(Reply, u32), ChatError> {
        let call = Call { method: Method::Post, headers, credentials: &self.credentials, json: Some(json) };
        self.call(url, call, timeout).await
    }

    pub(crate) async fn get(&self, url: &str, headers: &[(&'static str, &'static str)]) -> Result<Reply, ChatError> {
        let call = Call { method: Method::Get, headers, credentials: &self.credentials, json: None };
        self.call(url, call, self.test_timeout).await.map(|(reply, _)| reply)
    }

    async fn call(&self, url: &str, call: Call<'_>, timeout: Duration) -> Result<(Reply, u32), ChatError> {
        let started = Instant::now();
        let outcome = self.client.call(url, call, timeout).await;
        let latency_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        match outcome {
            Ok(reply) => Ok((reply, latency_ms)),
            Err(error) => Err(no_reply(&self.client, url, &self.host, error, timeout)),
        }
    }
}

/// Why there is no reply from `host` at `url`, in words, and through which proxy none came.
pub(crate) fn no_reply(client: &Client, url: &str, host: &str, error: NetError, timeout: Duration) -> ChatError {
    let Some(via) = client.via(url) else { return no_direct_reply(host, error, timeout) };
    let proxy = named(&via);
    // The proxy is what was looked for: the server is known to it alone.
    let (fault, message) = match error {
        NetError::Refused => {
            (Fault::NothingListening, format!("{proxy} cannot be reached: nothing is listening there. Is it running?"))
        }
        NetError::UnknownHost if !via.is_told_numbers => {
            (Fault::Dns, format!("{proxy} cannot be reached: its name could not be found."))
        }
        NetError::ProxyTls(fault) => {
            (fault_of(fault), format!("No secure connection to {}: {fault}. {}", inside(&proxy), proxy_advice(fault)))
        }
        NetError::Unconnected => (
            Fault::Timeout,
            format!(
                "No connection to {host} came about within {} s through {}. Is the proxy running, and does it reach \
                 {host}?",
                CONNECT_TIMEOUT.as_secs(),
                inside(&proxy)
            ),
        ),
        NetError::ProxyDeclined => (Fault::Network, format!("{proxy} did not let the connection to {host} through.")),
        NetError::ProxyLocked if via.is_systems => (
            Fault::Network,
            format!(
                "{proxy} refused to let Touchstone through (407): it wants a user name and a password, or others than it \
                 was given. Set HTTPS_PROXY and HTTP_PROXY to http://name:password@host:port."
            ),
        ),
        NetError::ProxyLocked => (
            Fault::Network,
            format!(
                "{proxy} refused to let Touchstone through (407): it wants a user name and a password, which a connection \
                 does not keep. Leave its proxy empty, and start Touchstone where HTTPS_PROXY and HTTP_PROXY are set to \
                 http://name:password@host:port."
            ),
        ),
        error => {
            let told = no_direct_reply(host, error, timeout);
            if !matches!(told.kind, ChatErrorKind::Network | ChatErrorKind::Timeout) {
                return told;
            }
            let words = if error == NetError::UnknownHost {
                format!("{proxy} leaves finding names to this computer; by socks5h:// it finds them itself.")
            } else {
                asked_for_it(&via)
            };
            (told.fault, format!("{} {words}", told.message))
        }
    };
    let is_unanswered = fault == Fault::Timeout && error != NetError::Unconnected;
    let kind = if is_unanswered { ChatErrorKind::Timeout } else { ChatErrorKind::Network };
    ChatError { fault, ..ChatError::new(kind, message) }
}

/// A proxy at the beginning of a sentence, and where it is set if that is not the connection.
fn named(via: &Via) -> String {
    let host = &via.host;
    if via.is_systems {
        format!("The proxy {host}, which the system's settings or HTTPS_PROXY, HTTP_PROXY or ALL_PROXY name,")
    } else {
        format!("The proxy {host}")
    }
}

/// The same inside of a sentence.
fn inside(proxy: &str) -> String {
    let named = proxy.trim_end_matches(',');
    named.replacen('T', "t", 1)
}

/// After words that say that a server did not answer: through whom it was asked.
pub(crate) fn asked_for_it(via: &Via) -> String {
    format!("{} was asked for it.", named(via))
}

fn fault_of(fault: TlsFault) -> Fault {
    if fault == TlsFault::UnknownAuthority { Fault::Authority } else { Fault::Tls }
}

/// Why there is no reply from `host`, in words.
fn no_direct_reply(host: &str, error: NetError, timeout: Duration) -> ChatError {
    use ChatErrorKind::*;
    let (kind, fault, message) = match error {
        NetError::Refused => {
            (Network, Fault::NothingListening, format!("Nothing is listening on {host}. Is the server running?"))
        }
        NetError::UnknownHost => {
            (Network, Fault::Dns, format!("The host {host} could not be found. Check the endpoint and the network."))
        }
        NetError::Tls(fault) => {
            (Network, fault_of(fault), format!("No secure connection to {host}: {fault}. {}", advice(fault)))
        }
        NetError::Unconnected => {
            let seconds = CONNECT_TIMEOUT.as_secs();
            (Network, Fault::Timeout, format!("{host} could not be reached within {seconds} s. Is it running?"))
        }
        NetError::Offline => (Offline, Fault::Offline, format!("{error}, and {host} is not on it.")),
        NetError::Timeout => {
            (Timeout, Fault::Timeout, format!("{host} did not answer within {} s.", timeout.as_secs_f64()))
        }
        NetError::TooLarge(_) | NetError::Redirected => (Malformed, Fault::Endpoint, format!("{host}: {error}.")),
        NetError::InvalidUrl | NetError::Unusable => (NotFound, Fault::Endpoint, format!("{host}: {error}.")),
        NetError::InvalidCredential => (
            KeyRejected,
            Fault::Key,
            "The key or token holds a character that cannot be sent; enter it again.".to_owned(),
        ),
        NetError::Wordless => (
            Network,
            Fault::Network,
            format!(
                "The connection to {host} broke before an answer came. If it is a server of https, let its address begin \
                 with https://."
            ),
        ),
        NetError::Broken | NetError::ProxyDeclined | NetError::ProxyLocked | NetError::ProxyTls(_) => {
            (Network, Fault::Network, format!("The connection to {host} broke before the answer was complete."))
        }
    };
    ChatError { fault, ..ChatError::new(kind, message) }
}

/// What to do where no secure connection to a proxy can be made.
fn proxy_advice(fault: TlsFault) -> &'static str {
    match fault {
        TlsFault::UnknownAuthority => {
            "If it is your company's, let the connection trust the authority's certificate (its custom CA)."
        }
        TlsFault::Expired => "Set the clock if it is wrong; else the proxy needs a new certificate.",
        TlsFault::NotYetValid => "Set the clock if it is wrong; else the proxy needs another certificate.",
        TlsFault::OtherName => "Enter the proxy by the name that its certificate is for.",
        TlsFault::NotSpoken | TlsFault::Other => {
            "If it is a proxy of plain http, as most are, let the proxy's address begin with http://; what is sent to an \
             https server stays encrypted."
        }
    }
}

/// What to do where no secure connection can be made.
fn advice(fault: TlsFault) -> &'static str {
    match fault {
        TlsFault::UnknownAuthority => {
            "If it is yours or your company's, let the connection trust the authority's certificate (its custom CA)."
        }
        TlsFault::Expired => "Set the clock if it is wrong; else the server needs a new certificate.",
        TlsFault::NotYetValid => "Set the clock if it is wrong; else the server needs another certificate.",
        TlsFault::OtherName => "Enter the host by the name that its certificate is for.",
        TlsFault::NotSpoken => "If it is a server of plain http, let its address begin with http://.",
        // Some servers of plain http hang up on whoever speaks TLS to them.
        TlsFault::Other => {
            "If it is a server of plain http, let its address begin with http://; else something on the way may cut in."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::client;
    use touchstone_net::{Proxy, Route};

    #[track_caller]
    fn check(client: &Client, error: NetError, fault: Fault, words: &str) {
        let told = no_reply(client, "https://model.invalid/v1", "model.invalid", error, TEST_TIMEOUT);
        assert_eq!(told.fault, fault, "{told}");
        assert!(told.message.contains(words), "{told}");
    }

    #[test]
    fn each_fault_of_a_secure_connection_is_told_with_what_to_do() {
        let tls = |fault, words| {
            let is_authority = fault == TlsFault::UnknownAuthority;
            check(&client(), NetError::Tls(fault), if is_authority { Fault::Authority } else { Fault::Tls }, words);
        };
        tls(TlsFault::UnknownAuthority, "let the connection trust the authority's certificate (its custom CA)");
        tls(TlsFault::Expired, "has expired, by this computer's clock. Set the clock if it is wrong");
        tls(TlsFault::NotYetValid, "is not valid yet, by this computer's clock. Set the clock if it is wrong");
        tls(TlsFault::OtherName, "is for another name. Enter the host by the name");
        tls(
            TlsFault::NotSpoken,
            "does not speak https. If it is a server of plain http, let its address begin with http://",
        );
    }

    #[test]
    fn a_server_that_hangs_up_on_plain_http_may_want_https() {
        check(&client(), NetError::Wordless, Fault::Network, "server of https, let its address begin with https://");
    }

    #[test]
    fn a_proxy_on_the_way_is_named_whatever_fails() {
        let by =
            |proxy: &str| client().by(Route { proxy: Some(Proxy::parse(proxy).expect("a proxy")), authorities: None });
        let http = by("http://proxy.example.com:3128");
        check(&http, NetError::Refused, Fault::NothingListening, "The proxy proxy.example.com:3128 cannot be reached");
        check(&http, NetError::UnknownHost, Fault::Dns, "proxy.example.com:3128 cannot be reached: its name");
        let locked = "proxy.example.com:3128 refused to let Touchstone through (407): it wants a user name";
        check(&http, NetError::ProxyLocked, Fault::Network, locked);
        check(&http, NetError::ProxyLocked, Fault::Network, "HTTP_PROXY are set to http://name:password@host:port.");
        let asked = "The proxy proxy.example.com:3128 was asked for it.";
        check(&http, NetError::Timeout, Fault::Timeout, asked);
        check(&http, NetError::Broken, Fault::Network, asked);
        check(&http, NetError::Tls(TlsFault::UnknownAuthority), Fault::Authority, asked);
        let stalled = "within 10 s through the proxy proxy.example.com:3128. Is the proxy running";
        check(&http, NetError::Unconnected, Fault::Timeout, stalled);
        let https = by("https://proxy.example.com:3128");
        for (fault, advice) in [
            (TlsFault::UnknownAuthority, "its custom CA"),
            (TlsFault::OtherName, "Enter the proxy by the name"),
            (TlsFault::NotSpoken, "let the proxy's address begin with http://"),
        ] {
            check(
                &https,
                NetError::ProxyTls(fault),
                fault_of(fault),
                "No secure connection to the proxy proxy.example",
            );
            check(&https, NetError::ProxyTls(fault), fault_of(fault), advice);
        }
        let socks = by("socks5://proxy.example.com:1080");
        check(&socks, NetError::Refused, Fault::NothingListening, "The proxy proxy.example.com:1080 cannot be reached");
        check(&socks, NetError::UnknownHost, Fault::Dns, "The host model.invalid could not be found.");
        check(&socks, NetError::UnknownHost, Fault::Dns, "by socks5h:// it finds them itself");
    }
}
