//! Which servers are connected, and who signs in.

use crate::connections::{KeyStorage, cleaned};
use crate::names::checked_name;
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use touchstone_domain::ServerId;
use touchstone_domain::prompt::NAME_CHARS_MAX;
use touchstone_domain::secret::Secret;
use touchstone_labelstudio::{self as remote, Client, parse_address};
use touchstone_net::{Authorities, Proxy, Purpose, Route};
use touchstone_store::{KeyStorage as StoredIn, SecretKind, ServerRow, StoreError};

/// A Label Studio server that the workspace is connected to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct LabelStudioServer {
    pub id: ServerId,
    pub name: String,
    pub address: String,
    pub key_storage: KeyStorage,
    pub version: Option<String>,
    pub edition: Option<Edition>,
    /// Whose token it is, by name or e-mail.
    pub user: Option<String>,
    pub role: Option<String>,
    /// As of a connection.
    pub proxy: Option<String>,
    pub custom_ca: Option<String>,
    pub checked_at: String,
    /// Projects here that came from it.
    pub linked: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    Community,
    Enterprise,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// A personal access token, which is exchanged for one that ends soon.
    Personal,
    Legacy,
}

/// A server about to be connected, or changed.
#[derive(Debug, Deserialize, Type)]
pub struct NewServer {
    pub name: String,
    pub address: String,
    /// A personal access token or a legacy one; `None` keeps the one that is there.
    #[specta(type = Option<String>)]
    pub token: Option<Secret>,
    /// Keep the token in memory until the program ends, where no keychain answers.
    pub until_quit: bool,
    /// `http`, `https`, `socks5` or `socks5h` (which finds names itself) with host and port; this machine is reached without it.
    pub proxy: Option<String>,
    /// Certificates in PEM of an authority that is trusted beside the system's.
    pub custom_ca: Option<String>,
}

/// What a server says of itself and of who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct ServerReport {
    /// As it is kept: what was typed, cleaned.
    pub address: String,
    pub version: String,
    pub edition: Edition,
    pub user: String,
    pub role: Option<String>,
    /// In words.
    pub abilities: Vec<String>,
    pub token_kind: TokenKind,
}

/// What is kept of a report.
#[derive(Default, Serialize, Deserialize)]
struct About {
    version: Option<String>,
    edition: Option<Edition>,
    user: Option<String>,
    role: Option<String>,
}

impl From<&ServerReport> for About {
    fn from(report: &ServerReport) -> Self {
        let ServerReport { version, edition, user, role, .. } = report;
        Self { version: Some(version.clone()), edition: Some(*edition), user: Some(user.clone()), role: role.clone() }
    }
}

impl From<ServerRow> for LabelStudioServer {
    fn from(row: ServerRow) -> Self {
        let About { version, edition, user, role } = serde_json::from_str(&row.about).unwrap_or_default();
        Self {
            id: row.id,
            name: row.name,
            address: row.address,
            key_storage: row.key_storage.into(),
            version,
            edition,
            user,
            role,
            proxy: row.proxy,
            custom_ca: row.custom_ca,
            checked_at: row.checked_at,
            linked: row.linked,
        }
    }
}

impl Engine {
    /// The servers that the workspace is connected to, by name.
    pub async fn label_studio_servers(&self) -> Result<Vec<LabelStudioServer>> {
        self.blocking(|inner| Ok(inner.store.servers()?.into_iter().map(LabelStudioServer::from).collect())).await
    }

    /// Signs in at a server and says what it is, and who. Nothing is kept.
    pub async fn look_at_server(&self, server: NewServer) -> Result<ServerReport> {
        let Entered { address, route, token, .. } = entered(server, None)?;
        let token = token.ok_or_else(no_token)?;
        report(&Client::new(&self.inner.network.client(Purpose::LabelStudio).by(route), &address, &token), address)
            .await
    }

    /// Connects a server that lets its user sign in, and says what it said of itself. The token goes to the keychain.
    pub async fn connect_server(&self, server: NewServer) -> Result<(LabelStudioServer, ServerReport)> {
        self.keep_server(ServerId(clock::new_id()), server, None).await
    }

    /// Changes a server, which must let its user sign in. Links of projects stay.
    pub async fn edit_server(&self, id: ServerId, server: NewServer) -> Result<LabelStudioServer> {
        let row = self.blocking(move |inner| Ok(inner.store.server(id.as_str())?)).await?;
        Ok(self.keep_server(row.id.clone(), server, Some(row)).await?.0)
    }

    async fn keep_server(
        &self,
        id: ServerId,
        server: NewServer,
        before: Option<ServerRow>,
    ) -> Result<(LabelStudioServer, ServerReport)> {
        let until_quit = server.until_quit;
        let Entered { name, address, route, proxy, custom_ca, token } = entered(server, before.as_ref())?;
        let signing_in = match (&token, &before) {
            (Some(token), _) => token.clone(),
            (None, Some(row)) => {
                let row = row.clone();
                self.blocking(move |inner| kept_token(inner, &row)).await?
            }
            (None, None) => return Err(no_token()),
        };
        let client = Client::new(&self.inner.network.client(Purpose::LabelStudio).by(route), &address, &signing_in);
        let report = report(&client, address.clone()).await?;
        let about = About::from(&report);
        let before_exists = before.is_some();
        let is_elsewhere = before.as_ref().is_none_or(|row| row.address != address);
        let kept = self
            .blocking(move |inner| {
                let key_storage = before.map_or(StoredIn::None, |row| row.key_storage);
                let about = serde_json::to_string(&about).expect("texts");
                let checked_at = clock::now();
                let mut row =
                    ServerRow { id, name, address, key_storage, proxy, custom_ca, about, checked_at, linked: 0 };
                if before_exists {
                    inner.store.server(row.id.as_str())?;
                }
                // Before the keychain has the token of another server than the row.
                if inner.store.servers()?.iter().any(|other| other.name == row.name && other.id != row.id) {
                    return Err(StoreError::NameTaken(row.name).into());
                }
                if is_elsewhere {
                    refuse_twice(&inner.store.servers()?, &row)?;
                }
                // Keychain before database: a server without its token is worse than a token without its server.
                if let Some(token) = token {
                    row.key_storage = if until_quit {
                        inner.keychain.keep_until_quit(&owner(&row.id), SecretKind::ServerToken, token);
                        StoredIn::UntilQuit
                    } else {
                        inner.keychain.keep(&owner(&row.id), SecretKind::ServerToken, &token)?;
                        StoredIn::Keychain
                    };
                }
                inner.store.set_server(&row)?;
                Ok(inner.store.server(row.id.as_str())?.into())
            })
            .await?;
        self.changed(Changed::LabelStudio);
        Ok((kept, report))
    }

    /// Signs in at a server once more, and keeps what it says.
    pub async fn check_server(&self, id: ServerId) -> Result<ServerReport> {
        let (row, client) = self.server_client(id).await?;
        let report = report(&client, row.address.clone()).await?;
        let about = serde_json::to_string(&About::from(&report)).expect("texts");
        self.blocking(move |inner| Ok(inner.store.set_server_about(&row, &about, &clock::now())?)).await?;
        self.changed(Changed::LabelStudio);
        Ok(report)
    }

    /// Forgets a server and its token, which projects came from it, and what waits to be given back. Projects stay.
    pub async fn remove_server(&self, id: ServerId) -> Result<()> {
        self.blocking(move |inner| {
            let row = inner.store.server(id.as_str())?;
            inner.store.remove_server(&row.id)?;
            inner.label_studio.forget(&row.id);
            if row.key_storage != StoredIn::None
                && let Err(error) = inner.keychain.forget(&owner(&row.id), SecretKind::ServerToken)
            {
                tracing::warn!(%error, "removing a secret from the keychain");
            }
            Ok(())
        })
        .await?;
        self.changed(Changed::LabelStudio);
        self.changed(Changed::Projects);
        Ok(())
    }

    /// The server with this id or name. How a headless command passes a token where no keychain answers: `token` is kept in
    /// memory until the program ends.
    pub async fn label_studio_server(&self, id_or_name: String, token: Option<Secret>) -> Result<LabelStudioServer> {
        self.blocking(move |inner| {
            let row = inner.store.server(&id_or_name)?;
            if let Some(token) = token.map(cleaned).filter(|token| !token.expose().is_empty()) {
                inner.keychain.keep_until_quit(&owner(&row.id), SecretKind::ServerToken, token);
                inner.label_studio.forget(&row.id);
            }
            Ok(row.into())
        })
        .await
    }

    pub(super) async fn server_client(&self, id: ServerId) -> Result<(ServerRow, Client)> {
        self.blocking(move |inner| {
            let row = inner.store.server(id.as_str())?;
            let client = client_of(inner, &row)?;
            Ok((row, client))
        })
        .await
    }
}

/// Servers that this program has signed in at, as they were kept then: what a token was exchanged for lasts some minutes.
#[derive(Default)]
pub(crate) struct Clients(Mutex<HashMap<ServerId, (ServerRow, Client)>>);

impl Clients {
    fn all(&self) -> MutexGuard<'_, HashMap<ServerId, (ServerRow, Client)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, server: &ServerId) {
        self.all().remove(server);
    }
}

/// The way to a server, signed in as its user.
pub(crate) fn client_of(inner: &Inner, row: &ServerRow) -> Result<Client> {
    if let Some((known, client)) = inner.label_studio.all().get(&row.id)
        && (&known.address, &known.checked_at) == (&row.address, &row.checked_at)
    {
        return Ok(client.clone());
    }
    let token = kept_token(inner, row)?;
    let route =
        Route { proxy: row.proxy.clone().map(Proxy::kept), authorities: row.custom_ca.clone().map(Authorities::kept) };
    let client = Client::new(&inner.network.client(Purpose::LabelStudio).by(route), &row.address, &token);
    inner.label_studio.all().insert(row.id.clone(), (row.clone(), client.clone()));
    Ok(client)
}

fn kept_token(inner: &Inner, row: &ServerRow) -> Result<Secret> {
    match inner.keychain.find(&owner(&row.id), SecretKind::ServerToken) {
        Ok(Some(token)) => Ok(token),
        Ok(None) => {
            let why = format!("the token of “{}” is not on this machine any more", row.name);
            Err(Error::NoToken { why, keychain: None })
        }
        Err(error) => {
            let why = format!("the token of “{}” cannot be read: {error}", row.name);
            Err(Error::NoToken { why, keychain: Some(error) })
        }
    }
}

/// Links go by server: one that is connected twice would have each of its projects here twice, and each half of the runs.
fn refuse_twice(servers: &[ServerRow], row: &ServerRow) -> Result<()> {
    let user = |row: &ServerRow| serde_json::from_str::<About>(&row.about).unwrap_or_default().user;
    let is_it = |other: &&ServerRow| other.id != row.id && other.address == row.address && user(other) == user(row);
    match servers.iter().find(is_it) {
        Some(other) => {
            let words = format!("“{}” is this server already, with the same user: use that one", other.name);
            Err(Error::invalid_field("address", words))
        }
        None => Ok(()),
    }
}

/// Whose the token is.
fn owner(server: &ServerId) -> String {
    format!("label-studio/{server}")
}

fn no_token() -> Error {
    Error::invalid_field("token", "enter a token; Label Studio makes one under Account & Settings")
}

/// What was entered, checked.
struct Entered {
    name: String,
    address: String,
    route: Route,
    proxy: Option<String>,
    custom_ca: Option<String>,
    token: Option<Secret>,
}

fn entered(server: NewServer, before: Option<&ServerRow>) -> Result<Entered> {
    let NewServer { name, address, token, until_quit: _, proxy, custom_ca } = server;
    let name = name.trim();
    let address = parse_address(&address).map_err(|message| Error::invalid_field("address", message))?;
    let name = if name.is_empty() {
        touchstone_net::parse_address(&address).map_or(address.clone(), |at| at.host)
    } else {
        name.to_owned()
    };
    checked_name(&name, "the server", NAME_CHARS_MAX)?;
    let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let proxy = given(proxy).map(|proxy| Proxy::parse(&proxy)).transpose();
    let proxy = proxy.map_err(|why| Error::invalid_field("proxy", why))?;
    let authorities = given(custom_ca).map(|pem| Authorities::parse(&pem)).transpose();
    let authorities = authorities.map_err(|why| Error::invalid_field("custom_ca", why))?;
    let token = token.map(cleaned).filter(|token| !token.expose().is_empty());
    // A token is meant for one server: where that changes, it is not sent to another by mistake.
    if token.is_none() && before.is_some_and(|row| row.address != address) {
        return Err(Error::invalid_field(
            "token",
            "enter the token of the other address; that of before is not sent to it",
        ));
    }
    Ok(Entered {
        name,
        address,
        proxy: proxy.as_ref().map(|proxy| proxy.address().to_owned()),
        custom_ca: authorities.as_ref().map(|authorities| authorities.pem().to_owned()),
        route: Route { proxy, authorities },
        token,
    })
}

async fn report(client: &Client, address: String) -> Result<ServerReport> {
    let server = client.server().await?;
    let user = if server.user.name.is_empty() { &server.user.email } else { &server.user.name };
    let can = [
        (server.may_read(), "read projects, tasks and annotations"),
        (server.may_export(), "make snapshots of large projects"),
        (server.may_predict(), "write predictions"),
        (server.may_annotate(), "write annotations and ground-truth marks"),
    ];
    Ok(ServerReport {
        address,
        edition: match server.edition {
            remote::Edition::Community => Edition::Community,
            remote::Edition::Enterprise => Edition::Enterprise,
        },
        user: user.clone(),
        role: server.role.as_ref().map(|role| role.label().to_owned()),
        abilities: can.into_iter().filter(|(may, _)| *may).map(|(_, what)| what.to_owned()).collect(),
        token_kind: match server.token {
            remote::TokenKind::Personal => TokenKind::Personal,
            remote::TokenKind::Legacy => TokenKind::Legacy,
        },
        version: server.version,
    })
}
