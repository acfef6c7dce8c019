//! The one HTTP client of Touchstone: every byte that leaves this machine leaves here.
//!
//! The rule: connections are made only to the endpoints of models, to the addresses of media that tasks name, and to the
//! servers that the user linked. Each has a [`Purpose`], of which there are no others, and there is no client without one.
//! Nothing is reported home, and no update is looked for. While Offline is switched on, nothing but this machine is reached,
//! and whoever opened the [`Network`] is told of every host that was contacted.
//!
//! No redirect is followed with a credential, so none ever reaches a host that the user did not name; bodies are read up to a
//! limit; loopback never goes through a proxy. Errors say what happened in kinds that a caller can put into words, and
//! hold neither headers nor query strings.
//!
//! It must never learn about models, prompts or the workspace. Start reading at [`Network`], then [`Client::call`].

mod fault;
mod network;
mod route;
mod size;
mod trust;
mod via;

pub use fault::TlsFault;
pub use network::{CONNECT_TIMEOUT, Contact, Network, Observer, Purpose};
pub use route::{Authorities, Proxy, Route};
pub use via::Via;

use fault::kind_of;
use network::{Contacting, Leads};
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RANGE};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use touchstone_domain::secret::Secret;

/// Longest reply that is read, in bytes: far above any chat reply, far below what would hurt.
const REPLY_BYTES_MAX: usize = 32 << 20;

/// Stands between the parts of a form.
const BOUNDARY: &str = "touchstone-form-part";
const MULTIPART: &str = "multipart/form-data; boundary=touchstone-form-part";

/// Addresses that a file may lead on to, one after the other.
const REDIRECTS_MAX: usize = 5;

/// Why there is no reply at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    #[error("the address is not one that can be called")]
    InvalidUrl,
    /// A header's value has a character that no header can carry, such as a line end inside a key.
    #[error("the key or token holds a character that cannot be sent")]
    InvalidCredential,
    #[error("Offline is switched on, in Settings → Network or by --offline; only this computer is reached")]
    Offline,
    #[error("the host's name could not be found")]
    UnknownHost,
    #[error("nothing is listening there")]
    Refused,
    /// The proxy on the way answered, and did not let the call through.
    #[error("the proxy did not let it through")]
    ProxyDeclined,
    /// The proxy on the way wants to know who asks.
    #[error("the proxy wants a user name and a password")]
    ProxyLocked,
    #[error("no secure connection could be made: {0}")]
    Tls(TlsFault),
    /// The proxy on the way is an encrypted one, and the fault is its own.
    #[error("no secure connection to the proxy could be made: {0}")]
    ProxyTls(TlsFault),
    /// There was no connection after [`CONNECT_TIMEOUT`]; nothing was sent.
    #[error("no connection could be made in time")]
    Unconnected,
    #[error("it took too long")]
    Timeout,
    #[error("the reply is larger than {} MB", .0 >> 20)]
    TooLarge(usize),
    #[error("it leads on to too many other addresses, or to one that is none of the web")]
    Redirected,
    #[error("the connection broke")]
    Broken,
    /// The server took a call in plain http and gave nothing back that is http, as those do that speak https alone: some say
    /// so in words of TLS, others hang up.
    #[error("it hung up, or what came back is not http")]
    Wordless,
    #[error("the system's network could not be set up")]
    Unusable,
}

/// A credential of one request. Both kinds are marked as sensitive, so that no debug output shows them.
#[derive(Clone, Debug)]
pub enum Credential {
    /// `Authorization: Bearer …`.
    Bearer(Secret),
    /// A header of this name, which may be one that the user chose.
    Header(Cow<'static, str>, Secret),
}

impl Credential {
    /// What must not be seen, for callers that repeat a server's words.
    pub fn secret(&self) -> &Secret {
        let (Self::Bearer(secret) | Self::Header(_, secret)) = self;
        secret
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A call of an API.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub method: Method,
    /// Names in lower case, and values that are no secrets.
    pub headers: &'a [(&'static str, &'static str)],
    pub credentials: &'a [Credential],
    /// The body, written already: digits of numbers and the order of keys may matter.
    pub json: Option<String>,
}

/// What a server sent back, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
    headers: HeaderMap,
}

impl Reply {
    /// Every header that is text: its lower-case name, and its value.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// A reply that came inside of another one, as those to the requests of a batch do.
    pub fn enclosed(status: u16, body: Vec<u8>) -> Self {
        Self { status, body, headers: HeaderMap::new() }
    }

    /// The value of a header, by its lower-case name; `None` if it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Makes requests for one purpose. Clones share one pool of connections, as all clients of a [`Network`] do.
#[derive(Clone, Debug)]
pub struct Client {
    network: Network,
    purpose: Purpose,
    route: Arc<Route>,
    /// What was called last, and the text it was read from: a run calls the same address over and over.
    last: Arc<Mutex<Option<Read>>>,
}

/// A text, and the address that it is.
type Read = (String, Arc<Target>);

/// An address that is called.
#[derive(Debug)]
struct Target {
    url: reqwest::Url,
    /// As [`Address::host`].
    host: Arc<str>,
    is_loopback: bool,
}

impl From<reqwest::Url> for Target {
    fn from(url: reqwest::Url) -> Self {
        Self { host: host_and_port(&url).into(), is_loopback: is_loopback(&url), url }
    }
}

impl Client {
    /// The same client for something else.
    pub fn for_purpose(&self, purpose: Purpose) -> Self {
        Self { purpose, ..self.clone() }
    }

    /// The same client by another route.
    pub fn by(&self, route: Route) -> Self {
        Self { route: Arc::new(route), ..self.clone() }
    }

    /// The proxy through which `url` is reached.
    pub fn via(&self, url: &str) -> Option<Via> {
        self.via_to(&checked(url).ok()?)
    }

    fn target(&self, url: &str) -> Result<Arc<Target>, NetError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((text, target)) if text == url => Ok(Arc::clone(target)),
            _ => {
                let target = Arc::new(Target::from(checked(url)?));
                *last = Some((url.to_owned(), Arc::clone(&target)));
                Ok(target)
            }
        }
    }

    fn via_to(&self, url: &reqwest::Url) -> Option<Via> {
        Via::of(&self.route, self.network.system_proxies(), url)
    }

    /// Calls `url` as `call` says and reads the reply. Once: no retry. Dropping the future ends the call.
    pub async fn call(&self, url: &str, call: Call<'_>, timeout: Duration) -> Result<Reply, NetError> {
        self.call_for(url, call, REPLY_BYTES_MAX, timeout).await
    }

    /// The same for a reply of at most `bytes_max` bytes, which may be more than a chat reply ever has.
    pub async fn call_for(
        &self,
        url: &str,
        call: Call<'_>,
        bytes_max: usize,
        timeout: Duration,
    ) -> Result<Reply, NetError> {
        let target = self.target(url)?;
        let method = match call.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut headers = headers(call.credentials)?;
        for (name, value) in call.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut request = Request { method, headers, ..Request::get(target, timeout) };
        if let Some(json) = call.json {
            request = request.with_body("application/json", json);
        }
        self.send(request, bytes_max).await
    }

    /// Posts `fields` and a file as a multipart form (RFC 7578) and reads the reply. Once: no retry. No line of the file may
    /// begin with a hyphen, which those of JSON Lines never do.
    pub async fn post_file(
        &self,
        url: &str,
        credentials: &[Credential],
        fields: &[(&str, &str)],
        (name, content): (&str, &str),
        timeout: Duration,
    ) -> Result<Reply, NetError> {
        let mut body = String::with_capacity(content.len() + 1_024);
        for (field, value) in fields {
            body.push_str(&format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"
            ));
        }
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/jsonl\r\n\r\n"
        ));
        body.push_str(content);
        body.push_str(&format!("\r\n--{BOUNDARY}--\r\n"));
        let headers = headers(credentials)?;
        let request = Request { method: reqwest::Method::POST, headers, ..Request::get(self.target(url)?, timeout) };
        self.send(request.with_body(MULTIPART, body), REPLY_BYTES_MAX).await
    }

    /// Posts `fields` as a form, as a sign-in does, and reads the reply. Once: no retry. Dropping the future ends the call.
    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)], timeout: Duration) -> Result<Reply, NetError> {
        let url = checked(url)?;
        let mut form = url.clone();
        form.set_query(None);
        form.query_pairs_mut().extend_pairs(fields);
        let body = form.query().unwrap_or_default().to_owned();
        let request = Request { method: reqwest::Method::POST, ..Request::get(Arc::new(url.into()), timeout) };
        self.send(request.with_body("application/x-www-form-urlencoded", body), REPLY_BYTES_MAX).await
    }

    /// Gets a public file of at most `bytes_max` bytes. With no credential to lose, other addresses that the server names
    /// are followed, as long as they are `http` or `https`; from an encrypted one only to another. Each is asked for as
    /// the first one is: while Offline is switched on, none leads off this machine.
    pub async fn get_file(&self, url: &str, bytes_max: usize, timeout: Duration) -> Result<Reply, NetError> {
        let mut url = checked(url)?;
        for _ in 0..=REDIRECTS_MAX {
            if !matches!(url.scheme(), "http" | "https") {
                return Err(NetError::Redirected);
            }
            let reply = self.send(Request::get(Arc::new(url.clone().into()), timeout), bytes_max).await?;
            let next = match reply.status {
                301 | 302 | 303 | 307 | 308 => reply.header("location").and_then(|next| url.join(next).ok()),
                _ => None,
            };
            match next {
                None => return Ok(reply),
                Some(next) if url.scheme() == "https" && next.scheme() != "https" => return Err(NetError::Redirected),
                Some(next) => url = next,
            }
        }
        Err(NetError::Redirected)
    }

    /// Opens a file of any size at its byte `from` (RFC 9110, section 14.2), to be read piece by piece: the reply says by its
    /// status whether it is the rest (206) or the whole (200). Once: no retry, and no redirect is followed. It ends where
    /// nothing comes for as long as `silence_max`.
    pub async fn open_file(
        &self,
        url: &str,
        credentials: &[Credential],
        from: u64,
        silence_max: Duration,
    ) -> Result<Incoming<'_>, NetError> {
        let mut headers = headers(credentials)?;
        // A rest is of the bytes as they are, so nothing may pack them on the way.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        if from > 0 {
            headers.insert(RANGE, HeaderValue::try_from(format!("bytes={from}-")).expect("digits"));
        }
        let request = Request { headers, timeout: None, ..Request::get(self.target(url)?, silence_max) };
        let opened = tokio::time::timeout(silence_max, self.open(request)).await.map_err(|_| NetError::Timeout)?;
        opened.map(|incoming| Incoming { silence_max: Some(silence_max), ..incoming })
    }

    /// What comes back for `request`, of at most `bytes_max` bytes.
    async fn send(&self, request: Request, bytes_max: usize) -> Result<Reply, NetError> {
        self.open(request).await?.read(bytes_max).await
    }

    /// The one way out. Gives a reply whose head has come.
    async fn open(&self, request: Request) -> Result<Incoming<'_>, NetError> {
        let is_loopback = request.target.is_loopback;
        let exchange = async {
            let Target { url, host, .. } = &*request.target;
            let is_encrypted = url.scheme() == "https";
            let leads = match (is_loopback, is_encrypted) {
                (true, false) => Leads::PlainlyHere,
                (true, true) => Leads::Here,
                (false, _) => Leads::Elsewhere,
            };
            let pool = self.network.pool(&self.route, leads)?;
            let via = self.via_to(url);
            let proxy = via.as_ref().map(|via| via.host.as_str().into());
            let mut contact = self.network.contact(Arc::clone(host), proxy, self.purpose);
            // A request leaves as soon as there is a connection, whatever comes back, and whoever gives up waiting for it.
            contact.sent(size::of_request(&request));
            let outcome = match request.of(&pool).send().await {
                Ok(response) => {
                    contact.received(size::of_reply_head(&response));
                    Ok(response)
                }
                Err(error) => {
                    if error.is_connect() {
                        contact.nothing_sent();
                    }
                    Err(kind_of(&error))
                }
            };
            match (outcome, via) {
                // The name is looked up before the proxy is called. Where only the proxy leads out, no name is found
                // without it, and nobody comes to notice that it is not running.
                (Err(NetError::UnknownHost), Some(via)) if via.is_told_numbers => {
                    drop(contact);
                    Err(if via.is_dead().await { NetError::Refused } else { NetError::UnknownHost })
                }
                (Ok(response), Some(_)) if response.status().as_u16() == 407 => Err(NetError::ProxyLocked),
                // No head came.
                (Err(NetError::Broken), None) if !is_encrypted => Err(NetError::Wordless),
                // With the server itself, nobody spoke of security.
                (Err(NetError::Tls(fault)), Some(_)) if !is_encrypted => Err(NetError::ProxyTls(fault)),
                (Ok(response), _) => {
                    let network = &self.network;
                    Ok(Incoming { network, is_loopback, response, contact, silence_max: None })
                }
                (Err(error), _) => Err(error),
            }
        };
        if is_loopback { exchange.await } else { self.network.unless_offline(exchange).await }
    }
}

/// A reply whose head has come, and whose body is read piece by piece.
pub struct Incoming<'c> {
    network: &'c Network,
    is_loopback: bool,
    response: reqwest::Response,
    contact: Contacting<'c>,
    silence_max: Option<Duration>,
}

impl Incoming<'_> {
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// As [`Reply::header`].
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// The next piece of the body; `None` at its end.
    pub async fn piece(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, NetError> {
        let piece = async {
            let piece = self.response.chunk();
            let piece = match self.silence_max {
                Some(silence_max) => tokio::time::timeout(silence_max, piece).await.map_err(|_| NetError::Timeout)?,
                None => piece.await,
            };
            piece.map_err(|error| kind_of(&error))
        };
        let piece = if self.is_loopback { piece.await } else { self.network.unless_offline(piece).await }?;
        self.contact.received(piece.as_ref().map_or(0, |piece| piece.len()));
        Ok(piece)
    }

    /// The whole reply, of at most `bytes_max` bytes.
    pub async fn read(mut self, bytes_max: usize) -> Result<Reply, NetError> {
        // Said before anything is read, by servers that say it.
        if self.response.content_length().is_some_and(|length| length > bytes_max as u64) {
            return Err(NetError::TooLarge(bytes_max));
        }
        let status = self.status();
        let headers = std::mem::take(self.response.headers_mut());
        let mut body = Vec::new();
        while let Some(piece) = self.piece().await? {
            let piece = piece.as_ref();
            if body.len() + piece.len() > bytes_max {
                return Err(NetError::TooLarge(bytes_max));
            }
            body.extend_from_slice(piece);
        }
        Ok(Reply { status, body, headers })
    }
}

/// A request that is about to be sent.
struct Request {
    method: reqwest::Method,
    target: Arc<Target>,
    headers: HeaderMap,
    body: Option<String>,
    /// Of the whole exchange.
    timeout: Option<Duration>,
}

impl Request {
    fn get(target: Arc<Target>, timeout: Duration) -> Self {
        let timeout = Some(timeout);
        Self { method: reqwest::Method::GET, target, headers: HeaderMap::new(), body: None, timeout }
    }

    fn with_body(mut self, content_type: &'static str, body: String) -> Self {
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = Some(body);
        self
    }

    fn of(self, pool: &reqwest::Client) -> reqwest::RequestBuilder {
        let mut request = pool.request(self.method, self.target.url.clone()).headers(self.headers);
        if let Some(timeout) = self.timeout {
            request = request.timeout(timeout);
        }
        match self.body {
            Some(body) => request.body(body),
            None => request,
        }
    }
}

/// An address split into the parts that callers check and show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Scheme, host, port and path, normalised, without a slash at the end.
    pub url: String,
    /// Host and port, as `127.0.0.1:11434`; the port is left out where it is the scheme's own.
    pub host: String,
    /// `http` or `https`.
    pub is_encrypted: bool,
    pub is_loopback: bool,
    /// It carries a user name or a password.
    pub has_credentials: bool,
    /// It carries a query or a fragment.
    pub has_query: bool,
}

/// Reads an `http` or `https` address; `None` for anything else.
pub fn parse_address(text: &str) -> Option<Address> {
    let url = reqwest::Url::parse(text).ok()?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str()?.is_empty() {
        return None;
    }
    let host = host_and_port(&url);
    Some(Address {
        url: format!("{}://{host}{}", url.scheme(), url.path().trim_end_matches('/')),
        host,
        is_encrypted: url.scheme() == "https",
        is_loopback: is_loopback(&url),
        has_credentials: !url.username().is_empty() || url.password().is_some(),
        has_query: url.query().is_some() || url.fragment().is_some(),
    })
}

fn host_and_port(url: &reqwest::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether the address is of this machine. What is, is reached on it and nowhere else, whatever names are said to mean:
/// see `network.rs`.
fn is_loopback(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

fn checked(url: &str) -> Result<reqwest::Url, NetError> {
    reqwest::Url::parse(url).map_err(|_| NetError::InvalidUrl)
}

fn headers(credentials: &[Credential]) -> Result<HeaderMap, NetError> {
    let mut headers = HeaderMap::new();
    for credential in credentials {
        let (name, text) = match credential {
            Credential::Bearer(secret) => (AUTHORIZATION, format!("Bearer {}", secret.expose())),
            Credential::Header(name, secret) => {
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| NetError::InvalidCredential)?;
                (name, secret.expose().clone())
            }
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| NetError::InvalidCredential)?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Answers one connection with `reply` and gives back what it was sent.
    async fn answer_once(reply: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let mut received = vec![0; 64 << 10];
            let length = stream.read(&mut received).await.expect("a request");
            stream.write_all(reply.as_bytes()).await.expect("a reader");
            String::from_utf8_lossy(&received[..length]).into_owned()
        });
        (url, served)
    }

    const PATIENCE: Duration = Duration::from_secs(20);

    fn client() -> Client {
        Network::new(Arc::new(())).client(Purpose::Model)
    }

    async fn get(url: &str, credentials: &[Credential], timeout: Duration) -> Result<Reply, NetError> {
        let call = Call { method: Method::Get, headers: &[], credentials, json: None };
        client().call(url, call, timeout).await
    }

    #[tokio::test]
    async fn a_redirect_is_a_reply_and_is_not_followed() {
        let (url, served) =
            answer_once("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n").await;
        let key = Credential::Bearer(Secret::new("sk-1".to_owned()));
        let reply = get(&url, &[key], PATIENCE).await.expect("the 302 itself");
        assert_eq!((reply.status, reply.header("location")), (302, Some("http://127.0.0.1:1/")));
        assert!(served.await.expect("served").to_lowercase().contains("authorization: bearer sk-1"));
    }

    #[tokio::test]
    async fn a_port_without_a_listener_is_refused() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        drop(listener);
        let outcome = get(&url, &[], PATIENCE).await;
        assert_eq!(outcome, Err(NetError::Refused));
    }

    #[tokio::test]
    async fn a_reply_that_ends_early_is_broken() {
        let (url, _served) = answer_once("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf").await;
        let outcome = get(&url, &[], PATIENCE).await;
        assert_eq!(outcome, Err(NetError::Broken));
    }

    #[tokio::test]
    async fn a_server_that_speaks_no_tls_is_told_apart() {
        let (url, _served) = answer_once("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        let outcome = get(&url.replace("http:", "https:"), &[], PATIENCE).await;
        assert_eq!(outcome, Err(NetError::Tls(TlsFault::NotSpoken)));
    }

    #[tokio::test]
    async fn a_server_that_speaks_tls_alone_is_told_apart() {
        // An alert, as most send it; and nothing, as servers of OpenSSL do.
        for reply in ["\u{15}\u{3}\u{3}\0\u{2}\u{2}F", ""] {
            let (url, _served) = answer_once(reply).await;
            assert_eq!(get(&url, &[], PATIENCE).await, Err(NetError::Wordless), "{reply:?}");
        }
    }

    #[tokio::test]
    async fn a_reply_without_end_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let sending = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            assert_ne!(stream.read(&mut [0; 4 << 10]).await.expect("a request"), 0);
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            let mut chunk = b"100000\r\n".to_vec();
            chunk.extend(std::iter::repeat_n(b' ', 1 << 20));
            chunk.extend(b"\r\n");
            let mut sent = stream.write_all(head).await;
            while sent.is_ok() {
                sent = stream.write_all(&chunk).await;
            }
        });
        let outcome = get(&url, &[], PATIENCE).await;
        assert_eq!(outcome, Err(NetError::TooLarge(REPLY_BYTES_MAX)));
        sending.await.expect("the server notices that nobody reads on");
    }

    #[tokio::test]
    async fn a_server_that_never_answers_times_out() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let outcome = get(&url, &[], Duration::from_millis(50)).await;
        assert_eq!(outcome, Err(NetError::Timeout));
    }

    #[tokio::test]
    async fn a_file_of_any_size_is_read_from_where_it_broke_off() {
        let (url, served) =
            answer_once("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-7/8\r\nContent-Length: 3\r\n\r\nend")
                .await;
        let client = client();
        let mut incoming = client.open_file(&url, &[], 5, PATIENCE).await.expect("the rest");
        assert_eq!((incoming.status(), incoming.header("content-range")), (206, Some("bytes 5-7/8")));
        let piece = incoming.piece().await.expect("a piece").expect("not the end");
        assert_eq!(piece.as_ref(), b"end");
        assert!(incoming.piece().await.expect("the end").is_none());
        let received = served.await.expect("served").to_lowercase();
        assert!(received.contains("range: bytes=5-") && received.contains("accept-encoding: identity"), "{received}");
    }

    #[tokio::test]
    async fn a_file_of_which_nothing_more_comes_is_given_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            assert_ne!(stream.read(&mut [0; 4 << 10]).await.expect("a request"), 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await.expect("a reader");
            // Until the caller hangs up.
            while stream.read(&mut [0; 4 << 10]).await.is_ok_and(|length| length > 0) {}
        });
        let client = client();
        let silence_max = Duration::from_millis(200);
        let mut incoming = client.open_file(&url, &[], 0, silence_max).await.expect("a file");
        assert!(incoming.piece().await.expect("a piece").is_some());
        assert_eq!(incoming.piece().await.err(), Some(NetError::Timeout));
        drop(incoming);
        serving.await.expect("the server notices that nobody reads on");
        let quiet = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", quiet.local_addr().expect("bound"));
        assert_eq!(client.open_file(&url, &[], 0, silence_max).await.err(), Some(NetError::Timeout), "no head");
    }

    #[tokio::test]
    async fn a_key_with_a_line_end_is_not_sent() {
        let key = Credential::Bearer(Secret::new("a\nb".to_owned()));
        let outcome = get("http://127.0.0.1:1", &[key], PATIENCE).await;
        assert_eq!(outcome, Err(NetError::InvalidCredential));
    }

    #[tokio::test]
    async fn a_header_that_cannot_be_one_is_not_sent() {
        let key = Credential::Header("two words".into(), Secret::new("a".to_owned()));
        let outcome = get("http://127.0.0.1:1", &[key], PATIENCE).await;
        assert_eq!(outcome, Err(NetError::InvalidCredential));
    }

    #[tokio::test]
    async fn a_file_is_written_as_part_of_a_form() {
        let (url, served) = answer_once("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        let key = Credential::Bearer(Secret::new("sk-1".to_owned()));
        let file = ("lines.jsonl", "{}\n{}");
        client().post_file(&url, &[key], &[("purpose", "batch")], file, PATIENCE).await.expect("a reply");
        let received = served.await.expect("served");
        let (head, body) = received.split_once("\r\n\r\n").expect("a request");
        assert!(head.to_lowercase().contains(&format!("content-type: {MULTIPART}")), "{head}");
        let want = "--touchstone-form-part\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n\
                    --touchstone-form-part\r\nContent-Disposition: form-data; name=\"file\"; filename=\"lines.jsonl\"\r\n\
                    Content-Type: application/jsonl\r\n\r\n{}\n{}\r\n--touchstone-form-part--\r\n";
        assert_eq!(body, want);
        assert_eq!(MULTIPART.rsplit_once('=').map(|(_, boundary)| boundary), Some(BOUNDARY));
    }

    #[tokio::test]
    async fn a_form_is_written_as_forms_are() {
        let (url, served) = answer_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
        let fields = [("grant_type", "urn:a:b"), ("assertion", "x.y+z")];
        client().post_form(&url, &fields, PATIENCE).await.expect("a reply");
        let received = served.await.expect("served");
        assert!(received.contains("content-type: application/x-www-form-urlencoded\r\n"), "{received}");
        assert!(received.ends_with("\r\n\r\ngrant_type=urn%3Aa%3Ab&assertion=x.y%2Bz"), "{received}");
    }

    #[test]
    fn addresses_are_read_with_what_makes_them_unfit() {
        let address = parse_address("HTTP://LocalHost:11434/v1//").expect("an address");
        assert_eq!((address.url.as_str(), address.is_loopback), ("http://localhost:11434/v1", true));
        for loopback in ["http://[::1]:80/x", "http://[::ffff:127.0.0.1]", "http://127.9.9.9", "http://a.localhost"] {
            assert!(parse_address(loopback).expect("an address").is_loopback, "{loopback}");
        }
        assert!(!parse_address("http://localhost.example.org").expect("an address").is_loopback);
        assert!(parse_address("https://a:b@example.org").expect("an address").has_credentials);
        assert!(parse_address("https://example.org/?key=1").expect("an address").has_query);
        assert_eq!(parse_address("ftp://example.org"), None);
        assert_eq!(parse_address("localhost:11434"), None, "a scheme is needed");
    }
}
