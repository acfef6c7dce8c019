//! How a client reaches a server where the user says it for one connection: a proxy, and whose certificates are trusted.

use crate::trust;
use reqwest::Proxy as Intercept;
use rustls::ClientConfig;
use std::fmt;

/// Longest file of certificates, in bytes: a bundle of a company has some, not hundreds.
const PEM_BYTES_MAX: usize = 256 << 10;

/// Nothing set is the system's proxy and the system's certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Route {
    /// Not for this machine, which is always reached directly.
    pub proxy: Option<Proxy>,
    /// Trusted beside the system's own.
    pub authorities: Option<Authorities>,
}

/// The address of a proxy, checked.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    address: String,
}

impl Proxy {
    /// Reads an address as `http://proxy.example.com:3128` or `socks5://127.0.0.1:1080`; in words what is wrong with it,
    /// without repeating it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let what = "enter the proxy as http://, https://, socks5:// or socks5h:// with its host and port";
        let url = reqwest::Url::parse(text.trim()).map_err(|_| what.to_owned())?;
        if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") || url.host_str().is_none_or(str::is_empty)
        {
            return Err(what.to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            let words = "a user name and a password of a proxy are not kept here; leave the proxy empty, and start Touchstone \
                         where HTTPS_PROXY and HTTP_PROXY, or ALL_PROXY of a SOCKS proxy, are set to its address with them";
            return Err(words.to_owned());
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err("a proxy has no path; enter its host and port only".to_owned());
        }
        match url.port_or_known_default().filter(|_| names_port(text.trim())) {
            None => Err("enter the proxy's port too, such as :3128 or :1080".to_owned()),
            Some(0) => Err("a proxy's port is a number from 1 to 65535".to_owned()),
            Some(port) => {
                Ok(Self { address: format!("{}://{}:{port}", url.scheme(), url.host_str().unwrap_or_default()) })
            }
        }
    }

    /// What [`Self::address`] gave before, and [`Self::parse`] has looked at.
    pub fn kept(address: String) -> Self {
        Self { address }
    }

    /// As it is kept and shown.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Host and port.
    pub(crate) fn host(&self) -> &str {
        self.address.split_once("://").map_or(&*self.address, |(_, host)| host)
    }

    pub(crate) fn intercept(&self) -> reqwest::Result<Intercept> {
        Intercept::all(&self.address)
    }
}

/// Whether a port stands in the address, which a parsed one leaves out where it is the scheme's own.
fn names_port(address: &str) -> bool {
    let authority = address.split_once("://").map_or("", |(_, rest)| rest).split('/').next().unwrap_or_default();
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

/// Certificates of authorities that sign servers' certificates, or of such servers themselves. They are public.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Authorities {
    pem: String,
}

impl Authorities {
    /// Reads certificates in PEM, each between its two lines; what stands around them is left out. In words what is
    /// wrong, otherwise.
    pub fn parse(text: &str) -> Result<Self, String> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        const END: &str = "-----END CERTIFICATE-----";
        if text.contains("PRIVATE KEY-----") {
            let words =
                "there is a private key in it, which belongs nowhere but on the server; take the certificate only";
            return Err(words.to_owned());
        }
        if text.len() > PEM_BYTES_MAX {
            return Err("that is too much; add the authority's own certificate only".to_owned());
        }
        let mut pem = String::new();
        for part in text.split(BEGIN).skip(1) {
            let (body, _) = part
                .split_once(END)
                .ok_or("a certificate in it is cut off; take all of it, to -----END CERTIFICATE-----")?;
            pem.push_str(&format!("{BEGIN}\n{}\n{END}\n", body.split_whitespace().collect::<Vec<_>>().join("\n")));
        }
        if pem.is_empty() {
            let words = "there is no certificate in it; export the authority's certificate as PEM (Base64), which begins with \
                         -----BEGIN CERTIFICATE-----";
            return Err(words.to_owned());
        }
        let authorities = Self { pem };
        trust::check(&authorities.pem)
            .map_err(|_| "a certificate in it is damaged; export it anew, as PEM (Base64)".to_owned())?;
        Ok(authorities)
    }

    /// Those that [`Self::pem`] gave before, and [`Self::parse`] has looked at.
    pub fn kept(pem: String) -> Self {
        Self { pem }
    }

    /// As they are kept and shown.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub(crate) fn tls(&self) -> Result<ClientConfig, rustls::Error> {
        trust::config(&self.pem)
    }
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorities({} bytes)", self.pem.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Leads;
    use crate::{Call, Credential, Method, NetError, Network, Purpose, Reply, TlsFault};
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
    use std::borrow::Cow;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
    use touchstone_domain::secret::Secret;

    async fn get(route: Route, url: &str, credentials: &[Credential]) -> Result<Reply, NetError> {
        let client = Network::new(Arc::new(())).client(Purpose::Model).by(route);
        let call = Call { method: Method::Get, headers: &[], credentials, json: None };
        client.call(url, call, Duration::from_secs(20)).await
    }

    const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

    /// A server of TLS on loopback that shows a certificate that signed itself and is an authority's; its port, and that
    /// certificate.
    async fn self_signed_server() -> (u16, String) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = params.self_signed(&key).expect("signed");
        (serve_tls(own.der().clone(), &key).await, own.pem())
    }

    /// A server of TLS on loopback; its port, and the certificate of the authority that signed its own.
    async fn tls_server() -> (u16, String) {
        tls_server_from_to(2020, 2100).await
    }

    /// The same, with a certificate that holds from the beginning of one year to that of another.
    async fn tls_server_from_to(first_year: i32, last_year: i32) -> (u16, String) {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().expect("a key");
        let authority = params.self_signed(&authority_key).expect("an authority");
        let issuer = Issuer::new(params, authority_key);
        let key = KeyPair::generate().expect("a key");
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut own = CertificateParams::new(names).expect("parameters");
        own.not_before = date_time_ymd(first_year, 1, 1);
        own.not_after = date_time_ymd(last_year, 1, 1);
        let own = own.signed_by(&key, &issuer).expect("signed");
        (serve_tls(own.der().clone(), &key).await, authority.pem())
    }

    async fn serve_tls(own: CertificateDer<'static>, key: &KeyPair) -> u16 {
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![own], PrivatePkcs8KeyDer::from(key.serialize_der()).into())
            .expect("a certificate and its key");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not trust it hangs up.
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let _ = stream.read(&mut [0; 4 << 10]).await;
                    let _ = stream.write_all(OK).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        port
    }

    #[tokio::test]
    async fn a_server_that_signed_its_own_certificate_is_trusted_by_it_and_no_other_is() {
        let (port, pem) = self_signed_server().await;
        let by = |pem: &str| Route { authorities: Some(Authorities::parse(pem).expect("a certificate")), proxy: None };
        let reply = get(by(&pem), &format!("https://127.0.0.1:{port}/"), &[]).await;
        assert_eq!(reply.expect("trusted").body, b"ok");
        let by_name = get(by(&pem), &format!("https://localhost:{port}/"), &[]).await;
        assert_eq!(by_name, Err(NetError::Tls(TlsFault::OtherName)), "a name that is not in it");
        let (other, _) = self_signed_server().await;
        let unknown = Err(NetError::Tls(TlsFault::UnknownAuthority));
        assert_eq!(get(by(&pem), &format!("https://127.0.0.1:{other}/"), &[]).await, unknown);
    }

    #[tokio::test]
    async fn an_authority_of_the_users_own_is_trusted_where_it_is_named_and_nowhere_else() {
        let (port, pem) = tls_server().await;
        let url = format!("https://127.0.0.1:{port}/");
        let unknown = Err(NetError::Tls(TlsFault::UnknownAuthority));
        assert_eq!(get(Route::default(), &url, &[]).await, unknown);
        let pasted = format!("Our authority:\r\n\r\n{}", pem.replace('\n', "\r\n"));
        let authorities = Authorities::parse(&pasted).expect("a certificate");
        let route = || Route { authorities: Some(authorities.clone()), proxy: None };
        assert_eq!(get(route(), &url, &[]).await.expect("trusted").body, b"ok");
        assert_eq!(get(route(), &format!("https://localhost:{port}/"), &[]).await.expect("by its name").status, 200);
        let kept = Route { authorities: Some(Authorities::kept(authorities.pem().to_owned())), proxy: None };
        assert!(get(kept, &url, &[]).await.is_ok(), "what is kept says the same");
        let (_, other) = tls_server().await;
        let other = Route { authorities: Some(Authorities::parse(&other).expect("a certificate")), proxy: None };
        assert_eq!(get(other, &url, &[]).await, unknown, "another authority signed it");
    }

    #[tokio::test]
    async fn a_certificate_outside_of_its_time_is_told_from_one_of_an_unknown_authority() {
        for (years, fault) in [((2020, 2021), TlsFault::Expired), ((2090, 2100), TlsFault::NotYetValid)] {
            let (port, pem) = tls_server_from_to(years.0, years.1).await;
            let authorities = Some(Authorities::parse(&pem).expect("a certificate"));
            let outcome = get(Route { authorities, proxy: None }, &format!("https://127.0.0.1:{port}/"), &[]).await;
            assert_eq!(outcome, Err(NetError::Tls(fault)));
        }
    }

    #[tokio::test]
    async fn a_route_is_set_up_once() {
        let network = Network::new(Arc::new(()));
        let route = || Route { proxy: Some(Proxy::parse("http://127.0.0.1:9").expect("a proxy")), authorities: None };
        for _ in 0..3 {
            network.pool(&route(), Leads::Elsewhere).expect("a pool");
            network.pool(&Route::default(), Leads::Here).expect("a pool");
        }
        assert_eq!(network.pool_count(), 2);
        network.set_offline(true);
        assert_eq!(network.pool_count(), 1, "connections to other machines are closed");
    }

    #[test]
    fn what_is_no_certificate_is_refused_in_words() {
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
        let key = "-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----";
        for (text, says) in [
            ("", "no certificate"),
            ("sk-planted", "no certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA", "cut off"),
            (damaged, "damaged"),
            (key, "private key"),
        ] {
            let words = Authorities::parse(text).expect_err(text);
            assert!(words.contains(says) && !words.contains("planted"), "{text}: {words}");
        }
    }

    #[test]
    fn proxies_are_read_or_refused_in_words_that_hold_no_password() {
        for (text, address) in [
            (" HTTP://Proxy.example.com:3128/ ", "http://proxy.example.com:3128"),
            ("https://proxy.example.com:443", "https://proxy.example.com:443"),
            ("http://proxy:80", "http://proxy:80"),
            ("socks5://127.0.0.1:1080", "socks5://127.0.0.1:1080"),
            ("socks5h://[::1]:1080", "socks5h://[::1]:1080"),
        ] {
            assert_eq!(Proxy::parse(text).expect(text).address(), address);
        }
        for (text, says) in [
            ("proxy.example.com:3128", "http://"),
            ("ftp://proxy.example.com", "http://"),
            ("socks5://proxy.example.com", "port"),
            ("http://proxy", "port"),
            ("http://proxy/", "port"),
            ("https://[::1]", "port"),
            ("http://proxy:0", "from 1 to 65535"),
            ("socks5://proxy:0", "from 1 to 65535"),
            ("http://me:planted@proxy.example.com", "HTTPS_PROXY and HTTP_PROXY"),
            ("socks5://planted@proxy.example.com:1080", "ALL_PROXY"),
            ("http://proxy.example.com/planted", "path"),
        ] {
            let words = Proxy::parse(text).expect_err(text);
            assert!(words.contains(says) && !words.contains("planted"), "{text}: {words}");
        }
    }

    /// A proxy that answers itself, once; its address, and what it was sent first.
    async fn proxy(reply: &'static [u8]) -> (std::net::SocketAddr, tokio::task::JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let mut received = vec![0; 4 << 10];
            let length = stream.read(&mut received).await.expect("a request");
            stream.write_all(reply).await.expect("a reader");
            received.truncate(length);
            received
        });
        (address, served)
    }

    fn through(scheme: &str, address: std::net::SocketAddr) -> Route {
        let proxy = Proxy::parse(&format!("{scheme}://{address}")).expect("a proxy");
        Route { proxy: Some(proxy), authorities: None }
    }

    #[tokio::test]
    async fn another_machine_is_reached_through_the_proxy() {
        let (address, served) = proxy(OK).await;
        let team = Credential::Header(Cow::Borrowed("x-team"), Secret::new("labels".to_owned()));
        let reply = get(through("http", address), "http://model.invalid/v1/models?key=1", &[team]).await;
        assert_eq!(reply.expect("the proxy's reply").body, b"ok");
        let received = String::from_utf8_lossy(&served.await.expect("served")).into_owned();
        assert!(received.starts_with("GET http://model.invalid/v1/models?key=1 HTTP/1.1\r\n"), "{received}");
        assert!(received.contains("x-team: labels\r\n"), "{received}");

        let (address, served) = proxy(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n").await;
        let secret = Credential::Bearer(Secret::new("sk-planted".to_owned()));
        let outcome = get(through("http", address), "https://model.invalid/v1", &[secret]).await;
        assert_eq!(outcome, Err(NetError::ProxyDeclined));
        let received = String::from_utf8_lossy(&served.await.expect("served")).into_owned();
        assert!(received.starts_with("CONNECT model.invalid:443 HTTP/1.1\r\n"), "{received}");
        assert!(!received.contains("planted"), "the proxy of an encrypted connection learns no key: {received}");
    }

    #[tokio::test]
    async fn a_proxy_that_cannot_be_reached_is_not_taken_for_the_server() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let nowhere = listener.local_addr().expect("bound");
        drop(listener);
        for (scheme, url) in [
            ("http", "http://model.invalid/v1"),
            ("http", "https://model.invalid/v1"),
            ("socks5h", "http://model.invalid/v1"),
            // The name is to be found here, and is not.
            ("socks5", "http://model.invalid/v1"),
        ] {
            let outcome = get(through(scheme, nowhere), url, &[]).await;
            assert_eq!(outcome, Err(NetError::Refused), "{scheme} {url}");
        }
    }

    #[tokio::test]
    async fn a_proxy_that_wants_a_password_is_told_from_the_server() {
        const LOCKED: &[u8] = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
        for url in ["https://model.invalid/v1", "http://model.invalid/v1"] {
            let (address, _served) = proxy(LOCKED).await;
            assert_eq!(get(through("http", address), url, &[]).await, Err(NetError::ProxyLocked), "{url}");
        }
    }

    #[tokio::test]
    async fn the_certificate_of_an_encrypted_proxy_is_not_taken_for_the_servers() {
        let (port, pem) = tls_server().await;
        let (ended, ended_pem) = tls_server_from_to(2020, 2021).await;
        let unknown = Err(NetError::ProxyTls(TlsFault::UnknownAuthority));
        let by = |port: u16, pem: Option<&str>| Route {
            authorities: pem.map(|pem| Authorities::parse(pem).expect("a certificate")),
            ..through("https", ([127, 0, 0, 1], port).into())
        };
        for url in ["http://model.invalid/v1", "https://model.invalid/v1"] {
            assert_eq!(get(by(port, None), url, &[]).await, unknown, "{url}");
            let outcome = get(by(ended, Some(&ended_pem)), url, &[]).await;
            assert_eq!(outcome, Err(NetError::ProxyTls(TlsFault::Expired)), "{url}");
        }
        let reply = get(by(port, Some(&pem)), "http://model.invalid/v1", &[]).await;
        assert_eq!(reply.expect("the proxy is trusted by what the connection trusts").body, b"ok");
        let (plain, _served) = proxy(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let outcome = get(by(plain.port(), None), "https://model.invalid/v1", &[]).await;
        assert_eq!(outcome, Err(NetError::ProxyTls(TlsFault::NotSpoken)));
    }

    #[tokio::test]
    async fn a_server_behind_a_proxy_keeps_the_faults_of_its_own_certificate() {
        let (port, _) = tls_server().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(async move {
            let (mut near, _) = listener.accept().await.expect("a caller");
            let mut far = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("the server");
            assert_ne!(near.read(&mut [0; 4 << 10]).await.expect("a request"), 0);
            near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("a reader");
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        });
        let outcome = get(through("http", address), "https://model.invalid/v1", &[]).await;
        assert_eq!(outcome, Err(NetError::Tls(TlsFault::UnknownAuthority)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_proxy_that_says_nothing_makes_no_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        for scheme in ["socks5h", "http"] {
            let outcome = get(through(scheme, address), "https://model.invalid/v1", &[]).await;
            assert_eq!(outcome, Err(NetError::Unconnected), "{scheme}");
        }
    }

    #[tokio::test]
    async fn a_name_that_a_running_socks_proxy_does_not_look_up_is_unknown() {
        let (address, _served) = proxy(&[]).await;
        let outcome = get(through("socks5", address), "http://model.invalid/v1", &[]).await;
        assert_eq!(outcome, Err(NetError::UnknownHost));
    }

    #[tokio::test]
    async fn a_socks_proxy_is_asked_in_its_own_words() {
        let (address, served) = proxy(&[5, 0xff]).await;
        let outcome = get(through("socks5h", address), "http://model.invalid/v1", &[]).await;
        assert_eq!(outcome, Err(NetError::ProxyDeclined));
        assert_eq!(served.await.expect("served")[0], 5, "the version of the protocol");
    }

    #[tokio::test]
    async fn this_machine_is_reached_without_the_proxy() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let nowhere = listener.local_addr().expect("bound");
        drop(listener);
        let (address, _served) = proxy(OK).await;
        let reply = get(through("http", nowhere), &format!("http://{address}/"), &[]).await;
        assert_eq!(reply.expect("directly").status, 200);
    }
}
