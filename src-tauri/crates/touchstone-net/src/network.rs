//! What all clients share: whether they may leave this machine, the connections that are open, and who is told of each
//! contact.

use crate::{Client, NetError, Route};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How long making a connection may take; a host that answers at all answers within it.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a host is contacted for. There is nothing else that a connection is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A model is asked what a run, or the user, wants to know.
    Model,
    /// A connection is tested, or the models that its key may use are listed.
    Check,
    /// A vendor counts the tokens of some tasks, for an estimate.
    Count,
    /// A service account signs in.
    SignIn,
    /// A picture or document that a task names.
    Media,
    /// A server that the user linked a space to.
    Link,
    /// A Label Studio server.
    LabelStudio,
}

impl Purpose {
    pub const ALL: [Self; 7] =
        [Self::Model, Self::Check, Self::Count, Self::SignIn, Self::Media, Self::Link, Self::LabelStudio];

    /// The word under which it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Check => "check",
            Self::Count => "count",
            Self::SignIn => "sign_in",
            Self::Media => "media",
            Self::Link => "link",
            Self::LabelStudio => "label_studio",
        }
    }
}

/// One request to a host, whatever came of it. Never what was asked or answered, and no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Host and port, as [`crate::Address::host`]. Where a proxy lies on the way, there is a contact with it, and one with
    /// the host that is asked through it.
    pub host: Arc<str>,
    pub purpose: Purpose,
    /// Of the request with its headers, as HTTP/1.1 writes them, before it is encrypted. None where no connection was made.
    pub bytes_sent: u64,
    /// Of the reply with its headers, as far as it was read, after it was unpacked. None where nothing answered.
    pub bytes_received: u64,
}

/// Who is told of every contact, when it is over. Calls must return at once.
pub trait Observer: Send + Sync {
    fn contacted(&self, contact: Contact);
}

/// Nobody listens.
impl Observer for () {
    fn contacted(&self, _: Contact) {}
}

/// The way out of this machine, for all clients that are made of it. Clones share it.
#[derive(Clone)]
pub struct Network {
    shared: Arc<Shared>,
}

struct Shared {
    offline: watch::Sender<bool>,
    pools: Mutex<Pools>,
    /// What the environment and the system say of proxies, read when it is first needed.
    system_proxies: OnceLock<Matcher>,
    observer: Arc<dyn Observer>,
}

/// By route, and where they lead. Made when they are first needed, and kept: reading the system's certificates takes a
/// while.
type Pools = HashMap<(Route, Leads), reqwest::Client>;

/// Where connections lead.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Leads {
    /// To this machine, and nothing is encrypted.
    PlainlyHere,
    /// To this machine.
    Here,
    Elsewhere,
}

/// Routes come with connections that a user sets up; what is no longer used goes with the others.
const POOLS_MAX: usize = 64;

impl Network {
    /// A way out that is open. Nothing is sent.
    pub fn new(observer: Arc<dyn Observer>) -> Self {
        let (offline, system_proxies) = (watch::Sender::new(false), OnceLock::new());
        Self { shared: Arc::new(Shared { offline, pools: Mutex::default(), system_proxies, observer }) }
    }

    pub fn client(&self, purpose: Purpose) -> Client {
        Client { network: self.clone(), purpose, route: Arc::default(), last: Arc::default() }
    }

    /// Lets nothing but this machine be reached from now on, or everything again. Calls to other machines that are under
    /// way end with [`NetError::Offline`], and connections to them are closed.
    pub fn set_offline(&self, offline: bool) {
        if self.shared.offline.send_replace(offline) != offline && offline {
            self.pools().retain(|(_, leads), _| *leads != Leads::Elsewhere);
        }
    }

    pub fn is_offline(&self) -> bool {
        *self.shared.offline.borrow()
    }

    /// What comes of `exchange`, unless Offline is or gets switched on.
    pub(crate) async fn unless_offline<T>(
        &self,
        exchange: impl Future<Output = Result<T, NetError>>,
    ) -> Result<T, NetError> {
        let mut offline = self.shared.offline.subscribe();
        tokio::select! {
            biased;
            _ = offline.wait_for(|offline| *offline) => Err(NetError::Offline),
            outcome = exchange => outcome,
        }
    }

    pub(crate) fn contact(&self, host: Arc<str>, proxy: Option<Arc<str>>, purpose: Purpose) -> Contacting<'_> {
        let contact = Contact { host, purpose, bytes_sent: 0, bytes_received: 0 };
        Contacting { observer: &*self.shared.observer, proxy, contact }
    }

    /// The connections to this machine, or to others by `route`.
    pub(crate) fn pool(&self, route: &Route, leads: Leads) -> Result<reqwest::Client, NetError> {
        let is_loopback = leads != Leads::Elsewhere;
        let key = (route.clone(), leads);
        let mut pools = self.pools();
        if let Some(pool) = pools.get(&key) {
            return Ok(pool.clone());
        }
        if pools.len() >= POOLS_MAX {
            pools.clear();
        }
        let builder = reqwest::Client::builder()
            .user_agent(concat!("Touchstone/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT);
        // Loopback is this machine: a system proxy has no business there.
        let mut builder = if is_loopback { builder.no_proxy().dns_resolver(ThisMachine) } else { builder };
        if let Some(proxy) = route.proxy.as_ref().filter(|_| !is_loopback) {
            builder = builder.proxy(proxy.intercept().map_err(|_| NetError::Unusable)?);
        }
        if leads == Leads::PlainlyHere {
            // Nobody asks for a certificate, and to read the system's takes longer than many a run's first request.
            builder = builder.tls_certs_only([]);
        } else if let Some(authorities) = &route.authorities {
            builder = builder.tls_backend_preconfigured(authorities.tls().map_err(|_| NetError::Unusable)?);
        }
        let pool = builder.build().map_err(|_| NetError::Unusable)?;
        pools.insert(key, pool.clone());
        Ok(pool)
    }

    pub(crate) fn system_proxies(&self) -> &Matcher {
        self.shared.system_proxies.get_or_init(Matcher::from_system)
    }

    #[cfg(test)]
    pub(crate) fn pool_count(&self) -> usize {
        self.pools().len()
    }

    fn pools(&self) -> MutexGuard<'_, Pools> {
        self.shared.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("is_offline", &self.is_offline()).finish_non_exhaustive()
    }
}

/// A contact that is under way; told when it is over, also where its call is given up.
pub(crate) struct Contacting<'o> {
    observer: &'o dyn Observer,
    /// Host and port of the proxy on the way.
    proxy: Option<Arc<str>>,
    contact: Contact,
}

impl Contacting<'_> {
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.contact.bytes_sent += bytes as u64;
    }

    pub(crate) fn nothing_sent(&mut self) {
        self.contact.bytes_sent = 0;
    }

    pub(crate) fn received(&mut self, bytes: usize) {
        self.contact.bytes_received += bytes as u64;
    }
}

impl Drop for Contacting<'_> {
    fn drop(&mut self) {
        if let Some(host) = self.proxy.take() {
            self.observer.contacted(Contact { host, ..self.contact.clone() });
        }
        self.observer.contacted(self.contact.clone());
    }
}

/// Finds `localhost` and names below it on this machine, and asks nobody: a file of hosts or a name server may say
/// otherwise. Source: RFC 6761, section 6.3.
struct ThisMachine;

impl Resolve for ThisMachine {
    fn resolve(&self, _: Name) -> Resolving {
        // The last one that fails is the one that is told, and there are machines without the sixth version.
        let addresses = [SocketAddr::from((Ipv6Addr::LOCALHOST, 0)), SocketAddr::from((Ipv4Addr::LOCALHOST, 0))];
        Box::pin(async move { Ok(Box::new(addresses.into_iter()) as Addrs) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, Method, Proxy, Reply};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[derive(Default)]
    struct Heard(Mutex<Vec<Contact>>);

    impl Observer for Heard {
        fn contacted(&self, contact: Contact) {
            self.0.lock().expect("no panic").push(contact);
        }
    }

    /// A network, and what it was seen to contact.
    fn network() -> (Network, Arc<Heard>) {
        let heard = Arc::new(Heard::default());
        (Network::new(Arc::clone(&heard) as Arc<dyn Observer>), heard)
    }

    async fn post(network: &Network, url: &str) -> Result<Reply, NetError> {
        let json = Some("{\"secret\": 1}".to_owned());
        let call = Call { method: Method::Post, headers: &[], credentials: &[], json };
        network.client(Purpose::Model).call(url, call, PATIENCE).await
    }

    /// Gives every caller `reply`; the port it listens on.
    async fn server(reply: String) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let reply = reply.clone();
                tokio::spawn(async move {
                    let _ = stream.read(&mut [0; 4 << 10]).await;
                    let _ = stream.write_all(reply.as_bytes()).await;
                });
            }
        });
        port
    }

    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";

    #[tokio::test]
    async fn a_contact_is_told_by_host_and_size_and_nothing_else() {
        let (network, heard) = network();
        let port = server(OK.to_owned()).await;
        post(&network, &format!("http://127.0.0.1:{port}/path?key=planted")).await.expect("a reply");
        let told = heard.0.lock().expect("no panic").clone();
        assert_eq!(told.len(), 1);
        assert_eq!((&*told[0].host, told[0].purpose), (&*format!("127.0.0.1:{port}"), Purpose::Model));
        let sent = "POST /path?key=planted HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n\
                    user-agent: Touchstone/0.0.0\r\ncontent-type: application/json\r\n\r\n{\"secret\": 1}";
        assert_eq!(
            (told[0].bytes_sent, told[0].bytes_received),
            (sent.len() as u64, OK.len() as u64),
            "with their headers"
        );
    }

    #[tokio::test]
    async fn a_proxy_on_the_way_is_told_as_well() {
        let (network, heard) = network();
        let port = server(OK.to_owned()).await;
        let proxy = Proxy::parse(&format!("http://127.0.0.1:{port}")).expect("a proxy");
        let client = network.client(Purpose::Check).by(Route { proxy: Some(proxy), authorities: None });
        let call = Call { method: Method::Get, headers: &[], credentials: &[], json: None };
        client.call("http://model.invalid/v1", call, PATIENCE).await.expect("the proxy's reply");
        let told = heard.0.lock().expect("no panic").clone();
        let hosts: Vec<_> = told.iter().map(|contact| &*contact.host).collect();
        assert_eq!(hosts, [&format!("127.0.0.1:{port}"), "model.invalid"]);
        assert!(told.iter().all(|contact| contact.purpose == Purpose::Check && contact.bytes_received > 5), "{told:?}");
    }

    #[tokio::test]
    async fn a_call_without_a_body_has_a_size_and_one_that_nobody_answers_has_none() {
        let (network, heard) = network();
        let empty = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let port = server(empty.to_owned()).await;
        let client = network.client(Purpose::Check);
        let call = || Call { method: Method::Get, headers: &[], credentials: &[], json: None };
        client.call(&format!("http://127.0.0.1:{port}/v1/models"), call(), PATIENCE).await.expect("a reply");
        let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("bound").port();
        client.call(&format!("http://127.0.0.1:{nobody}"), call(), PATIENCE).await.expect_err("nothing listens there");
        let told = heard.0.lock().expect("no panic").clone();
        assert!(told[0].bytes_sent > 50 && told[0].bytes_received == empty.len() as u64, "{told:?}");
        assert_eq!((told[1].bytes_sent, told[1].bytes_received), (0, 0));
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_is_told_too() {
        let (network, heard) = network();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let given_up = tokio::time::timeout(Duration::from_millis(50), post(&network, &url)).await;
        assert!(given_up.is_err());
        assert_eq!(heard.0.lock().expect("no panic").len(), 1);
    }

    #[tokio::test]
    async fn offline_only_this_machine_is_reached_by_every_client() {
        let (network, heard) = network();
        let earlier = network.clone();
        network.set_offline(true);
        for url in [
            "https://api.example.com/v1",
            "http://192.168.0.7:11434",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://localhost.",
            "http://127.0.0.1.example.com",
            "http://127.0.0.1@example.com",
            "http://0.0.0.0:8080",
            "http://[::ffff:10.0.0.1]",
        ] {
            assert_eq!(post(&earlier, url).await, Err(NetError::Offline), "{url}");
        }
        assert!(heard.0.lock().expect("no panic").is_empty(), "none of them was contacted");
        let port = server(OK.to_owned()).await;
        for host in ["127.0.0.1", "localhost", "a.localhost", "LOCALHOST"] {
            assert!(post(&network, &format!("http://{host}:{port}")).await.is_ok(), "{host}");
        }
    }

    #[tokio::test]
    async fn a_file_that_leads_off_this_machine_is_not_followed_offline() {
        let (network, heard) = network();
        network.set_offline(true);
        let leads_on = |to: &str| {
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        };
        let port = server(leads_on("http://files.example.com/a.png")).await;
        let hop = server(leads_on(&format!("http://127.0.0.1:{port}/"))).await;
        let client = network.client(Purpose::Media);
        let outcome = client.get_file(&format!("http://127.0.0.1:{hop}/"), 1 << 10, PATIENCE).await;
        assert_eq!(outcome, Err(NetError::Offline));
        let hosts: Vec<_> = heard.0.lock().expect("no panic").iter().map(|contact| contact.host.to_string()).collect();
        assert_eq!(hosts, [format!("127.0.0.1:{hop}"), format!("127.0.0.1:{port}")]);
    }

    #[tokio::test]
    async fn names_of_this_machine_are_found_without_asking_anybody() {
        let name = "localhost".parse().expect("a name");
        let found: Vec<_> = ThisMachine.resolve(name).await.expect("addresses").collect();
        assert!(found.len() == 2 && found.iter().all(|address| address.ip().is_loopback()), "{found:?}");
    }

    #[tokio::test]
    async fn switching_offline_on_ends_what_is_under_way() {
        let (network, _) = network();
        let under_way = network.unless_offline(std::future::pending::<Result<(), NetError>>());
        let switched = async {
            tokio::task::yield_now().await;
            network.set_offline(true);
        };
        let (outcome, ()) = tokio::join!(under_way, switched);
        assert_eq!(outcome, Err(NetError::Offline));
        network.set_offline(false);
        assert_eq!(network.unless_offline(async { Ok(1) }).await, Ok(1), "it can be switched off again");
    }
}
