//! From a connection's row and its secrets to a model that can be asked.
//!
//! Runs, previews and details of rows all come through here, so that a body that is shown is the one that is sent: its
//! hash is the key of the answers that are owned.

use super::headers::Headers;
use super::{ConnectionSettings, headers, provider};
use crate::{Error, Inner, Result};
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::{Authorities, Client, Proxy, Purpose, Route};
use touchstone_providers::{Access, ChatModel, Options, ServiceAccount};
use touchstone_store::{ConnectionRow, SecretKind};

/// Where a connection leads, without its secrets.
pub(super) struct Place<'p> {
    pub provider: Provider,
    pub endpoint: Option<&'p str>,
    pub settings: ConnectionSettings,
}

impl<'p> Place<'p> {
    pub(super) fn of(row: &'p ConnectionRow) -> Self {
        Self { provider: provider(row), endpoint: row.endpoint.as_deref(), settings: ConnectionSettings::of(row) }
    }
}

/// A model that can say what it would send, but not send it.
pub(crate) struct Silenced {
    pub model: Box<dyn ChatModel>,
    /// Where it would be sent; `None` for a model inside this program.
    pub endpoint: Option<String>,
}

/// Where something of a connection is entered, in the window and in a terminal.
pub(crate) fn where_to(command: &str) -> String {
    format!("under API Keys or by `touchstone connection {command}`")
}

/// The connection's model with its secrets, ready to be asked for `purpose`.
pub(crate) fn model(inner: &Inner, row: &ConnectionRow, purpose: Purpose) -> Result<Box<dyn ChatModel>> {
    // Settings that cannot be read may name a gateway or a proxy, and a key goes nowhere else.
    ConnectionSettings::readable(row)?;
    let place = Place::of(row);
    let api_key = stored(inner, row, SecretKind::ApiKey)?;
    if api_key.is_none() && needs_key(place.provider) {
        return Err(Error::invalid(format!(
            "the {} of “{}” is not stored; enter it, {}",
            key_word(place.provider),
            row.name,
            where_to("edit")
        )));
    }
    let auth_token = stored(inner, row, SecretKind::AuthToken)?;
    let headers = headers::stored(inner, row, &place.settings)?;
    let client = inner.network.client(purpose).by(route(&place.settings));
    connect(client, &place, api_key, auth_token, headers)
        .map_err(|why| Error::invalid(format!("“{}” cannot be asked: {why}", row.name)))
}

/// The connection's model as far as it can be had without unlocking anything.
pub(crate) fn model_without_secrets(inner: &Inner, row: &ConnectionRow) -> Option<Silenced> {
    silenced(inner, &Place::of(row))
}

/// The model of a connection that is gone. `None` where the words depend on what it said.
pub(crate) fn model_of_provider(inner: &Inner, provider: Provider) -> Option<Silenced> {
    let place = Place { provider, endpoint: None, settings: ConnectionSettings::default() };
    silenced(inner, &place).map(|silenced| Silenced { endpoint: None, ..silenced })
}

fn silenced(inner: &Inner, place: &Place<'_>) -> Option<Silenced> {
    if place.provider == Provider::VertexAi {
        // Vertex AI speaks Gemini's words; where to is known from when there was an account.
        let spoken = Place { provider: Provider::Gemini, endpoint: None, settings: ConnectionSettings::default() };
        let model = connected(inner, &spoken, None).ok()?;
        return Some(Silenced { model, endpoint: place.endpoint.map(str::to_owned) });
    }
    let model = connected(inner, place, None).ok()?;
    let endpoint = Some(model.endpoint().to_owned()).filter(|endpoint| !endpoint.is_empty());
    Some(Silenced { model, endpoint })
}

/// The model at `place`, to be looked at and not to be asked; in words why it could not be, otherwise.
pub(super) fn connected(
    inner: &Inner,
    place: &Place<'_>,
    api_key: Option<Secret>,
) -> std::result::Result<Box<dyn ChatModel>, String> {
    connect(inner.network.client(Purpose::Check), place, api_key, None, Headers::new())
}

/// The way to it, as far as it is the connection's own.
fn route(settings: &ConnectionSettings) -> Route {
    Route {
        proxy: settings.proxy.clone().map(Proxy::kept),
        authorities: settings.custom_ca.clone().map(Authorities::kept),
    }
}

pub(super) fn connect(
    client: Client,
    place: &Place<'_>,
    api_key: Option<Secret>,
    auth_token: Option<Secret>,
    headers: Headers,
) -> std::result::Result<Box<dyn ChatModel>, String> {
    let settings = place.settings.clone();
    let endpoint = || place.endpoint.unwrap_or_default().to_owned();
    let key = || api_key.clone().unwrap_or_else(|| Secret::new(String::new()));
    let access = match place.provider {
        Provider::OpenAi => Access::OpenAi { key: key() },
        Provider::Gemini => Access::Gemini { key: key() },
        Provider::Anthropic => Access::Anthropic { key: key() },
        Provider::VertexAi => Access::Vertex {
            account: ServiceAccount::parse(key().expose())?,
            project: settings.project_id,
            location: settings.location,
        },
        Provider::AzureOpenAi => Access::AzureOpenAi {
            endpoint: endpoint(),
            deployment: settings.deployment.unwrap_or_default(),
            key: key(),
            base_model: settings.base_model,
            batch_deployment: settings.batch_deployment,
            is_dated: settings.is_dated,
        },
        Provider::Foundry => Access::Foundry {
            endpoint: endpoint(),
            model: settings.model.unwrap_or_default(),
            key: key(),
            is_dated: settings.is_dated,
        },
        Provider::Custom => Access::Custom { endpoint: endpoint(), key: api_key, token: auth_token },
        Provider::Practice => Access::Practice,
        Provider::AwsBedrock => return Err(format!("{} is not asked from here", place.provider.label())),
    };
    let options = Options { base_url: settings.base_url, headers };
    touchstone_providers::connect(client, access, &options)
}

/// Whoever answers at `endpoint` on this computer.
pub(super) fn local(
    inner: &Inner,
    endpoint: String,
    key: Option<Secret>,
) -> std::result::Result<Box<dyn ChatModel>, String> {
    let access = Access::Custom { endpoint, key, token: None };
    touchstone_providers::connect(inner.network.client(Purpose::Check), access, &Options::default())
}

/// Whether nothing can be asked without a key.
pub(super) fn needs_key(provider: Provider) -> bool {
    !matches!(provider, Provider::Custom | Provider::Practice)
}

/// What a provider calls the secret that it wants.
pub(super) fn key_word(provider: Provider) -> &'static str {
    if provider == Provider::VertexAi { "credentials file" } else { "API key" }
}

/// A secret of the connection; `None` if it has none and none was lent.
pub(super) fn stored(inner: &Inner, row: &ConnectionRow, kind: SecretKind) -> Result<Option<Secret>> {
    let (has, what) = match kind {
        SecretKind::AuthToken => (row.has_auth_token, "auth token"),
        SecretKind::Headers => (true, "headers"),
        _ => (row.has_api_key, key_word(provider(row))),
    };
    if !has {
        // Only lent, if at all: a connection without a secret of its own must not unlock the keychain.
        return Ok(inner.keychain.find_in_memory(row.id.as_str(), kind));
    }
    match inner.keychain.find(row.id.as_str(), kind) {
        Ok(Some(secret)) => Ok(Some(secret)),
        Ok(None) => Err(Error::invalid(format!(
            "the {what} of “{}” is not in the keychain any more; enter it again, {}",
            row.name,
            where_to("edit")
        ))),
        Err(error) => Err(Error::invalid(format!("the {what} of “{}” could not be read: {error}", row.name))),
    }
}
